"""Entry templates: adding, changing and ordering them, and starting an entry with one."""

import asyncio
import re
from html import unescape
from uuid import uuid4

import pytest

from journal.entries.models import Entry
from journal.entry_templates import store
from journal.entry_templates.models import EntryTemplate
from tests.visiting import Answer, Browser

HTMX = {"HX_Request": "true"}


async def made(browser: Browser, name: str, body: str = "Slept:\n", **fields: str) -> int:
    answer = await browser.post("/templates", {"name": name, "body": body, **fields})
    assert (answer.status, answer.headers["Location"]) == (303, "/templates"), answer.text
    template = await EntryTemplate.all().order_by("-id").first()
    assert template
    return int(template.id)


async def names(browser: Browser) -> list[str]:
    return re.findall(r'class="name"[^>]*>([^<]*)</a>', (await browser.get("/templates")).text)


def fields(answer: Answer) -> tuple[str, str]:
    """The title and the text that the editor starts with."""
    assert answer.status == 200
    form = answer.form_with("save")
    return form["title"], form["body"]


# The list and the form


async def test_without_any_the_list_says_so_and_leads_to_a_new_one(ann: Browser) -> None:
    answer = await ann.get("/templates")
    assert "There are no templates yet." in answer.text
    assert 'href="/templates/new"' in answer.text
    form = (await ann.get("/templates/new")).form("/templates")
    assert form == {"name": "", "title": "", "body": ""}


async def test_a_template_is_made_and_shown_in_its_fields_again(ann: Browser) -> None:
    number = await made(ann, "  Morning \t pages ", "Slept:\r\n\r\nToday:", title="{date}", default="1")
    assert await names(ann) == ["Morning pages"]
    form = (await ann.get(f"/templates/{number}")).form(f"/templates/{number}")
    assert form == {"name": "Morning pages", "title": "{date}", "body": "Slept:\n\nToday:", "default": "1"}
    answer = await ann.post(f"/templates/{number}", {**form, "name": "Evening", "body": "Done:"})
    assert answer.headers["Location"] == "/templates"
    assert await names(ann) == ["Evening"]


async def test_the_page_explains_every_placeholder(ann: Browser) -> None:
    text = (await ann.get("/templates/new")).text
    for word in ("date", "weekday", "time", "day", "month", "year", "week", "iso"):
        assert f"<code>{{{word}}}</code>" in text


async def test_htmx_gets_the_form_alone_and_the_list_alone(ann: Browser) -> None:
    number = await made(ann, "Pages")
    for path in ("/templates", "/templates/new", f"/templates/{number}"):
        answer = await ann.get(path, **HTMX)
        assert answer.status == 200
        assert "<html" not in answer.text
        assert "<h1" not in answer.text
    refused = await ann.post("/templates", {"name": ""}, **HTMX)
    assert (refused.status, "<html" in refused.text) == (422, False)


WRONG = {
    "no name": ({"name": " ", "body": "x"}, "Give the template a name."),
    "nothing in it": ({"name": "n", "body": " \n"}, "Write something for an entry to begin with."),
    "a long name": (
        {"name": "n" * 81, "body": "x"},
        "A name may have 80 characters at most; this one has 81.",
    ),
    "a long title": (
        {"name": "n", "title": "t" * 201},
        "Its title may have 200 characters at most; this one has 201.",
    ),
    "a long text": (
        {"name": "n", "body": "x" * 20_001},
        "A template may have 20,000 characters at most; this one has 20,001.",
    ),
    "a name that is taken": ({"name": "Taken", "body": "x"}, "You have a template of this name already."),
}


