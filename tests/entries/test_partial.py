"""A save of which some fields can't be saved: the others are, and the answer says which and why."""

from uuid import uuid4

import pytest
from quart import Quart

from journal.entries.models import Entry
from tests.visiting import Answer, Browser, registered

BEFORE = {
    "title": "The old title",
    "body": "The old text.",
    "day": "2024-03-31",
    "time": "21:04",
    "zone": "Europe/Berlin",
    "tags": "home",
    "mood": "good",
}
AFTER = BEFORE | {"body": "The old text, and more of it."}
REFUSED = {
    "a long title": ("title", "x" * 301),
    "a long tag": ("tags", "home, " + "x" * 78),
    "too many tags": ("tags", ", ".join(f"tag{number}" for number in range(51))),
    "no day": ("day", "2024-02-30"),
    "no time": ("time", "24:00"),
    "a time that the clocks skipped": ("time", "02:30"),
    "no zone": ("zone", "Middle/Earth"),
    "no mood": ("mood", "splendid"),
}


@pytest.fixture
async def ann(app: Quart) -> Browser:
    return await registered(app, "Ann")


def sending(version: int, **fields: str) -> dict[str, str]:
    """What the editor sends."""
    return {**fields, "version": str(version), "save": str(uuid4()), "kind": "auto", "partial": "yes"}


async def begun(ann: Browser) -> str:
    path = f"/entries/{uuid4()}"
    assert said(await ann.put(path, sending(0, **BEFORE))) == (200, "saved", "1", None)
    return path


def said(answer: Answer) -> tuple[int, str | None, str | None, str | None]:
    of = answer.headers.get
    return answer.status, of("X-Save"), of("X-Version"), of("X-Refused")


async def shown(ann: Browser, path: str) -> dict[str, str]:
    """The fields of the editor, as they are stored."""
    form = (await ann.get(f"{path}/edit")).form(path)
    return {name: form[name] for name in BEFORE}


@pytest.mark.parametrize(("name", "value"), REFUSED.values(), ids=REFUSED)
async def test_one_field_that_can_not_be_saved_does_not_hold_back_the_text(
    ann: Browser, name: str, value: str
) -> None:
    path = await begun(ann)
    answer = await ann.put(path, sending(1, **AFTER | {name: value}))
    assert said(answer) == (200, "saved", "2", name)
    assert f'data-field="{name}"' in answer.text
    assert await shown(ann, path) == AFTER
    assert said(await ann.put(path, sending(2, **AFTER | {"title": "New"}))) == (200, "saved", "3", None)


@pytest.mark.parametrize(("name", "value"), REFUSED.values(), ids=REFUSED)
async def test_a_new_entry_begins_without_the_field_that_can_not_be_saved(
    ann: Browser, name: str, value: str
) -> None:
    path = f"/entries/{uuid4()}"
    fields = {"body": "Words.", "day": "2024-03-31", "zone": "Europe/Berlin", name: value}
    assert said(await ann.put(path, sending(0, **fields))) == (200, "saved", "1", name)
    assert (await shown(ann, path))["body"] == "Words."


async def test_several_fields_are_refused_together_each_with_its_sentence(ann: Browser) -> None:
    path = await begun(ann)
    wrong = {"title": "x" * 301, "tags": "x" * 78, "time": "02:30"}
    answer = await ann.put(path, sending(1, **AFTER | wrong))
    assert said(answer) == (200, "saved", "2", "title, tags, time")
    for sentence in ("this one has 301.", "A tag may have 60 characters", "never showed 02:30"):
        assert sentence in answer.text
    assert await shown(ann, path) == AFTER


async def test_a_text_that_is_too_long_does_not_hold_back_the_title(ann: Browser) -> None:
    path = await begun(ann)
    long = BEFORE | {"body": "x" * 1_000_001, "title": "The new title"}
    assert said(await ann.put(path, sending(1, **long))) == (200, "saved", "2", "body")
    assert await shown(ann, path) == BEFORE | {"title": "The new title"}


async def test_the_same_save_sent_twice_is_one_version_and_one_answer(ann: Browser) -> None:
    path = await begun(ann)
    fields = sending(1, **AFTER | {"title": "x" * 301})
    assert said(await ann.put(path, fields)) == (200, "saved", "2", "title")
    again = await ann.put(path, fields)
    assert said(again) == (200, "replay", "2", "title")
    assert "this one has 301." in again.text


async def test_a_plain_form_comes_back_with_what_was_refused_and_goes_on_from_what_was_saved(
    ann: Browser,
) -> None:
    path = await begun(ann)
    answer = await ann.post(path, sending(1, **AFTER | {"title": "x" * 301}))
    assert said(answer) == (422, "saved", "2", "title")
    assert await shown(ann, path) == AFTER
    form = answer.form(path)
    assert {name: form[name] for name in BEFORE} == AFTER | {"title": "x" * 301}
    assert 'id="title-error">A title may have' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert (await ann.post(path, form | {"title": "Short"})).status == 303
    assert await shown(ann, path) == AFTER | {"title": "Short"}


@pytest.mark.parametrize("wrong", [{"version": "x"}, {"save": "x"}, {"after": "x"}])
async def test_a_save_that_is_damaged_itself_saves_nothing(ann: Browser, wrong: dict[str, str]) -> None:
    path = await begun(ann)
    answer = await ann.put(path, sending(1, **AFTER) | wrong)
    assert said(answer) == (422, None, None, None)
    assert await shown(ann, path) == BEFORE


async def test_what_leaves_nothing_to_be_saved_makes_no_entry(ann: Browser) -> None:
    answer = await ann.put(f"/entries/{uuid4()}", sending(0, body=" ", title="x" * 301))
    assert said(answer) == (422, None, None, None)
    assert 'data-field="title"' in answer.text
    assert "Write something first." not in answer.text
    assert await Entry.all().count() == 0


async def test_a_page_from_before_the_upgrade_is_told_that_nothing_was_saved(ann: Browser) -> None:
    """Such a page would take 200 for a save of all fields, and drop its copy of the refused ones."""
    path = await begun(ann)
    fields = sending(1, **AFTER | {"title": "x" * 301})
    del fields["partial"]
    assert said(await ann.put(path, fields)) == (422, None, None, None)
    assert await shown(ann, path) == BEFORE
