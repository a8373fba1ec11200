"""Attachments: files of strangers on our own address, which must neither run nor be seen by others."""

import re
import uuid
from typing import Any

import pytest

from journal.attachments.store import NewAttachment
from journal.settings import Settings
from tests.attachments.attaching import PNG, attached, rows_of, stored
from tests.security.asking import Browser, Reply
from tests.security.cases import each

pytestmark = pytest.mark.slow_on_postgres

THEME = "Attachments"
SECRET = b"Only-Ann-may-see-this"


@pytest.fixture
async def hers(ann: Browser, settings: Settings) -> str:
    """The path of an attachment of Ann's."""
    return await attached(settings.data_dir, await ann.writes("words"), PNG + SECRET)


CONDITIONS = {
    "plainly": [],
    "the first bytes": [("Range", "bytes=0-9")],
    "bytes behind the end": [("Range", "bytes=99999999-")],
    "if it is another": [("If-None-Match", '"x"')],
    "whatever it is": [("If-None-Match", "*")],
    "for htmx": [("HX-Request", "true")],
}


@each("headers", CONDITIONS)
async def test_somebody_elses_attachment_is_asked_for(
    ann: Browser, bob: Browser, hers: str, headers: list[tuple[str, str]]
) -> None:
    """404 with no-store, as for one that does not exist; signed out the sign-in. Nothing of it is told."""
    none = f"/attachments/{uuid.uuid4()}"
    for method in ("GET", "HEAD"):
        reply, other = [await bob.ask(method, path, None, headers) for path in (hers, none)]
        assert (reply.status, other.status) == (404, 404)
        assert reply.headers["Cache-Control"] == "no-store"
        assert {name for name, _ in reply.headers} == {name for name, _ in other.headers}
        assert SECRET not in reply.body
        assert (await Browser(ann.app).ask(method, hers, None, headers)).is_sign_in or method == "HEAD"
    assert (await ann.get(hers)).body == PNG + SECRET


async def test_the_same_file_of_two_people_is_two_attachments(
    ann: Browser, bob: Browser, hers: str, settings: Settings
) -> None:
    """Each sees their own, though the content lies on the disk once: having a file proves nothing."""
    his = await attached(settings.data_dir, await bob.writes("words"), PNG + SECRET)
    assert (await bob.get(his)).status == (await ann.get(hers)).status == 200
    assert (await bob.get(hers)).status == (await ann.get(his)).status == 404
    etag = (await bob.get(his)).headers["ETag"]
    assert (await bob.get(hers, [("If-None-Match", etag)])).status == 404


IDS: dict[str, Any] = {
    "dot segments": lambda uid: "../entries",
    "encoded dot segments": lambda uid: "%2e%2e/%2e%2e/journal.sqlite3",
    "encoded slashes": lambda uid: "..%2f..%2fjournal.sqlite3",
    "backslashes": lambda uid: "..%5c..%5cjournal.sqlite3",
    "an absolute path": lambda uid: "%2fetc%2fpasswd",
    "a double slash": lambda uid: "/etc/passwd",
    "the lock of the store": lambda uid: ".lock",
    "dot segments behind the id": lambda uid: f"{uid}/../../settings",
    "a NUL": lambda uid: f"{uid}%00.png",
    "an ending": lambda uid: f"{uid}.html",
    "without hyphens": lambda uid: uid.replace("-", ""),
    "in braces": lambda uid: f"{{{uid}}}",
    "its number": lambda uid: "1",
    "SQL": lambda uid: f"{uid}'%20OR%20'1'='1",
    "a star": lambda uid: "*",
}


@each("written", IDS)
async def test_another_spelling_of_an_attachments_id_is_a_path_to_nothing(
    ann: Browser, hers: str, written: Any
) -> None:
    """404: an id is a UUID, and no part of an address ever becomes a part of a file's path."""
    reply = await ann.get(f"/attachments/{written(hers.rpartition('/')[2])}")
    assert reply.status == 404
    assert SECRET not in reply.body


NAMES = {
    "a line break": "cat.png\r\nSet-Cookie: a=b",
    "two line breaks": "cat.png\r\n\r\n<script>alert(1)</script>",
    "a line feed": "cat.png\nX-Injected: 1",
    "a NUL": "cat\0.png",
    "quotes": 'cat.png"; filename="evil.exe',
    "a backslash": 'cat\\"; x="',
    "a second name": "cat.png; filename*=UTF-8''evil.exe",
    "percent signs": "cat%22%0d%0aX-Injected:%201.png",
    "other letters": "猫‮gpj.exe",
    "line breaks of Unicode": "cat\u2028X-Injected: 1\u0085X-Injected: 2",
    "255 letters": "é" * 255,
}


