"""Markdown: our own export comes back whole, and files of other programs become entries."""

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.entries.imported import ImportedEntry, Place
from journal.transfer.archive import Archive
from journal.transfer.formats import front_matter, markdown, markdown_manifest, reader
from journal.transfer.report import Report
from journal.transfer.writers import markdown as markdown_writer
from tests.transfer.formats import exported
from tests.transfer.formats.exported import attachment, entry, read, uid, written

PNG = exported.PNG


def folder(path: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        file = path / "vault" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return path / "vault"


def read_files(path: Path, files: Mapping[str, str | bytes]) -> tuple[list[ImportedEntry], Report]:
    return read(markdown, folder(path, files))


def only(path: Path, text: str | bytes, name: str = "note.md", **files: str | bytes) -> ImportedEntry:
    found, _ = read_files(path, {name: text, **files})
    [one] = found
    return one


def zipped(path: Path, *entries: exported.ExportedEntry) -> zipfile.ZipFile:
    (path / "export.zip").write_bytes(written(markdown_writer, entries))
    return zipfile.ZipFile(path / "export.zip")


# Our own export


@exported.EXAMPLES
@given(st.lists(exported.entries(), max_size=3).map(exported.distinct))
def test_what_is_written_is_read_again(tmp_path: Path, entries: list[exported.ExportedEntry]) -> None:
    zipped(tmp_path, *entries).close()
    found, report = read(markdown, tmp_path / "export.zip")
    assert [replace(one, attachments=()) for one in found] == [exported.expected(one) for one in entries]
    for one, original in zip(found, entries, strict=True):
        assert {key: content for key, (_, content) in exported.contents(one).items()} == {
            str(media.uid): b"".join(media.chunks()) for media in original.attachments
        }
    assert not report.missing
    assert not report.notes


def test_files_lie_in_folders_of_their_month_and_open_elsewhere(tmp_path: Path) -> None:
    body = f"See ![x](/attachments/{uid(9)})."
    media = (attachment(9), attachment(8, "list.bin", b"other"))
    place = Place("By the river", 52.5, 13.25)
    first = entry(body=body, attachments=media, tags=["a walk", "yes"], place=place, starred=True)
    with zipped(tmp_path, first) as opened:
        [photo, other] = [name for name in opened.namelist() if name.startswith("media/") and name[6:]]
        text = opened.read("2024/05/2024-05-31 A walk.md").decode()
    assert text == (
        "---\ntitle: A walk\ndate: 2024-05-31\ncreated: 2024-05-31T22:11:05+02:00\n"
        "updated: 2024-05-31T22:15:05+02:00\ntimezone: Europe/Berlin\nstarred: true\n"
        "location: By the river\nlatitude: 52.5\nlongitude: 13.25\n"
        f'uuid: "{uid(1)}"\nversion: 3\ntags:\n  - a walk\n  - "yes"\n---\n\n'
        f"See ![x](../../{photo}).\n\n[list.bin](../../{other})\n"
    )


def test_names_of_files_fit_every_file_system(tmp_path: Path) -> None:
    titles = ["a/b: c?", "A/B: C?", "", "", "x" * 200, "con.", "..", "e\u0301", "\u00e9"]
    with zipped(tmp_path, *(entry(n, title=title) for n, title in enumerate(titles))) as opened:
        names = [name.rpartition("/")[2] for name in opened.namelist() if name.endswith(".md")]
    assert names[:4] == [
        "2024-05-31 a b c.md",
        "2024-05-31 A B C (2).md",
        "2024-05-31.md",
        "2024-05-31 (2).md",
    ]
    assert len({name.casefold() for name in names}) == len(titles)
    assert all(len(name) < 90 for name in names)


def test_the_same_photo_is_stored_once(tmp_path: Path) -> None:
    with zipped(
        tmp_path, entry(1, attachments=(attachment(8),)), entry(2, attachments=(attachment(9),))
    ) as opened:
        assert len([name for name in opened.namelist() if name.endswith(".png")]) == 1


def test_entries_in_the_bin_lie_in_a_folder_of_their_own(tmp_path: Path) -> None:
    with zipped(tmp_path, entry(deleted_at=exported.NOW)) as opened:
        assert "bin/2024-05-31 A walk.md" in opened.namelist()


def test_the_first_bytes_come_before_the_first_entry() -> None:
    sink = exported.Written()

    def entries() -> Any:
        assert sink.content().startswith(b"PK")
        yield entry()

    markdown_writer.write(entries(), sink, exported.ABOUT)


def test_an_export_that_breaks_off_is_no_whole_zip() -> None:
    sink = exported.Written()

    def entries() -> Any:
        yield entry()
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011
        markdown_writer.write(entries(), sink, exported.ABOUT)
    assert not zipfile.is_zipfile(io.BytesIO(sink.content()))


def edited(path: Path, name: str, change: Any) -> Path:
    """The export with one file changed, or left out."""
    with zipfile.ZipFile(path / "export.zip") as old, zipfile.ZipFile(path / "edited.zip", "w") as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename == name:
                content = change(content)
            if content is not None:
                new.writestr(f"my export/{info.filename}", content)
    return path / "edited.zip"


def test_a_file_that_was_edited_wins_and_the_text_before_is_kept(tmp_path: Path) -> None:
    body = f"Before ![x](/attachments/{uid(9)})"
    zipped(tmp_path, entry(body=body, attachments=(attachment(9),), source="dayone", source_id="D1")).close()
    path = edited(
        tmp_path, "2024/05/2024-05-31 A walk.md", lambda content: content.replace(b"Before", b"After")
    )
    [found], report = read(markdown, path)
    assert found.fields.body == f"After ![x](attachment:{uid(9)})"
    assert (found.uid, found.version, found.source, found.source_id) == (uid(1), 4, "dayone", "D1")
    assert found.written_at == entry().written_at
    [before] = found.revisions
    assert (before.fields.body, before.version) == (f"Before ![x](attachment:{uid(9)})", 3)
    assert list(exported.contents(found)) == [str(uid(9))]
    assert list(report.notes) == [markdown_manifest.EDITED]


def test_a_file_that_is_gone_comes_from_the_manifest(tmp_path: Path) -> None:
    zipped(tmp_path, entry(), entry(2, title="Other")).close()
    found, report = read(markdown, edited(tmp_path, "2024/05/2024-05-31 Other.md", lambda content: None))
    assert [one.fields.title for one in found] == ["A walk", "Other"]
    assert list(report.notes) == [markdown_manifest.GONE]


def test_files_beside_a_manifest_are_read_as_well(tmp_path: Path) -> None:
    zipped(tmp_path, entry()).close()
    with zipfile.ZipFile(tmp_path / "export.zip", "a") as opened:
        opened.writestr("2024/06/2024-06-02 New.md", "new")
    found, _ = read(markdown, tmp_path / "export.zip")
    assert [(one.source, one.fields.title) for one in found] == [("journal", "A walk"), ("markdown", "New")]


def test_without_the_manifest_the_front_matter_tells_most(tmp_path: Path) -> None:
    original = entry(
        tags=["walk", "a b"], mood="good", starred=True, weather="rain: 3 °C", place=Place("Köln")
    )
    zipped(tmp_path, original).close()
    [found], _ = read(markdown, edited(tmp_path, "manifest.json", lambda content: None))
    assert found.fields == original.fields
    assert (found.written_at, found.updated_at) == (original.written_at, original.updated_at)
    assert (found.starred, found.weather, found.place) == (True, "rain: 3 °C", Place("Köln"))
    assert (found.source, found.source_id) == ("markdown", str(uid(1)))


def test_fields_that_we_do_not_know_are_written_again(tmp_path: Path) -> None:
    text = "---\ndate: 2024-05-31\nMood of: |\n  a\n  b\naliases: [x, 'y: z']\nnested:\n  a: 1\n---\nText"
    found = only(tmp_path, text)
    again = entry(source="markdown", source_id="a", record=found.record)
    with zipped(tmp_path, again) as opened:
        written_text = opened.read("2024/05/2024-05-31 A walk.md").decode()
    assert "Mood of: |\n  a\n  b\naliases: [x, 'y: z']\nnested:\n  a: 1\n---\n" in written_text
    assert written_text.count("date:") == 1


# Other programs' files

DAY = date(2024, 5, 31)
NOON = datetime(2024, 5, 31, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "fields", "day", "at"),
    [
        ("2024/05/31.md", "", DAY, NOON),
        ("2024-05-31 A day.md", "", DAY, NOON),
        ("journals/2024_05_31.md", "", DAY, NOON),
        ("n.md", "date: 2024-05-31", DAY, NOON),
        ("n.md", "date: '[[2024-05-31]]'", DAY, NOON),
        ("n.md", "created: 2024-05-31T23:30:00+09:00", DAY, NOON.replace(hour=14, minute=30)),
        ("n.md", "created: 2024-05-31T23:30:00Z", date(2024, 6, 1), NOON.replace(hour=23, minute=30)),
        (
            "n.md",
            "creation_date: 2024-05-31 9:05 pm\ntimezone: Asia/Tokyo",
            DAY,
            NOON.replace(hour=12, minute=5),
        ),
        ("n.md", "date: 2024-05-31\ncreated: 2024-05-30 10:00", DAY, NOON.replace(day=30, hour=8)),
        ("2020-01-01.md", "date: 31.05.2024", DAY, NOON),
    ],
)
def test_the_day_is_the_one_that_was_meant(
    tmp_path: Path, name: str, fields: str, day: date, at: datetime
) -> None:
    found = only(tmp_path, f"---\n{fields}\n---\nx" if fields else "x", name)
    assert (found.fields.day, found.written_at) == (day, at)


