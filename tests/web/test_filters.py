"""How templates say days, times and numbers, and in which letters a text is written."""

from datetime import UTC, date, datetime

import pytest

from journal.web import filters


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('<p dir="auto">朝早く起きて、鴨川沿いを歩いた。空気は冷たい。</p>', ' lang="ja"'),
        ("今天下雨，我们没有出门。", ' lang="zh"'),
        ("오늘은 비가 왔다.", ' lang="ko"'),
        ("京都", ' lang="zh"'),
        ("It rained, and I stayed in.", ""),
        ("Éléonore was here — twice.", ""),
        ("وصلتني اليوم رسالة من جدتي", ""),
        ("", ""),
    ],
)
def test_east_asian_text_is_marked_with_its_language_and_no_other(text: str, expected: str) -> None:
    assert filters.lang(text) == expected


def test_a_borrowed_word_does_not_change_the_language_of_a_text() -> None:
    assert filters.lang("We had お好み焼き for dinner, and it was the best any of us had ever had.") == ""


def test_days_are_said_in_full_in_every_century() -> None:
    assert filters.long_day(date(2016, 9, 2)) == "Friday, 2 September 2016"
    assert filters.long_day(date(870, 1, 31)) == "Friday, 31 January 870"


def test_times_are_those_of_the_clock_where_it_was_written() -> None:
    moment = datetime(2024, 7, 1, 22, 4, tzinfo=UTC)
    assert filters.local_time(moment, "Asia/Kolkata") == "03:34"
    assert filters.local_moment(moment, "Asia/Kolkata") == "2 July 2024, 03:34"


def test_numbers_agree_with_what_is_counted() -> None:
    assert [filters.counted(n, "word") for n in (0, 1, 2, 12345)] == [
        "0 words",
        "1 word",
        "2 words",
        "12,345 words",
    ]
