"""Which prompt a day has: all of a person's lie on a ring, and each day takes the next one. Pure."""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import date
from hashlib import blake2b
from typing import NamedTuple

Place = tuple[bytes, str]


class Anchor(NamedTuple):
    """On that day it was this one's turn: what makes the days after go on from there."""

    day: date
    key: str


def _place(user_id: int, key: str) -> Place:
    """A hash, so that the order is a person's own and one more prompt moves none of the others."""
    return blake2b(f"{user_id} {key}".encode(), digest_size=8).digest(), key


def chosen(user_id: int, keys: Iterable[str], day: date, anchor: Anchor | None) -> str:
    """The key for that day. Where the anchor's own is gone, the one behind it stands in for it."""
    ring = sorted(_place(user_id, key) for key in keys)
    start = day.toordinal()
    if anchor:
        start = bisect_left(ring, _place(user_id, anchor.key)) + (day - anchor.day).days
    return ring[start % len(ring)][1]


def following(user_id: int, keys: Iterable[str], key: str) -> str:
    """The one behind that one."""
    ring = sorted(_place(user_id, other) for other in keys)
    place = _place(user_id, key)
    return next((other for other in ring if other > place), ring[0])[1]