def test_a_file_without_a_date_is_named_and_left_out(tmp_path: Path) -> None:
    found, report = read_files(tmp_path, {"README.md": "Hello", "2024-05-31.md": "x", "2024-13-45.md": "y"})
    assert len(found) == 1
    assert sorted(report.missing[reader.UNDATED]) == ["2024-13-45.md", "README.md"]


FIELDS = """---
title: "Say \\"hi\\": a # b"
date: 2024-05-31
tags: [walk, 'long day', "a, b"]
journal: Travel
mood: Great
location: Köln
lat: 50.9
lon: 6.95
weather: 12:30
favorite: on
unknown: on
---
Text"""


def test_front_matter_is_read_as_text(tmp_path: Path) -> None:
    found = only(tmp_path, FIELDS)
    assert (found.fields.title, found.fields.mood, found.weather) == ('Say "hi": a # b', "great", "12:30")
    assert found.fields.tags == ["walk", "long day", "a", "b", "Travel"]
    assert found.place == Place("Köln", 50.9, 6.95)
    assert found.starred
    assert json.loads(found.record)["front_matter"]["unknown"] == " on"


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        ("# A day\n\nText", "A day", "Text"),
        ("Text\n# Not a title", "Note", "Text\n# Not a title"),
        ("\ufeff---\r\ntitle: A\r\n---\r\nx\r\ny", "A", "x\ny"),
        ("---\nJust words\n---\nText", "Note", "---\nJust words\n---\nText"),
        ("---\ntitle: never closed\n\nText", "Note", "---\ntitle: never closed\n\nText"),
        ("---\ntitle:\n---\n# Heading", "", "# Heading"),
        ("title:: A page\ntags:: x\n- Text", "A page", "- Text"),
    ],
)
def test_titles_come_from_fields_headings_or_names(tmp_path: Path, text: str, title: str, body: str) -> None:
    found = only(tmp_path, text, "2024-05-31 Note.md")
    assert (found.fields.title, found.fields.body) == (title, body)


