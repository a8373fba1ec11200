"""A backup made while people write restores to a journal in which every save that was acknowledged before it
is there."""

import asyncio
import time
from pathlib import Path

import pytest

from journal import clock, database
from journal.backups.create import Source, create
from journal.backups.restore import restore
from tests.backups.conftest import Place
from tests.faults.writers import Writers
from tests.figures import Counted
from tests.servers import serving

pytestmark = pytest.mark.slow

SAVES_A_SECOND = 20


@pytest.mark.parametrize("times", [2, pytest.param(50, marks=pytest.mark.soak)])
async def test_a_backup_under_writers_has_every_save_that_was_acknowledged_before(
    database_url: str, place: Place, tmp_path: Path, times: int, counted: Counted
) -> None:
    source, checked = Source(database_url, tmp_path / "data"), 0
    with serving(tmp_path, DATABASE_URL=database_url) as server, Writers(server) as writers:
        began = time.monotonic()
        for number in range(times):
            await asyncio.to_thread(writers.go_on)
            before = {key: text for each in writers.all for key, text in dict(each.kept).items()}
            made = await create(source, clock.now(), tmp_path / f"{number}.zip")
            restored = place(f"restored-{number}")
            await restore(restored, made.file)
            found = await _versions(restored)
            assert {key: found.get(key) for key in before} == before
            checked += len(before)
        rate = writers.acknowledged / (time.monotonic() - began)
    assert not writers.wrong
    assert rate > SAVES_A_SECOND / 4  # a busy machine is slower
    told = f"{checked:,} saves looked up at {rate:.0f} a second: none missing"
    counted(f"{times} backups under four writers, restored", told)


async def _versions(source: Source) -> dict[tuple[str, int], str]:
    """The text of each entry's each version."""
    async with database.connected(source.url):
        found = await database.rows(
            "SELECT e.uid, r.version, r.body FROM revisions r JOIN entries e ON e.id = r.entry_id"
        )
    return {(str(row["uid"]), row["version"]): row["body"] for row in found}