@pytest.mark.parametrize(("form", "sentence"), WRONG.values(), ids=WRONG)
async def test_what_can_not_be_kept_is_refused_with_a_sentence_and_stays_in_its_fields(
    ann: Browser, form: dict[str, str], sentence: str
) -> None:
    await made(ann, "Taken")
    number = await made(ann, "Mine", "as it was")
    for path in ("/templates", f"/templates/{number}"):
        answer = await ann.post(path, form)
        assert answer.status == 422
        assert sentence in answer.text
        assert answer.form(path)["body"] == form.get("body", "")
    assert await names(ann) == ["Taken", "Mine"]
    assert (await store.one((await EntryTemplate.get(id=number)).user_id, number))["body"] == "as it was"


async def test_the_longest_of_everything_is_taken(ann: Browser) -> None:
    number = await made(ann, "n" * 80, "字" * 20_000, title="{date}" * 33)
    title, body = fields(await ann.get(f"/entries/new?template={number}"))
    assert body == "字" * 20_000
    assert len(title) == 300  # filled in it would be longer than an entry's title may be


async def test_bytes_that_are_no_text_become_a_mark(ann: Browser) -> None:
    number = await made(ann, "a\0b", "c\0d")
    assert fields(await ann.get(f"/entries/new?template={number}"))[1] == "c\ufffdd"


async def test_there_can_be_a_hundred_and_no_more(ann: Browser) -> None:
    first = await made(ann, "Number 0")
    user_id = (await EntryTemplate.get(id=first)).user_id
    await EntryTemplate.bulk_create(
        [EntryTemplate(user_id=user_id, position=n, name=f"Number {n}", body="x") for n in range(1, 99)]
    )
    # Of several concurrent requests only one gets the last place.
    tries = [ann.post("/templates", {"name": f"More {n}", "body": "x"}) for n in range(5)]
    assert sorted(answer.status for answer in await asyncio.gather(*tries)) == [303, 422, 422, 422, 422]
    answer = await ann.post("/templates", {"name": "Late", "body": "x"})
    assert "You have 100 templates, which is as many as there can be; delete one first." in answer.text
    await ann.post(f"/templates/{first}/deletion")
    await made(ann, "Late")
    assert (await ann.post(f"/templates/{first}/restoration")).status == 422
    assert await EntryTemplate.filter(user_id=user_id, deleted_at=None).count() == 100


# Order


async def test_templates_stand_in_the_order_that_they_are_given(ann: Browser) -> None:
    a, b, c = [await made(ann, name) for name in "abc"]
    for number, to, order in [(c, "up", "acb"), (c, "up", "cab"), (c, "up", "cab"), (a, "down", "cba")]:
        answer = await ann.post(f"/templates/{number}/position", {"to": to})
        assert (answer.status, answer.headers["Location"]) == (303, "/templates")
        assert await names(ann) == list(order)
    await ann.post(f"/templates/{b}/deletion")
    await ann.post(f"/templates/{b}/restoration")
    await made(ann, "d")
    assert await names(ann) == list("cbad")
    assert (await ann.post(f"/templates/{a}/position", {"to": "out"})).status == 422


async def test_signed_out_the_words_of_a_template_are_not_lost(ann: Browser) -> None:
    ann.jar.clear()
    answer = await ann.post("/templates", {"name": "Pages", "title": "t", "body": "my words"})
    assert answer.status == 401
    assert answer.form("/login")["kept.body"] == "my words"


# Starting an entry


async def test_a_template_fills_the_editor_with_its_day_put_in(ann: Browser) -> None:
    number = await made(ann, "Pages", "{iso}\n\nSlept:", title="{weekday}")
    answer = await ann.get(f"/entries/new?template={number}&day=2024-05-31")
    assert fields(answer) == ("Friday", "2024-05-31\n\nSlept:")
    assert answer.form_with("save")["day"] == "2024-05-31"
    assert answer.form_with("save")["version"] == "0"


