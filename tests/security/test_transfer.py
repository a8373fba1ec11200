"""Imports and exports: other people's, names and texts in a file that was made to harm, and forged forms."""

import asyncio
import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest

from journal.entries.models import Entry
from journal.settings import Settings
from journal.transfer.models import Import
from journal.transfer.writers.writers import BY_NAME
from tests.security.asking import Browser
from tests.security.cases import each

pytestmark = pytest.mark.slow_on_postgres

THEME = "Imports and exports"
SECRET = "Only-Ann-may-read-this"
EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def export(title: str = SECRET, body: str = SECRET) -> bytes:
    """An export of this site with one entry."""
    entry: dict[str, Any] = {"uid": str(uuid.uuid4()), "title": title, "body": body, "day": "2024-05-31"}
    entry |= {"zone": "UTC", "written_at": "2024-05-31T08:00:00+00:00", "tags": []}
    document = {"format": "journal", "format_version": 1, "entries": [entry]}
    return json.dumps(document).encode()


async def brought(browser: Browser, content: bytes, name: str = "old.json", **fields: Any) -> str:
    """The path of the import, once its preview is made."""
    reply = await browser.brings(content, name, **fields)
    assert reply.status == 303, reply.text
    while re.search('data-state="(reading|running|undoing)"', (await browser.get(reply.location)).text):
        await asyncio.sleep(0.01)
    return reply.location


ATTEMPTS = {
    "looking": ("GET", ""),
    "its report": ("GET", "/report"),
    "beginning it": ("POST", "/start"),
    "reading it again": ("POST", "/reading"),
    "undoing it": ("POST", "/undo"),
    "undoing it by DELETE": ("DELETE", ""),
    "removing it": ("POST", "/deletion"),
}


@each("attempt", ATTEMPTS)
async def test_somebody_elses_import_is_asked_for(
    ann: Browser, bob: Browser, attempt: tuple[str, str]
) -> None:
    """404 and nothing of it told or changed, as for one that does not exist."""
    path = await brought(ann, export())
    before = await Import.filter(user_id=ann.id).values()
    method, tail = attempt
    form = {"zone": "UTC"} if method == "POST" else None
    for address in (path, f"/imports/{uuid.uuid4()}"):
        for headers in ([], [("HX-Request", "true")]):
            reply = await bob.ask(method, address + tail, form, headers)
            assert reply.status == 404
            assert SECRET not in reply.text
    assert await Import.filter(user_id=ann.id).values() == before
    assert "old.json" not in (await bob.get("/imports")).text


async def test_the_key_of_somebody_elses_form_makes_an_import_of_ones_own(ann: Browser, bob: Browser) -> None:
    """Another import with another id; Ann's file and import are what they were."""
    key = str(uuid.uuid4())
    hers, his = await brought(ann, export(), save=key), await brought(bob, export("Bob", "Bob"), save=key)
    assert hers != his
    assert SECRET in (await ann.get(hers)).text
    assert SECRET not in (await bob.get(his)).text


@each("name", {name: name for name in BY_NAME})
async def test_an_export_is_asked_for_with_somebody_elses_id(ann: Browser, bob: Browser, name: str) -> None:
    """Bob's own words and nothing of Ann's: no parameter names an account."""
    uid = (await ann.writes(SECRET, title=SECRET, tags=SECRET)).rpartition("/")[2]
    reply = await bob.get(f"/exports/{name}?user={ann.id}&owner={ann.id}&uid={uid}&from=2000-01-01")
    assert reply.status == 200
    assert SECRET.encode() not in reply.body
    tagged = await bob.get(f"/exports/{name}?tag={SECRET}")
    assert SECRET.encode() not in tagged.body


NAMES = {
    "dot segments": "../../../../etc/cron.d/evil",
    "backslashes": "..\\..\\evil.json",
    "an absolute path": "/etc/passwd",
    "a NUL": "old\0.json",
    "markup": EVIL,
    "a line break": "old%0d%0aSet-Cookie: a=b",
    "250 letters": "x" * 250,
    "3,000 letters": "x" * 3000,
}


@each("name", NAMES)
async def test_a_file_with_a_hostile_name_is_uploaded(ann: Browser, settings: Settings, name: str) -> None:
    """Kept under a UUID in the folder of uploads; the name is shown as text."""
    path = await brought(ann, export(), name)
    assert EVIL not in (await ann.get(path)).text
    assert EVIL not in (await ann.get("/imports")).text
    folder: Path = settings.data_dir / "uploads"
    assert path.rpartition("/")[2] in {file.name for file in folder.iterdir()}
    assert all(re.fullmatch(r"[0-9a-f-]{36}", file.name) for file in folder.iterdir())


async def test_an_imported_text_holds_a_script(ann: Browser) -> None:
    """Sanitised in the preview as on every other page, and in titles it is text."""
    path = await brought(ann, export(EVIL, EVIL + "\n\n[x](javascript:alert(1))"))
    text = (await ann.get(path)).text
    assert "What they will look like" in text
    assert "<script>alert" not in text
    assert "onerror=alert(1)>" not in text
    assert 'href="javascript' not in text


async def test_names_in_a_report_try_to_be_a_page_or_lines_of_their_own(ann: Browser) -> None:
    """text/plain as a download, nosniff, each name on one line."""
    entries = [{"uid": "x", "day": EVIL, "title": "a\r\n\r\nEntries: 1,000 came"}]
    content = json.dumps({"format": "journal", "format_version": 1, "entries": entries}).encode()
    reply = await ann.get(f"{await brought(ann, content)}/report")
    assert reply.headers["Content-Type"].startswith("text/plain")
    assert reply.headers["Content-Disposition"].startswith("attachment")
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "\nEntries: 1,000" not in reply.text


async def test_an_export_with_the_id_of_somebody_elses_entry_is_imported(ann: Browser, bob: Browser) -> None:
    """It becomes an entry of Bob's with another id; Ann's is what it was."""
    uid = (await ann.writes(SECRET)).rpartition("/")[2]
    content = export("Bob's", "Bob's").replace(b'"uid": "', b'"uid": "' + uid.encode() + b'", "was": "')
    path = await brought(bob, content)
    assert (await bob.post(f"{path}/start")).status == 303
    while not await Entry.filter(user_id=bob.id).exists():
        await asyncio.sleep(0.01)
    assert (await Entry.get(uid=uid)).body == SECRET
    assert str((await Entry.get(user_id=bob.id)).uid) != uid


QUERIES = {
    "SQL": "tag='%20OR%20'1'='1",
    "markup": "from=%3Cscript%3E",
    "a day outside the calendar": "from=0000-00-00",
    "60,000 letters": "tag=" + "x" * 60_000,
}


@each("query", QUERIES)
async def test_an_export_is_narrowed_by_something_hostile(ann: Browser, query: str) -> None:
    """An empty export, or 422 with the value as text."""
    await ann.writes(SECRET)
    reply = await ann.get(f"/exports/json?{query}")
    assert reply.status in (200, 422)
    assert "<script>" not in reply.text
    assert SECRET not in reply.text
