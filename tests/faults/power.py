"""A power cut, simulated: what the real server asked of the disk, in order, cut off at any point.

The server runs under strace, which writes down each write, truncation, sync, creation and removal of a file
as the kernel gets it, and each answer as it is sent. At a cut, of what was not synced any part may be on the
disk: here each piece of 512 bytes, each removal and each new name for itself. What a folder holds is safe
once the folder is synced, as POSIX has it.
"""

import os
import random
import re
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple

from tests.postgres import free_port
from tests.servers import Server, listening

SECTOR = 512
CALLS = (
    "openat,pwrite64,pwritev,write,writev,sendmsg,sendto,ftruncate,fallocate,"
    "fsync,fdatasync,unlink,unlinkat,rename,renameat,renameat2,mkdir"
)
SERVE = """
import sys
from journal import cli, database

database.PRAGMAS["synchronous"] = sys.argv.pop(1)
cli.main()
"""


class Event(NamedTuple):
    """`name` is a path inside the folder, or of the answer what it acknowledges."""

    kind: str  # write, truncate, sync, create, remove, folder, answer
    name: str
    at: int = 0
    data: bytes = b""


# Recording


@contextmanager
def recorded(folder: Path, synchronous: str = "FULL") -> Iterator[tuple[Server, Path]]:
    """A server that strace watches, and the file into which it writes what it sees."""
    port, trace = free_port(), folder / "trace"
    watch = [program(), "-D", "-f", "--seccomp-bpf", "-y", "-xx", "-s", "2000000", "-A", "-o", str(trace)]
    serve = [sys.executable, "-c", SERVE, synchronous, "serve", "--bind", f"127.0.0.1:{port}"]
    with listening(folder, port, [*watch, "-e", f"trace={CALLS}", *serve]) as server:
        yield server, trace


def program() -> str:
    found = shutil.which("strace")
    if not found:
        raise FileNotFoundError("strace is missing: `python3 run.py test` installs it")
    return found


def wait_for_the_end(server: Server, trace: Path) -> None:
    """strace goes on writing for a moment after the server has gone."""
    last = re.compile(rf"^{server.process.pid} +\+\+\+ ".encode(), re.MULTILINE)
    deadline = time.monotonic() + 120
    with trace.open("rb") as file:
        while not last.search(_tail(file)):
            assert time.monotonic() < deadline, "strace has not finished"
            time.sleep(0.05)


def _tail(file: BinaryIO) -> bytes:
    file.seek(max(0, file.seek(0, os.SEEK_END) - 10_000))
    return file.read()


# Reading what was recorded

LINE = re.compile(r"(\d+) +(?:<\.\.\. )?(\w+)(.*)")
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
OPENED = re.compile(r"\(\d+<((?:\\x[0-9a-f]{2})*)>")
NUMBERS = re.compile(r", (\d+)(?:, (\d+))? *(?:\)|$)")
FAILED = re.compile(r"\) += -\d+ E\w+ \([^()]*\)$")
SYNCS = ("fsync", "fdatasync")
NAMED = {"unlink": "remove", "mkdir": "folder", "openat": "create"}


def read(trace: Path, folder: Path, acknowledged: Callable[[bytes], str | None]) -> list[Event]:
    """A write or an answer counts from its beginning, a sync from its end, whatever threads do in between."""
    events: list[Event] = []
    begun: dict[str, str] = {}
    with trace.open(encoding="ascii") as lines:
        for process, call, rest in (found.groups() for line in lines if (found := LINE.match(line))):
            if rest.startswith(" resumed>"):
                rest = begun.pop(process) + rest.removeprefix(" resumed>")
                counts = call in (*SYNCS, "openat")
            elif rest.endswith(" <unfinished ...>"):
                begun[process] = rest = rest.removesuffix(" <unfinished ...>")
                counts = call not in (*SYNCS, "openat")
            else:
                counts = True
            if counts and not FAILED.search(rest):
                events += [event for event in [_event(call, rest, folder, acknowledged)] if event]
    return events


def _event(call: str, rest: str, folder: Path, acknowledged: Callable[[bytes], str | None]) -> Event | None:
    if call in NAMED:
        is_new = call != "openat" or "O_CREAT" in rest
        name = _name(_plain(_text(rest)), folder) if is_new else None
        return Event(NAMED[call], name) if name else None
    opened = OPENED.match(rest)
    if not opened:
        return None
    place = _plain(opened[1])
    if place.startswith(b"socket:"):
        said = acknowledged(b"".join(_plain(text[1]) for text in TEXT.finditer(rest)))
        return Event("answer", said) if said else None
    name = _name(place, folder)
    return _of_file(call, rest, name) if name else None


