"""Job queue: work that takes longer than a request. Jobs are rows, run by the site itself, one of an account
at a time, and started again when the process that ran one has died."""

import asyncio
import logging
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime, timedelta

from journal import background, clock
from journal.after_commit import after_commit
from journal.database import (
    Connection,
    NoSpace,
    Unavailable,
    committed,
    connection,
    is_postgres,
    rows,
    statement,
)
from journal.engines.row import Row
from journal.jobs.models import Job

log = logging.getLogger(__name__)

AT_ONCE = 2  # jobs that one process runs
PAUSE = 2.0  # seconds between two looks for a waiting job, unless `enqueue` wakes the workers
BEAT = 1.0  # seconds between two beats of a job that runs
DEAD = timedelta(seconds=30)  # without a beat
KEPT = timedelta(days=30)
TRIES = 3  # of a job whose process died, which may be its own fault
STARTED = "The site stopped in the middle of this several times, and no longer tries it."
NO_SPACE = "The site has no room left on its disk. Nothing that is here was lost; please tell its host."
FAILED = "This could not be finished because of a fault of the site, which its host finds in the log."

AN_HOUR = timedelta(hours=1)
STUCK = "state IN ('waiting', 'running') AND coalesce(beat_at, created_at) < ?"

_wake: asyncio.Event | None = None  # of the workers of this process


class JobFailed(Exception):
    """The message is a sentence for the person whose job it is."""


class Progress:
    """What a handler is given: whose job it is, what it is about, and where it tells how far it is."""

    def __init__(self, job: Row) -> None:
        self.job_id, self.user_id, self.subject = job["id"], job["user_id"], job["subject"]
        self.done = self.total = 0

    def tell(self, done: int, total: int = 0) -> None:
        """Shown at the next beat."""
        self.done, self.total = done, total or self.total


Handler = Callable[[Progress], Awaitable[None]]


async def enqueue(db: Connection, user_id: int, kind: str, subject: int) -> None:
    """Adds a job inside the caller's transaction, unless the same one waits already."""
    if await Job.filter(kind=kind, subject=subject, state="waiting").using_db(db).exists():
        return
    await Job.create(user_id=user_id, kind=kind, subject=subject, created_at=clock.now(), using_db=db)
    if _wake:
        after_commit(_woken)


async def _woken() -> None:
    if _wake:
        _wake.set()


async def latest(kind: str, subject: int) -> Row | None:
    """The newest job of that kind about that row."""
    columns = "id, state, done, total, problem"
    sql = f"SELECT {columns} FROM jobs WHERE kind = ? AND subject = ? ORDER BY id DESC LIMIT 1"
    found = await rows(sql, kind, subject)
    return found[0] if found else None


async def stuck() -> int:
    """How many jobs have waited or been without a beat for an hour."""
    found = await rows(f"SELECT count(*) AS n FROM jobs WHERE {STUCK}", clock.now() - AN_HOUR)
    return int(found[0]["n"])


async def give_up_stuck() -> None:
    sql = f"UPDATE jobs SET state = 'failed', problem = ? WHERE {STUCK} RETURNING id"
    await committed(lambda db: statement(db, sql, STARTED, clock.now() - AN_HOUR))


@asynccontextmanager
async def running(handlers: dict[str, Handler]) -> AsyncIterator[None]:
    """Runs jobs for as long as the site serves. A job that is interrupted waits for the next start."""
    global _wake
    _wake = asyncio.Event()
    if not is_postgres(connection()):  # no other process runs jobs of this file
        await committed(_freed)
    async with AsyncExitStack() as stack:
        for _ in range(AT_ONCE):
            await stack.enter_async_context(background.running(_forever(handlers, _wake)))
        yield
    _wake = None


async def _forever(handlers: dict[str, Handler], wake: asyncio.Event) -> None:
    worker = f"{os.getpid()}-{secrets.token_hex(4)}"
    while True:
        try:
            job = await committed(lambda db: _claimed(db, worker)) if await _are_any() else None
        except Unavailable as error:
            log.warning("no job could be looked for: %s", error)
            job = None
        if job:
            await _run(job, worker, handlers)
            continue
        wake.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(wake.wait(), PAUSE)


