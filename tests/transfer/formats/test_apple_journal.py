"""Apple Journal: its misnested HTML, dates in words, and photos."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from journal.entries.imported import ImportedEntry, Place
from journal.transfer.formats import apple_journal, localised_dates, reader
from journal.transfer.report import Report
from tests.transfer.formats.exported import contents, read
from tests.transfer.formats.packed import HEIC, JPEG, MOV, Members, packed

SAMPLE = Path(__file__).parents[4] / "shared" / "samples" / "apple-journal"
UUID = "0F1E2D3C-0000-4000-8000-000000000001"


def page(header: str = "Sunday, 17 December 2023", assets: str = "", body: str = "A walk.") -> str:
    """An entry as Apple misnests it: the text's div is opened within one paragraph and closed in another."""
    return (
        '<!DOCTYPE html><html><head><title></title></head><body><p class="p1"><span class="s1">'
        f'<div class="pageContainer"><div class="pageHeader">{header}</div>'
        f'<div class="assetGrid">{assets}</div><div class="title">On a Sunday</div>'
        f'<div class="bodyText"></span></p><p class="p2"><span class="s2">{body}</span></p>'
        '<p class="p1"><span class="s1"></div></div></span></p></body></html>'
    )


def asset(kind: str, uuid: str = UUID, inner: str = "") -> str:
    return f'<div id="{uuid}" class="gridItem assetType_{kind}">{inner}</div>'


def come(path: Path, members: Members) -> tuple[list[ImportedEntry], Report]:
    return read(
        apple_journal, packed(path, {f"AppleJournalEntries/{name}": members[name] for name in members})
    )


def only(path: Path, html: str, name: str = "2023-12-17.html", files: Members | None = None) -> ImportedEntry:
    entries, report = come(path, {f"Entries/{name}": html} | (files or {}))
    assert not report.missing
    return entries[0]


@pytest.mark.shared
def test_the_misnested_sample_comes_whole() -> None:
    entries, report = read(apple_journal, SAMPLE)
    assert [entry.fields.title for entry in entries] == ["Complex Metadata Entry"]
    assert entries[0].fields.body == (
        "> How was your day?\n\nEntry body text.\n\n- Old Town Market Place\n- Walking, 2.5 km\n"
        "- Bohemian Rhapsody, Music\n- Tech News, Podcast"
    )
    assert entries[0].fields.day == date(2023, 12, 17)
    assert entries[0].place == Place("Old Town Market Place")
    assert not report.missing
    assert not report.notes


def test_a_misnested_text_is_not_lost(tmp_path: Path) -> None:
    entry = only(tmp_path, page(body="A <b>walk</b>.</span></p><p>Home &amp; <i>tea</i><span>"))
    assert (entry.fields.title, entry.fields.body) == ("On a Sunday", "A **walk**.\n\nHome & *tea*")
    assert entry.written_at == datetime(2023, 12, 17, 11, 0, tzinfo=UTC)
    assert (entry.source_id, entry.fields.zone) == ("2023-12-17", "Europe/Berlin")


def test_photos_and_live_photos_come_with_the_entry(tmp_path: Path) -> None:
    other = UUID.replace("1", "2")
    html = page(assets=asset("livePhoto") + asset("photo", other, '<img src="../Resources/x.jpg"><img>'))
    files: Members = {f"Resources/{UUID}.heic": HEIC, f"Resources/{UUID}.mov": MOV, "Resources/x.jpg": JPEG}
    entry = only(tmp_path, html, files=files)
    assert contents(entry) == {
        name.rpartition("/")[2]: (name.rpartition("/")[2], content) for name, content in files.items()
    }


def test_a_missing_photo_is_told_and_the_entry_comes(tmp_path: Path) -> None:
    html = page(assets=asset("photo") + asset("motionActivity", "ACT", "Walking"))
    entries, report = come(tmp_path, {"Entries/2023-12-17.html": html})
    assert not entries[0].attachments
    assert len(report.notes[reader.MISSING_MEDIA]) == 1


