"""Calendar and On this day, compared with a plain scan of a real diary of ten years."""

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from quart import Quart

from journal.accounts import users
from journal.database import committed
from journal.days import anniversary, queries
from journal.entries import day_counts, importing
from journal.entries.imported import ImportedEntry
from journal.entries.values import EntryFields
from journal.text.plain import count_words
from tests.conftest import SHARED
from tests.visiting import Browser, registered

pytestmark = pytest.mark.slow

NOW = datetime(2023, 5, 31, 12, tzinfo=UTC)
SAMPLE = Path(__file__).resolve().parent.parent / "samples" / "diary.jsonl"
WHOLE = SHARED / "diary" / "pepys.jsonl"
MOODS = ["", "good", "", "bad", "great"]


@dataclass
class Diary:
    reader: Browser
    user_id: int
    entries: list[dict[str, Any]]

    def of(self, start: str) -> list[dict[str, Any]]:
        """Returns the entries whose day begins with `start`, by a plain scan."""
        return [entry for entry in self.entries if f"{entry['day']}".startswith(start)]


@pytest.fixture
async def diary(app: Quart) -> Diary:
    return await imported(app, SAMPLE)


async def imported(app: Quart, file: Path) -> Diary:
    reader = await registered(app, "Samuel", zone="Europe/London")
    found = await users.find("Samuel")
    assert found
    entries = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines()):
        told = json.loads(line)
        entry = {"day": date.fromisoformat(told["date"]), "body": told["text"], "mood": MOODS[number % 5]}
        entries.append(entry | {"words": count_words(entry["body"])})
    # Imports the last entry first, so no page is right only because the days came in order.
    arrivals = [
        ImportedEntry(
            EntryFields("", e["body"], e["day"], "Europe/London", [], e["mood"]), NOW, NOW, "diary", str(n)
        )
        for n, e in reversed(list(enumerate(entries)))
    ]
    for start in range(0, len(arrivals), 500):
        batch = [importing.prepared(found.id, arrival) for arrival in arrivals[start : start + 500]]
        await committed(lambda db, batch=batch: importing.add(db, found.id, batch, NOW))  # type: ignore[misc]
    return Diary(reader, int(found.id), entries)


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


async def test_every_page_of_every_year_shows_what_a_plain_scan_finds(diary: Diary) -> None:
    assert await day_counts.wrong() == []
    for year in sorted({entry["day"].year for entry in diary.entries}):
        page = (await diary.reader.get(f"/calendar/{year}")).text
        of_year = diary.of(f"{year}")
        assert re.findall(r'class="written"[^>]*href="/days/([\d-]+)"', page) == sorted(
            {f"{entry['day']}" for entry in of_year}
        )
        assert f"{sum(entry['words'] for entry in of_year):,} words" in page
        for month in range(1, 13):
            await month_is_right(diary, f"{year}-{month:02}")


async def month_is_right(diary: Diary, month: str) -> None:
    page = (await diary.reader.get(f"/calendar/{month.replace('-', '/')}")).text
    by_day = defaultdict(list)
    for entry in diary.of(month):
        by_day[f"{entry['day']}"].append(entry)
    cells = re.findall(r'class="written" href="/days/([\d-]+)"[^>]*>(.*?)</a>', page, re.DOTALL)
    assert [day for day, _ in cells] == sorted(by_day)
    for day, cell in cells:
        words = sum(entry["words"] for entry in by_day[day])
        assert f"{words:,} word" in cell
        opening = re.search(r'class="opening"[^>]*>(.*?)</span>', cell)
        assert opening
        first = " ".join(by_day[day][-1]["body"].split())  # as the last entry was imported first
        shown = unescape(opening[1]).removesuffix("…")
        assert len(shown) > 8
        assert similar(first).startswith(similar(shown))


def similar(words: str) -> str:
    """Keeps letters only, as Markdown turns some characters into dashes and lists."""
    return re.sub(r"[\W_]", "", words)


async def test_every_day_shows_its_entries_whole(diary: Diary) -> None:
    for day in sorted({entry["day"] for entry in diary.entries})[:: max(1, len(diary.entries) // 100)]:
        page = similar(plain((await diary.reader.get(f"/days/{day}")).text))
        for entry in diary.of(f"{day}"):
            assert similar(entry["body"])[:3000] in page


async def test_ten_years_of_on_this_day_are_what_a_plain_scan_finds(diary: Diary) -> None:
    """Checks each date with the days around it, in a leap year and in another year."""
    scanned = defaultdict(list)
    for entry in diary.entries:
        scanned[f"{entry['day']:%m-%d}"].append(entry["day"])
    shown = anniversary.parse("01-01")
    for _ in range(366):
        for year in (2023, 2024):
            await date_is_right(diary, scanned, shown, year)
        shown = anniversary.beside(shown, 1)


@pytest.mark.shared
@pytest.mark.soak_on_postgres
@pytest.mark.skipif(not WHOLE.is_file(), reason="the whole diary is not beside this checkout")
async def test_all_of_this_holds_for_the_whole_diary(app: Quart) -> None:
    diary = await imported(app, WHOLE)
    await test_every_page_of_every_year_shows_what_a_plain_scan_finds(diary)
    await test_every_day_shows_its_entries_whole(diary)
    await test_ten_years_of_on_this_day_are_what_a_plain_scan_finds(diary)


async def date_is_right(diary: Diary, scanned: dict[str, list[date]], shown: date, year: int) -> None:
    dates = [f"{shown:%m-%d}"]
    dates += ["02-29"] if dates == ["02-28"] and year == 2023 else []
    wanted = sorted((day for one in dates for day in scanned[one]), reverse=True)
    years = await queries.on_this_day(diary.user_id, shown, year)
    assert [entry["day"] for _, entries in years.groups for entry in entries] == wanted
    assert [group for group, _ in years.groups] == sorted({day.year for day in wanted}, reverse=True)
    assert not years.cursor
    near = {f"{anniversary.beside(shown, step):%m-%d}" for step in range(-3, 4)} - {*dates}
    days = sorted({day for one in near for day in scanned[one]}, reverse=True)
    around = await queries.around(diary.user_id, shown, date(year, 1, 1))
    assert [found.day for found in around] == days[: queries.NEAR]
    if dates != ["02-29"] or year == 2024:
        reminded = await queries.earlier(diary.user_id, shown.replace(year=year))
        assert [found.day for found in reminded] == sorted({*wanted}, reverse=True)[:4]
