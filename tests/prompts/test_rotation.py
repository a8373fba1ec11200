"""Rotation of prompts: one prompt a day, never the same two days running, all before one repeats."""

from datetime import date, timedelta

import pytest

from journal.prompts import rotation
from journal.prompts.rotation import Anchor

KEYS = [f"key-{n}" for n in range(24)]
START = date(2024, 2, 20)


def days(count: int, start: date = START) -> list[date]:
    return [start + timedelta(days=n) for n in range(count)]


def course(user_id: int, keys: list[str], count: int, anchor: Anchor | None = None) -> list[str]:
    return [rotation.chosen(user_id, keys, day, anchor) for day in days(count)]


@pytest.mark.parametrize("anchor", [None, Anchor(date(2024, 1, 31), "key-7")])
@pytest.mark.parametrize("user_id", [1, 2, 987_654_321])
def test_all_have_had_their_turn_before_one_comes_again(user_id: int, anchor: Anchor | None) -> None:
    shown = course(user_id, KEYS, 3 * len(KEYS), anchor)
    for start in range(2 * len(KEYS)):
        assert sorted(shown[start : start + len(KEYS)]) == sorted(KEYS)


def test_a_day_has_the_same_one_however_the_list_is_ordered() -> None:
    assert course(7, KEYS, 50) == course(7, KEYS[::-1], 50)


def test_two_people_go_through_them_in_orders_of_their_own() -> None:
    assert course(1, KEYS, 24) != course(2, KEYS, 24)
    ones, others = course(1, KEYS, 48), course(2, KEYS, 24)
    assert all(ones[n : n + 24] != others for n in range(24))  # nor the same order from another start


def test_from_the_anchor_the_days_go_on_and_before_it_back() -> None:
    anchor = Anchor(START, "key-5")
    shown = course(3, KEYS, 24, anchor)
    assert shown[0] == "key-5"
    assert shown[1] == rotation.following(3, KEYS, "key-5")
    # A traveller to the west may have the same date twice.
    assert rotation.following(3, KEYS, rotation.chosen(3, KEYS, START - timedelta(days=1), anchor)) == "key-5"


def test_one_more_moves_none_of_the_others() -> None:
    anchor = Anchor(START, "key-5")
    before = course(3, KEYS, 24, anchor)
    after = course(3, [*KEYS, "own-1"], 25, anchor)
    assert after[0] == before[0]
    assert [key for key in after if key != "own-1"] == before


def test_where_the_anchor_is_gone_the_one_behind_it_stands_in() -> None:
    behind = rotation.following(3, KEYS, "key-5")
    left = [key for key in KEYS if key != "key-5"]
    assert course(3, left, 1, Anchor(START, "key-5")) == [behind]
    assert rotation.following(3, left, "key-5") == behind


def test_going_on_by_hand_visits_all_of_them_too() -> None:
    key, seen = "key-5", []
    for _ in KEYS:
        key = rotation.following(3, KEYS, key)
        seen.append(key)
    assert sorted(seen) == sorted(KEYS)


def test_the_only_one_comes_every_day() -> None:
    assert course(1, ["own-1"], 3) == ["own-1"] * 3
    assert rotation.following(1, ["own-1"], "own-1") == "own-1"
