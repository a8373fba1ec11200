"""CPU time and memory of processes, and CPU time of the whole machine, read from /proc."""

import os
import resource
from pathlib import Path

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
IDLE = slice(3, 5)  # idle and iowait in the first line of /proc/stat
GUESTS = 8  # these columns are contained in user and nice


def cpu_seconds(root: int) -> float:
    """User and system time of a process, its descendants, and their children that have ended."""
    table = _table()
    if root not in table:
        raise ProcessLookupError(f"process {root} has ended")
    return sum(table[pid][1] for pid in _family(root, table))


def resident_megabytes(root: int) -> float:
    """Memory of a process and its descendants, counting shared memory once."""
    return sum(_proportional(pid) for pid in _family(root, _table())) / 1000


def _proportional(pid: int) -> int:
    lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _family(root: int, table: dict[int, tuple[int, float]]) -> set[int]:
    family = {root}
    while more := {pid for pid, (parent, _) in table.items() if parent in family} - family:
        family |= more
    return family


def _table() -> dict[int, tuple[int, float]]:
    """Parent and CPU seconds of each process."""
    stats = (_stat(int(folder.name)) for folder in PROC.iterdir() if folder.name.isdigit())
    return {pid: (parent, seconds) for pid, parent, seconds in filter(None, stats)}


def _stat(pid: int) -> tuple[int, int, float] | None:
    try:
        text = (PROC / str(pid) / "stat").read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None  # it has ended meanwhile
    return pid, *parsed(text)


def parsed(stat: str) -> tuple[int, float]:
    """Parent and CPU seconds. The command is in parentheses and may contain spaces and parentheses."""
    fields = stat.rpartition(")")[2].split()
    return int(fields[1]), sum(map(int, fields[11:15])) / TICKS


def machine_seconds() -> float:
    """The CPU time of the whole machine since its start."""
    line = (PROC / "stat").read_text().splitlines()[0]
    times = [int(field) for field in line.split()[1 : GUESTS + 1]]
    return (sum(times) - sum(times[IDLE])) / TICKS


def buried_seconds() -> float:
    """The CPU time of this process and of its children that have ended."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF))
    )
