"""Heatmap and charts: a year as dots, months as a line, hours as bars."""

import re
from datetime import date

import pytest

from journal.statistics import heatmap, svg


@pytest.mark.parametrize(
    ("words", "step"),
    [(0, 0), (1, 1), (99, 1), (100, 2), (249, 2), (250, 3), (500, 4), (999, 4), (1000, 5), (10**6, 5)],
)
def test_words_come_in_five_steps(words: int, step: int) -> None:
    assert heatmap.words_step(words) == step


@pytest.mark.parametrize(
    ("moods", "mood_sum", "step"), [(0, 0, 0), (1, 1, 1), (2, 3, 2), (2, 9, 5), (3, 9, 3), (1, 5, 5)]
)
def test_moods_come_in_five_steps_of_their_mean(moods: int, mood_sum: int, step: int) -> None:
    assert heatmap.mood_step(moods, mood_sum) == step


@pytest.mark.parametrize(("year", "days"), [(2023, 365), (2024, 366), (1900, 365), (1, 365), (9999, 365)])
def test_every_day_has_one_dot_and_each_step_a_path_of_its_own(year: int, days: int) -> None:
    steps = {date(year, 1, 1): 5, date(year, 2, 28): 1, date(year, 12, 31): 0}
    paths = heatmap.paths(year, steps)
    dots = {name: re.findall(r"M([\d.]+) ([\d.]+)h\d", path) for name, path in paths.items()}
    assert {name: len(found) for name, found in dots.items()} == {"5": 1, "1": 1, "0": 1, "none": days - 3}
    assert len({dot for found in dots.values() for dot in found}) == days
    assert all(
        0 < float(x) < heatmap.WIDTH and 0 < float(y) < heatmap.HEIGHT for f in dots.values() for x, y in f
    )


def test_the_table_says_the_same_as_the_dots() -> None:
    steps = {date(2023, 1, 31): 3, date(2023, 2, 28): 0}
    grid = heatmap.grid(2023, steps)
    assert len(grid) == 31
    assert grid[30][0] == 3
    assert grid[27][1] == 0
    assert grid[28][1] == -1  # there is no 29 February
    assert grid[0][0] is None
    assert sum(step == -1 for row in grid for step in row) == 12 * 31 - 365


def test_the_line_of_moods_has_gaps_where_a_month_has_none() -> None:
    path = svg.mood_line([1, 2, 0, 3, 0, 5, 5, 0, 0, 0, 0, 0])
    assert re.findall("[ML]", path) == ["M", "L", "M", "M", "L"]
    assert svg.mood_dots([0, 4, 0]).count("M") == 1
    assert svg.mood_line([0] * 12) == ""
    assert svg.mood_at(1, 5)[1] < svg.mood_at(1, 1)[1]


def test_bars_are_as_high_as_their_share_and_the_least_can_be_seen() -> None:
    heights = [float(height) for height in re.findall(r"v-([\d.]+)", svg.bars([0, 1, 50, 1000]))]
    assert heights == [1.5, 2.8, svg.TALL]
    assert svg.bars([0] * 24) == svg.bars([]) == ""
    assert svg.share(1, 4) == 25
    assert svg.share(0, 0) == 0
