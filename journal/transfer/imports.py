"""Imports of a person: the uploaded file, its preview, the import itself, its report and its undo. What may
take long is a job."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from journal import clock
from journal.accounts import users
from journal.attachments import store
from journal.database import Connection, committed, rows
from journal.engines.insert import insert
from journal.engines.row import Row
from journal.entries.imported import ImportedEntry
from journal.jobs import queue
from journal.jobs.queue import Handler, JobFailed, Progress
from journal.text import plain
from journal.transfer import media, running, undo
from journal.transfer.archive import Archive, UnreadableArchive
from journal.transfer.formats.reader import ReadOptions
from journal.transfer.formats.readers import UnknownFormat, reader_for
from journal.transfer.importer import Importer
from journal.transfer.known_entries import Plan
from journal.transfer.models import Import, ImportItem
from journal.transfer.report import Report

PREVIEW, RUN, UNDO = "import preview", "import", "import undo"
KINDS = {"reading": PREVIEW, "running": RUN, "undoing": UNDO}
SAMPLES = 3
KEPT = timedelta(days=7)  # an uploaded file
PART, PART_KEPT = ".part", timedelta(hours=2)  # a file whose upload was cut off, since its last byte
COLUMNS = "id, uid, user_id, file_name, format, zone, date_format, state, preview, report, created_at"
GONE = "The uploaded file is not there any more; please bring it again."


class ImportNotFound(Exception):
    """No import of this person has that uid."""


class NotNow(Exception):
    """The import is in another state. The message is a sentence."""


def upload_path(data_dir: Path, uid: UUID) -> Path:
    return data_dir / "uploads" / str(uid)


async def begin(
    user_id: int, uid: UUID, file_name: str, *, format_name: str = "", zone: str, date_format: str = ""
) -> None:
    """Stores an import whose file lies under `upload_path`, and lets its preview be made. The same uid once
    more changes nothing."""

    async def work(db: Connection) -> None:
        new = Import(
            uid=uid,
            user_id=user_id,
            file_name=plain.clean(file_name)[-255:],
            format=format_name,
            zone=zone,
            date_format=date_format,
            created_at=clock.now(),
        )
        if await insert(db, new):
            await queue.enqueue(db, user_id, PREVIEW, new.id)

    await committed(work)


async def one(user_id: int, uid: UUID) -> Row:
    """Raises ImportNotFound."""
    found = await rows(f"SELECT {COLUMNS} FROM imports WHERE user_id = ? AND uid = ?", user_id, str(uid))
    if not found:
        raise ImportNotFound
    return found[0]


async def job(found: Row) -> Row | None:
    """The job that is under way, or the last one if it failed."""
    kind = KINDS.get(found["state"])
    return await queue.latest(kind, found["id"]) if kind else None


async def start(user_id: int, uid: UUID) -> None:
    """Starts the import, or whatever failed of it once more. Raises ImportNotFound and NotNow."""
    found = await one(user_id, uid)
    failed = await job(found)
    if failed and failed["state"] == "failed":
        await _move(user_id, uid, (found["state"],), found["state"], KINDS[found["state"]])
    else:
        await _move(user_id, uid, ("ready", "undone"), "running", RUN)


async def read_again(user_id: int, uid: UUID, format_name: str, zone: str, date_format: str) -> None:
    """Makes the preview anew by other settings. Raises ImportNotFound and NotNow."""
    settings = {"format": format_name, "zone": zone, "date_format": date_format}
    await _move(user_id, uid, ("ready", "failed", "undone"), "reading", PREVIEW, **settings)


async def take_back(user_id: int, uid: UUID) -> None:
    """Undoes the import. Raises ImportNotFound and NotNow."""
    await _move(user_id, uid, ("done",), "undoing", UNDO)


async def _move(
    user_id: int, uid: UUID, states: tuple[str, ...], state: str, kind: str, **columns: str
) -> None:
    async def work(db: Connection) -> bool:
        mine = Import.filter(user_id=user_id, uid=uid, state__in=states).using_db(db)
        if not await mine.update(state=state, **columns):
            return False
        await queue.enqueue(db, user_id, kind, (await Import.get(uid=uid, using_db=db)).id)
        return True

    if not await committed(work):
        found = await one(user_id, uid)
        raise NotNow(f"This import is {found['state']} already.")


# Jobs


def handlers(data_dir: Path) -> dict[str, Handler]:
    return {
        PREVIEW: partial(_preview, data_dir),
        RUN: partial(_run, data_dir),
        UNDO: _undo,
    }


async def _preview(data_dir: Path, progress: Progress) -> None:
    found = await Import.get(id=progress.subject)
    importer = Importer(Report(dry_run=True), clock.now(), is_dry_run=True)
    samples: list[dict[str, Any]] = []

    def tell(done: int, plans: list[Plan]) -> None:
        progress.tell(done)
        samples.extend(_sample(plan.entry) for plan in plans[: SAMPLES - len(samples)])

    format_name = await _read(data_dir, found, importer, tell)
    preview = {**report_json(importer.report), "samples": samples, "entries": progress.done}
    await update(found.id, state="ready", format=format_name, preview=preview)


async def _run(data_dir: Path, progress: Progress) -> None:
    found = await Import.get(id=progress.subject)
    progress.tell(0, found.preview.get("entries", 0))
    files = store.folder_in(data_dir)
    importer = Importer(Report(), clock.now(), import_id=found.id, files=files)
    await _read(data_dir, found, importer, lambda done, _plans: progress.tell(done))
    report = report_json(importer.report)
    # Counted in the table, as an import that was interrupted finds its own entries again.
    report["entries_added"] = await ImportItem.filter(origin_id=found.id, kind="added").count()
    await update(found.id, state="done", report=report)


async def _undo(progress: Progress) -> None:
    undone = await undo.undo(progress.user_id, progress.subject, clock.now(), progress.tell)
    found = await Import.get(id=progress.subject)
    await update(found.id, state="undone", report=found.report | {"undone": asdict(undone)})


async def _read(data_dir: Path, found: Import, importer: Importer, tell: running.Told) -> str:
    """Returns the name of the format. Raises JobFailed."""
    owner = (await users.by_id(found.user_id)).username
    options = ReadOptions(found.zone, clock.now(), found.date_format, owner)
    try:
        async with _opened(upload_path(data_dir, found.uid), found.file_name) as archive:
            reader = reader_for(archive, found.format)
            await running.run(archive, reader, options, importer, found.user_id, tell)
    except (UnreadableArchive, UnknownFormat) as error:
        raise await _failed(found, str(error)) from None
    except FileNotFoundError:
        raise await _failed(found, GONE) from None
    return reader.NAME


@asynccontextmanager
async def _opened(path: Path, name: str) -> AsyncIterator[Archive]:
    if not path.exists():
        raise FileNotFoundError(path)
    with Archive(path, name) as archive:
        yield archive


async def _failed(found: Import, sentence: str) -> JobFailed:
    await update(found.id, state="failed", report={"problem": sentence})
    return JobFailed(sentence)


async def update(import_id: int, **columns: object) -> None:
    """Changes columns of the import's row."""

    async def work(db: Connection) -> None:
        await Import.filter(id=import_id).using_db(db).update(**columns)

    await committed(work)


