"""A text is analysed once, before its transaction: no function of journal/text runs until its COMMIT."""

import asyncio
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from threading import Event
from types import FrameType
from typing import Any
from uuid import UUID, uuid4

import pytest

from journal import database
from journal.accounts import users
from journal.database import committed, rows
from journal.engines.fair_queue import Priority, in_turn
from journal.entries import importing, saving, tag_renaming
from journal.entries.bin import moving
from journal.entries.imported import ImportedEntry
from journal.entries.models import Entry
from journal.entries.values import EntryFields, SaveRequest
from journal.entries.versions import restore
from journal.search import search_index
from journal.text import analysis, hashtags
from journal.text.analysis import Source

pytestmark = pytest.mark.slow

NOW = datetime(2024, 5, 31, 10, tzinfo=UTC)
LONG = "#old 地图 word " * 3_000
MEGABYTE = "#old and a `#word` of 地图. " * 32_000  # a megabyte in UTF-8


@pytest.fixture
async def ann(db: None) -> int:
    return int((await users.create("Ann", None, "correct horse battery", "UTC", NOW)).id)


Work = Callable[[Any], Awaitable[Any]]


@pytest.fixture
async def transactions(ann: int, monkeypatch: pytest.MonkeyPatch) -> list[Work]:
    """Transactions that were made. Within each, no thread for texts is free for the account."""
    made: list[Work] = []
    transaction = database._transaction

    async def without_threads(work: Work) -> Any:
        made.append(work)
        let_go = Event()
        busy = asyncio.create_task(in_turn(ann, Priority.SAVE, let_go.wait, 60))
        await asyncio.sleep(0)
        try:
            return await asyncio.wait_for(transaction(work), 20)
        finally:
            let_go.set()
            await busy

    monkeypatch.setattr(database, "_transaction", without_threads)
    return made


