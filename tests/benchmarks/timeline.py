"""The timeline page beside the old Flask app on the same diary: `python tests/benchmarks/timeline.py`.

Each server is asked by wrk in shuffled rounds; what counts is the CPU time a request, as a ratio within
a round.
"""

import argparse
import os
import signal
import sys
import tempfile
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import machine
import old_app
import old_database
import peers
import report
from driving import Target, find_wrk
from rounds import measure
from servers import Failed

SHARED = peers.ROOT.parent / "shared"
DOCUMENT = peers.ROOT / "docs" / "performance.md"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--seconds", type=float, default=1.0, help="length of each server's turn in a round")
    parser.add_argument("--legacy", type=Path, default=SHARED / "legacy", help="the old app's folder")
    parser.add_argument("--diary", type=Path, default=SHARED / "diary" / "pepys.jsonl")
    parser.add_argument("--only-old", action="store_true", help="no peers but the old app as it is")
    parser.add_argument("--write", action="store_true", help=f"put the figures into {DOCUMENT.name}")
    return parser.parse_args()


def database(wanted: argparse.Namespace, folder: Path) -> Path:
    if not wanted.legacy.is_dir():
        print(
            f"The old app is not at {wanted.legacy}: Journal alone is measured, on the repository's sample."
        )
        return old_database.sampled(folder)
    if not wanted.diary.is_file():
        print(f"The diary is not at {wanted.diary}: the repository's sample of it is used.")
        wanted.diary = old_database.SAMPLE_DIARY
    return old_database.made(wanted.legacy, wanted.diary, folder)


def started(stack: ExitStack, wanted: argparse.Namespace, source: Path) -> list[Target]:
    ours = stack.enter_context(peers.journal(source))
    others: list[AbstractContextManager[Target]] = []
    if wanted.legacy.is_dir():
        others.append(old_app.old_app(source))
        if not wanted.only_old:
            others += [old_app.stored(source), old_app.indexed(source)]
            others += [peers.forgetful(source), peers.raw(source, ours.page)]
    return [ours, *map(stack.enter_context, others)]


def figures(wanted: argparse.Namespace) -> str:
    load = os.getloadavg()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        targets = started(stack, wanted, database(wanted, Path(folder)))
        samples = measure(targets, wanted.rounds, wanted.seconds)
        parts = [
            machine.facts(wanted.rounds, wanted.seconds, load),
            machine.other_load(samples),
            report.comparison(samples),
            report.figures(targets, samples),
            report.footprint(targets),
        ]
    return "\n\n".join(filter(None, parts))


def main() -> None:
    wanted = arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that the servers end with this script
    try:
        find_wrk()
        if wanted.write and not (wanted.legacy.is_dir() and wanted.diary.is_file()):
            raise Failed("--write needs the old app and the whole diary: figures of a sample say little")
        text = figures(wanted)
        print(text)
        if wanted.write:
            report.write(DOCUMENT, text)
    except (Failed, ProcessLookupError) as failure:
        sys.exit(str(failure))


if __name__ == "__main__":
    main()
