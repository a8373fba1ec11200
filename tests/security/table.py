"""The table of all attacks in docs/security.md, made from the suite: `python -m tests.security.table`."""

import importlib
import inspect
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
DOCUMENT = FOLDER.parent.parent / "docs" / "security.md"
BEGIN = "<!-- The table begins; it is made by `python -m tests.security.table`. -->"
END = "<!-- The table ends. -->"


@dataclass(frozen=True)
class Attack:
    theme: str
    file: str
    name: str
    answer: str
    variants: tuple[tuple[str, ...], ...]  # the ids of each parameter

    @property
    def count(self) -> int:
        return math.prod(map(len, self.variants))

    @property
    def sentence(self) -> str:
        words = self.name.removeprefix("test_").replace("_", " ")
        return words[0].upper() + words[1:]


def attacks() -> Iterator[Attack]:
    for file in sorted(FOLDER.glob("test_*.py")):
        module = importlib.import_module(f"tests.security.{file.stem}")
        if hasattr(module, "THEME"):
            for name, test in vars(module).items():
                if name.startswith("test_") and test.__module__ == module.__name__:
                    yield Attack(module.THEME, file.name, name, answer(test), variants(test))


def answer(test: Callable[..., Any]) -> str:
    """The expected answer is the test's docstring."""
    return " ".join(inspect.cleandoc(test.__doc__ or "").split())


def variants(test: Any) -> tuple[tuple[str, ...], ...]:
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    return tuple(tuple(mark.kwargs["ids"]) for mark in marks)


def text(words: str) -> str:
    """As plain words in a cell of a table."""
    for mark in "\\`*_[]|<>~":
        words = words.replace(mark, f"\\{mark}")
    return words.replace("\n", " ")


def table() -> str:
    found = list(attacks())
    lines = [f"{sum(attack.count for attack in found):,} cases in {len(found)} tests, by theme:", ""]
    for theme in dict.fromkeys(attack.theme for attack in found):
        of_it = [attack for attack in found if attack.theme == theme]
        lines += [f"### {theme}", "", f"`tests/security/{of_it[0].file}`", ""]
        lines += ["| attack | answer | cases |", "|---|---|---|"]
        lines += [row(attack) for attack in of_it]
        lines.append("")
    return "\n".join(lines)


def row(attack: Attack) -> str:
    listed = " ×<br>".join(" · ".join(text(one) for one in ids) for ids in attack.variants)
    cases = f"{attack.count}: {listed}" if listed else "1"
    return f"| {text(attack.sentence)} | {text(attack.answer)} | {cases} |"


def split() -> tuple[str, str, str]:
    """The document before, in and after the table."""
    before, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(f"{BEGIN}\n")
    inside, _, after = rest.partition(END)
    return before, inside, after


if __name__ == "__main__":
    before, _, after = split()
    DOCUMENT.write_text(f"{before}{BEGIN}\n{table()}{END}{after}", encoding="utf-8")
