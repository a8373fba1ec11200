"""Column values of a source database as text, ids and booleans. Pure."""

import ast
import json
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256

from journal.text import plain

LONGEST_ID = 64


def read_text(raw: bytes) -> str:
    """Decodes UTF-8, also with lone surrogates, else Windows-1252, else Latin-1."""
    for encoding, errors in (("utf-8", "strict"), ("utf-8", "surrogatepass"), ("cp1252", "strict")):
        try:
            return raw.decode(encoding, errors)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def text(value: object) -> str:
    """The value as text, without characters that our databases can't hold."""
    if value is None:
        return ""
    if isinstance(value, bytes | bytearray | memoryview):
        return plain.clean(read_text(bytes(value)))
    return plain.clean(value if isinstance(value, str) else str(value))


def identity(value: object) -> str:
    """One id for 7, 7.0 and '7', so that references match; "" for none."""
    if isinstance(value, bytes | bytearray | memoryview):
        value = bytes(value).hex()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    found = text(value).strip()
    return found if len(found) <= LONGEST_ID else sha256(found.encode()).hexdigest()


def texts(value: object) -> Iterator[str]:
    """The texts in a column that holds one text, a list, or a list written as JSON."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        value = _list(value)
    if isinstance(value, list | tuple):
        for item in value:
            yield from texts(item)
    elif isinstance(value, dict):
        yield text(value.get("name") or value.get("title"))
    else:
        yield text(value)


def _list(text: str) -> object:
    """The list that is written as JSON or as Python shows it; else the text itself."""
    for parse in (json.loads, ast.literal_eval):
        with suppress(ValueError, SyntaxError, MemoryError, RecursionError):
            return parse(text)
    return text


def is_true(value: object) -> bool:
    """Reads a flag, or a time that is set only if the flag would be true (`deleted_at`)."""
    return text(value).strip().casefold() not in (
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