@pytest.fixture
def calls_within(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Functions of journal.text that are called between BEGIN and COMMIT."""
    calls: Counter[str] = Counter()
    once = database._once

    def note(frame: FrameType, event: str, _given: object) -> None:
        module = frame.f_globals.get("__name__", "")
        if event == "call" and module.startswith("journal.text"):
            calls[f"{module}.{frame.f_code.co_name}"] += 1

    async def profiled(work: Work) -> Any:
        calls["transactions"] += 1
        sys.setprofile(note)
        try:
            return await once(work)
        finally:
            sys.setprofile(None)

    monkeypatch.setattr(database, "_once", profiled)
    return calls


async def save(ann: int, uid: UUID, version: int, **fields: Any) -> None:
    outcome = await saving.save(ann, uid, SaveRequest(EntryFields(**fields), version, uuid4()), NOW)
    assert outcome.answer == "saved"


async def is_sound() -> bool:
    return (await search_index.check()).problems == []


async def test_no_text_is_looked_at_between_begin_and_commit(ann: int, calls_within: Counter[str]) -> None:
    uid = uuid4()
    await save(ann, uid, 0, title="A title", body=MEGABYTE, tags=["one"])
    await save(ann, uid, 1, title="A title", body=MEGABYTE + "more #new", tags=["one"])
    await save(ann, uid, 2, tags=["one", "two"])
    await moving.delete(ann, uid, NOW)
    await moving.restore(ann, uid)
    await save(ann, uid, 3, title="Another title")
    await save(ann, uid, 4, mood="good")
    await save(ann, uid, 5, day=date(2020, 1, 1))
    assert (await tag_renaming.rename(ann, "two", "three", "", NOW)).changed == 1
    await restore.put_back(ann, uid, 1, NOW)
    assert calls_within == {"transactions": calls_within["transactions"]}
    assert calls_within["transactions"] >= 10
    assert [row["key"] for row in await rows("SELECT key FROM entry_tags ORDER BY key")] == ["old", "one"]
    assert await is_sound()


async def test_an_import_looks_at_no_text_between_begin_and_commit(
    ann: int, calls_within: Counter[str]
) -> None:
    def imported(body: str) -> ImportedEntry:
        return ImportedEntry(EntryFields(title="t", body=body, tags=["a"]), NOW, NOW, "old", "1")

    new = [importing.prepared(ann, imported(LONG))]
    await committed(lambda db: importing.add(db, ann, new, NOW))
    entry = await Entry.get()
    changed = importing.prepared(ann, imported(LONG + "more"), entry.uid)
    assert await committed(lambda db: importing.change(db, entry, changed, NOW))
    assert calls_within == {"transactions": 2}
    assert await is_sound()


async def test_the_hashtags_of_a_text_are_scanned_once_a_save(
    ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    scanned: list[str] = []
    found = hashtags.found

    def counted(body: str) -> list[str]:
        scanned.append(body)
        return found(body)

    monkeypatch.setattr(hashtags, "found", counted)
    uid = uuid4()
    await save(ann, uid, 0, title="", body="#one", tags=[])
    await save(ann, uid, 1, title="", body="#one #two", tags=[])
    await save(ann, uid, 2, title="Another title")
    assert scanned == ["#one", "#one #two", "#one #two"]


async def test_a_body_that_stays_is_not_rendered_again(ann: int, monkeypatch: pytest.MonkeyPatch) -> None:
    uid = uuid4()
    await save(ann, uid, 0, title="", body="*words*", tags=[])
    rendered = (await Entry.get()).html
    monkeypatch.setattr(analysis.plain, "to_html", lambda body, prefix: pytest.fail("rendered again"))
    await save(ann, uid, 1, title="A title")
    await moving.delete(ann, uid, NOW)
    await moving.restore(ann, uid)
    assert (await Entry.get()).html == rendered


async def test_no_change_of_a_long_text_waits_for_a_thread_in_its_transaction(
    ann: int, transactions: list[Work]
) -> None:
    uid = uuid4()
    await save(ann, uid, 0, body=LONG, title="A title")
    await save(ann, uid, 1, body=LONG + "more", mood="good")
    await save(ann, uid, 2, title="Another title")
    await moving.delete(ann, uid, NOW)
    await moving.restore(ann, uid)
    await restore.put_back(ann, uid, 1, NOW)
    assert (await tag_renaming.rename(ann, "old", "new", "", NOW)).changed == 1
    assert (await tag_renaming.rename(ann, "new", "two words", "", NOW)).changed == 0
    assert len(transactions) >= 7
    assert (await Entry.get()).body == LONG.replace("#old", "#new")
    assert await is_sound()
    assert [row["key"] for row in await rows("SELECT key FROM entry_tags")] == ["new"]


async def test_a_text_that_changes_while_a_tag_is_renamed_is_looked_at_once_more(
    ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid, prepared = uuid4(), tag_renaming._prepared
    await save(ann, uid, 0, body="#old words")

    async def overtaken(*given: Any) -> Any:
        made = await prepared(*given)
        if (await Entry.get()).version == 1:
            await save(ann, uid, 1, body="#old words, and newer ones")
        return made

    monkeypatch.setattr(tag_renaming, "_prepared", overtaken)
    assert (await tag_renaming.rename(ann, "old", "new", "", NOW)).changed == 1
    entry = await Entry.get()
    assert entry.body == "#new words, and newer ones"
    assert "#new words, and newer ones" in entry.html
    assert await is_sound()


@pytest.mark.parametrize("change", ["title", "bin"])
async def test_a_text_that_changes_before_the_transaction_is_analysed_once_more(
    ann: int, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """The index would else hold the words of a text that is not there any more."""
    uid, transaction = uuid4(), database._transaction
    await save(ann, uid, 0, title="", body="red door", tags=[])

    async def overtaken(work: Work) -> Any:
        monkeypatch.setattr(database, "_transaction", transaction)
        entry = await Entry.get()
        await save(ann, uid, entry.version, title="", body="#blue gate", tags=[])
        return await transaction(work)

    monkeypatch.setattr(database, "_transaction", overtaken)
    if change == "bin":
        await moving.delete(ann, uid, NOW)
        await moving.restore(ann, uid)
    else:
        request = SaveRequest(EntryFields(mood="good"), 2, uuid4())
        assert (await saving.save(ann, uid, request, NOW)).answer == "saved"
    assert await is_sound()
    assert [row["key"] for row in await rows("SELECT key FROM entry_tags")] == ["blue"]


@pytest.mark.parametrize(
    "body",
    [LONG, "x" * 30_000, " " * 30_000, "ㅎㅏㄴ" * 10_000, "#a `#b` #c " * 3_000],
    ids=["two scripts", "one word", "no word", "Korean in parts", "hashtags"],
)
async def test_a_thread_makes_the_same_of_a_text_as_the_loop(ann: int, body: str) -> None:
    source = Source("Title", body, ["a", "b"])
    assert await analysis.analysed(ann, source, "prefix") == analysis.analyse(source, "prefix")
