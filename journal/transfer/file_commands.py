"""Commands `journal import` and `journal export`: an export of another program comes into an account, and an
account leaves as a file."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import click

from journal import clock, database, fsync, schema, settings
from journal.accounts import users
from journal.accounts.models import User
from journal.attachments import store
from journal.database import Connection, committed
from journal.entries.export_rows import Narrowing
from journal.settings import Settings
from journal.text import tag_names
from journal.transfer import imports, report_text, running
from journal.transfer.archive import Archive, UnreadableArchive
from journal.transfer.exporting import Export
from journal.transfer.formats import readers
from journal.transfer.formats.reader import ReadOptions
from journal.transfer.formats.readers import UnknownFormat
from journal.transfer.formats.writer import ExportedEntry
from journal.transfer.forms import ExportForm, ImportForm
from journal.transfer.importer import Importer
from journal.transfer.models import Import
from journal.transfer.report import Report
from journal.transfer.writers.writers import BY_NAME

T = TypeVar("T")


def connected(work: Callable[[Settings], Awaitable[T]]) -> T:
    """Runs `work` on the migrated database, and returns its result."""
    chosen = settings.load()

    async def run() -> T:
        await schema.migrate(chosen.database_url, chosen.data_dir)
        async with database.connected(chosen.database_url):
            return await work(chosen)

    return asyncio.run(run())


async def _person(name: str) -> User:
    found = await users.find(name)
    if found is None:
        raise click.ClickException(f"Nobody here is called {name}.")
    return found


def _refuse(errors: dict[str, str]) -> None:
    if errors:
        raise click.ClickException(" ".join(errors.values()))


class ProgressLine:
    """A line of a terminal that is written over; elsewhere nothing."""

    def __init__(self, verb: str) -> None:
        self.verb, self.is_shown = verb, sys.stderr.isatty()

    def tell(self, done: int) -> None:
        if self.is_shown:
            click.echo(f"\r{self.verb}: {done:,} entries", nl=False, err=True)

    def end(self) -> None:
        if self.is_shown:
            click.echo(err=True)


# Import


@click.command("import")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--user", "name", required=True, metavar="NAME", help="Whose entries they become.")
@click.option("--dry-run", is_flag=True, help="Say what would come, and write nothing.")
@click.option("--format", default="", metavar="F", help="Where the file is not recognised.")
@click.option("--timezone", default="", metavar="Z", help="Of times without one; else the person's.")
@click.option("--date-format", default="", metavar="F", help="Like %d.%m.%Y, where dates are misread.")
@click.option("--owner", default="", metavar="NAME", help="Whose entries they are there; else as --user.")
def import_file(
    file: Path, name: str, dry_run: bool, format: str, timezone: str, date_format: str, owner: str
) -> None:
    """Bring what somebody wrote in another program.

    FILE is an export: a zip, a folder, or a single file. The site may be running. Importing it again brings
    only what is new; the page of imports can undo it.
    """

    async def work(chosen: Settings) -> list[str]:
        user = await _person(name)
        typed = {"format": format, "zone": timezone or user.zone, "date_format": date_format}
        form = ImportForm(typed)
        _refuse(form.errors)
        options = ReadOptions(form.zone, clock.now(), form.date_format, owner or user.username)
        return await _import(user, file, form, options, store.folder_in(chosen.data_dir), dry_run)

    click.echo("\n".join(connected(work)))


async def _import(
    user: User, file: Path, form: ImportForm, options: ReadOptions, files: Path, is_dry_run: bool
) -> list[str]:
    report, now, line = Report(is_dry_run), options.now, ProgressLine("Read")
    try:
        with Archive(file) as archive:
            reader = readers.reader_for(archive, form.format)
            row = None if is_dry_run else await _row(user, file, reader.NAME, form, now)
            row_id = row.id if row else None
            importer = Importer(report, now, is_dry_run=is_dry_run, import_id=row_id, files=files)
            await running.run(archive, reader, options, importer, user.id, lambda done, _: line.tell(done))
    except (UnreadableArchive, UnknownFormat) as error:
        raise click.ClickException(str(error)) from None
    line.end()
    told = imports.report_json(report)
    if row:
        await imports.update(row.id, report={**told, "entries_added": report.entries.added})
    end = ["This was a dry run: nothing was written."] if is_dry_run else []
    return [*report_text.lines(told, is_done=not is_dry_run), *end]


async def _row(user: User, file: Path, format_name: str, form: ImportForm, now: datetime) -> Import:
    """The row by which the person sees and can undo the import, also if this program is ended."""
    row = Import(
        uid=uuid4(),
        user_id=user.id,
        file_name=file.name[-255:],
        format=format_name,
        zone=form.zone,
        date_format=form.date_format,
        state="done",
        report={**imports.report_json(Report()), "entries_added": 0},
        created_at=now,
    )

    async def work(db: Connection) -> None:
        await row.save(using_db=db)

    await committed(work)
    return row


# Export


@click.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--user", "name", required=True, metavar="NAME", help="Whose entries leave.")
@click.option("--format", default="markdown", metavar="F", help="markdown, json, dayone, jrnl or html.")
@click.option("--from", "first", default="", metavar="DAY", help="From this day on, like 2024-05-31.")
@click.option("--to", "last", default="", metavar="DAY", help="Up to this day.")
@click.option("--tag", default="", help="Only entries with this tag.")
def export_file(file: Path, name: str, format: str, first: str, last: str, tag: str) -> None:
    """Write everything that somebody has written into FILE. An older file of that name is replaced at the
    end."""
    form = ExportForm({"from": first, "to": last, "tag": tag})
    _refuse(form.errors)
    writer = BY_NAME.get(format)
    if writer is None:
        raise click.ClickException(f"{format!r} is no format; these are: {', '.join(BY_NAME)}.")
    narrowing = Narrowing(form.first, form.last, tag_names.index_key(form.tag) if form.tag else "")

    async def work(chosen: Settings) -> int:
        export = Export(await _person(name), writer, narrowing, clock.now(), chosen.data_dir)
        return await _write(export, file)

    click.echo(f"{file}: {connected(work):,} entries")


async def _write(export: Export, file: Path) -> int:
    """Returns how many entries there are. Half a file never has the file's name."""
    count, loop = await export.prepare(), asyncio.get_running_loop()
    try:
        await asyncio.to_thread(_write_file, export, file, loop)
    except OSError as error:
        raise click.ClickException(f"{file} can't be written: {error.strerror or error}.") from None
    return count


def _write_file(export: Export, file: Path, loop: asyncio.AbstractEventLoop) -> None:
    part = file.with_name(f"{file.name}.part")
    try:
        handle = os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with open(handle, "wb") as sink:
            export.writer.write(_entries(export, loop), sink, export.about)
        fsync.replace_file(part, file)
    finally:
        part.unlink(missing_ok=True)


def _entries(export: Export, loop: asyncio.AbstractEventLoop) -> Iterator[ExportedEntry]:
    line, done = ProgressLine("Written"), 0
    while batch := asyncio.run_coroutine_threadsafe(export.next_batch(), loop).result():
        yield from batch
        done += len(batch)
        line.tell(done)
    line.end()