def test_the_yaml_export_of_jrnl_is_read(tmp_path: Path) -> None:
    text = (
        "---\ntitle: A walk. Second\ndate: 2024-05-31 09:11:00 PM\nstarred: True\ntags: tag, river\n"
        "body: |\t\t\n\tBody @river\n\tline: two\n\t\n\tSecond para\n..."
    )
    found = only(tmp_path, text)
    assert found.fields.body == "Body @river\nline: two\n\nSecond para"
    assert (found.fields.tags, found.starred) == (["tag", "river"], True)
    assert found.written_at == datetime(2024, 5, 31, 19, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("![[pic one.png|300]]", "![](attachment:KEY)"),
        ("![[pic one.png|The sea]]", "![The sea](attachment:KEY)"),
        ("![a](../media/pic%20one.png)", "![a](attachment:KEY)"),
        ("![a](<../media/pic one.png> \"title\"){:height 20}", "![a](attachment:KEY)"),
        ("[file](../media/PIC%20ONE.PNG)", "[file](attachment:KEY)"),
        ("[[2024-06-01]]", "[2024-06-01](entry:days/2024-06-01.md)"),
        ("[[2024-06-01#Morning|then]]", "[then](entry:days/2024-06-01.md)"),
        ("[then](2024-06-01.md)", "[then](entry:days/2024-06-01.md)"),
        ("[web](https://example.org/pic.png) [[Nobody]]", "[web](https://example.org/pic.png) [[Nobody]]"),
        ("`![[pic one.png]]`", "`![[pic one.png]]`"),
        ("```\n![[pic one.png]]\n```", "```\n![[pic one.png]]\n```"),
        ("[x]([[pic one.png]])", "[x]([pic one.png](attachment:KEY))"),
    ],
)  # fmt: skip
def test_photos_and_notes_are_found_by_every_kind_of_link(tmp_path: Path, text: str, shown: str) -> None:
    files = {"media/pic one.png": PNG, "days/2024-06-01.md": "other", "days/2024-05-31.md": text}
    found, report = read_files(tmp_path, files)
    one = next(entry for entry in found if entry.fields.day == date(2024, 5, 31))
    keys = list(exported.contents(one))
    assert one.fields.body == shown.replace("KEY", keys[0] if keys else "")
    assert list(exported.contents(one).values()) == ([("pic one.png", PNG)] if keys else [])
    assert not report.notes


