"""Which of one's own tags are offered while one is typed."""

import pytest

from journal.tags.queries import OFFERED, offered, split_typed
from journal.text.tag_names import index_key


def rows(*names: str) -> list[dict[str, str]]:
    """As the database gives them, the most used first."""
    return [{"name": name, "key": index_key(name)} for name in names]


@pytest.mark.parametrize(
    ("typed", "taken", "begun"),
    [
        ("", set(), ""),
        ("Wo", set(), "wo"),
        ("Home, WO", {"home"}, "wo"),
        ("home, work, ", {"home", "work"}, ""),
        ("仕事、日", {"仕事"}, "日"),
        ("#home،  ", {"home"}, ""),
    ],
)
def test_the_last_part_of_the_field_is_being_typed(typed: str, taken: set[str], begun: str) -> None:
    assert split_typed(typed) == (taken, begun)


def test_what_begins_so_comes_first_and_what_is_there_is_not_offered() -> None:
    found = rows("framework", "Work", "walks", "home")
    assert offered(found, set(), "") == ["framework", "Work", "walks", "home"]
    assert offered(found, set(), "w") == ["Work", "walks", "framework", "home"]
    assert offered(found, {"work", "home"}, "") == ["framework", "walks"]
    assert offered(found, set(), "walks") == ["framework", "Work", "home"]


def test_no_more_are_offered_than_can_be_taken_in() -> None:
    assert len(offered(rows(*(f"tag {n}" for n in range(50))), set(), "tag")) == OFFERED
    assert split_typed("," * 1_000_000)[1] == ""
