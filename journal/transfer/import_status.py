"""Status of an import for its page: its row, the job that is under way, and whether its file is still there.
An import whose job was given up leaves its state, so that it can be undone or begun again."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from journal.database import Connection, committed, connection, is_postgres, rows
from journal.engines.row import Row
from journal.transfer import imports
from journal.transfer.models import Import, ImportItem
from journal.transfer.report import Report

# Reports may be long, as they name everything that was left out, and a list needs one number of each.
ADDED = {True: "CAST(report->>'entries_added' AS int)", False: "json_extract(report, '$.entries_added')"}
LISTED = "uid, file_name, state, created_at"


@dataclass(frozen=True)
class ImportStatus:
    row: Row
    job: Row | None
    has_file: bool

    @property
    def is_under_way(self) -> bool:
        return self.row["state"] in imports.KINDS


async def listed(user_id: int) -> Sequence[Row]:
    """The newest imports, and how many entries each has `added`, or None."""
    columns = f"{LISTED}, {ADDED[is_postgres(connection())]} AS added"
    sql = f"SELECT {columns} FROM imports WHERE user_id = ? ORDER BY id DESC LIMIT 100"
    return await rows(sql, user_id)


async def status(user_id: int, uid: UUID, data_dir: Path) -> ImportStatus:
    """Raises ImportNotFound."""
    found = await imports.one(user_id, uid)
    job = await imports.job(found)
    if job and job["state"] == "failed":
        await _give_up(found, job["problem"])
        found, job = await imports.one(user_id, uid), None
    return ImportStatus(found, job, imports.upload_path(data_dir, uid).exists())


async def _give_up(found: Row, problem: str) -> None:
    """What a failed run has added can be undone like a whole import."""
    report = {**imports.report_json(Report()), **found["report"], "problem": problem}
    state = "failed" if found["state"] == "reading" else "done"

    async def work(db: Connection) -> None:
        added = await ImportItem.filter(origin_id=found["id"], kind="added").using_db(db).count()
        mine = Import.filter(id=found["id"], state=found["state"]).using_db(db)
        await mine.update(state=state, report={**report, "entries_added": added})

    await committed(work)


async def discard(user_id: int, uid: UUID, data_dir: Path) -> None:
    """Removes an import that has brought nothing, or was undone, and its file. Raises ImportNotFound and
    NotNow."""

    async def work(db: Connection) -> int:
        mine = Import.filter(user_id=user_id, uid=uid, state__in=("ready", "failed", "undone"))
        return await mine.using_db(db).delete()

    if not await committed(work):
        found = await imports.one(user_id, uid)
        raise imports.NotNow(f"This import is {found['state']}; it can't be removed now.")
    imports.upload_path(data_dir, uid).unlink(missing_ok=True)