HEADER = re.compile(r"inline; filename=\"[ !#$&-\[\]-~]*\"; filename\*=UTF-8''[\w.%~-]*", re.ASCII)


@each("name", NAMES)
async def test_a_file_name_ends_its_header_and_begins_another(
    ann: Browser, settings: Settings, name: str
) -> None:
    """One header line of plain ASCII with two parameters: what is special is escaped in both."""
    path = await attached(settings.data_dir, await ann.writes("words"), PNG, name)
    reply = await ann.get(path)
    assert reply.status == 200
    said = reply.headers.getlist("Content-Disposition")
    assert len(said) == 1
    assert HEADER.fullmatch(said[0])
    assert not {"X-Injected", "Set-Cookie"} & {header for header, _ in reply.headers}


HOSTILE: dict[str, bytes] = {
    "a page": b"<!DOCTYPE html><script>alert(1)</script>",
    "a page behind spaces": b" " * 600 + b"<html><script>alert(1)</script>",
    "a page with a byte order mark": b"\xef\xbb\xbf<html>",
    "a page in UTF-16": "\ufeff<script>alert(1)</script>".encode("utf-16-le"),
    "a page in UTF-7": b"+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "a vector image": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "a vector image as XML": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    "a style sheet": b"body { background: url(https://example.org) }",
    "a script": b"alert(1)",
    "a Flash film": b"CWS\x0a",
    "a document with scripts": b"%PDF-1.7\n/JavaScript (app.alert(1))",
    "a web archive": b"MIME-Version: 1.0\r\nContent-Type: multipart/related",
    "half a picture's signature": b"\x89PNG<script>alert(1)</script>",
}


def assert_harmless(reply: Reply) -> None:
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers.getlist("Content-Security-Policy") == ["sandbox; default-src 'none'"]


@each("content", HOSTILE)
async def test_a_file_that_is_no_picture_is_called_one(
    ann: Browser, settings: Settings, content: bytes
) -> None:
    """Downloaded, never shown, under a type that no browser runs; nosniff, and a sandbox besides."""
    entry = await ann.writes("words")
    for name in ("photo.jpg", "photo.svg", "photo.html"):
        reply = await ann.get(await attached(settings.data_dir, entry, content, name))
        assert (reply.status, reply.body) == (200, content)
        assert reply.headers["Content-Disposition"].startswith("attachment; ")
        assert reply.headers["Content-Type"] in ("application/octet-stream", "application/pdf")
        assert_harmless(reply)


PICTURES = {
    "PNG": b"\x89PNG\r\n\x1a\n",
    "JPEG": b"\xff\xd8\xff\xe0",
    "GIF": b"GIF89a/*",
    "WebP": b"RIFF\0\0\0\0WEBP",
}


@each("head", PICTURES)
async def test_a_picture_is_a_page_or_a_script_as_well(ann: Browser, settings: Settings, head: bytes) -> None:
    """Sent as the picture that it begins as, nosniff and in a sandbox, whatever part of it is asked for."""
    content = head + b"*/=1;alert(1)//<script>alert(1)</script>"
    path = await attached(settings.data_dir, await ann.writes("words"), content, "page.html")
    for asked in ([], [("Range", f"bytes={len(head)}-")], [("Accept", "text/html")]):
        reply = await ann.get(path, asked)
        assert reply.headers["Content-Type"].startswith("image/")
        assert_harmless(reply)


async def test_a_row_with_a_forged_type_is_not_shown_as_a_page(ann: Browser, settings: Settings) -> None:
    """Downloaded: what the table says is shown only if it is one of the types that may be."""
    file = (await stored(settings.data_dir, HOSTILE["a page"]))._replace(content_type="text/html")
    uid = uuid.uuid4()
    await rows_of(await ann.writes("words"), NewAttachment(uid, "a.html", file))
    reply = await ann.get(f"/attachments/{uid}")
    assert reply.headers["Content-Disposition"].startswith("attachment; ")
    assert_harmless(reply)


async def test_no_method_but_reading_does_anything_to_an_attachment(ann: Browser, hers: str) -> None:
    """405 with no-store, and it is still there."""
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        reply = await ann.ask(method, hers, b"")
        assert (reply.status, reply.headers["Cache-Control"]) == (405, "no-store")
    assert (await ann.get(hers)).status == 200
