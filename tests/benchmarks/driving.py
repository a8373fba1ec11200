"""One round of load: runs wrk against a server and reads its CPU time from /proc."""

import json
import shutil
import subprocess
import time
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from processes import buried_seconds, cpu_seconds, machine_seconds
from servers import Failed, Server

SCRIPT = Path(__file__).with_name("round.lua")
PATIENCE = 30  # seconds for the requests in flight at the end


@dataclass(frozen=True)
class Target:
    """A page of a server, requested by a signed-in person."""

    server: Server
    cookie: str
    page: bytes


@dataclass(frozen=True)
class Sample:
    requests: int
    seconds: float
    cpu: float  # seconds of the server's processes
    p50: float  # ms
    p99: float  # ms
    others: float  # cores that other processes kept busy

    @property
    def cpu_micros(self) -> float:
        return self.cpu / self.requests * 1e6

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


def find_wrk() -> str:
    wrk = shutil.which("wrk")
    if wrk is None:
        raise Failed("wrk is not installed; on Debian: apt-get install wrk")
    return wrk


def drive(target: Target, connections: int, seconds: float) -> Sample:
    began, cpu, machine, buried = (
        time.monotonic(),
        cpu_seconds(target.server.pid),
        machine_seconds(),
        buried_seconds(),
    )
    result = _wrk(target, connections, seconds)
    cpu = cpu_seconds(target.server.pid) - cpu
    others = (machine_seconds() - machine) - (buried_seconds() - buried) - cpu
    _check(result, target)
    return Sample(
        requests=int(result["answered"]),
        seconds=result["seconds"],
        cpu=cpu,
        p50=result["p50"] / 1000,
        p99=result["p99"] / 1000,
        others=max(0.0, others / (time.monotonic() - began)),
    )


def _wrk(target: Target, connections: int, seconds: float) -> dict[str, float]:
    longest = f"{ceil(seconds) + PATIENCE}s"
    command = [find_wrk(), "-t1", f"-c{connections}", "-d", longest, "--timeout", longest, "-s", str(SCRIPT)]
    command += [
        "-H",
        f"Cookie: {target.cookie}",
        f"{target.server.url}/",
        "--",
        str(seconds),
        str(connections),
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"{target.server.name}: wrk failed: {done.stderr.strip()}")
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _check(result: dict[str, float], target: Target) -> None:
    """Fails unless every request got the whole page, not an error or a redirect."""
    whole = result["bytes"] >= result["answered"] * len(target.page)
    failed = result["broken"] or result["late"] or result["refused"]
    if failed or not whole or result["answered"] != result["asked"]:
        raise Failed(f"{target.server.name}: not every request got the whole page: {result}")
