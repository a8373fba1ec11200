"""Durable files: fsync of a file and its folder, so that a power cut can't undo a create or rename."""

import os
from pathlib import Path


def make_folder(folder: Path) -> None:
    """Creates a folder and its parents, readable only by their owner."""
    new = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for place in new:
        sync(place.parent)


def create(file: Path) -> None:
    """Creates an empty file that only its owner can read; an existing file stays."""
    os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))


def replace_file(complete: Path, target: Path) -> None:
    """Renames a complete file to its final name, so that the name never stands for half a file."""
    complete.chmod(0o600)
    sync(complete)
    complete.replace(target)
    sync(target.parent)


def sync(path: Path) -> None:
    """Syncs a file or folder. A folder without read permission can't be synced and is skipped."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except PermissionError:
        if path.is_dir():
            return
        raise
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
