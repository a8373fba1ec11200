"""Hash costs: what hashes of old apps cost to verify, and whether any of them can't be verified at all."""

import math
import time

from journal.database import rows

CACHE_SECONDS = 600
# A negative cost marks a hash that no password will fit, as far as the import could tell.
COSTLIEST = "SELECT password_hash, hash_cost FROM users WHERE hash_cost > 0 ORDER BY hash_cost DESC LIMIT 1"
COSTLIEST_IN_VAIN = (
    "SELECT password_hash, hash_cost FROM users WHERE hash_cost < -1 ORDER BY hash_cost LIMIT 1"
)
_costliest: tuple[float, str | None] = (-math.inf, None)


async def costliest_hash() -> str | None:
    """The hash on this site that takes longest to verify; an unknown name is made to take as long."""
    global _costliest
    if time.monotonic() - _costliest[0] > CACHE_SECONDS:
        found = [*await rows(COSTLIEST), *await rows(COSTLIEST_IN_VAIN)]
        longest = max(found, key=lambda row: abs(row["hash_cost"]), default=None)
        _costliest = (time.monotonic(), longest["password_hash"] if longest else None)
    return _costliest[1]


async def is_anybody_locked_out() -> bool:
    """Whether somebody came over with a password that can't be verified here, and still needs a new one."""
    return bool(await rows("SELECT 1 FROM users WHERE hash_cost < 0 AND is_active LIMIT 1"))
