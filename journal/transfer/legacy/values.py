"""What the columns of an old database hold, as text, ids and answers. Pure."""

import json
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from typing import Any

from journal.text import plain

LONGEST_ID = 64


def read_text(raw: bytes) -> str:
    """UTF-8 with or without lone surrogates, else what Windows wrote: other programs store what they like."""
    for encoding, errors in (("utf-8", "strict"), ("utf-8", "surrogatepass"), ("cp1252", "strict")):
        try:
            return raw.decode(encoding, errors)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def words(value: Any) -> str:
    """As it stands there, but for what no database of ours can hold."""
    if value is None:
        return ""
    if isinstance(value, bytes | bytearray | memoryview):
        return plain.clean(read_text(bytes(value)))
    return plain.clean(value if isinstance(value, str) else str(value))


def identity(value: Any) -> str:
    """The same for 7, 7.0 and '7', so that a reference finds what it refers to; "" for none."""
    if isinstance(value, bytes | bytearray | memoryview):
        value = bytes(value).hex()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    found = words(value).strip()
    return found if len(found) <= LONGEST_ID else sha256(found.encode()).hexdigest()


def listed(value: Any) -> Iterator[str]:
    """The texts in a column that holds one text, a list, or a list written as JSON."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        with suppress(ValueError):
            value = json.loads(value)
    if isinstance(value, list | tuple):
        for item in value:
            yield from listed(item)
    elif isinstance(value, dict):
        yield words(value.get("name") or value.get("title"))
    else:
        yield words(value)


def is_yes(value: Any) -> bool:
    """Of a flag, or of a time that is only there if it is so."""
    return words(value).strip().casefold() not in (
        "",
        "0",
        "0.0",
        "f",
        "n",
        "no",
        "off",
        "false",
        "none",
        "null",
    )