def _of_file(call: str, rest: str, name: str) -> Event:
    if call in SYNCS:
        return Event("sync", name)
    numbers = NUMBERS.search(rest, rest.rfind('"') + 1)
    assert numbers, rest[-100:]
    if call == "ftruncate":
        return Event("truncate", name, int(numbers[1]))
    assert call == "pwrite64", f"{call} of {name} is not foreseen"
    data = _plain(_text(rest))
    assert len(data) == int(numbers[1])
    return Event("write", name, int(numbers[2]), data)


def _text(rest: str) -> str:
    found = TEXT.search(rest)
    assert found, rest[-100:]
    assert not found[2], "strace has cut it short"
    return found[1]


def _plain(hexed: str) -> bytes:
    return bytes.fromhex(hexed.replace("\\x", ""))


def _name(place: bytes, folder: Path) -> str | None:
    """Of what matters after a power cut: not -shm, which is made anew from the rest, nor the looks at the
    clock, which begin anew where they can't be read."""
    path = Path(place.decode(errors="replace").removesuffix(" (deleted)"))
    if not path.is_relative_to(folder) or path.name.endswith(("-shm", ".lock", ".log")):
        return None
    if path.stem == "clock":
        return None
    return str(path.relative_to(folder))


# The disk


@dataclass
class File:
    synced: bytearray = field(default_factory=bytearray)
    pending: list[Event] = field(default_factory=list)

    def sync(self) -> None:
        for event in self.pending:
            change(self.synced, event)
        self.pending = []

    def left(self, chosen: random.Random) -> bytes:
        """After a power cut at this moment."""
        content = bytearray(self.synced)
        pieces = [piece for event in self.pending for piece in pieces_of(event)]
        share = chosen.choice([0, 1, chosen.random(), chosen.random()])
        if chosen.random() < 0.3:  # in order, as most disks do it
            pieces, share = pieces[: int(share * len(pieces))], 1
        for piece in pieces:
            if chosen.random() < share:
                change(content, piece)
        return bytes(content)


def pieces_of(event: Event) -> Iterator[Event]:
    if event.kind == "truncate":
        yield event
        return
    start, end = event.at, event.at + len(event.data)
    while start < end:
        stop = min(end, (start // SECTOR + 1) * SECTOR)
        yield event._replace(at=start, data=event.data[start - event.at : stop - event.at])
        start = stop


def change(content: bytearray, event: Event) -> None:
    if event.kind == "truncate":
        del content[event.at :]
    content.extend(bytes(max(0, event.at - len(content))))
    content[event.at : event.at + len(event.data)] = event.data


class Disk:
    """`names` is what programs see; `safe` is what a power cut leaves for sure. A folder is None."""

    def __init__(self) -> None:
        self.names: dict[str, File | None] = {}
        self.safe: dict[str, File | None] = {}

    def take(self, event: Event) -> None:
        if event.kind in ("write", "truncate"):
            self._file(event.name).pending.append(event)
        elif event.kind == "create":
            self.names.setdefault(event.name, File())
        elif event.kind == "folder":
            self.names[event.name] = None
        elif event.kind == "remove":
            self.names.pop(event.name, None)
        elif event.kind == "sync":
            self._sync(event.name)

    def _file(self, name: str) -> File:
        file = self.names[name]
        assert file is not None
        return file

    def _sync(self, name: str) -> None:
        if name != "." and self.names[name] is not None:
            return self._file(name).sync()
        inside = [other for other in {**self.names, **self.safe} if str(Path(other).parent) == name]
        for other in inside:
            self.safe.pop(other, None)
            if other in self.names:
                self.safe[other] = self.names[other]

    def left(self, chosen: random.Random) -> dict[str, bytes]:
        """The files that a power cut at this moment leaves, and what is in them."""
        left: dict[str, File | None] = {}
        for name in sorted({**self.names, **self.safe}):  # a folder stands before what is in it
            present, safe = self.names.get(name, self), self.safe.get(name, self)
            outcome = present if present is safe else chosen.choice([present, safe])
            if outcome is not self and (str(Path(name).parent) in (".", *left)):
                left[name] = outcome
        return {name: file.left(chosen) for name, file in left.items() if file is not None}


def somewhere(events: list[Event], count: int) -> list[int]:
    """So many points in what was recorded, the same ones each time."""
    return random.Random(len(events)).choices(range(len(events) + 1), k=count)


def cuts(events: list[Event], points: Iterable[int]) -> Iterator[tuple[set[str], dict[str, bytes]]]:
    """A power cut at each of these points: what had been acknowledged, and what is on the disk."""
    chosen = random.Random(7)
    disk, acknowledged, done = Disk(), set(), 0
    for point in sorted(points):
        for event in events[done:point]:
            if event.kind == "answer":
                acknowledged.add(event.name)
            disk.take(event)
        done = point
        yield set(acknowledged), disk.left(chosen)
