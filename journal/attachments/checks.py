"""Health check of attachments for `journal doctor`: compares rows with files, and the content of some files
with their names."""

import asyncio
import secrets
from hashlib import file_digest
from pathlib import Path

from journal.attachments import queries, store
from journal.derived.contract import Check
from journal.engines.row import Row

SAMPLE = 50  # files that are read
LARGEST = 20_000_000  # bytes of a file that is read
ADVICE = "Copy them back from a backup of the folder attachments, which `journal doctor` then checks again."


async def check(folder: Path) -> Check:
    missing, resized, total = [], [], 0
    async for row in queries.files():
        total += 1
        size = await asyncio.to_thread(_size, folder, row)
        if size is None:
            missing.append(row["sha256"])
        elif size != row["size"]:
            resized.append(row["sha256"])
    changed = await _changed(folder)
    problems = [
        *_sentence("are missing", missing),
        *_sentence("have another size than they had", resized),
        *_sentence("have another content than they had", [name for name in changed if name not in resized]),
    ]
    return Check(problems, f"Every attachment has its file: {total:,}.", ADVICE, ADVICE)


def _sentence(what: str, digests: list[str]) -> list[str]:
    if not digests:
        return []
    first = store.path(Path(), digests[0])
    return [f"Files of attachments that {what}: {len(digests):,}, the first {first}."]


def _size(folder: Path, row: Row) -> int | None:
    file = store.path(folder, row["sha256"])
    return file.stat().st_size if file.is_file() else None


async def _changed(folder: Path) -> list[str]:
    """Reads a few files, others each time, and returns those whose content is not what their name says."""
    found: list[str] = []
    left = SAMPLE
    async for row in queries.files(after=secrets.token_hex(32)):
        if not left:
            break
        left -= 1
        if await asyncio.to_thread(_is_changed, store.path(folder, row["sha256"]), row["sha256"]):
            found.append(row["sha256"])
    return found


def _is_changed(file: Path, digest: str) -> bool:
    if not file.is_file() or file.stat().st_size > LARGEST:
        return False
    with file.open("rb") as content:
        return file_digest(content, "sha256").hexdigest() != digest
