"""Benchmark report: the figures as Markdown, inserted into docs/performance.md."""

from collections.abc import Callable
from pathlib import Path
from statistics import median

from driving import Sample, Target
from old_app import INDEXED, OLD, STORED
from peers import FORGETFUL, JOURNAL, RAW
from processes import resident_megabytes
from rounds import CONNECTIONS, Samples, ratios, spread
from servers import Failed

BEGIN, END = "<!-- figures of tests/benchmarks/timeline.py -->", "<!-- end of figures -->"
GOALS = {
    (OLD, JOURNAL): "at least 25; 10 for now",
    (STORED, JOURNAL): "at least 7",
    (INDEXED, JOURNAL): "",
    (OLD, FORGETFUL): "",
    (JOURNAL, RAW): "at most 1.25",
}


def figures(targets: list[Target], samples: Samples) -> str:
    lines = [
        "| the same page on … | connections | requests/s | CPU µs a request | p50 ms | p99 ms | kB |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for target in targets:
        for connections in CONNECTIONS:
            taken = samples[target.server.name, connections]
            lines.append(_row(target, connections, taken))
    return "\n".join(lines)


def _row(target: Target, connections: int, taken: list[Sample]) -> str:
    def middle(figure: Callable[[Sample], float]) -> float:
        return median(map(figure, taken))

    return (
        f"| {target.server.name} | {connections} | {middle(lambda s: s.rate):,.0f}"
        f" | {middle(lambda s: s.cpu_micros):,.0f}"
        f" | {middle(lambda s: s.p50):.1f} | {middle(lambda s: s.p99):.1f} | {len(target.page) / 1000:.0f} |"
    )


def footprint(targets: list[Target]) -> str:
    """Must be called while the servers still run."""
    lines = ["| | from spawning to the first answer, s | memory after the rounds, MB |", "|---|--:|--:|"]
    for server in (target.server for target in targets):
        lines.append(f"| {server.name} | {server.started_in:.2f} | {resident_megabytes(server.pid):.0f} |")
    return "\n".join(lines)


def comparison(samples: Samples) -> str:
    """Empty if no other server was measured."""
    names = {name for name, _ in samples}
    pairs = [(dear, cheap, goal) for (dear, cheap), goal in GOALS.items() if {dear, cheap} <= names]
    levels = " | ".join(f"{connections} at once" for connections in CONNECTIONS)
    lines = [
        f"| CPU time a request: median of the rounds' ratios (min to max) | {levels} | goal |",
        "|---|" + "--:|" * len(CONNECTIONS) + "---|",
    ]
    for dear, cheap, goal in pairs:
        spreads = (spread(ratios(samples, dear, cheap, connections)) for connections in CONNECTIONS)
        lines.append(f"| {dear} ÷ {cheap} | {' | '.join(spreads)} | {goal} |")
    return "\n".join(lines) if pairs else ""


def write(document: Path, text: str, begin: str = BEGIN, end: str = END) -> None:
    """Replaces the text between the two marks of a document."""
    head, is_begun, rest = document.read_text(encoding="utf-8").partition(begin)
    _, is_ended, tail = rest.partition(end)
    if not is_begun or not is_ended:
        raise Failed(f"{document} has no section between {begin} and {end}")
    document.write_text(f"{head}{begin}\n{text}\n{end}{tail}", encoding="utf-8")
