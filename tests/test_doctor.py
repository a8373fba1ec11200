"""The doctor finds counts and rows that are wrong, whatever is wrong with them, and mends them."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from quart import Quart

from journal import clock, database, doctor
from journal.backup_schedule import Schedule
from journal.backups import catalog, workspace
from journal.backups.create import Source, create
from journal.database import committed, statement
from journal.doctor import backup_checks, database_checks, host_checks
from journal.doctor.finding import HostCheck
from journal.settings import Settings
from tests.conftest import Person
from tests.statistics import plain_count
from tests.tags import listing

DAMAGES = {
    "a tag's row is gone": "DELETE FROM entry_tags WHERE key = 'walk'",
    "a tag has another day": "UPDATE entry_tags SET day = '1999-01-01'",
    "a tag's number is wrong": "UPDATE tags SET entries = entries + 3",
    "a tag has no number": "DELETE FROM tags",
    "a tag that no entry has": "UPDATE tags SET key = key || '-not'",
    "a day is gone": "DELETE FROM day_counts",
    "a day has other words": "UPDATE day_counts SET words = words + 1",
    "an hour is wrong": "UPDATE hour_counts SET entries = 0",
    "an hour is gone": "DELETE FROM hour_counts",
}


@pytest.mark.parametrize("damage", DAMAGES)
async def test_the_doctor_finds_and_mends(
    app: Quart, ann: Person, bob: Person, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for person in (ann, bob):
        await person.writes("#walk with words", tags="été", mood="good", day="2024-05-31")
        await person.writes("#walk", day="2023-05-01")
        await person.post(f"{await person.writes('#binned')}/deletion")
    assert await doctor.examine(repair=False)
    await committed(lambda db: statement(db, DAMAGES[damage]))
    capsys.readouterr()
    assert not await doctor.examine(repair=False)
    assert capsys.readouterr().out.count("\n! ") == 1
    assert await doctor.examine(repair=True)
    assert await doctor.examine(repair=False)
    assert await plain_count.is_in_step()
    assert await listing.held() == await listing.owed()


# The machine around the database


NOW = datetime.fromisoformat("2024-05-31T10:00:00+00:00")


async def told(check: HostCheck, chosen: Settings, *, repair: bool = False) -> tuple[str, bool]:
    """What the check says, and whether any of it is a fault."""
    found = await check(chosen, repair)
    return " ".join(finding.sentence for finding in found), any(finding.is_fault for finding in found)


@pytest.mark.engine("sqlite")
async def test_the_doctor_says_the_settings_and_no_secret(settings: Settings) -> None:
    secret = replace(
        settings, database_url="postgres://me:word@127.0.0.1/diary", backups=Schedule("daily", 14)
    )
    said, is_fault = await told(host_checks.settings, secret)
    assert not is_fault
    assert "http://localhost" in said
    assert "database 127.0.0.1/diary," in said
    assert "backups daily 14," in said
    assert not {word for word in ("k" * 40, "word") if word in said}


@pytest.mark.engine("sqlite")
async def test_the_doctor_finds_what_others_can_read_and_mends_it(db: None, settings: Settings) -> None:
    photo = settings.data_dir / "attachments" / "ab" / "cdef"
    photo.parent.mkdir(parents=True)
    photo.write_bytes(b"photo")
    for path, mode in ((settings.data_dir, 0o755), (photo.parent, 0o750), (photo, 0o644)):
        path.chmod(mode)
    settings.data_dir.joinpath("attachments").chmod(0o700)
    database.sqlite_file(settings.database_url).chmod(0o640)
    said, is_fault = await told(host_checks.file_modes, settings)
    assert (is_fault, said.startswith("4 files are open to others, like ")) == (True, True), said
    assert await told(host_checks.file_modes, settings, repair=True) == (
        "4 files were open to others and are private now.",
        False,
    )
    assert photo.stat().st_mode & 0o777 == 0o600
    assert not (await told(host_checks.file_modes, settings))[1]


async def test_the_doctor_finds_a_disk_that_has_no_room_for_a_backup(
    db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not (await told(host_checks.free_disk, settings))[1]
    monkeypatch.setattr(workspace, "free_bytes", lambda _folder: 1_000_000)
    said, is_fault = await told(host_checks.free_disk, settings)
    assert (is_fault, said.startswith("1.0 MB are free in ")) == (True, True)
    assert said.endswith("make room, or move DATA_DIR to a larger disk.")


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize(
    ("since", "last", "said", "is_fault"),
    [
        (-40, 0, "The clock has run without a jump since ", False),
        (-3, 0, "Nothing is deleted for good before ", False),
        (1, 400, "set the clock of this machine", True),
    ],
)
async def test_the_doctor_says_what_the_clock_guard_knows(
    settings: Settings, since: int, last: int, said: str, is_fault: bool
) -> None:
    settings.data_dir.mkdir()
    moments = {"since": clock.now() + timedelta(days=since), "last": clock.now() + timedelta(days=last)}
    readings = json.dumps({name: moment.isoformat() for name, moment in moments.items()})
    (settings.data_dir / "clock.json").write_text(readings)
    found = await told(host_checks.clock_readings, settings)
    assert (said in found[0], found[1]) == (True, is_fault)


@pytest.mark.engine("sqlite")
async def test_the_doctor_says_how_backups_stand(db: None, settings: Settings) -> None:
    chosen = replace(settings, backups=Schedule("daily", 14))
    source = Source(chosen.database_url, chosen.data_dir)
    assert "There is no backup yet" in (await told(backup_checks.backups, chosen))[0]
    made = await create(source, clock.now() - timedelta(hours=30))
    said, is_fault = await told(backup_checks.backups, chosen)
    assert (is_fault, said) == (False, f"The last backup was made 30 hours ago and verified: {made.file}.")
    catalog.fail(chosen.data_dir, NOW, "The disk is full; make room.")
    said, is_fault = await told(backup_checks.backups, chosen)
    assert is_fault
    assert said.endswith("Backups have failed since 2024-05-31T10:00Z: The disk is full; make room.")
    made.file.write_bytes(made.file.read_bytes()[:-1] + b"x")
    said, is_fault = await told(backup_checks.backups, chosen)
    assert (is_fault, "is damaged: its checksum does not fit" in said) == (True, True)


async def test_the_doctor_counts_rows_that_refer_to_nothing(app: Quart, ann: Person, engine: str) -> None:
    await ann.writes("A text.")
    off = "PRAGMA foreign_keys = OFF" if engine == "sqlite" else "SET session_replication_role = replica"
    on = "PRAGMA foreign_keys = ON" if engine == "sqlite" else "SET session_replication_role = origin"
    assert [finding.is_fault for finding in await database_checks.foreign_keys(False)] == [False]
    for sql in (off, "DELETE FROM entries", on):
        await database.connection().execute_query(sql)
    sentences = [finding.sentence for finding in await database_checks.foreign_keys(False)]
    assert any("rows of revisions refer to rows of entries that are not there" in told for told in sentences)
