"""What a power cut must not take back: a new name is safe only once the folder that holds it is synced."""

import os
from pathlib import Path


def make_folder(folder: Path) -> None:
    """With those above it, for its owner alone: journals are nobody else's to read."""
    new = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for place in new:
        sync(place.parent)


def create(file: Path) -> None:
    """An empty file for its owner alone, before somebody writes into it; one that is there stays."""
    os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))


def put(whole: Path, target: Path) -> None:
    """Gives a finished file its name, under which there is never half of it."""
    whole.chmod(0o600)
    sync(whole)
    whole.replace(target)
    sync(target.parent)


def sync(path: Path) -> None:
    """A folder that may not be listed can't be synced either; then the system does it in its own time."""
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
