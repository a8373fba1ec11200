"""Hooks that a transaction registers run once it is on disk, and only then."""

import pytest

from journal import database
from journal.after_commit import after_commit
from journal.database import Connection, committed, rows, statement
from journal.engines.failures import ConnectionLost


@pytest.fixture
def seen() -> list[int]:
    """How many rows each hook saw."""
    return []


async def count() -> int:
    return int((await rows("SELECT count(*) AS n FROM departures"))[0]["n"])


async def write(db: Connection, seen: list[int]) -> None:
    async def hook() -> None:
        seen.append(await count())

    after_commit(hook)
    sql = "INSERT INTO departures (kind, source, source_id) VALUES ('entry', 'old', '1')"
    await statement(db, sql)


async def test_a_hook_runs_once_the_rows_can_be_read_by_others(db: None, seen: list[int]) -> None:
    await committed(lambda connection: write(connection, seen))
    assert seen == [1]


async def test_a_hook_does_not_run_if_the_transaction_rolls_back(db: None, seen: list[int]) -> None:
    async def fails(connection: Connection) -> None:
        await write(connection, seen)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await committed(fails)
    assert (seen, await count()) == ([], 0)


async def test_the_hooks_of_a_transaction_that_is_tried_again_run_once(db: None, seen: list[int]) -> None:
    tries = []

    async def interrupted(connection: Connection) -> None:
        await write(connection, seen)
        tries.append(1)
        if len(tries) == 1:
            raise ConnectionLost

    await committed(interrupted)
    assert (len(tries), seen) == (2, [1])


async def test_a_hook_that_fails_is_logged_and_the_others_run(
    db: None, seen: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    async def broken() -> None:
        raise OSError("no such file")

    async def work(connection: Connection) -> None:
        after_commit(broken)
        await write(connection, seen)

    await committed(work)
    assert seen == [1]
    assert "an after-commit hook failed" in caplog.text


async def test_a_hook_may_write_in_a_transaction_of_its_own(db: None, seen: list[int]) -> None:
    async def work(_connection: Connection) -> None:
        after_commit(lambda: database.committed(lambda connection: write(connection, seen)))

    await committed(work)
    assert seen == [1]
