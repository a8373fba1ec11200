"""Backup catalog: a file beside the site's own backups that lists those that were verified, and since when
backups have failed. Retention counts and deletes only what is listed."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from journal import fsync

NAME = "catalog.json"


@dataclass(frozen=True)
class Backup:
    """A backup that was verified before it got its name."""

    name: str
    size: int  # bytes
    created: datetime
    is_scheduled: bool  # made by the site itself, so retention may delete it
    note: str = ""  # why it was not restored for its verification, or what it lacks
    lacking: int = 0  # files of attachments that were missing or damaged on disk already


@dataclass(frozen=True)
class Catalog:
    backups: Sequence[Backup] = ()  # in the order in which they were made, whatever the clock said then
    failing_since: datetime | None = None
    problem: str = ""

    @property
    def newest(self) -> Backup | None:
        return self.backups[-1] if self.backups else None


def folder(data_dir: Path) -> Path:
    return data_dir / "backups"


def read(data_dir: Path) -> Catalog:
    """The catalog, without backups whose file is gone or has another size. An unreadable one is empty."""
    place = folder(data_dir)
    try:
        found = json.loads((place / NAME).read_text(encoding="utf-8"))
        backups = [_backup(each) for each in found["backups"]]
        since = found["failing_since"] and datetime.fromisoformat(found["failing_since"])
        problem = str(found["problem"])
    except (OSError, ValueError, TypeError, LookupError):
        return Catalog()
    whole = [backup for backup in backups if _size(place / backup.name) == backup.size]
    return Catalog(whole, since, problem)


def _backup(found: Mapping[str, Any]) -> Backup:
    return Backup(**{**found, "created": datetime.fromisoformat(found["created"])})


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return -1


def write(data_dir: Path, catalog: Catalog) -> None:
    file = folder(data_dir) / NAME
    fsync.make_folder(file.parent)
    part = file.with_suffix(".new")
    fsync.create(part)
    backups = [{**asdict(backup), "created": backup.created.isoformat()} for backup in catalog.backups]
    since = catalog.failing_since and catalog.failing_since.isoformat()
    text = json.dumps({"backups": backups, "failing_since": since, "problem": catalog.problem}, indent=1)
    part.write_text(text, encoding="utf-8")
    fsync.replace_file(part, file)


def add(data_dir: Path, backup: Backup) -> None:
    """Adds a backup, which ends a time of failures."""
    write(data_dir, Catalog([*read(data_dir).backups, backup]))


def fail(data_dir: Path, now: datetime, problem: str) -> bool:
    """Notes a failure. Returns whether it is the first since the last success."""
    found = read(data_dir)
    since = found.failing_since or now
    write(data_dir, replace(found, failing_since=since, problem=problem))
    return found.failing_since is None


def prune(data_dir: Path, keep: int) -> None:
    """Deletes the oldest of the site's own verified backups. `keep` of them stay, at least one, and also the
    newest that has all attachments, because files that were lost on disk may be in there alone."""
    found = read(data_dir)
    scheduled = [backup for backup in found.backups if backup.is_scheduled]
    whole = [backup for backup in scheduled if not backup.lacking][-1:]
    surplus = [backup for backup in scheduled[: -max(keep, 1)] if backup not in whole]
    for backup in surplus:
        (folder(data_dir) / backup.name).unlink(missing_ok=True)
    if surplus:
        write(data_dir, replace(found, backups=[each for each in found.backups if each not in surplus]))