async def test_the_menu_leads_to_each_template_and_keeps_the_day(ann: Browser) -> None:
    assert 'class="template-menu"' not in (await ann.get("/entries/new")).text
    one, two = await made(ann, "One"), await made(ann, "Two")
    links = re.findall(r'href="(/entries/new\?template=[^"]*)"', (await ann.get("/entries/new")).text)
    assert links == [f"/entries/new?template={number}" for number in (one, two)]
    text = unescape((await ann.get(f"/entries/new?day=2024-05-31&template={one}")).text)
    links = re.findall(r'href="(/entries/new\?template=[^"]*)"', text)
    kept = "&day=2024-05-31"
    assert links == [f"/entries/new?template={t}{kept}" for t in ("none", one, two)]


async def test_the_menu_is_offered_by_new_entries_only(ann: Browser) -> None:
    await made(ann, "One")
    path = (await ann.post("/entries", {"body": "words"})).headers["Location"]
    assert 'class="template-menu"' not in (await ann.get(f"{path}/edit")).text
    refused = await ann.post("/entries", {"body": "words", "day": "x"})
    assert (refused.status, 'class="template-menu"' in refused.text) == (422, False)


async def test_the_default_begins_every_new_entry_but_an_empty_one_can_be_asked_for(ann: Browser) -> None:
    await made(ann, "Other", "other")
    await made(ann, "Usual", "usual", default="1")
    for day in ("", "?day=2024-05-31"):
        assert fields(await ann.get(f"/entries/new{day}")) == ("", "usual")
    assert fields(await ann.get("/entries/new?template=none")) == ("", "")


async def test_there_is_one_default_at_most(ann: Browser, bob: Browser) -> None:
    await made(bob, "His", "his", default="1")
    first = await made(ann, "First", "first", default="1")
    await ann.post(f"/templates/{first}/deletion")
    assert fields(await ann.get("/entries/new")) == ("", "")
    second = await made(ann, "Second", "second", default="1")
    await ann.post(f"/templates/{first}/restoration")
    assert fields(await ann.get("/entries/new")) == ("", "second")
    await ann.post(f"/templates/{first}", {"name": "First", "body": "first", "default": "1"})
    assert fields(await ann.get("/entries/new")) == ("", "first")
    await ann.post(f"/templates/{first}", {"name": "First", "body": "first"})
    assert fields(await ann.get("/entries/new")) == ("", "")
    assert await EntryTemplate.filter(is_default=True).values_list("name", flat=True) == ["His"]
    assert not (await EntryTemplate.get(id=second)).is_default


@pytest.mark.parametrize("asked", ["0", "x", "-1", "1%20", "9" * 40, "None", "%00"])
async def test_a_template_that_is_none_is_not_found(ann: Browser, asked: str) -> None:
    await made(ann, "One", default="1")
    answer = await ann.get(f"/entries/new?template={asked}")
    assert answer.status == 404
    assert "This template or prompt is not there, or no longer." in answer.text
    assert (await ann.get(f"/templates/{asked}")).status == 404


async def test_a_page_that_was_begun_opens_again_whatever_became_of_its_template(ann: Browser) -> None:
    """The browser has kept the words of that page and opens it again."""
    number, uid = await made(ann, "Usual", "usual"), uuid4()
    again = f"/entries/new?template={number}&entry={uid}"
    assert fields(await ann.get(again)) == ("", "usual")
    await ann.post(f"/templates/{number}/deletion")
    for path in (again, f"/entries/new?prompt=gone&entry={uid}"):
        answer = await ann.get(path)
        assert fields(answer) == ("", "")
        assert f'action="/entries/{uid}"' in answer.text
    await ann.put(f"/entries/{uid}", {"body": "words", "version": "0"})
    assert (await ann.get(again)).headers["Location"] == f"/entries/{uid}/edit"


async def test_opening_the_editor_saves_nothing(ann: Browser) -> None:
    number = await made(ann, "Usual", "usual", default="1")
    for path in ("/entries/new", f"/entries/new?template={number}"):
        for headers in ({}, HTMX):
            await ann.get(path, **headers)
    assert not await Entry.exists()
