"""The index follows entries in the transaction that changes them, and finds the same on both databases."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from journal import database
from journal.accounts import users
from journal.accounts.models import User
from journal.database import TooSlow, committed, connection, rows
from journal.entries import saving
from journal.entries.bin import moving
from journal.entries.models import Entry
from journal.entries.values import EntryFields, SaveRequest
from journal.search import fts5, gin, queries, search_index
from journal.search.query import parse
from journal.text import tokenizer
from journal.text.analysis import Source, analyse
from tests.search.pairs import PAIRS

NOW = datetime(2024, 5, 31, 10, tzinfo=UTC)


@pytest.fixture
async def ann(db: None) -> User:
    return await users.create("Ann", None, "correct horse battery", "UTC", NOW)


@pytest.fixture
async def bob(ann: User) -> User:
    return await users.create("Bob", None, "correct horse battery", "UTC", NOW)


async def write(person: User, body: str, day: str = "2024-05-31", **words: Any) -> UUID:
    uid = uuid4()
    given = EntryFields(body=body, day=date.fromisoformat(day), **words)
    await saving.save(person.id, uid, SaveRequest(given, 0, uuid4()), NOW)
    return uid


async def edit(person: User, uid: UUID, version: int, **words: Any) -> None:
    outcome = await saving.save(person.id, uid, SaveRequest(EntryFields(**words), version, uuid4()), NOW)
    assert outcome.answer == "saved"


async def found(person: User, typed: str, best: bool = False) -> list[str]:
    """Uids in the order in which they are shown, page after page."""
    uids: list[str] = []
    after = None
    while True:
        page = await (queries.best if best else queries.newest)(person.id, parse(typed), after, 3)
        shown = {entry.id: entry for entry in await Entry.filter(id__in=page.ids)}
        uids += [str(shown[id].uid) for id in page.ids]
        if not page.has_more:
            return uids
        after = (shown[page.ids[-1]].day, shown[page.ids[-1]].uid)


async def all_indexed() -> list[str]:
    return [row["words"] for row in await rows("SELECT words FROM search_texts ORDER BY id")]


async def is_sound() -> bool:
    return (await search_index.check()).problems == []


# Following


async def test_what_is_saved_is_found_and_what_is_changed_is_found_by_its_new_words(ann: User) -> None:
    uid = await write(ann, "A red door.", title="Houses", tags=["My street"], mood="good")
    for typed in ("red", "door house", "street", 'tag:"my street"', "mood:good", "on:2024-05"):
        assert await found(ann, typed) == [str(uid)], typed
    await edit(ann, uid, 1, body="A blue gate.", tags=[], mood="", day=date(2020, 1, 1))
    for typed in ("red", "door", "street", "tag:street", "mood:good", "on:2024-05"):
        assert await found(ann, typed) == [], typed
    for typed in ("blue gate", "house", "on:2020-01-01", "before:2021"):
        assert await found(ann, typed) == [str(uid)], typed
    assert await is_sound()


async def test_the_bin_is_searched_alone_and_when_asked(ann: User) -> None:
    kept, binned = await write(ann, "A red door."), await write(ann, "A red gate.")
    await moving.delete(ann.id, binned, NOW)
    assert await found(ann, "red") == [str(kept)]
    assert await found(ann, "red in:bin") == [str(binned)]
    assert await found(ann, "in:bin") == [str(binned)]
    assert await found(ann, "-door") == []
    await moving.restore(ann.id, binned)
    assert await found(ann, "red") == [str(binned), str(kept)]
    assert await found(ann, "in:bin") == []
    assert await is_sound()


async def test_what_goes_for_good_leaves_no_word_behind(ann: User, bob: User) -> None:
    await write(bob, "Bob's words.")
    await moving.delete(ann.id, await write(ann, "A red door."), NOW)
    await moving.empty(ann.id)
    assert [words for words in await all_indexed() if "red" in words] == []
    await User.filter(id=bob.id).delete()
    assert await all_indexed() == []
    assert await is_sound()


async def test_a_change_that_is_undone_leaves_no_trace_in_the_index(
    ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = await write(ann, "A red door.")
    before = await all_indexed()
    put = search_index.put

    async def fail(db: Any, entries: Any) -> None:
        await put(db, entries)
        raise RuntimeError("in the middle")

    monkeypatch.setattr(search_index, "put", fail)
    with pytest.raises(RuntimeError, match="in the middle"):
        await write(ann, "A green door.")
    with pytest.raises(RuntimeError, match="in the middle"):
        await edit(ann, uid, 1, body="A blue gate.")
    with pytest.raises(RuntimeError, match="in the middle"):
        await moving.delete(ann.id, uid, NOW)
    monkeypatch.undo()
    assert await all_indexed() == before
    assert await found(ann, "red") == [str(uid)]
    assert await found(ann, "green") == await found(ann, "blue") == []
    assert await is_sound()


async def test_a_save_that_changes_nothing_to_find_writes_nothing(ann: User) -> None:
    await write(ann, "A red door.")
    entry = await Entry.get()
    entry.body = "A  RED, door!"
    assert await changed_rows(entry) == 0
    entry.body = "A blue door."
    assert await changed_rows(entry) == 1


async def changed_rows(entry: Entry) -> int:
    async def work(db: Any) -> list[str]:
        await search_index.put(db, [(entry, analyse(Source(entry.title, entry.body, entry.tags), None))])
        return []

    await rows("SELECT 1")
    column = "xmin::text" if database.is_postgres(connection()) else "words"
    before = (await rows(f"SELECT {column} AS mark FROM search_texts"))[0]["mark"]
    await committed(work)
    return int((await rows(f"SELECT {column} AS mark FROM search_texts"))[0]["mark"] != before)


async def test_a_megabyte_of_different_words_can_be_saved_and_is_found_by_its_beginning(ann: User) -> None:
    body = " ".join(f"{n:07}" for n in range(124_000))
    uid = await write(ann, body[:999_000])
    assert await found(ann, "0000017 ") == [str(uid)]
    assert await is_sound()


async def test_the_longest_word_is_found_by_its_whole_and_by_its_beginning(ann: User) -> None:
    uid = await write(ann, "x" * 500_000 + " end")
    assert (
        await found(ann, "x" * 1_000) == await found(ann, "x" * 64) == await found(ann, "xxxx") == [str(uid)]
    )


async def test_a_word_with_a_mark_before_it_is_a_tag(ann: User) -> None:
    uid = await write(ann, "A red door at #home, and `#nothing` else.")
    assert await found(ann, "tag:home") == await found(ann, "home") == [str(uid)]
    assert await found(ann, "tag:nothing") == await found(ann, "tag:door") == []
    assert await found(ann, "-tag:home") == []


# Finding


@pytest.mark.parametrize("best", [False, True])
async def test_pairs_meet_in_the_database_as_they_do_outside(ann: User, best: bool) -> None:
    texts = {text: str(await write(ann, text)) for text in dict.fromkeys(text for _, _, text, _ in PAIRS)}
    for language, typed, text, meets in PAIRS:
        page = await (queries.best if best else queries.newest)(ann.id, parse(typed), None, 200)
        uids = {str(entry.uid) for entry in await Entry.filter(id__in=page.ids)}
        assert (texts[text] in uids) is meets, (language, typed, text)


async def test_another_persons_words_are_never_found(ann: User, bob: User) -> None:
    mine, theirs = (
        await write(ann, "A red door."),
        await write(bob, "A red door.", tags=["door"], mood="good"),
    )
    binned = await write(bob, "A red gate.")
    await moving.delete(bob.id, binned, NOW)
    for typed in (
        "red",
        "re",
        "redd",
        "-blue",
        '"red door"',
        "after:2000",
        f"_u{bob.id}",
        f"u{bob.id}",
        "in:bin",
    ):
        for best in (False, True):
            assert set(await found(ann, typed, best)) <= {str(mine)}, typed
    assert await found(ann, "tag:door") == await found(ann, "mood:good") == []
    assert await found(bob, "red") == [str(theirs)]


async def test_the_newest_day_comes_first_whenever_it_was_written(ann: User) -> None:
    days = ["2024-05-31", "1660-01-01", "2020-02-29", "9999-12-31", "0001-01-01", "2020-02-29"]
    uids = [(day, str(await write(ann, "A word.", day=day))) for day in days]
    expected = [uid for _, uid in sorted(uids, key=lambda pair: (pair[0], uids.index(pair)), reverse=True)]
    assert await found(ann, "word") == expected
    assert await found(ann, "word after:1660 before:2024-05-31") == [*expected[2:4], expected[4]]


async def test_pages_go_on_behind_an_entry_and_behind_one_that_has_gone(ann: User) -> None:
    uids = [await write(ann, f"A word {n}.", day="2024-05-31") for n in range(5)]
    after = (date(2024, 5, 31), uids[2])
    page = await queries.newest(ann.id, parse("word"), after, 20)
    assert len(page.ids) == 2
    assert page.count is None
    page = await queries.newest(ann.id, parse("word"), (date(2024, 5, 31), uuid4()), 20)
    assert len(page.ids) == 5  # some again, rather than none
    page = await queries.best(ann.id, parse("word"), (date(2024, 5, 31), uuid4()), 20)
    assert len(page.ids) == 5


@pytest.mark.parametrize("typed", ["red", "red -door", '"red door"', "door on:2021", "red before:2015", "r"])
async def test_stretch_by_stretch_the_same_is_found_in_the_same_order(
    ann: User, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    for n in range(60):
        await write(
            ann, "A red door." if n % 4 == 0 else "red " * (n % 3), day=f"{2024 - n // 3}-0{n % 9 + 1}-01"
        )
    await write(ann, "A red door in the future.", day="2030-12-31")
    await moving.delete(ann.id, await write(ann, "A red door in the bin."), NOW)
    whole, counted = await found(ann, typed), await queries.newest(ann.id, parse(typed), None, 3)
    monkeypatch.setattr(gin, "NEAR", 2)
    monkeypatch.setattr(gin, "FAR", 12)
    assert await found(ann, typed) == whole
    assert (await queries.newest(ann.id, parse(typed), None, 3)).count == counted.count == len(whole)


async def test_hits_are_counted_up_to_a_bound(ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(7):
        await write(ann, f"A word {n}.")
    assert (await queries.newest(ann.id, parse("word"), None, 3)).count == 7
    assert (await queries.newest(ann.id, parse("word"), None, 20)).count == 7
    assert (await queries.best(ann.id, parse("word"), None, 3)).count == 7
    monkeypatch.setattr(queries, "MANY", 5)
    monkeypatch.setattr(queries, "RANKED", 5)
    for find in (queries.newest, queries.best):
        page = await find(ann.id, parse("word"), None, 3)
        assert (page.count, page.has_more) == (None, True)
    assert (await queries.newest(ann.id, parse("word"), None, 3)).more_than == 5
    monkeypatch.setattr(queries, "FEW", 4)
    assert (await queries.newest(ann.id, parse('"a word"'), None, 3)).more_than == 4


async def test_the_best_come_first(ann: User) -> None:
    once = await write(ann, "A garden. " + "Nothing more of it. " * 50, day="2024-05-03")
    often = await write(
        ann, "The garden, a garden in the garden. " + "Nothing more of it. " * 50, day="2024-05-02"
    )
    titled = await write(ann, "Short.", title="Garden", day="2024-05-01")
    assert await found(ann, "garden", best=True) == [str(titled), str(often), str(once)]
    assert await found(ann, "garden") == [str(once), str(often), str(titled)]


async def test_a_beginning_with_more_words_than_are_taken_apart_finds_them_all(
    ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid = await write(ann, " ".join(f"begin{n}" for n in range(20)))
    other = await write(ann, "begin99 at the beginning")
    for most in (1, 5, 200):
        monkeypatch.setattr(fts5, "_most", lambda most=most: most)
        assert await found(ann, "begi") == [str(other), str(uid)]
        assert await found(ann, "the beginn") == [str(other)]
        assert await found(ann, "begi*  begin7 ") == [str(uid)]


def test_one_more_word_of_somebody_else_hardly_changes_how_a_beginning_is_looked_for() -> None:
    """With a fixed border, the time of one search told whether there is one."""
    drawn = [fts5._most() for _ in range(50_000)]
    for words in range(1, 500):
        more = sum(most == words for most in drawn) / len(drawn)
        assert more < 0.5 / fts5.SPREAD + 0.01, words
    assert abs(sum(drawn) / len(drawn) - fts5.BEGINNINGS) < 10


ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS n FROM n"


async def test_what_takes_too_long_is_given_up_and_the_database_is_as_before(ann: User) -> None:
    await write(ann, "A red door.")
    with pytest.raises(TooSlow):
        await database.slow_rows(ann.id, 0.2, ENDLESS)
    assert len(await found(ann, "red")) == 1
    waiting = asyncio.create_task(database.slow_rows(ann.id, 60, ENDLESS))
    await asyncio.sleep(0.05)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert len(await found(ann, "red")) == 1


async def test_what_one_person_asks_at_once_keeps_nobody_elses_waiting(ann: User, bob: User) -> None:
    await write(bob, "A red door.")
    many = [asyncio.create_task(database.slow_rows(ann.id, 120, ENDLESS)) for _ in range(12)]
    await asyncio.sleep(0.1)
    async with asyncio.timeout(30):
        assert len(await found(bob, "red")) == 1
    # Not even an asker of all this waits for longer than was said.
    async with asyncio.timeout(30):
        with pytest.raises(TooSlow):
            await database.slow_rows(ann.id, 0.2, "SELECT 1")
    assert not any(task.done() for task in many)
    for task in many:
        task.cancel()
    await asyncio.gather(*many, return_exceptions=True)
    assert len(await found(ann, "red")) == 0


WORDS = ["red", "door", "redder", "doors", "école", "地图", "地", "ガ"]
TEXTS = st.lists(st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join), min_size=1, max_size=5)
ASKED = st.lists(
    st.sampled_from(
        [*WORDS, '"red door"', "-red", '-"door red"', "re", "do*", "tag:x", "-tag:x", "mood:good"]
    ),
    min_size=1,
    max_size=4,
).map(" ".join)


@given(TEXTS, st.lists(ASKED, min_size=1, max_size=8))
@bounded(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
async def test_any_search_finds_what_a_plain_scan_finds(
    ann: User, texts: list[str], asked: list[str]
) -> None:
    await User.filter(id=ann.id).update(is_active=True)
    await Entry.all().delete()
    uids = {}
    for n, text in enumerate(texts):
        uids[str(await write(ann, text, tags=["x"] if n % 2 else [], mood="good" if n % 3 else ""))] = n
    for typed in asked:
        expected = {uid for uid, n in uids.items() if scanned(typed, texts[n], n)}
        assert set(await found(ann, typed)) == expected, typed
        assert set(await found(ann, typed, best=True)) == expected, typed


def scanned(typed: str, text: str, n: int) -> bool:
    query = parse(typed)
    held = f" {' '.join(tokenizer.words(text))} "
    wanted = [f" {' '.join(t.phrase)}{'' if t.is_prefix else ' '}" in held for t in query.wanted]
    unwanted = [f" {' '.join(t.phrase)}{'' if t.is_prefix else ' '}" in held for t in query.unwanted]
    facets = {"_tx": n % 2 == 1, "_mgood": n % 3 > 0}
    return (
        all(wanted)
        and not any(unwanted)
        and all(facets[f] for f in query.facets)
        and not any(facets[f] for f in query.unwanted_facets)
    )
