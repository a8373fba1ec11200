"""The page of a conflict without a script: keep both, continue with mine, use the other; nothing is lost."""

import asyncio
import re
from typing import Any
from uuid import UUID, uuid4

import pytest
from quart import Quart

from journal.database import rows
from journal.entries.models import Entry
from tests.visiting import Answer, Browser, registered, sent


@pytest.fixture
async def ann(app: Quart) -> Browser:
    return await registered(app, "Ann")


async def conflicting(browser: Browser, mine: str = "Mine.", **fields: str) -> tuple[str, Answer]:
    """An entry that another device has changed, and the page that is shown for it."""
    path = f"/entries/{uuid4()}"
    await browser.put(path, {"body": "First.", "title": "One", "tags": "a", "version": "0"})
    other = {
        "body": "The other.",
        "title": "Other",
        "tags": "b",
        "mood": "bad",
        "version": "1",
        "kind": "auto",
    }
    await browser.put(path, other)
    form = {"body": mine, "title": "My title", "tags": "a, c", "version": "1", "day": "2024-05-31"}
    answer = await browser.post(path, sent({**form, "save": str(uuid4()), **fields}))
    assert answer.status == 409
    return path, answer


async def stored(path: str) -> Any:
    return await Entry.get(uid=UUID(path.removeprefix("/entries/")))


async def kept() -> set[str]:
    return {row["body"] for row in await rows("SELECT body FROM revisions")}


async def test_keeping_both_is_one_text_with_both_and_a_line_between(ann: Browser) -> None:
    path, page = await conflicting(ann)
    answer = await ann.post(path, sent(page.form(path) | {"join": "yes"}))
    assert (answer.status, answer.headers["X-Save"], answer.headers["X-Version"]) == (303, "saved", "3")
    entry = await stored(path)
    assert entry.body == "Mine.\n\n* * *\n\n## Other\n\nThe other."
    assert (entry.title, entry.tags, entry.mood) == ("My title", ["a", "c", "b"], "bad")
    shown = (await ann.get(path)).text
    assert "<hr" in shown
    assert "Mine." in shown
    assert {"First.", "The other.", "Mine."} <= await kept()


async def test_both_buttons_are_in_the_one_form_whose_text_can_still_be_changed(ann: Browser) -> None:
    path, page = await conflicting(ann)
    form = page.text[page.text.index(f'action="{path}"') :].partition("</form>")[0]
    assert re.search(r'<textarea[^>]* autocomplete="off"', form)
    assert re.search(r'<button[^>]* name="join" value="yes">Keep both</button>', form)
    assert "<button>Continue with mine</button>" in form
    assert "Use the other</a>" in page.text
    await ann.post(path, sent(page.form(path) | {"join": "yes", "body": "Mine, and more."}))
    assert (await stored(path)).body.startswith("Mine, and more.\n\n* * *")


async def test_keeping_both_twice_is_keeping_both_once(ann: Browser) -> None:
    path, page = await conflicting(ann)
    form = sent(page.form(path) | {"join": "yes"})
    answers = await asyncio.gather(*(ann.post(path, form) for _ in range(5)))
    assert sorted(answer.headers["X-Save"] for answer in answers) == ["replay"] * 4 + ["saved"]
    assert (await stored(path)).body.count("The other.") == 1


async def test_a_third_version_that_came_meanwhile_is_not_overwritten(ann: Browser) -> None:
    for choice in ({"join": "yes"}, {}):
        path, page = await conflicting(ann)
        await ann.put(path, {"body": "The third.", "version": "2", "kind": "auto"})
        again = await ann.post(path, sent(page.form(path) | choice | {"body": "Mine, later."}))
        assert (again.status, again.headers["X-Save"]) == (409, "conflict")
        assert (await stored(path)).body == "The third."
        assert {"The other.", "Mine.", "The third.", "Mine, later."} <= await kept()
        answer = await ann.post(path, sent(again.form(path) | {"join": "yes"}))
        assert answer.status == 303
        assert "The third." in (await stored(path)).body
        assert "Mine, later." in (await stored(path)).body


async def test_the_other_text_is_among_the_versions_whatever_is_chosen(ann: Browser) -> None:
    """Also if it was saved by itself a moment ago and is so much like mine that nothing else keeps it."""
    path, page = await conflicting(ann, "The other!")
    await ann.post(path, sent(page.form(path)))
    assert (await stored(path)).body == "The other!"
    assert {"The other.", "The other!"} <= await kept()


async def test_reloading_without_a_choice_finds_both_among_the_versions(ann: Browser) -> None:
    path, _ = await conflicting(ann)
    page = (await ann.get(f"{path}/revisions")).text
    assert "Lost to another version" in page
    assert {"The other.", "Mine."} <= await kept()


async def test_time_and_zone_travel_through_the_choice(ann: Browser) -> None:
    path, page = await conflicting(ann, time="07:30", zone="Asia/Tokyo")
    await ann.post(path, sent(page.form(path) | {"join": "yes"}))
    shown = (await ann.get(f"{path}/edit")).form(path)
    assert (shown["time"], shown["zone"], shown["day"]) == ("07:30", "Asia/Tokyo", "2024-05-31")


async def test_what_is_too_long_together_is_said_and_both_are_still_there(ann: Browser) -> None:
    path, page = await conflicting(ann, "x" * 999_995)
    answer = await ann.post(path, sent(page.form(path) | {"join": "yes"}))
    assert answer.status == 422
    assert "1 MB" in answer.text
    assert answer.form(path)["body"] == "x" * 999_995
    assert (await stored(path)).body == "The other."


# The words travel through the sign-in


async def test_all_fields_travel_through_a_sign_in_with_wrong_passwords_first(
    app: Quart, ann: Browser
) -> None:
    path = f"/entries/{uuid4()}"
    words = {
        "title": "T",
        "body": "\nMy words.\n",
        "day": "2024-05-31",
        "time": "07:30",
        "zone": "Asia/Tokyo",
    }
    words |= {"tags": "a, b", "mood": "good", "version": "0", "kind": "manual", "save": str(uuid4())}
    browser = Browser(app)
    page = await browser.post(path, sent(words))
    assert page.status == 401
    wrong = 0
    while page.status != 429:
        page = await browser.post(
            "/login", sent(page.form("/login") | {"username": "Ann", "password": "wrong"})
        )
        assert page.status in (422, 429)
        assert page.form("/login")["kept.body"] == words["body"]
        wrong += 1
        assert wrong < 20
    known = Browser(app)
    known.jar = dict(ann.jar)  # which others' guesses do not keep out
    page = await known.post("/login", sent(page.form("/login") | {"username": "Ann", "password": PASSWORD}))
    assert page.status == 200
    shown = page.form(path)
    names = ("title", "body", "day", "time", "zone", "tags", "mood", "version")
    assert {name: shown[name] for name in names} == {name: words[name] for name in names}
    assert (await known.post(path, sent(shown))).headers["X-Save"] == "saved"
    assert (await stored(path)).body == words["body"]


PASSWORD = "correct horse battery"
