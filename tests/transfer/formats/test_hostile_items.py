"""Hostile siblings of exports: a field of the wrong type, or anything at all, costs at most its own entry."""

import base64
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journal.entries.imported import ImportedEntry
from journal.transfer.archive import Archive
from journal.transfer.formats import (
    apple_journal,
    day_one,
    daylio,
    diarium,
    journey,
    reader,
    readers,
    source_values,
)
from journal.transfer.formats.reader import Reader
from journal.transfer.formats.source_values import Item
from journal.transfer.report import Report
from tests.transfer.formats import test_apple_journal, test_day_one, test_daylio, test_diarium, test_journey
from tests.transfer.formats.exported import OPTIONS, read
from tests.transfer.formats.packed import JPEG, Members, packed

WRONG = [
    None,
    True,
    0,
    -1,
    10**400,
    1.5e308,
    "",
    "(null)",
    "\0\ud800",
    "x" * 5_000,
    [],
    [None],
    [[1]],
    {},
    {"a": [1]},
]

DAY_ONE = {
    **test_day_one.written(text="![](dayone-moment://AAA)", richText="{}", modifiedDate="", timeZone="UTC"),
    "location": {"latitude": 1, "longitude": 2, "placeName": "a", "timeZoneName": "UTC"},
    "weather": {"temperatureCelsius": 1, "conditionsDescription": "b"},
    "tags": ["c"],
    "starred": True,
    "photos": [{"identifier": "AAA", "md5": "abc", "type": "jpeg", "orderInEntry": 0, "filename": "d.jpg"}],
}
JOURNEY = test_journey.written(
    timezone="UTC",
    date_modified=0,
    lat=1,
    lon=2,
    address="a",
    weather={"degree_c": 1, "description": "b"},
    tags=["c"],
    photos=["abc.jpeg"],
    favourite=True,
)
DAYLIO = test_daylio.written(note_title="a", tags=[3], assets=[5])
DIARIUM = test_diarium.written(
    tags=["a"], people=["b"], rating=1, location="1, 2", weather="c", sun="d", lunar="e", tracker=["f"]
)


def as_day_one(items: list[Any]) -> Members:
    return {"Journal.json": json.dumps(test_day_one.export(*items)), "photos/abc.jpeg": JPEG}


def as_journey(items: list[Any]) -> Members:
    files: Members = {f"{number}.json": json.dumps(item) for number, item in enumerate(items)}
    return files | {"abc.jpeg": JPEG}


def as_daylio(items: list[Any]) -> Members:
    backup = test_daylio.backup(*items, assets=[{"id": 5, "checksum": "abc"}])
    return {"backup.daylio": base64.b64encode(json.dumps(backup).encode()), "assets/photos/2024/6/abc": JPEG}


def as_diarium(items: list[Any]) -> Members:
    return {"Diarium.json": json.dumps(items), "media/2010-10-26_154753488/abc.jpeg": JPEG}


EXPORTS: dict[str, tuple[Reader, dict[str, Any], Any]] = {
    "dayone": (day_one, DAY_ONE, as_day_one),
    "journey": (journey, JOURNEY, as_journey),
    "daylio": (daylio, DAYLIO, as_daylio),
    "diarium": (diarium, DIARIUM, as_diarium),
}


def spoilt(item: dict[str, Any]) -> list[dict[str, Any]]:
    """The item with each field of it, and of the objects in it, once left out and once of each wrong type."""
    found = []
    for name, value in item.items():
        found.append({key: other for key, other in item.items() if key != name})
        found += [item | {name: wrong} for wrong in WRONG]
        if isinstance(value, dict):
            found += [item | {name: inner} for inner in spoilt(value)]
        if isinstance(value, list) and value and isinstance(value[0], dict):
            found += [item | {name: [inner, *value]} for inner in spoilt(value[0])]
    return found


@pytest.mark.parametrize("name", EXPORTS)
def test_a_wrong_type_in_any_field_costs_at_most_that_entry(name: str, tmp_path: Path) -> None:
    module, item, members = EXPORTS[name]
    items = spoilt(item)
    entries, report = read(module, packed(tmp_path, members([item, *items, item])))
    left_out = sum(len(names) for names in report.missing.values())
    assert len(entries) + left_out == len(items) + 2
    assert left_out < len(items) / 2
    for entry in entries:
        check(entry)
    json.dumps([report.missing, report.notes], ensure_ascii=False).encode()


def check(entry: ImportedEntry) -> None:
    """An entry that can be stored."""
    fields = entry.fields
    assert isinstance(fields.day, date)
    assert 0 < len(entry.source_id) <= 200
    assert len(entry.source) <= 64
    assert entry.written_at.utcoffset() is not None
    assert entry.updated_at.utcoffset() is not None
    assert len(fields.title or "") <= 300
    assert all(isinstance(tag, str) and tag for tag in fields.tags or [])
    for text in (fields.title, fields.body, entry.record, entry.place.name, entry.weather, entry.source_id):
        assert text is not None
        assert "\0" not in text
        text.encode()
    assert entry.digest