async def _freed(db: Connection) -> None:
    """Lets the jobs of a process that has ended wait for this one."""
    await Job.filter(state="running").using_db(db).update(state="waiting")


async def _are_any() -> bool:
    """Whether a job may have to be run. Reading needs no lock of the writer's."""
    dead = "state = 'running' AND beat_at < ?"
    sql = f"SELECT 1 FROM jobs WHERE state = 'waiting' OR ({dead}) LIMIT 1"
    return bool(await rows(sql, clock.now() - DEAD))


async def _claimed(db: Connection, worker: str) -> Row | None:
    """Takes the oldest job that waits, or whose process died, of an account that has no other running."""
    now = clock.now()
    dead = "state = 'running' AND beat_at < ?"
    others = "FROM jobs o WHERE o.user_id = j.user_id AND o.id <> j.id"
    busy = f"EXISTS (SELECT 1 {others} AND o.state = 'running' AND o.beat_at >= ?)"
    sql = f"SELECT id FROM jobs j WHERE (state = 'waiting' OR ({dead})) AND NOT {busy} ORDER BY id LIMIT 1"
    found = await statement(db, sql, now - DEAD, now - DEAD)
    if not found:
        return None
    # The condition is checked again, because another process may have taken it since.
    taken = await statement(
        db,
        f"UPDATE jobs SET state = 'running', worker = ?, beat_at = ?, tries = tries + 1 "
        f"WHERE id = ? AND (state = 'waiting' OR ({dead})) RETURNING id, user_id, kind, subject, tries",
        *(worker, now, found[0]["id"], now - DEAD),
    )
    return taken[0] if taken else None


async def _run(job: Row, worker: str, handlers: dict[str, Handler]) -> None:
    progress = Progress(job)
    beating = asyncio.create_task(_beat(progress, worker))
    try:
        if job["tries"] > TRIES:
            raise JobFailed(STARTED)
        await handlers[job["kind"]](progress)
        state, problem = "done", ""
    except asyncio.CancelledError:
        await _release(job["id"], worker)
        raise
    except JobFailed as error:
        state, problem = "failed", str(error)
    except NoSpace as error:
        log.warning("the job %s failed: %s", job["kind"], error)
        state, problem = "failed", NO_SPACE
    except Unavailable as error:
        log.warning("the job %s waits for the database: %s", job["kind"], error)
        await asyncio.sleep(PAUSE)
        await _release(job["id"], worker)
        return
    except Exception:
        log.exception("the job %s failed", job["kind"])
        state, problem = "failed", FAILED
    finally:
        beating.cancel()
    with suppress(Unavailable):  # without a beat it is started again
        await _finish(progress, worker, state, problem)


async def _finish(progress: Progress, worker: str, state: str, problem: str) -> None:
    async def work(db: Connection) -> None:
        mine = Job.filter(id=progress.job_id, worker=worker).using_db(db)
        await mine.update(state=state, problem=problem[:1000], done=progress.done, total=progress.total)

    await committed(work)


async def _release(job_id: int, worker: str) -> None:
    """Lets the job wait for the next start; it was no fault of its own that it was stopped."""

    async def work(db: Connection) -> None:
        sql = "UPDATE jobs SET state = 'waiting', tries = tries - 1 WHERE id = ? AND worker = ? RETURNING id"
        await statement(db, sql, job_id, worker)

    with suppress(Unavailable):
        await committed(work)


async def sweep(now: datetime) -> None:
    """Retention: forgets jobs a month after they ended."""

    async def work(db: Connection) -> None:
        await Job.filter(state__in=["done", "failed"], created_at__lt=now - KEPT).using_db(db).delete()

    await committed(work)


async def _beat(progress: Progress, worker: str) -> None:
    async def work(db: Connection) -> None:
        mine = Job.filter(id=progress.job_id, worker=worker).using_db(db)
        await mine.update(beat_at=clock.now(), done=progress.done, total=progress.total)

    while True:
        await asyncio.sleep(BEAT)
        with suppress(Unavailable):
            await committed(work)
