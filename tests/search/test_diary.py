"""Searches through a real diary, their hits counted beforehand by reading all of it."""

import json
import re
import unicodedata
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from journal import database
from journal.accounts import users
from journal.database import committed
from journal.entries import store
from journal.entries.models import Entry
from journal.entries.values import EntryFields
from journal.search import queries, search_index
from journal.search.query import parse
from journal.search.search_request import SearchRequest
from journal.settings import Settings
from journal.text.analysis import Analysis, Source, analyse
from tests.conftest import SHARED

pytestmark = pytest.mark.slow

NOW = datetime(2024, 5, 31, 10, tzinfo=UTC)
SAMPLE = Path(__file__).resolve().parent.parent / "samples" / "diary.jsonl"
WHOLE = SHARED / "diary" / "pepys.jsonl"
MOODS = ["", "good", "bad"]

Day = dict[str, Any]


def plain(text: str) -> str:
    """The text as somebody would read it who knows nothing of how searching works."""
    letters = unicodedata.normalize("NFKD", text.replace("æ", "ae").replace("œ", "oe").casefold())
    return f" {' '.join(re.findall('[a-z0-9]+', re.sub('[̀-ͯ]', '', letters)))} "


def says(*words: str) -> Callable[[Day], bool]:
    """A word with a space at its end has to end there."""
    return lambda day: all(f" {word}" in day["plain"] for word in words)


def both(*conditions: Callable[[Day], bool]) -> Callable[[Day], bool]:
    return lambda day: all(condition(day) for condition in conditions)


def lacks(*words: str) -> Callable[[Day], bool]:
    return lambda day: not any(f" {word}" in day["plain"] for word in words)


def within(start: str, end: str) -> Callable[[Day], bool]:
    return lambda day: start <= day["date"] < end


SEARCHES: dict[str, Callable[[Day], bool]] = {
    "lord": says("lord"),
    "lord ": says("lord "),
    "LORD": says("lord"),
    "fire": says("fire"),
    '"great fire"': says("great fire "),
    '"a great fire"': says("a great fire "),
    "great fire ": says("great ", "fire "),
    "fire -great": both(says("fire "), lacks("great ")),
    '"my wife" "my lord" ': says("my wife ", "my lord "),
    '"my lord" -wife': both(says("my lord "), lacks("wife ")),
    '-"my wife"': lacks("my wife "),
    "-the -and -to": lacks("the ", "and ", "to "),
    "wif": says("wif"),
    "th": says("th"),
    "theatr": says("theatr"),
    "plague* sick*": says("plague", "sick"),
    "lord's": says("lord s "),
    "my lord’s ": says("my ", "lord s "),
    "fleet-street": says("fleet street"),
    '"and so to bed"': says("and so to bed "),
    "so to bed ": says("so ", "to ", "bed "),
    "after:1665 before:1666": within("1665-01-01", "1666-01-01"),
    "on:1660": within("1660-01-01", "1661-01-01"),
    "on:1665-09": within("1665-09-01", "1665-10-01"),
    "on:1666-09-02": within("1666-09-02", "1666-09-03"),
    "fire after:1666-09-02 before:1666-10": both(says("fire"), within("1666-09-02", "1666-10-01")),
    "tag:merry": lambda day: "Merry" in day["tags"],
    "tag:merry -merry": lambda day: False,
    "mood:good lord": both(says("lord"), lambda day: day["mood"] == "good"),
    "-mood:good -mood:bad": lambda day: day["mood"] == "",
    "mons ": says("mons "),
    "1st": says("1st"),
    "zzz": says("zzz"),
    "in:bin": lambda day: False,
}


def days(path: Path) -> list[Day]:
    """Each with a tag or without, and a mood."""
    read = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for n, day in enumerate(read):
        day["tags"] = ["Merry"] if "merry" in day["text"] else []
        day["mood"] = MOODS[n % 3]
        day["plain"] = plain(" ".join([day["text"], *day["tags"]]))
    return read


# The same over all the searches: they only read.
@pytest.fixture(
    params=[
        SAMPLE,
        pytest.param(
            WHOLE,
            marks=[
                pytest.mark.shared,
                pytest.mark.soak_on_postgres,
                pytest.mark.skipif(not WHOLE.exists(), reason="the whole diary is not beside this checkout"),
            ],
        ),
    ],
    ids=["sample", "whole"],
)
async def diary(request: Any, settings: Settings) -> AsyncIterator[tuple[int, list[Day]]]:
    read = days(request.param)
    async with database.connected(settings.database_url):
        samuel = await users.create("Samuel", None, "correct horse battery", "UTC", NOW)
        for start in range(0, len(read), 500):
            entries = [entry(samuel.id, day) for day in read[start : start + 500]]
            await committed(lambda db, entries=entries: store.add(db, entries))  # type: ignore[misc]
        yield samuel.id, read


def entry(user_id: int, day: Day) -> tuple[Entry, Analysis]:
    words = EntryFields(
        body=day["text"], day=date.fromisoformat(day["date"]), tags=day["tags"], mood=day["mood"]
    )
    analysis = analyse(Source("", day["text"], day["tags"]), "")
    return store.new(user_id, uuid4(), words, analysis, NOW), analysis


async def test_each_search_finds_exactly_the_days_that_a_plain_reading_finds(
    diary: tuple[int, list[Day]],
) -> None:
    user_id, read = diary
    assert len(SEARCHES) >= 30
    assert sum(any(map(holds, read)) for holds in SEARCHES.values()) >= 20
    for typed, holds in SEARCHES.items():
        expected = sorted((day["date"] for day in read if holds(day)), reverse=True)
        page = await queries.newest(user_id, parse(typed), None, 5_000)
        assert [day.isoformat() for day in await dates(page.ids)] == expected, typed
        counted = (page.count, page.more_than)
        assert counted in [(len(expected), None), (None, queries.MANY), (None, queries.FEW)], typed
        assert (page.more_than or 0) < max(len(expected), 1), typed
        best = await queries.best(user_id, parse(typed), None, queries.RANKED)
        has_rows = any(SearchRequest(user_id, parse(typed)).phrases())
        newest_hits = expected[: queries.FEW if has_rows else queries.RANKED]
        assert sorted((day.isoformat() for day in await dates(best.ids)), reverse=True) == newest_hits, typed
    assert (await search_index.check()).problems == []


async def dates(ids: list[int]) -> list[date]:
    found = dict(await Entry.filter(id__in=ids).values_list("id", "day"))
    return [found[id] for id in ids]
