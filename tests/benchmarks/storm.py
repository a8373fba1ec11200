"""Timeline latency while 50 people sign in all the time: `python tests/benchmarks/storm.py`.

A real server on two cores, a quiet turn and one in the storm in each round, in shuffled order; ratios are
taken within a round. Who asks is a process of its own (storm_load.py).
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import filled
from processes import machine_seconds
from servers import LOOPBACK, Failed, Server, free_port, running

LOAD = Path(__file__).with_name("storm_load.py")
ACCOUNTS = 8000  # each signs in only once, as a sign-in replaces an old hash
IN_FLIGHT = 50
GOALS = "p95 in the storm at most 3 times the quiet one, less than 150 MB more of memory"


@dataclass(frozen=True)
class Turn:
    """The figures of the load; times in ms."""

    reads: float  # a second
    p50: float
    p95: float
    p99: float
    sign_ins: float  # a second
    took: float  # the median sign-in
    failures: int
    load: float  # cores that the load itself used

    def __str__(self) -> str:
        return (
            f"{self.reads:6.0f} reads/s  p50 {self.p50:6.1f}  p95 {self.p95:6.1f}  p99 {self.p99:6.1f} ms"
            f"  {self.sign_ins:5.1f} sign-ins/s of {self.took:5.0f} ms  {self.failures} failures"
        )


class Storm:
    def __init__(self, server: Server, wanted: argparse.Namespace) -> None:
        self.server, self.wanted = server, wanted
        self.cookies = filled.cookies(int(time.time()), url=server.url)
        self.next_guest = 0

    def turn(self, in_flight: int) -> Turn:
        asked = {
            "port": self.server.port,
            "cookies": self.cookies,
            "connections": self.wanted.connections,
            "pause": self.wanted.pause / 1000,
            "seconds": self.wanted.seconds,
            "in_flight": in_flight,
            "first": self.next_guest,
        }
        done = subprocess.run([sys.executable, str(LOAD), json.dumps(asked)], capture_output=True, text=True)
        if done.returncode:
            raise Failed(done.stderr)
        seen: dict[str, Any] = json.loads(done.stdout)
        self.next_guest += seen.pop("guests")
        if self.next_guest > ACCOUNTS:
            raise Failed("there were not enough accounts for so many sign-ins")
        return Turn(**seen)

    def round(self) -> tuple[Turn, Turn]:
        turns = {number: self.turn(number) for number in random.sample([0, IN_FLIGHT], 2)}
        return turns[0], turns[IN_FLIGHT]


def memory(pid: int) -> dict[str, float]:
    """Resident megabytes, present and peak."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    return {name: int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM")}


def measure(server: Server, wanted: argparse.Namespace) -> None:
    storm = Storm(server, wanted)
    storm.turn(0)  # warms up
    before = memory(server.pid)["VmRSS"]
    rounds = []
    for number in range(1, wanted.rounds + 1):
        busy, began = machine_seconds(), time.monotonic()
        quiet, stormy = storm.round()
        rounds.append((quiet, stormy))
        cores = (machine_seconds() - busy) / (time.monotonic() - began)
        print(f"round {number}: p95 x {stormy.p95 / quiet.p95:.2f}, {cores:.1f} cores busy")
        print(f"  quiet {quiet}\n  storm {stormy}", flush=True)
    tell(rounds, before, memory(server.pid))


def tell(rounds: list[tuple[Turn, Turn]], before: float, after: dict[str, float]) -> None:
    print(f"\nThe goals: {GOALS}.\n\n| median of {len(rounds)} rounds | quiet | storm | ratio (min to max) |")
    print("|---|--:|--:|--:|")
    for name in ("p50", "p95", "p99", "reads"):
        quiet = [getattr(one, name) for one, _ in rounds]
        stormy = [getattr(other, name) for _, other in rounds]
        ratios = [other / one for one, other in zip(quiet, stormy, strict=True)]
        spread = f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
        unit = "/s" if name == "reads" else " ms"
        print(f"| {name} | {median(quiet):.1f}{unit} | {median(stormy):.1f}{unit} | {spread} |")
    storms = [stormy for _, stormy in rounds]
    print(f"\n{median(turn.sign_ins for turn in storms):.1f} sign-ins a second,", end=" ")
    print(f"{sum(turn.failures for turn in storms)} failures;", end=" ")
    print(f"memory {before:.0f} MB before, {after['VmHWM']:.0f} at most, {after['VmRSS']:.0f} after")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=10.0, help="length of a turn")
    parser.add_argument("--connections", type=int, default=8, help="people who read")
    parser.add_argument("--pause", type=float, default=0.0, help="ms between two pages of one")
    return parser.parse_args()


def main() -> None:
    wanted = arguments()
    print(f"load {os.getloadavg()[0]:.1f}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        filled.fill(folder, ACCOUNTS)
        env = filled.settings(folder, f"http://{LOOPBACK}:{port}")
        with running("Journal", filled.serve(port), port=port, folder=folder, env=env) as server:
            try:
                measure(server, wanted)
            except Failed as failure:
                sys.exit(str(failure))


if __name__ == "__main__":
    main()
