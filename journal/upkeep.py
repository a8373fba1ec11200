"""What is swept away every hour: what nobody needs any longer."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from journal import clock
from journal.accounts import events, throttle
from journal.database import Unavailable
from journal.entries import binning, replaying, thinning

log = logging.getLogger(__name__)

HOUR = 3600
SWEEPS = (throttle.sweep, events.sweep, binning.sweep, thinning.sweep, replaying.sweep)


@asynccontextmanager
async def running() -> AsyncIterator[None]:
    """Sweeps at once and then every hour for as long as the site serves."""
    task = asyncio.create_task(_forever())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _forever() -> None:
    while True:
        await sweep()
        await asyncio.sleep(HOUR)


async def sweep() -> None:
    for step in SWEEPS:
        try:
            await step(clock.now())
        except Unavailable as error:
            log.warning("%s could not be swept: %s", step.__module__, error)
