"""Long texts are rendered and cut into words before a transaction: nobody waits for a thread within it."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import pytest

from journal import database
from journal.accounts import users
from journal.database import rows
from journal.engines.fair_queue import Priority, in_turn
from journal.entries import saving, tag_renaming
from journal.entries.bin import moving
from journal.entries.models import Entry
from journal.entries.values import EntryFields, SaveRequest
from journal.entries.versions import restore
from journal.search import index, rebuild
from journal.text import analysis, tokenizer

pytestmark = pytest.mark.slow

NOW = datetime(2024, 5, 31, 10, tzinfo=UTC)
LONG = "#old 地图 word " * 3_000


@pytest.fixture
async def ann(db: None) -> int:
    return int((await users.create("Ann", None, "correct horse battery", "UTC", NOW)).id)


Work = Callable[[Any], Awaitable[Any]]


@pytest.fixture
async def transactions(ann: int, monkeypatch: pytest.MonkeyPatch) -> list[Work]:
    """Transactions that were made; within each, the account's turn is taken and no long text tokenized."""
    made: list[Work] = []
    transaction, cut = database._transaction, tokenizer.words

    def cut_within(text: str) -> list[str]:
        assert len(text) <= analysis.LONG, "a long text is cut within a transaction"
        return cut(text)

    async def without_threads(work: Work) -> Any:
        made.append(work)
        let_go = Event()
        busy = asyncio.create_task(in_turn(ann, Priority.SAVE, let_go.wait, 60))
        await asyncio.sleep(0)
        with monkeypatch.context() as within:
            within.setattr(tokenizer, "words", cut_within)
            try:
                return await asyncio.wait_for(transaction(work), 20)
            finally:
                let_go.set()
                await busy

    monkeypatch.setattr(database, "_transaction", without_threads)
    return made


async def save(ann: int, uid: UUID, version: int, **words: Any) -> None:
    outcome = await saving.save(ann, uid, SaveRequest(EntryFields(**words), version, uuid4()), NOW)
    assert outcome.answer == "saved"


async def is_sound() -> bool:
    return (await rebuild.check(repair=False, progress=lambda done: None)).is_sound


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


async def test_a_long_text_that_keeps_its_hashtags_is_cut_ahead_as_well(
    ann: int, transactions: list[Work]
) -> None:
    await save(ann, uuid4(), 0, body="word " * 6_000, tags=["old"])
    assert (await tag_renaming.rename(ann, "old", "new", "", NOW)).changed == 1
    assert (await Entry.get()).tags == ["new"]


async def test_a_text_that_changes_while_a_tag_is_renamed_is_looked_at_once_more(
    ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid, looks = uuid4(), tag_renaming._looks
    await save(ann, uid, 0, body="#old words")

    async def overtaken(*given: Any) -> Any:
        seen = await looks(*given)
        if (await Entry.get()).version == 1:
            await save(ann, uid, 1, body="#old words, and newer ones")
        return seen

    monkeypatch.setattr(tag_renaming, "_looks", overtaken)
    assert (await tag_renaming.rename(ann, "old", "new", "", NOW)).changed == 1
    entry = await Entry.get()
    assert entry.body == "#new words, and newer ones"
    assert "#new words, and newer ones" in entry.html
    assert await is_sound()


@pytest.mark.parametrize(
    "body",
    [
        LONG,
        "x" * 30_000,
        " " * 30_000,
        "ㅎㅏㄴ" * 10_000,
        " ".join(f"{n}x{n:040}" for n in range(22_000)),
        "#a `#b` #c " * 3_000,
    ],
    ids=["two scripts", "one word", "no word", "Korean in parts", "too many words", "hashtags"],
)
async def test_what_is_cut_ahead_is_what_would_be_cut(body: str) -> None:
    entry = rebuild.Row(1, 1, NOW.date(), "Title", body, ["a", "b"], "good", None)
    plainly = index.text_of(entry)
    async with analysis.cut_ahead(1, body):
        assert index.text_of(entry) == plainly
        assert analysis.words("other words") == ["other", "words"]
