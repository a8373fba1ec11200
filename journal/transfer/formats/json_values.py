"""JSON values: reads fields of other programs' records, in which any field may have any type."""

import json
import math
from collections.abc import Iterable
from typing import Any

from journal.text import plain


def text(value: object) -> str:
    """A text as it can be stored; "" for anything else."""
    return plain.clean(value) if isinstance(value, str) else ""


def first_text(record: dict[str, Any], *names: str) -> str:
    """The first of these fields that has a text."""
    return next((found for name in names if (found := text(record.get(name)))), "")


def texts(value: object) -> list[str]:
    """The texts of a list."""
    return [found for item in items(value) if (found := text(item))]


def number(value: object, most: float = math.inf) -> float | None:
    """A finite number up to `most` on either side of zero; no boolean."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return float(value) if math.isfinite(value) and abs(value) <= most else None
    except OverflowError:
        return None


def items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def mappings(value: object) -> Iterable[dict[str, Any]]:
    """The objects of a list."""
    return (item for item in items(value) if isinstance(item, dict))


def record(value: object) -> str:
    """A source's record as JSON text that can be stored; "" if it is nested too deep for that."""
    try:
        return plain.clean(json.dumps(value, ensure_ascii=False, default=str))
    except RecursionError:
        return ""
