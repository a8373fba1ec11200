"""Exports of other programs, packed for tests of their readers."""

import json
import zipfile
from pathlib import Path
from typing import Any

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
JPEG = b"\xff\xd8\xff\xe0" + bytes(64)
MOV = b"\0\0\0\x14ftypqt  " + bytes(64)
HEIC = b"\0\0\0\x18ftypheic" + bytes(64)

Members = dict[str, bytes | str | dict[str, Any] | list[Any]]


def packed(path: Path, members: Members) -> Path:
    """A zip of these members; objects and lists as JSON."""
    with zipfile.ZipFile(path / "export.zip", "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            is_raw = isinstance(content, bytes | str)
            target.writestr(name, content if is_raw else json.dumps(content))  # type: ignore[arg-type]
    return path / "export.zip"