def report_json(report: Report) -> dict[str, Any]:
    """What the pages show of a report."""
    return {
        "added": report.entries.added,
        "updated": report.entries.updated,
        "same": report.entries.same,
        "first": report.first.isoformat() if report.first else "",
        "last": report.last.isoformat() if report.last else "",
        "missing": report.missing,
        "notes": report.notes,
    }


def _sample(entry: ImportedEntry) -> dict[str, Any]:
    fields = entry.fields
    return {
        "title": fields.title,
        "day": fields.day.isoformat() if fields.day else "",
        "html": plain.to_html(media.without_links(entry)[:20_000], str(entry.made_uid(0))),
        "tags": fields.tags,
        "mood": fields.mood,
        "place": entry.place.name,
        "weather": entry.weather,
    }


# Retention


async def sweep(data_dir: Path, now: datetime) -> None:
    """Deletes uploaded files after a week, those of cut-off uploads sooner; the import and its undo stay."""
    await asyncio.to_thread(_delete_old, data_dir / "uploads", now)


def _delete_old(folder: Path, now: datetime) -> None:
    for file in folder.iterdir() if folder.is_dir() else ():
        kept = PART_KEPT if file.suffix == PART else KEPT
        with suppress(FileNotFoundError):
            if file.stat().st_mtime < (now - kept).timestamp():
                file.unlink()
