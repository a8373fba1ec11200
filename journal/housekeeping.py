"""Housekeeping: hourly sweeps, which apply the retention of rows and files, and render entries again after a
change of rules."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from functools import partial
from pathlib import Path

from journal import background, clock, clock_guard
from journal.attachments import store as attachments
from journal.attachments import sweep as attachment_sweep
from journal.database import Unavailable, time_limit
from journal.entries import idempotency, rendering_sweep, retention
from journal.entries.bin import moving
from journal.jobs import queue
from journal.sessions import security_log, throttle
from journal.transfer import imports

log = logging.getLogger(__name__)

HOUR = 3600
SWEEP_SECONDS = 300.0  # limit of one statement of a sweep
SWEEPS = (throttle.sweep, security_log.sweep, rendering_sweep.sweep, queue.sweep)
FOR_GOOD = (moving.sweep, retention.sweep, idempotency.sweep)  # delete texts, and ids of saves
READINGS = "clock.json"


def running(data_dir: Path) -> AbstractAsyncContextManager[None]:
    """Sweeps at once and then every hour for as long as the site serves."""
    return background.running(_forever(data_dir))


async def _forever(data_dir: Path) -> None:
    while True:
        is_believed = clock_guard.is_trusted(data_dir / READINGS, clock.now())
        await sweep(is_believed)
        if is_believed:
            await sweep_files(data_dir)
        await asyncio.sleep(HOUR)


async def sweep(is_believed: bool = True) -> None:
    """`is_believed`: the clock can be trusted, so texts may be deleted."""
    for step in (*SWEEPS, *(FOR_GOOD if is_believed else ())):
        await _attempt(step.__module__, step)


async def sweep_files(data_dir: Path) -> None:
    """Removes files of attachments that were deleted for good, and old uploads; only if the clock can be
    trusted."""
    folder = attachments.folder_in(data_dir)
    await _attempt(attachment_sweep.__name__, partial(attachment_sweep.sweep, folder))
    await _attempt(imports.__name__, partial(imports.sweep, data_dir))


async def _attempt(name: str, step: Callable[[datetime], Awaitable[None]]) -> None:
    try:
        with time_limit(SWEEP_SECONDS):
            await step(clock.now())
    except (Unavailable, OSError) as error:
        log.warning("%s could not be swept: %s", name, error)
