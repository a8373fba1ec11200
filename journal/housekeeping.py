"""Housekeeping: hourly sweeps, which apply the retention of rows and render entries again after a change of
rules."""

import asyncio
import logging
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from journal import background, clock, clock_guard
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
    return background.running(_forever(data_dir / READINGS))


async def _forever(readings: Path) -> None:
    while True:
        is_believed = clock_guard.is_trusted(readings, clock.now())
        await sweep(is_believed)
        if is_believed:
            await asyncio.to_thread(imports.sweep, readings.parent, clock.now())
        await asyncio.sleep(HOUR)


async def sweep(is_believed: bool = True) -> None:
    """`is_believed`: the clock can be trusted, so texts may be deleted."""
    for step in (*SWEEPS, *(FOR_GOOD if is_believed else ())):
        try:
            with time_limit(SWEEP_SECONDS):
                await step(clock.now())
        except Unavailable as error:
            log.warning("%s could not be swept: %s", step.__module__, error)
