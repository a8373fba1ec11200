"""Durable files: fsync of a file and its folder, so that a power cut can't undo a create or rename. What root
creates belongs to the owner of the folder, so that the site's user can still use it."""

import os
from pathlib import Path


def make_folder(folder: Path) -> None:
    """Creates a folder and its parents, readable only by their owner."""
    new = [place for place in (folder, *folder.parents) if not place.exists()]
    for place in reversed(new):
        place.mkdir(exist_ok=True, mode=0o700)
        _give_to_owner(place)
        sync(place.parent)


def create(file: Path) -> None:
    """Creates an empty file that only its owner can read; an existing file stays."""
    try:
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        os.close(os.open(file, os.O_CREAT | os.O_WRONLY, 0o600))  # or it can't be written
        return
    _give_to_owner(file, handle)
    os.close(handle)


def _give_to_owner(path: Path, handle: int | None = None) -> None:
    """Only for what was created just now: anything else there may be a link to a file of root."""
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path if handle is None else handle, owner.st_uid, owner.st_gid)


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
