"""Timestamps, ids and texts of source databases are read in every form."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from journal.transfer.legacy import timestamps, values
from journal.transfer.legacy.written_dates import DateRules

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "stored",
    [
        *("2016-09-02 21:00:00.000000", "2016-09-02 21:00:00", "2016-09-02 21:00", "2016/09/02 21:00:00"),
        *(
            "2016-09-02T21:00:00Z",
            "2016-09-02T23:00:00+02:00",
            "2016-09-02 21:00:00 +0000",
            "2016-09-02 21:00:00+00",
        ),
        *("2016-09-02 21:00:00 UTC", "Fri, 02 Sep 2016 21:00:00 GMT", " 1472850000 ", "1472850000.0"),
        *(1472850000, 1472850000.0, 1472850000000, 1472850000000000, 1472850000000000000, 2457634.375),
        *(datetime(2016, 9, 2, 21), datetime(2016, 9, 2, 21, tzinfo=UTC)),
    ],
)
def test_a_time_is_understood_however_it_is_stored(stored: Any) -> None:
    found = timestamps.read(stored, ZoneInfo("UTC"))
    assert found == timestamps.Moment(datetime(2016, 9, 2, 21, tzinfo=UTC), date(2016, 9, 2))


@pytest.mark.parametrize(
    "stored",
    [
        *("September 2, 2016 at 9:00 PM", "Fri, 2 Sept 2016 21:00", "2nd of September 2016, 9 p.m."),
        *("02.09.2016 21:00:00", "2.9.2016 21:00 Uhr", "21:00 02.09.16", "02-Sep-2016 (21:00)"),
        *("2016-9-2 9:00pm", "2016.09.02 21:00", "02/09/2016 09:00:00 PM", "Sep 2 2016 09:00PM GMT"),
        *("02/09/2016 23:00 +0200", "Friday 02 September 2016 09:00 PM"),
    ],
)
def test_a_time_that_was_written_for_people_is_understood(stored: str) -> None:
    found = timestamps.read(stored, ZoneInfo("UTC"), DateRules(day_first=True))
    assert found == timestamps.Moment(datetime(2016, 9, 2, 21, tzinfo=UTC), date(2016, 9, 2))


@pytest.mark.parametrize(
    ("clock", "hour"),
    [("21:00", 21), ("9 PM", 21), ("21:00:00", 21), (time(21), 21), (timedelta(hours=21), 21), ("late", 0)],
)
def test_a_clock_in_a_column_of_its_own_is_the_time_of_the_day(clock: Any, hour: int) -> None:
    found = timestamps.read("2016-09-02", ZoneInfo("UTC"), clock=clock)
    assert found == timestamps.Moment(datetime(2016, 9, 2, hour, tzinfo=UTC), date(2016, 9, 2))


@pytest.mark.parametrize("stored", ["2016-09-02", "20160902", 20160902, date(2016, 9, 2)])
@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/Sao_Paulo"])
def test_a_day_without_a_time_is_that_day_in_every_zone(stored: Any, zone: str) -> None:
    found = timestamps.read(stored, ZoneInfo(zone))
    assert found
    assert found.day == date(2016, 9, 2) == found.at.astimezone(ZoneInfo(zone)).date()


def test_a_time_without_a_zone_is_read_in_the_one_that_is_asked_for() -> None:
    berlin, kiritimati = ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Kiritimati")
    found = timestamps.read("2016-09-02 00:30:00", berlin)
    assert found == timestamps.Moment(datetime(2016, 9, 1, 22, 30, tzinfo=UTC), date(2016, 9, 2))
    # A time with a zone keeps its instant and gets the local day.
    found = timestamps.read("2016-09-02T21:00:00Z", kiritimati)
    assert found == timestamps.Moment(datetime(2016, 9, 2, 21, tzinfo=UTC), date(2016, 9, 3))


@pytest.mark.parametrize(
    "stored",
    [
        *(
            None,
            "",
            "  ",
            "yesterday",
            "03/04/2016",
            "May be 2 of 2016",
            "32.01.2016",
            24,
            "2016-13-45",
            "0000-00-00 00:00:00",
            "0001-01-01 00:00:00",
            0,
            True,
            b"x",
        ),
        *("0044-03-15 00:00:00 BC", "9999-12-31 23:59:59", float("nan"), float("inf"), 10**30, "1e400"),
    ],
)
def test_what_is_no_time_is_none(stored: Any) -> None:
    for zone in ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"):
        assert timestamps.read(stored, ZoneInfo(zone)) is None


def test_ids_and_references_are_equal_whatever_their_type() -> None:
    assert {values.identity(value) for value in (7, 7.0, "7", " 7 ")} == {"7"}
    assert values.identity(None) == values.identity("") == ""
    assert values.identity(b"\x01\xff") == "01ff"
    assert len(values.identity("x" * 1000)) == 64


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("naïve 今日".encode(), "naïve 今日"),
        ("“naïve”".encode("cp1252"), "“naïve”"),
        (b"\x81\xe9", "\x81é"),
        (b"a\xed\xa0\x80b\0c\r\nd", "a\ufffdb\ufffdc\nd"),
    ],
)
def test_text_of_any_encoding_is_read(raw: bytes, text: str) -> None:
    assert values.text(raw) == values.text(values.read_text(raw)) == text
