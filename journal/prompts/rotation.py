"""Rotation of prompts: they form a ring in the order of a hash, and each day takes the next one. Pure."""

from bisect import bisect_left
from collections.abc import Iterable
from datetime import date
from hashlib import blake2b
from typing import NamedTuple

Position = tuple[bytes, str]


class Anchor(NamedTuple):
    """The prompt `key` was shown on `day`. The rotation goes on from there."""

    day: date
    key: str


def _position(user_id: int, key: str) -> Position:
    """The position on the ring: a hash, so each person has another order and a new prompt moves no other."""
    return blake2b(f"{user_id} {key}".encode(), digest_size=8).digest(), key


def chosen(user_id: int, keys: Iterable[str], day: date, anchor: Anchor | None) -> str:
    """The key of the day's prompt. If the anchor's prompt was deleted, the next one takes its place."""
    ring = sorted(_position(user_id, key) for key in keys)
    start = day.toordinal()
    if anchor:
        start = bisect_left(ring, _position(user_id, anchor.key)) + (day - anchor.day).days
    return ring[start % len(ring)][1]


def following(user_id: int, keys: Iterable[str], key: str) -> str:
    """The key of the next prompt on the ring."""
    ring = sorted(_position(user_id, other) for other in keys)
    position = _position(user_id, key)
    return next((other for other in ring if other > position), ring[0])[1]
