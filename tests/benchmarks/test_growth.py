"""Databases and arithmetic of the growth benchmark, small; nothing here is timed."""

from pathlib import Path

import filled
import growing
import pytest
from growing import A_DAY, PAIR, RARE, RARE_TIMES, Size
from growth import ROWS, known, size_of, table, took

from journal import database
from journal.app import create_app
from journal.entries import day_counts, hour_counts
from journal.search import queries, search_index
from journal.search.query import parse
from journal.settings import Settings
from journal.tags import tag_index


def test_ratios_are_taken_within_a_round_and_what_misses_the_goal_is_bold() -> None:
    one, ten = Size(1), Size(10)
    samples = {("page", one): [1.0, 2.0, 4.0], ("page", ten): [1.0, 3.0, 8.0]}
    assert table(samples, [one, ten], ["page"]).splitlines()[-1] == "| page | 2.00 | 3.00 | **1.50** |"


def test_a_size_is_written_as_entries_and_accounts() -> None:
    assert [str(size_of(text)) for text in ("1000", "1000x20")] == ["1,000", "1,000 beside 19 others"]


async def test_a_filled_database_is_one_that_the_site_could_have_written(
    database_url: str, tmp_path: Path, settings: Settings
) -> None:
    await growing.fill(database_url, tmp_path, Size(200, 3))
    async with database.connected(database_url):
        assert await search_index.compare() == search_index.Comparison(entries=600)
        assert (await tag_index.check()).problems == []
        assert (await day_counts.wrong(), await hour_counts.wrong()) == ([], {})
        for typed, expected in ((RARE, RARE_TIMES), (f'"{PAIR}"', 20), ("on:2024-05-31", A_DAY)):
            assert (await queries.newest(2, parse(typed), None, 500)).count == expected, typed


@pytest.mark.engine("sqlite")
async def test_every_row_is_a_page_that_the_site_has(
    database_url: str, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await growing.fill(database_url, tmp_path, Size(200))

    monkeypatch.setattr(filled, "KEY", "k" * 40)
    app = create_app(settings)
    async with app.test_app():
        told = await known()
        for path in ROWS.values():
            assert await took(app, path, told) > 0