def test_a_place_has_the_coordinates_of_its_photo(tmp_path: Path) -> None:
    described = {"date": 724500000, "placeName": "Café", "latitude": 52.5, "longitude": 13.4}
    entry = only(tmp_path, page(assets=asset("photo")), files={f"Resources/{UUID}.json": described})
    assert entry.place == Place("Café", 52.5, 13.4)


DAYS = [
    ("2023-12-15_A walk.html", "Samstag, 16. Dezember 2023", date(2023, 12, 15)),
    ("A walk.html", "Samstag, 16. Dezember 2023", date(2023, 12, 16)),
    ("2023-13-17.html", "samedi 16 décembre 2023", date(2023, 12, 16)),
    ("A walk.html", "what a day", date(2023, 12, 17)),  # 724500000 seconds after 2001
]


@pytest.mark.parametrize(("name", "header", "day"), DAYS)
def test_the_day_is_in_the_name_or_the_header_or_a_photo(
    name: str, header: str, day: date, tmp_path: Path
) -> None:
    files: Members = {f"Resources/{UUID}.json": {"date": 724500000}}
    assert only(tmp_path, page(header, asset("photo")), name, files).fields.day == day


WORDS = [
    ("Sunday, December 17, 2023", "2023-12-17"),
    ("Sunday, 17 December 2023", "2023-12-17"),
    ("Sonntag, 3. März 2024", "2024-03-03"),
    ("mardi 5 mars 2024", "2024-03-05"),
    ("mardi 2 juillet 2024", "2024-07-02"),
    ("martes, 2 de enero de 2024", "2024-01-02"),
    ("martedì 4 giugno 2024", "2024-06-04"),
    ("terça-feira, 6 de agosto de 2024", "2024-08-06"),
    ("zaterdag 2 maart 2024", "2024-03-02"),
    ("lördag 4 maj 2024", "2024-05-04"),
    ("sunnuntai 17. joulukuuta 2023", "2023-12-17"),
    ("piątek, 1 listopada 2024", None),  # also the Croatian October
    ("neděle 7. července 2024", "2024-07-07"),
    ("воскресенье, 17 декабря 2023 г.", "2023-12-17"),
    ("середа, 1 травня 2024 р.", "2024-05-01"),
    ("17 Aralık 2023 Pazar", "2023-12-17"),
    ("2023. december 17., vasárnap", "2023-12-17"),
    ("2023年12月17日 星期日", "2023-12-17"),
    ("2023년 12월 17일 일요일", "2023-12-17"),
    ("Chủ Nhật, 17 tháng 12, 2023", "2023-12-17"),
    ("วันอาทิตย์ที่ 17 ธันวาคม พ.ศ. 2566", "2023-12-17"),
    ("الأحد، ١٧ ديسمبر ٢٠٢٣", "2023-12-17"),
    ("יום ראשון, 17 בדצמבר 2023", "2023-12-17"),
    ("Sunday, 31 February 2023", None),
    ("17 Smarch 2023", None),
    ("", None),
]


@pytest.mark.parametrize(("text", "day"), WORDS)
def test_a_day_in_words_is_read_in_many_languages(text: str, day: str | None) -> None:
    assert localised_dates.parse(text) == (date.fromisoformat(day) if day else None)


def test_files_that_are_no_entries_are_left_out(tmp_path: Path) -> None:
    members: Members = {
        "Entries/2023-12-17.html": page(),
        "Entries/index.html": page(),
        "Entries/no day.html": page("some day"),
        "Entries/2023-12-18.html": b"",
        "Entries/2023-12-19.html": "<div>" * 5_000 + "deep",
        "index.html": "<a href='Entries'>",
    }
    entries, report = come(tmp_path, members)
    assert [(entry.source_id, entry.fields.body) for entry in entries] == [
        ("2023-12-17", "A walk."),
        ("2023-12-18", ""),
        ("2023-12-19", "deep"),
    ]
    assert report.missing == {reader.UNDATED: ["AppleJournalEntries/Entries/no day.html"]}
    assert report.notes == {reader.EMPTY: ["AppleJournalEntries/Entries/2023-12-18.html"]}
