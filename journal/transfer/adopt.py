"""`journal adopt`: people and entries of an old app, from its database into ours, as often as one likes."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from journal import database, schema
from journal.accounts.users import zones
from journal.transfer.adoption.import_entries import EntryImport
from journal.transfer.adoption.import_users import UserImport
from journal.transfer.adoption.options import AdoptOptions
from journal.transfer.adoption.report import Report
from journal.transfer.legacy import postgres, private_copy, schema_detection, source_database, summary
from journal.transfer.legacy.known_schemas import CannotAdopt, Hints, Table, Understood, UnreadableSource
from journal.transfer.legacy.source_database import Legacy


@dataclass(frozen=True)
class Options:
    zone: str = "UTC"
    source: str = "flask"
    dry_run: bool = False
    hints: Hints = field(default_factory=Hints)


async def adopt(database_url: str, data_dir: Path, source: str, options: Options, now: datetime) -> Report:
    """Raises CannotAdopt, and then has written nothing; and what schema.migrate and connecting raise."""
    terms = _terms(options, now)
    async with source_database.opened(source) as old:
        _refuse_ours(old, database_url)
        tables = await old.tables()
        understood = await _understood(old, tables, options.hints)
        report = Report(options.dry_run, list(summary.lines(old.label, tables, understood, terms)))
        async with _here(database_url, data_dir, options.dry_run):
            owners = await UserImport(terms, report).bring(old, understood.people)
            await EntryImport(terms, report, owners).bring(old, understood.entries)
    return report


def _terms(options: Options, now: datetime) -> AdoptOptions:
    if options.zone not in zones():
        raise CannotAdopt(f"{options.zone!r} is not a time zone; it should be a name like Europe/London.")
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,40}", options.source):
        raise CannotAdopt(f"{options.source!r} can't name a source; it should be a short word like flask.")
    return AdoptOptions(options.source, ZoneInfo(options.zone), now, options.dry_run)


def _refuse_ours(old: Legacy, database_url: str) -> None:
    if database.is_sqlite(database_url):
        file = database.sqlite_file(database_url)
        is_ours = file.exists() and Path(old.label).exists() and file.samefile(old.label)
    else:
        is_ours = old.label == postgres.label_of(database_url)
    if is_ours:
        raise UnreadableSource(f"{old.label} is the database of this site itself; name the old app's.")


async def _understood(old: Legacy, tables: Sequence[Table], hints: Hints) -> Understood:
    try:
        understood = schema_detection.recognise(tables, hints)
    except schema_detection.Unrecognised as why:
        raise UnreadableSource(f"{old.label} can't be adopted as it is. {why}") from None
    if not await old.count(understood.people.table):
        raise UnreadableSource(
            f"{old.label} has nobody in its table {understood.people.table.label}; there is nothing to adopt."
        )
    return understood


@asynccontextmanager
async def _here(database_url: str, data_dir: Path, dry_run: bool) -> AsyncIterator[None]:
    """Our database, migrated and connected; for a dry run one like it that nothing is written to."""
    if not dry_run:
        await schema.migrate(database_url, data_dir)
        async with database.connected(database_url):
            yield
        return
    with TemporaryDirectory(prefix="journal-adopt-") as folder:
        async with database.connected(await _stand_in(database_url, Path(folder))):
            yield


async def _stand_in(database_url: str, folder: Path) -> str:
    """PostgreSQL itself, which a dry run only asks; a copy of a SQLite file; a new one if there is none."""
    if not database.is_sqlite(database_url):
        async with database.connected(database_url):
            if await schema.applied(database.connection()):
                return database_url
    file = database.sqlite_file(database_url)
    copy = folder / "journal.sqlite3"
    if database.is_sqlite(database_url) and file.exists() and file.stat().st_size:
        with private_copy.spoken(str(file)):
            private_copy.copy(private_copy.existing([str(file)]).resolve(), copy)
    await schema.migrate(f"sqlite://{copy}", folder)
    return f"sqlite://{copy}"
