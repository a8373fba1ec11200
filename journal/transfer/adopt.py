"""Import from another app (`journal adopt`): copies the people and entries of its database into ours.
Running it again imports only new and changed ones."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from journal import database, schema
from journal.accounts import passwords
from journal.accounts.users import zones
from journal.attachments import store
from journal.transfer.adoption import sign_in, sole_owner
from journal.transfer.adoption.import_entries import EntryImport
from journal.transfer.adoption.import_users import UserImport
from journal.transfer.adoption.local_files import LocalFiles
from journal.transfer.adoption.options import AdoptOptions
from journal.transfer.adoption.study import studied
from journal.transfer.legacy import postgres, private_copy, source_database
from journal.transfer.legacy.known_schemas import CannotAdopt, Hints, UnreadableSource
from journal.transfer.legacy.source_database import SourceDatabase
from journal.transfer.report import Report


@dataclass(frozen=True)
class Options:
    stored_in: str = "UTC"
    people_in: str = ""  # stored_in if empty
    password_salt: str = ""
    source: str = "flask"
    dry_run: bool = False
    hints: Hints = field(default_factory=Hints)
    files: Path | None = None  # a folder of the old app


async def adopt(database_url: str, data_dir: Path, source: str, options: Options, now: datetime) -> Report:
    """Raises CannotAdopt before anything is written, and the errors of schema.migrate and of connecting."""
    adopt_options = _adopt_options(options, now)
    passwords.use_salt(options.password_salt)
    async with source_database.opened(source) as old:
        _refuse_own_database(old, database_url)
        study = await studied(old, adopt_options, options.hints)
        people_table = study.schema.people.table if study.schema.people else None
        if people_table and sign_in.uses_flask_security(study.tables, people_table):
            study = replace(study, options=replace(study.options, lacks_salt=not options.password_salt))
        report = Report(options.dry_run, study.lines)
        async with _target_database(database_url, data_dir, options.dry_run):
            people = UserImport(study.options, report)
            if study.schema.people:
                owners = await people.run(old, study.schema.people)
            else:
                owners = await sole_owner.owners(people, options.hints.owner)
            importer = EntryImport(study.options, report, owners, store.folder_in(data_dir))
            await importer.run(old, study.schema.entries)
    return report


def _adopt_options(options: Options, now: datetime) -> AdoptOptions:
    stored_in, people_in = options.stored_in, options.people_in or options.stored_in
    for zone in (stored_in, people_in):
        if zone not in zones():
            raise CannotAdopt(f"{zone!r} is not a time zone; it should be a name like Europe/London.")
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,40}", options.source):
        raise CannotAdopt(f"{options.source!r} can't name a source; it should be a short word like flask.")
    if options.files and not options.files.is_dir():
        raise CannotAdopt(f"{options.files} is no folder; --files names the one that holds the app's images.")
    files = LocalFiles(options.files) if options.files else None
    both = ZoneInfo(stored_in), ZoneInfo(people_in)
    return AdoptOptions(options.source, *both, now, options.dry_run, files=files)


def _refuse_own_database(old: SourceDatabase, database_url: str) -> None:
    if database.is_sqlite(database_url):
        file = database.sqlite_file(database_url)
        is_ours = file.exists() and Path(old.label).exists() and file.samefile(old.label)
    else:
        is_ours = old.label == postgres.label_of(database_url)
    if is_ours:
        raise UnreadableSource(f"{old.label} is the database of this site itself; name the old app's.")


@asynccontextmanager
async def _target_database(database_url: str, data_dir: Path, dry_run: bool) -> AsyncIterator[None]:
    """Connects to our database after migrating it; a dry run connects to a stand-in and writes nothing."""
    if not dry_run:
        await schema.migrate(database_url, data_dir)
        async with database.connected(database_url):
            yield
        return
    with TemporaryDirectory(prefix="journal-adopt-") as folder:
        async with database.connected(await _dry_run_copy(database_url, Path(folder))):
            yield


async def _dry_run_copy(database_url: str, folder: Path) -> str:
    """The URL for a dry run: PostgreSQL itself, a copy of the SQLite file, or an empty SQLite database."""
    if not database.is_sqlite(database_url):
        async with database.connected(database_url):
            if await schema.applied(database.connection()):
                return database_url
    file = database.sqlite_file(database_url)
    copy = folder / "journal.sqlite3"
    if database.is_sqlite(database_url) and file.exists() and file.stat().st_size:
        with private_copy.readable_errors(str(file)):
            private_copy.copy(private_copy.existing([str(file)]).resolve(), copy)
    await schema.migrate(f"sqlite://{copy}", folder)
    return f"sqlite://{copy}"
