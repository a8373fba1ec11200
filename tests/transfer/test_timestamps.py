"""Timestamps, ids and texts of source databases are read in every form."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from journal.transfer.legacy import timestamps, values

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
