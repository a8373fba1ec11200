"""Streams: copies files in constant memory with their checksum, in a thread that a cancelled
task can stop."""

import asyncio
import hashlib
from collections.abc import Callable
from threading import Event
from typing import IO, TypeVar

from journal.backups.manifest import Member

T = TypeVar("T")
CHUNK = 1024 * 1024


class Stopped(Exception):
    """The site stops, so the work was broken off."""


def check(stop: Event) -> None:
    """Raises Stopped if the work was cancelled."""
    if stop.is_set():
        raise Stopped


def copy(source: IO[bytes], target: IO[bytes] | None, stop: Event) -> Member:
    """Copies to the end of `source`, or only reads it; returns its size and checksum."""
    size, digest = 0, hashlib.sha256()
    while chunk := source.read(CHUNK):
        check(stop)
        size += len(chunk)
        digest.update(chunk)
        if target:
            target.write(chunk)
    return Member(size, digest.hexdigest())


async def in_thread(work: Callable[[Event], T]) -> T:
    """Runs `work` in a thread. If the task is cancelled, its event is set, and the thread is awaited."""
    stop = Event()
    task = asyncio.ensure_future(asyncio.to_thread(work, stop))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        stop.set()
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # marks it as read
        raise