def test_an_entry_in_which_anything_breaks_is_told_and_the_next_one_comes() -> None:
    def convert(item: Item) -> str:
        raise ZeroDivisionError(item)

    report = Report()
    assert not list(source_values.each(iter([{}, {}]), "a.json", report, convert))
    assert report.missing == {reader.UNREADABLE: ["a.json, entry 1", "a.json, entry 2"]}


def test_a_record_that_is_nested_too_deep_is_left_out_but_its_entry_comes(tmp_path: Path) -> None:
    deep = json.dumps(test_day_one.export(DAY_ONE | {"userActivity": "HERE"})).replace(
        '"HERE"', "[" * 5_000 + "]" * 5_000
    )
    entries, report = read(day_one, packed(tmp_path, {"Journal.json": deep, "photos/abc.jpeg": JPEG}))
    assert [entry.record for entry in entries] == [""]
    assert not report.missing


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("name", EXPORTS)
def test_an_entry_of_anything_at_all_leaves_the_others_alone(
    name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    module, item, members = EXPORTS[name]
    path = tmp_path_factory.mktemp(name)
    fields = st.fixed_dictionaries(
        {}, optional={key: ANYTHING | st.just(value) for key, value in item.items()}
    )

    @settings(max_examples=10, derandomize=True, database=None, deadline=None)
    @given(st.lists(fields | ANYTHING, max_size=5))
    def holds(items: list[Any]) -> None:
        entries, _ = read(module, packed(path, members([item, *items, item])))
        assert len(entries) >= 2
        for entry in entries:
            check(entry)

    holds()


PIECES = [
    "<div",
    "</div>",
    "<p>",
    "</p>",
    "class=",
    '"gridItem assetType_photo"',
    "'bodyText'",
    '"pageHeader"',
    ">",
]
PIECES += [
    '"title"',
    "id=x",
    "<img src=",
    "17 December 2023",
    "a",
    "&",
    "<",
    "\0",
    "\ud800",
    "<!--",
    "<table>",
]


@settings(max_examples=20, derandomize=True, database=None, deadline=None)
@given(html=st.lists(st.sampled_from(PIECES), max_size=30).map(" ".join))
def test_an_apple_entry_of_any_html_leaves_the_others_alone(
    html: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    name = "AppleJournalEntries/Entries/2023-12-1{}.html"
    members: Members = {
        name.format(6): test_apple_journal.page(),
        name.format(7): html.encode("utf-8", "surrogatepass"),
    }
    entries, report = read(apple_journal, packed(tmp_path_factory.mktemp("apple"), members))
    assert len(entries) == 2
    assert not report.missing
    for entry in entries:
        check(entry)


def apple() -> Members:
    return {"AppleJournalEntries/Entries/2023-12-17.html": test_apple_journal.page()}


RECOGNISED: dict[str, Members] = {name: made([item]) for name, (_, item, made) in EXPORTS.items()}
RECOGNISED |= {"apple-journal": apple()}
UNKNOWN: list[Members] = [
    {"a.json": {"entries": [], "tags": {}}},
    {"a.json": [{"date": "2024-01-01", "body": "x"}]},
    {"data.json": {"export_version": "1.0", "journals": []}},
    {"a.md": "# a", "index.html": "<div class='title'>a</div>"},
    {"a.csv": "date,mood\n"},
    {"a.json": b"\xff\xfe{"},
    {},
]


@pytest.mark.parametrize("name", RECOGNISED)
def test_an_export_is_recognised_by_its_own_reader_only(name: str, tmp_path: Path) -> None:
    with Archive(packed(tmp_path, RECOGNISED[name])) as archive:
        ours = [one for one in readers.READERS if one.NAME in RECOGNISED]
        assert [one.NAME for one in ours if one.recognises(archive)] == [name]


@pytest.mark.parametrize("members", UNKNOWN)
def test_files_of_other_programs_are_not_recognised(members: Members, tmp_path: Path) -> None:
    with Archive(packed(tmp_path, members)) as archive:
        ours = [one for one in readers.READERS if one.NAME in RECOGNISED]
        assert not [one.NAME for one in ours if one.recognises(archive)]


@pytest.mark.parametrize("name", EXPORTS)
def test_a_reader_holds_few_entries_at_a_time(name: str, tmp_path: Path) -> None:
    """The first entry comes before the last is read."""
    module, item, members = EXPORTS[name]
    report = Report()
    with Archive(packed(tmp_path, members([item, *[5] * 10]))) as archive:
        assert next(iter(module.read(archive, OPTIONS, report)))
        assert not report.missing