def test_photos_that_are_not_there_are_told(tmp_path: Path) -> None:
    [found], report = read_files(tmp_path, {"2024-05-31.md": "![a](gone.png) ![[away.jpg]]"})
    assert found.fields.body == "![a](gone.png) ![[away.jpg]]"
    assert report.notes == {reader.MISSING_MEDIA: ["2024-05-31.md: gone.png", "2024-05-31.md: away.jpg"]}


def test_files_keep_their_ids_in_another_folder_or_with_a_copy(tmp_path: Path) -> None:
    text = "---\nid: 7\ndate: 2024-05-31\n---\n"
    found, _ = read_files(
        tmp_path, {"export/a.md": text + "a", "export/copy.md": text + "b", "export/2024-06-01.md": "c"}
    )
    assert {(one.fields.body, one.source_id) for one in found} == {
        ("a", "7"), ("b", "copy.md"), ("c", "2024-06-01.md"),
    }  # fmt: skip


def test_folders_of_programs_and_empty_files_are_no_entries(tmp_path: Path) -> None:
    files = {".trash/2024-05-31.md": "x", "logseq/bak/2024-05-31.md": "x", "2024-05-31.md": " \n"}
    found, report = read_files(tmp_path, files)
    assert not found
    assert report.notes == {reader.EMPTY: ["2024-05-31.md"]}


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b"\xe4\xf6", b"", b"---\n", b"\0", b"---\n:\n---", b"[" * 99_999]
)
def test_any_bytes_are_an_entry_or_in_the_report(tmp_path: Path, content: bytes) -> None:
    found, report = read_files(tmp_path, {"2024-05-31.md": content, "2024-06-01.md": "good"})
    assert found[-1].fields.body == "good"
    assert len(found) == 2 or report.notes


@exported.EXAMPLES
@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\":\\'#-[]{}| \n\t"), max_size=40))
def test_every_text_survives_a_line_of_front_matter(text: str) -> None:
    head, body = front_matter.split(
        f"---\n{front_matter.line('k', text)}{front_matter.listing('l', [text])}---\nb"
    )
    assert (head.texts["k"], body) == (text, "b")
    assert head.lists.get("l", []) == ([text] if text else [])


def test_a_folder_is_recognised_by_its_markdown_files(tmp_path: Path) -> None:
    with Archive(folder(tmp_path, {"a/b.markdown": "x"})) as archive:
        assert markdown.recognises(archive)
    with Archive(folder(tmp_path / "2", {"a/b.txt": "x", ".obsidian/x.md": "x"})) as archive:
        assert not markdown.recognises(archive)


SLOW = {
    "quotes in a list": "tags: [a" + '"' * 2_000_000 + "]",
    "spaces in a text": "title: a" + " " * 200_000 + "x",
}


@pytest.mark.timeout(10)
@pytest.mark.parametrize("line", SLOW.values(), ids=SLOW)
def test_a_long_line_of_a_front_matter_is_read_in_linear_time(line: str) -> None:
    found, body = front_matter.split(f"---\ndate: 2024-05-31\n{line}\n---\nwords")
    assert found.text("date") == "2024-05-31"
    assert body == "words"
