"""Comparing two texts in a thread of its own: comparisons wait for each other, and nobody else for them."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from journal.entries import differences
from journal.entries.differences import Change

QUEUE = 8  # comparisons that may wait, some three seconds; a page that comes then does without
_thread = ThreadPoolExecutor(1, thread_name_prefix="comparing")  # which starts with the first
_waiting = 0


async def compared(old: str, new: str) -> Sequence[Change] | None:
    """None where too many others wait."""
    global _waiting
    if _waiting > QUEUE:
        return None
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_thread, differences.compare, old, new)
    finally:
        _waiting -= 1
