"""A line on the timeline: an entry of its own, or a paragraph more of today's; never lost, never twice."""

import asyncio
import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from quart import Quart

from journal.database import rows
from journal.entries.models import Entry
from tests.visiting import PASSWORD, Browser, registered, sent

HTMX = {"HX_Request": "true"}


@pytest.fixture
async def ann(app: Quart) -> Browser:
    return await registered(app, "Ann")


async def line(browser: Browser, body: str, **fields: str) -> dict[str, str]:
    """The form of the timeline, filled in."""
    return sent((await browser.get("/")).form("/lines") | {"body": body, **fields})


async def bodies() -> list[str]:
    return [entry.body for entry in await Entry.filter(deleted_at=None).order_by("id")]


async def begun(browser: Browser, body: str, **fields: str) -> str:
    answer = await browser.post("/entries", {"body": body, **fields})
    return answer.headers["Location"].removeprefix("/entries/")


async def test_a_line_is_an_entry_of_today(ann: Browser) -> None:
    answer = await ann.post("/lines", await line(ann, "One line."))
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    page = await ann.get("/")
    assert "One line." in page.text
    assert page.form("/lines")["body"] == ""


async def test_a_line_is_added_to_the_entry_of_today_as_a_paragraph(ann: Browser) -> None:
    assert "Add to today" not in (await ann.get("/")).text
    uid = await begun(ann, "In the morning.\n", title="T", tags="a", mood="good")
    assert f'name="to" value="{uid}"' in (await ann.get("/")).text
    assert (await ann.post("/lines", await line(ann, "At noon.", to=uid))).status == 303
    entry = await Entry.get(uid=UUID(uid))
    assert (entry.body, entry.title, entry.tags, entry.mood) == (
        "In the morning.\n\nAt noon.",
        "T",
        ["a"],
        "good",
    )
    assert entry.version == 2


async def test_an_entry_of_another_day_is_not_offered(ann: Browser) -> None:
    await begun(ann, "Long ago.", day="2020-02-29")
    assert "Add to today" not in (await ann.get("/")).text


async def test_htmx_gets_an_empty_form_and_the_card(ann: Browser) -> None:
    first = await ann.post("/lines", await line(ann, "First."), **HTMX)
    assert (first.status, first.form("/lines")["body"]) == (200, "")
    assert 'hx-swap-oob="innerHTML:#newest"' in first.text
    second = await ann.post("/lines", await line(ann, "Second."), **HTMX)
    assert "<html" not in second.text
    assert 'hx-swap-oob="afterbegin:#newest"' in second.text
    assert "Second." in second.text
    assert "First." not in second.text
    assert second.form("/lines")["save"] != first.form("/lines")["save"]
    uid = str((await Entry.get(body="First.")).uid)
    added = await ann.post("/lines", await line(ann, "More.", to=uid), **HTMX)
    assert re.search(rf'<article class="entry" id="entry-{uid}" hx-swap-oob="true">', added.text)
    assert "More." in added.text


async def test_one_line_sent_twice_is_one_line(ann: Browser) -> None:
    form = await line(ann, "Once.")
    answers = await asyncio.gather(*(ann.post("/lines", form, **HTMX) for _ in range(5)))
    assert {answer.status for answer in answers} == {200}
    assert await bodies() == ["Once."]
    adding = await line(ann, "Twice.", to=str((await Entry.get()).uid))
    await asyncio.gather(*(ann.post("/lines", adding) for _ in range(5)))
    await ann.post("/lines", adding)
    assert await bodies() == ["Once.\n\nTwice."]


async def test_another_line_out_of_a_page_that_was_gone_back_to_is_another_entry(ann: Browser) -> None:
    form = await line(ann, "One.")
    await ann.post("/lines", form)
    await ann.post("/lines", form | {"body": "Another."})
    assert await bodies() == ["One.", "Another."]


async def test_lines_that_are_added_at_once_are_all_there(ann: Browser) -> None:
    uid = await begun(ann, "Begun.")
    forms = [await line(ann, f"Line {number}.", to=uid) for number in range(12)]
    edit = {"body": "Begun, and edited.", "version": "1", "save": str(uuid4())}
    answers = await asyncio.gather(ann.put(f"/entries/{uid}", edit), *(ann.post("/lines", f) for f in forms))
    assert {answer.status for answer in answers[1:]} == {303}
    (body,) = await bodies()
    assert sorted(re.findall(r"Line \d+\.", body)) == sorted(f"Line {number}." for number in range(12))
    kept = {row["body"] for row in await rows("SELECT body FROM revisions")} | {body}
    assert any("Begun, and edited." in text for text in kept)
    assert answers[0].status in (200, 409)


async def test_a_line_that_can_not_be_saved_says_why_and_stays(app: Quart, ann: Browser) -> None:
    bob = await registered(app, "Bob")
    uid, gone, full = await begun(ann, "Mine."), await begun(ann, "Gone."), await begun(ann, "x" * 999_995)
    await ann.post(f"/entries/{gone}/deletion")
    owner = (await ann.get("/")).form("/lines")["owner"]
    for browser, fields, sentence in (
        (ann, {"body": " "}, "Write something first."),
        (ann, {"body": "", "title": "A title", "tags": "a", "to": uid}, "Write something first."),
        (ann, {"to": gone}, "in the bin"),
        (ann, {"to": str(uuid4())}, "not there any more"),
        (ann, {"to": "x"}, "damaged"),
        (ann, {"to": full}, "1 MB"),
        (bob, {"to": uid}, "not there any more"),
        (bob, {"owner": owner}, "Another account"),
    ):
        form = {"save": str(uuid4()), "body": "My line.", **fields}
        for headers in ({}, HTMX):
            answer = await browser.post("/lines", form, **headers)
            assert answer.status == 422, fields
            assert sentence in answer.text
            assert answer.form("/lines")["body"] == form["body"]
            assert ("<html" in answer.text) is not bool(headers)
    assert sorted(body[:5] for body in await bodies()) == ["Mine.", "xxxxx"]


async def test_signed_out_the_line_travels_through_the_sign_in(app: Quart, ann: Browser) -> None:
    form = await line(ann, "My line.")
    browser = Browser(app)
    assert (await browser.post("/lines", form, **HTMX)).status == 401
    page = await browser.post("/lines", form)
    assert page.status == 401
    page = await browser.post("/login", page.form("/login") | {"username": "Ann", "password": PASSWORD})
    assert page.form_with("tags")["body"] == "My line."


async def test_a_hostile_line_is_text(ann: Browser) -> None:
    hostile: Any = '"><script>alert(1)</script>'
    answer = await ann.post("/lines", {"body": hostile, "to": "x"})
    assert "<script>alert" not in answer.text
    await ann.post("/lines", await line(ann, hostile))
    assert "<script>alert" not in (await ann.get("/")).text
