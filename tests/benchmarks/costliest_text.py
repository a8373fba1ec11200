"""Searches for the text of 1 MB that costs most to render, by hill climbing over repeated motifs.

Each text is tried in a process of its own, which tells its CPU time and how far its memory grew: once as
long as it may be, and once just as long that the parser still accepts it. Above the bounds it says so:

    python tests/benchmarks/costliest_text.py [--minutes 5] [--seed 1]
"""

import argparse
import os
import random
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from journal.text import diff, hashtags, markdown, markdown_parser, plain, tokenizer

SIZE = 1_000_000  # bytes
SECONDS, MEGABYTES, TIMES = 1.0, 64, 4
PIECES = [
    *"*_~`[]()!<>&#-+|:\\^=.1a \n\"'",
    "**",
    "***",
    "~~",
    "__",
    "``",
    "```\n",
    "~~~\n",
    "![",
    "](",
    "[^a]",
]
PIECES += [
    "[a]: b\n",
    "[^a]: b\n\n",
    "> ",
    "- ",
    "1. ",
    "- [ ] ",
    "# ",
    "---\n",
    "===\n",
    "|-|-|\n",
    "|a|b|\n",
]
PIECES += [
    "http://a.b/",
    "<http://a.b>",
    "[a](http://a.b)",
    "[a][b]",
    "&amp;",
    "&#65;",
    "<b>",
    "<!-- ",
    "  \n",
]
PIECES += [
    "\n\n",
    "    ",
    "\t",
    "字",
    "「",
    "」",
    "„",
    "“",
    "#a",
    "é",
    "\u3000",
    "\u200d",
    "\u00a0",
    "😀",
    "\0",
    "\x85",
]
BEFORE = [
    "",
    "[a]: http://a.b/c 'd'\n\n",
    "[^a]: b\n\n",
    "> " * 15,
    "- " * 15,
    "|a|b|c|\n|-|-|-|\n",
    "#",
    "`",
    "*",
]


class Cost(NamedTuple):
    seconds: float
    megabytes: float
    times: float  # size of the HTML divided by that of the text (at least by the size that always passes)

    def worst(self) -> float:
        """1 if a bound of the parser is reached."""
        return max(self.seconds / SECONDS, self.megabytes / MEGABYTES, self.times / TIMES)


Work = Callable[[str], str]
WORKS: dict[str, Work] = {
    "render": lambda body: plain.to_html(body, "3f2b8c1e-0000-4000-8000-000000000001"),
    "excerpt": plain.excerpt,
    "count": lambda body: str(plain.count_words(body)),
    "hashtags": lambda body: str(len(hashtags.found(body))),
    "rename": lambda body: hashtags.renamed(body, "a", "b"),
    "tokens": lambda body: " ".join(tokenizer.document([body])),
    "compare": lambda body: str(len(diff.compare(body, body[::-1]))),
}


def measured(work: Work, body: str) -> Cost:
    """Renders in a child process, so that its memory can be measured."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        before = resource.getrusage(resource.RUSAGE_SELF)
        html = work(body)
        after = resource.getrusage(resource.RUSAGE_SELF)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        times = len(html.encode()) / max(len(body.encode()), plain.SMALL // plain.TIMES)
        os.write(writing, f"{seconds} {(after.ru_maxrss - before.ru_maxrss) / 1024} {times}".encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as said:
        cost = Cost(*map(float, said.read().split()))
    os.waitpid(child, 0)
    return cost


def longest(before: str, motif: str) -> list[str]:
    """The text at full length, and at about the longest that is still parsed as Markdown."""
    fits = max(1, (SIZE - len(before.encode())) // len(motif.encode()))
    few = max(1, 1_000 // len(motif))
    spent, less = (steps(before + motif * times) or 0 for times in (3 * few, few))
    times = int(markdown_parser.STEPS * 2 * few / (spent - less)) if spent > less else fits
    while 0 < times < fits and steps(before + motif * times) is None:
        times = times * 9 // 10
    return [before + motif * fits, *([before + motif * times] if 0 < times < fits else [])]


def steps(body: str) -> int | None:
    """The number of tokens that the parser counted, or None above its limit."""
    env: dict[str, Any] = {"steps": 0, "docId": ""}
    try:
        markdown_parser.check(body)
        markdown.MARKDOWN.parse(body, env)
    except markdown_parser.TooComplex:
        return None
    return int(env["steps"])


def mutated(motif: list[str], chance: random.Random) -> list[str]:
    changed, at = motif[:], chance.randrange(len(motif) + 1)
    match chance.randrange(5):
        case 0 if len(motif) > 1:
            del changed[chance.randrange(len(motif))]
        case 1 if motif:
            changed[chance.randrange(len(motif))] = chance.choice(PIECES)
        case 2 if len(motif) < 20:
            changed += motif[at:]
        case 3 if len(motif) < 20:
            changed[at:at] = [chance.choice(PIECES)] * chance.choice([2, 3, 10, 50])
        case _:
            changed.insert(at, chance.choice(PIECES))
    return changed


def tried(name: str, before: str, motif: str) -> Cost:
    bodies = longest(before, motif) if name == "render" else [(before + motif * SIZE)[:SIZE]]
    return max((measured(WORKS[name], body[:SIZE]) for body in bodies), key=Cost.worst)


def climb(name: str, until: float, chance: random.Random) -> tuple[float, str, Cost]:
    """Starts with a random motif and changes it as long as the cost rises."""
    motif = [chance.choice(PIECES) for _ in range(chance.randint(1, 5))]
    before, best, misses = chance.choice(BEFORE), tried(name, "", "".join(motif)), 0
    while misses < 6 and time.monotonic() < until:
        other = mutated(motif, chance)
        start = chance.choice(BEFORE) if chance.random() < 0.2 else before
        cost = tried(name, start, "".join(other))
        if cost.worst() > best.worst():
            motif, before, best, misses = other, start, cost, 0
        misses += 1
    return best.worst(), repr(before + "".join(motif)), best


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", choices=WORKS, nargs="*", default=["render"])
    asked = parser.parse_args()
    chance, tops = random.Random(asked.seed), []
    for name in asked.work:
        until = time.monotonic() + asked.minutes * 60 / len(asked.work)
        while time.monotonic() < until:
            worst, motif, cost = climb(name, until, chance)
            tops.append((worst, name, motif, cost))
            print(
                f"{name} {cost.seconds:.2f} s {cost.megabytes:.0f} MB {cost.times:.1f} x  {motif[:100]}",
                flush=True,
            )
    tops.sort(reverse=True)
    for worst, name, motif, cost in tops[:10]:
        print(f"{'ABOVE' if worst > 1 else 'below'} {name} {cost} {motif}")
    sys.exit(tops[0][0] > 1)


if __name__ == "__main__":
    main()
