"""Exported entries for tests of writers: by hand, and any that the site can hold."""

import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from journal.entries import mood
from journal.entries.imported import NAMESPACE, ImportedAttachment, ImportedEntry, ImportedRevision, Place
from journal.entries.values import EntryFields
from journal.text import plain, tag_names
from journal.transfer.archive import Archive
from journal.transfer.formats.reader import Reader, ReadOptions
from journal.transfer.formats.writer import About, ExportedAttachment, ExportedEntry, Writer
from journal.transfer.report import Report

NOW = datetime(2024, 8, 1, 12, 0, tzinfo=UTC)
OPTIONS = ReadOptions("Europe/Berlin", NOW)
ABOUT = About("ann", NOW.astimezone(ZoneInfo("Europe/Berlin")), {(2024, 5): 2, (2024, 6): 1})
ZONES = ("Europe/Berlin", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Apia", "UTC")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 3


def uid(number: int) -> UUID:
    return uuid5(NAMESPACE, str(number))


def attachment(number: int, name: str = "a photo.png", content: bytes = PNG) -> ExportedAttachment:
    kind = "image/png" if name.endswith("png") else "application/octet-stream"
    return ExportedAttachment(
        uid(number), name, kind, sha256(content).hexdigest(), lambda: io.BytesIO(content)
    )


def entry(number: int = 1, **changes: Any) -> ExportedEntry:
    """An entry of 2024-05-31, 22:11 in Berlin. Fields of the text may be changed by name too."""
    named = {name: changes.pop(name) for name in list(changes) if name in EntryFields.__annotations__}
    fields = EntryFields(
        title="A walk", body="Along the *river*.", day=date(2024, 5, 31), zone="Europe/Berlin"
    )
    written_at = changes.pop("written_at", datetime(2024, 5, 31, 20, 11, 5, tzinfo=UTC))
    return ExportedEntry(
        uid=uid(number),
        version=changes.pop("version", 3),
        fields=replace(fields, tags=[], mood="") if not named else replace(fields, **_filled(named)),
        html=changes.pop("html", "<p>Along the <em>river</em>.</p>"),
        written_at=written_at,
        updated_at=changes.pop("updated_at", written_at + timedelta(minutes=4)),
        **changes,
    )


def _filled(named: dict[str, Any]) -> dict[str, Any]:
    return {"tags": [], "mood": ""} | named


class Written:
    """A sink that keeps what is written, and can't seek."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, content: bytes) -> None:
        self.pieces.append(content)

    def content(self) -> bytes:
        return b"".join(self.pieces)


def written(writer: Writer, entries: Iterable[ExportedEntry], about: About = ABOUT) -> bytes:
    sink = Written()
    writer.write(iter(entries), sink, about)
    return sink.content()


def read(reader: Reader, path: Path, name: str = "") -> tuple[list[ImportedEntry], Report]:
    """The entries, whose attachments are read while the archive is open, and the report."""
    report = Report()
    with Archive(path, name) as archive:
        return [_loaded(found) for found in reader.read(archive, OPTIONS, report)], report


def _loaded(found: ImportedEntry) -> ImportedEntry:
    return replace(found, attachments=tuple(_in_memory(media) for media in found.attachments))


def _in_memory(media: ImportedAttachment) -> ImportedAttachment:
    content = _content(media.opened)
    return replace(media, opened=lambda: io.BytesIO(content))


def contents(found: ImportedEntry) -> dict[str, tuple[str, bytes]]:
    return {media.key: (media.name, _content(media.opened)) for media in found.attachments}


def _content(opened: Callable[[], BinaryIO]) -> bytes:
    with opened() as file:
        return file.read()


def expected(given: ExportedEntry) -> ImportedEntry:
    """What a reader of a lossless export gives for the entry, without its attachments."""

    def imported(fields: EntryFields) -> EntryFields:
        body = fields.body or ""
        for media in given.attachments:
            body = body.replace(f"(/attachments/{media.uid}", f"(attachment:{media.uid}")
        return replace(fields, body=body)

    return ImportedEntry(
        fields=imported(given.fields),
        written_at=given.written_at,
        updated_at=given.updated_at,
        source=given.source or "journal",
        source_id=given.source_id or str(given.uid),
        starred=given.starred,
        place=given.place,
        weather=given.weather,
        revisions=tuple(replace(one, fields=imported(one.fields)) for one in given.revisions),
        deleted_at=given.deleted_at,
        record=given.record,
        uid=given.uid,
        version=given.version,
    )


# Any entry that the site can hold

EXAMPLES = settings(
    max_examples=40,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
TEXTS = st.text(max_size=60).map(plain.clean)
HOSTILE = st.sampled_from(
    [
        "---",
        "--- \nx: y\n---",
        "[2024-01-01 09:00 PM] no",
        "# no",
        "\ufeff",
        "a: b",
        '"',
        "![[x.png]]",
        "\\",
        "}",
    ]
)
BODIES = st.lists(TEXTS | HOSTILE, max_size=4).map("\n".join)
TITLES = TEXTS.map(lambda text: text.replace("\n", " "))  # adopted ones may have any spaces
TAGS = st.lists(
    st.text(min_size=1, max_size=20).map(lambda text: tag_names.tidy(tag_names.COMMA.sub("", text))),
    max_size=4,
).map(lambda names: list({tag_names.key(name): name for name in names if name}.values()))
INSTANTS = st.datetimes(
    min_value=datetime(1901, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)
)
DEGREES = st.none() | st.floats(-180, 180, allow_nan=False)
FIELDS = st.builds(
    EntryFields,
    title=TITLES,
    body=BODIES,
    day=st.dates(date(1901, 1, 1), date(2200, 1, 1)),
    zone=st.sampled_from(ZONES),
    tags=TAGS,
    mood=st.sampled_from(["", *mood.SYMBOLS]),
)
REVISIONS = st.builds(
    ImportedRevision,
    fields=FIELDS,
    written_at=st.none() | INSTANTS,
    created_at=INSTANTS,
    version=st.integers(1, 10**6),
    kind=st.sampled_from(["manual", "auto", "before", "conflict"]),
)
SOURCES = st.none() | st.tuples(
    st.sampled_from(["dayone", "flask"]), st.text("abc/ -", min_size=1, max_size=9)
)

NAMES = st.sampled_from(["photo.png", "ä b.pdf", "none"])


@st.composite
def entries(draw: st.DrawFn) -> ExportedEntry:
    source = draw(SOURCES)
    media = tuple(
        attachment(number, draw(NAMES), draw(st.binary(max_size=20)))
        for number in draw(st.sets(st.integers(100, 103), max_size=2))
    )
    fields = draw(FIELDS)
    body = "\n".join(
        [fields.body or "", *(f"![x](/attachments/{one.uid}) `/attachments/{one.uid}`" for one in media[:1])]
    )
    return ExportedEntry(
        uid=draw(st.uuids(version=4)),
        version=draw(st.integers(1, 10**6)),
        fields=replace(fields, body=body),
        html="",
        written_at=draw(INSTANTS),
        updated_at=draw(INSTANTS),
        starred=draw(st.booleans()),
        place=draw(st.builds(Place, TITLES, DEGREES, DEGREES)),
        weather=draw(TITLES),
        attachments=media,
        revisions=tuple(draw(st.lists(REVISIONS, max_size=2))),
        deleted_at=draw(st.none() | INSTANTS),
        source=source[0] if source else "",
        source_id=source[1] if source else "",
        record=draw(st.sampled_from(["", '{"uuid": "1", "a": [1.50, null]}'])) if source else "",
    )


def distinct(found: Sequence[ExportedEntry]) -> list[ExportedEntry]:
    return list({one.uid: one for one in found}.values())
