"""File permissions: makes data files private to their owner, and explains why a file can't be used."""

import errno
import logging
import os
import pwd
from pathlib import Path
from stat import S_IMODE, S_ISVTX

log = logging.getLogger(__name__)

OTHERS = 0o077


def make_private(data_dir: Path, database: Path | None = None) -> None:
    """Removes the permissions of other users from our files in the data folder."""
    for file in (data_dir / "clock.json", *(_with_companions(database) if database else ())):
        restrict(file)
    backups = data_dir / "backups"
    attachments = data_dir / "attachments"
    for path in (*(backups.iterdir() if _is_listable(backups) else ()), backups, attachments, data_dir):
        restrict(path)


def make_env_private(file: Path) -> None:
    """Makes .env private; a group that was set on purpose, for the service, keeps its read permission."""
    if file.is_file():
        restrict(file, keeping=0o040 if file.stat().st_gid != os.getegid() else 0)


def exposed(data_dir: Path, database: Path | None = None) -> list[Path]:
    """Our files and folders that other users may read or write."""
    files = _with_companions(database) if database else []
    if not data_dir.is_dir() or _is_shared(data_dir):  # other programs' files lie there as well
        places = [data_dir / "clock.json", data_dir / "backups", data_dir / "attachments"]
    else:
        places = [data_dir]
    for place in places:
        files += [place, *(place.rglob("*") if place.is_dir() else ())]
    return sorted({path for path in files if _is_exposed(path)})


def _is_exposed(path: Path) -> bool:
    return path.exists() and not path.is_symlink() and bool(path.stat().st_mode & OTHERS)


def _with_companions(file: Path) -> list[Path]:
    return [file.with_name(file.name + ending) for ending in ("", "-wal", "-shm", ".lock")]


def _is_listable(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.R_OK | os.X_OK)


def restrict(path: Path, keeping: int = 0) -> None:
    """Removes the permissions of other users, or logs why that can't be done."""
    if not path.exists() or _is_shared(path):
        return
    status = path.stat()
    mode = S_IMODE(status.st_mode)
    private = mode & ~(OTHERS & ~keeping)
    if mode == private:
        return
    if status.st_uid != os.geteuid():
        log.warning("%s may be read by others; its owner should run: chmod go= %s", described(path), path)
        return
    try:
        path.chmod(private)
        log.info("%s is now private to its owner; its mode was %04o", path, mode)
    except OSError as error:
        log.warning(
            "%s may be read by others, and that can't be changed: %s", described(path), error.strerror
        )


def _is_shared(path: Path) -> bool:
    """Whether a folder holds more than our data: /tmp, the current folder, a home."""
    here = Path.cwd().resolve()
    places = {here, *here.parents, Path("~").expanduser()}
    return path.is_dir() and (bool(path.stat().st_mode & S_ISVTX) or path.resolve() in places)


def described(path: Path) -> str:
    try:
        status = path.stat()
    except OSError as error:
        return f"{path} ({error.strerror})"
    return f"{path} (owner {_user(status.st_uid)}, mode {S_IMODE(status.st_mode):04o})"


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"uid {number}"


def refusal(path: Path, error: OSError | None = None) -> str:
    """A sentence about a file that can't be written, with its owner, our user and the remedy."""
    me = _user(os.geteuid())
    known = path if os.path.exists(path) else path.parent  # also if this user may not look there
    if (error and error.errno == errno.EROFS) or is_mounted_read_only(known):
        return f"{path} can't be written, because its disk is mounted read-only; mount it for writing again"
    why = f" ({error.strerror})" if error else ""
    place = "" if known == path.parent else f" in the folder {described(path.parent)}"
    return (
        f"{path} can't be written{why}: this program runs as {me}, and that is {described(known)}{place}; "
        f"`chown -R {me} {path.parent}` as root gives it back"
    )


def is_mounted_read_only(path: Path) -> bool:
    try:
        return bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    except OSError:
        return False
