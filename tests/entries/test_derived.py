"""Whatever changes an entry passes through one place, which learns exactly what was and what is."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from journal.accounts import users
from journal.database import Connection, Unavailable, committed, rows
from journal.derived import contract
from journal.derived.change import Change
from journal.engines.query_counter import counted
from journal.entries import importing, saving, store
from journal.entries.bin import moving
from journal.entries.imported import ImportedEntry
from journal.entries.models import Entry
from journal.entries.values import EntryFields, SaveRequest
from journal.entries.versions import restore

NOW = datetime(2024, 5, 31, 12, tzinfo=UTC)
PACKAGE = Path(store.__file__).resolve().parent.parent


@pytest.fixture
async def ann(db: None) -> int:
    return int((await users.create("Ann", None, "correct horse battery", "UTC", NOW)).id)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Change]:
    """Every change that was followed."""
    changes: list[Change] = []

    apply = contract.apply

    async def follow(db: Connection, these: Sequence[Change]) -> None:
        changes.extend(these)
        await apply(db, these)

    monkeypatch.setattr(contract, "apply", follow)
    return changes


async def saved(user_id: int, uid: UUID, body: str, version: int = 0, **words: object) -> str:
    fields = EntryFields(title="", body=body, tags=[], **words)  # type: ignore[arg-type]
    attempt = SaveRequest(fields, version, uuid4(), today=date(2024, 5, 31))
    return (await saving.save(user_id, uid, attempt, NOW)).answer


def told(changes: list[Change]) -> list[tuple[str | None, str | None]]:
    """The texts before and after; those in the bin in brackets."""
    sides = [
        [side and (f"({side.body})" if side.is_binned else side.body) for side in pair[:2]]
        for pair in changes
    ]
    return [(before, after) for before, after in sides]


async def test_every_verb_that_changes_an_entry_is_followed_once(ann: int, seen: list[Change]) -> None:
    uid = uuid4()
    await saved(ann, uid, "one")
    await saved(ann, uid, "two", 1)
    await restore.put_back(ann, uid, 1, NOW)
    await moving.delete(ann, uid, NOW)
    await moving.restore(ann, uid)
    await moving.delete(ann, uid, NOW)
    await saved(ann, uid, "three", 3)
    await moving.delete(ann, uid, NOW)
    await moving.empty(ann)
    assert told(seen) == [
        (None, "one"),
        ("one", "two"),
        ("two", "one"),
        ("one", "(one)"),
        ("(one)", "one"),
        ("one", "(one)"),
        ("(one)", "three"),
        ("three", "(three)"),
        ("(three)", None),
    ]
    assert len({side.id for change in seen for side in change[:2] if side}) == 1


async def test_what_changes_nothing_is_not_followed(ann: int, seen: list[Change]) -> None:
    uid = uuid4()
    await saved(ann, uid, "one")
    attempt = SaveRequest(EntryFields(body="two"), 1, uuid4())
    await saving.save(ann, uid, attempt, NOW)
    seen.clear()
    await saving.save(ann, uid, attempt, NOW)
    assert await saved(ann, uid, "two", 2) == "unchanged"
    assert await saved(ann, uid, "late", 1) == "conflict"
    await moving.restore(ann, uid)
    assert seen == []


async def test_what_comes_from_elsewhere_is_followed_with_its_number(ann: int, seen: list[Change]) -> None:
    def arrival(number: int, body: str) -> ImportedEntry:
        return ImportedEntry(
            EntryFields(body=body, day=date(2020, 1, 1), tags=["a"]), NOW, NOW, "old", str(number)
        )

    arrivals = [
        importing.prepared(ann, arrival(1, "one")),
        importing.prepared(ann, arrival(2, "two")),
    ]
    await committed(lambda db: importing.add(db, ann, arrivals, NOW))
    first = await Entry.get(source_id="1")
    changed = importing.prepared(ann, arrival(1, "changed"), first.uid)
    await committed(lambda db: importing.change(db, first, changed, NOW))
    assert told(seen) == [(None, "one"), (None, "two"), ("one", "changed")]
    ids = {row["body"]: row["id"] for row in await rows("SELECT id, body FROM entries")}
    assert [change.after.id for change in seen if change.after][1:] == [ids["two"], ids["changed"]]


async def test_the_sweep_of_the_bin_is_followed_as_well(ann: int, seen: list[Change]) -> None:
    uid = uuid4()
    await saved(ann, uid, "one")
    await moving.delete(ann, uid, NOW)
    seen.clear()
    await moving.sweep(NOW + timedelta(days=31))
    assert told(seen) == [("(one)", None)]


async def test_a_change_that_can_not_be_followed_is_not_made(
    ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = uuid4()
    await saved(ann, uid, "one")

    async def follow(db: Connection, changes: Sequence[Change]) -> None:
        raise Unavailable

    monkeypatch.setattr(contract, "apply", follow)
    for change in (
        saved(ann, uid, "two", 1),
        moving.delete(ann, uid, NOW),
        restore.put_back(ann, uid, 1, NOW),
    ):
        with pytest.raises(Unavailable):
            await change
    entry = await Entry.get(uid=uid)
    assert (entry.body, entry.version, entry.deleted_at) == ("one", 1, None)
    assert len(await rows("SELECT 1 FROM revisions")) == 1


async def test_nothing_is_written_by_a_program_that_registers_no_derived_data(
    ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contract, "_registered", ())
    with pytest.raises(RuntimeError, match="composition"):
        await saved(ann, uuid4(), "one")
    assert await rows("SELECT 1 FROM entries") == []


async def test_what_everybody_does_at_once_adds_up(ann: int, seen: list[Change]) -> None:
    """Writers, deleters and restorers of one entry: each change begins where another one ended."""
    uid = uuid4()
    await saved(ann, uid, "0")

    async def writes(number: int) -> None:
        for step in range(5):
            entry = await Entry.get(uid=uid)
            await saved(ann, uid, f"{number}.{step}", entry.version)

    async def deletes() -> None:
        for _ in range(5):
            await moving.delete(ann, uid, NOW)
            await moving.restore(ann, uid)

    await asyncio.gather(*(writes(number) for number in range(4)), *(deletes() for _ in range(4)))
    present = await Entry.get(uid=uid)
    both = [(before, after) for before, after, _ in seen if before and after]
    assert 1 + sum(before.is_binned - after.is_binned for before, after in both) == (not present.deleted_at)
    raised = [after.version for before, after in both if after.version != before.version]
    assert sorted(raised) == list(range(2, present.version + 1))


# A save is short


async def test_a_save_takes_a_handful_of_statements_however_long_the_history(ann: int) -> None:
    async def statements(uid: UUID, body: str, version: int, kind: str) -> int:
        with counted() as queries:
            fields = EntryFields(title="", body=body, tags=[])  # an editor sends them all
            await saving.save(ann, uid, SaveRequest(fields, version, uuid4(), kind), NOW)
        return queries.count

    uid = uuid4()
    assert await statements(uid, "0", 0, "auto") == 6  # mark, look, entry, its day and hour, its text
    for number in range(1, 30):
        assert await statements(uid, f"{number}", number, "manual") <= 5
    # The mark, a look at the entry, the entry, its day, a look at the last text that was kept.
    assert await statements(uid, "29 words", 30, "auto") == 5
    # The mark, a look at the entry and at the last text that was kept, both texts, the answer.
    assert await statements(uid, "late", 3, "auto") == 6
    assert await statements(uid, "29 words", 31, "auto") == 3  # the mark, a look at the entry, the answer


async def test_the_first_statement_of_a_save_is_a_write(ann: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from journal.engines import asyncpg, sqlite

    said: list[str] = []

    def listening(asked: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def listen(self: object, query: str, values: object = None) -> Any:
            said.append(query)
            return await asked(self, query, values)

        return listen

    for engine in (asyncpg, sqlite):
        for name in ("execute_query", "execute_query_dict", "execute_insert"):
            monkeypatch.setattr(engine.Client, name, listening(getattr(engine.Client, name)))
    await saved(ann, uuid4(), "words")
    assert said[0].startswith("INSERT INTO saves")
    assert not [query for query in said if "FOR UPDATE" in query]


def test_rows_of_entries_are_written_in_one_module_only() -> None:
    writes = re.compile(
        r"\b(Entry\.(bulk_create|create|update_or_create|get_or_create)|entr\w+\.(save|delete)\()"
        r"|\bEntry\.(filter|all)\([^\n]*\)\.(update|delete)\("
        r"|(INSERT INTO|UPDATE|DELETE FROM) entries\b"
    )
    found = {
        file.name
        for file in PACKAGE.rglob("*.py")
        if "migrations" not in file.parts and writes.search(file.read_text(encoding="utf-8"))
    }
    assert found == {"store.py"}
