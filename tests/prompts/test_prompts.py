"""Prompts: the prompt of the day, and the list of one's own."""

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import time_machine
from quart import Quart

from journal.accounts.models import User
from journal.entries.models import Entry
from journal.prompts import built_in
from journal.prompts.models import OwnPrompt
from tests.visiting import PASSWORD, Answer, Browser, registered

pytestmark = pytest.mark.slow_on_postgres

HTMX = {"HX_Request": "true"}


@pytest.fixture
def moment() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2024, 5, 31, 12, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
async def ann(app: Quart, moment: time_machine.Traveller) -> Browser:
    return await registered(app, "Ann")


@pytest.fixture
async def bob(app: Quart, ann: Browser) -> Browser:
    return await registered(app, "Bob")


def shown(answer: Answer) -> str | None:
    """The prompt that the page shows."""
    assert answer.status == 200
    found = re.search(r'aria-label="Prompt of the day">\s*<p[^>]*>([^<]*)</p>', answer.text)
    return unescape(found[1]) if found else None


async def today(browser: Browser) -> str | None:
    return shown(await browser.get("/entries/new"))


def key(answer: Answer) -> str:
    return answer.form("/prompts/today/replacement")["key"]


async def added(browser: Browser, text: str) -> int:
    answer = await browser.post("/prompts", {"body": text})
    assert (answer.status, answer.headers["Location"]) == (303, "/prompts"), answer.text
    prompt = await OwnPrompt.all().order_by("-id").first()
    assert prompt
    return int(prompt.id)


# The prompt of the day


async def test_one_prompt_is_shown_all_day_on_every_device(
    ann: Browser, app: Quart, moment: time_machine.Traveller
) -> None:
    moment.move_to(datetime(2024, 5, 31, 0, 0, tzinfo=UTC))
    seen = set()
    phone = Browser(app)
    await phone.post("/login", {"username": "Ann", "password": PASSWORD})
    for _ in range(24):
        await ann.post("/login", {"username": "Ann", "password": PASSWORD})
        seen |= {await today(ann), await today(phone)}
        moment.shift(timedelta(minutes=59))
    assert len(seen) == 1
    assert seen <= set(built_in.TEXTS)


@pytest.mark.soak_on_postgres
async def test_every_prompt_has_its_turn_before_one_comes_again(
    ann: Browser, moment: time_machine.Traveller
) -> None:
    await added(ann, "A question of my own?")
    every = {*built_in.TEXTS, "A question of my own?"}
    seen = []
    for _ in range(len(every) + 1):
        await ann.post("/login", {"username": "Ann", "password": PASSWORD})
        seen.append(await today(ann))
        moment.shift(timedelta(days=1))
    assert set(seen[:-1]) == every
    assert seen[-1] == seen[0]


async def test_it_changes_at_midnight_where_its_reader_is(app: Quart, moment: time_machine.Traveller) -> None:
    browser = await registered(app, "Kei", zone="Asia/Tokyo")
    moment.move_to(datetime(2024, 5, 31, 14, 59, tzinfo=UTC))
    before = await today(browser)
    moment.shift(timedelta(minutes=1))
    assert await today(browser) != before


async def test_two_people_have_prompts_of_their_own(ann: Browser, bob: Browser) -> None:
    assert await today(ann) != await today(bob)


async def test_it_shows_on_the_empty_page_of_today_and_nowhere_else(ann: Browser) -> None:
    path = (await ann.post("/entries", {"body": "words"})).headers["Location"]
    assert shown(await ann.get("/entries/new?day=2024-05-31"))
    for elsewhere in ("/", path, f"{path}/edit", "/entries/new?day=2024-05-30", "/days/2024-05-31"):
        assert shown(await ann.get(elsewhere)) is None, elsewhere
    form = {"name": "Usual", "body": "usual", "default": "1"}
    assert (await ann.post("/templates", form)).status == 303
    assert shown(await ann.get("/entries/new")) is None  # the page is not empty
    assert shown(await ann.get("/entries/new?template=none"))


async def test_a_page_that_comes_back_with_an_error_has_no_prompt(ann: Browser) -> None:
    answer = await ann.post("/entries", {"title": "t" * 301, "body": "words"})
    assert answer.status == 422
    assert 'id="prompt"' not in answer.text


async def test_using_it_puts_it_at_the_top_of_the_text_and_saves_nothing(ann: Browser) -> None:
    page = await ann.get("/entries/new")
    answer = await ann.get(f"/entries/new?prompt={key(page)}")
    form = answer.form_with("save")
    assert (form["body"], form["version"], form["day"]) == (f"> {shown(page)}\n\n", "0", "2024-05-31")
    assert 'id="prompt"' not in answer.text
    assert not await Entry.exists()


@pytest.mark.parametrize("asked", ["", "x", "0", "own-1", "own-", "own-0", "%00", "a" * 5000])
async def test_a_prompt_that_is_none_is_not_found(ann: Browser, asked: str) -> None:
    answer = await ann.get(f"/entries/new?prompt={asked}")
    assert answer.status == 404
    assert "This template or prompt is not there, or no longer." in answer.text


async def test_another_one_takes_its_place_for_the_day_on_every_device(ann: Browser, app: Quart) -> None:
    page = await ann.get("/entries/new")
    answer = await ann.post("/prompts/today/replacement", {"key": key(page)})
    assert (answer.status, answer.headers["Location"]) == (303, "/entries/new?template=none")
    other = await today(ann)
    assert other not in (None, shown(page))
    phone = Browser(app)
    await phone.post("/login", {"username": "Ann", "password": PASSWORD})
    assert await today(phone) == other


async def test_htmx_gets_the_other_prompt_alone(ann: Browser) -> None:
    page = await ann.get("/entries/new")
    answer = await ann.post("/prompts/today/replacement", {"key": key(page)}, **HTMX)
    assert shown(answer) == await today(ann) != shown(page)
    assert answer.text.strip().startswith('<div id="prompt"')


async def test_asking_twice_from_one_page_is_asking_once(ann: Browser) -> None:
    form = {"key": key(await ann.get("/entries/new"))}
    answers = await asyncio.gather(*(ann.post("/prompts/today/replacement", form, **HTMX) for _ in range(5)))
    second = await today(ann)
    assert {shown(answer) for answer in answers} == {second}
    for nonsense in ("", "x", "own-7", "a\0" * 500):
        answer = await ann.post("/prompts/today/replacement", {"key": nonsense}, **HTMX)
        assert shown(answer) == await today(ann) == second


async def test_the_days_go_on_behind_the_one_that_was_put_in_its_place(
    ann: Browser, moment: time_machine.Traveller
) -> None:
    first = await today(ann)
    await ann.post("/prompts/today/replacement", {"key": key(await ann.get("/entries/new"))})
    second = await today(ann)
    seen = []
    for _ in range(10):
        moment.shift(timedelta(days=1))
        await ann.post("/login", {"username": "Ann", "password": PASSWORD})
        seen.append(await today(ann))
    assert len({first, second, *seen}) == 12


async def test_it_can_be_dismissed_for_the_day(ann: Browser, moment: time_machine.Traveller) -> None:
    answer = await ann.post("/prompts/today/dismissal")
    assert (answer.status, answer.headers["Location"]) == (303, "/entries/new?template=none")
    assert await today(ann) is None
    moment.shift(timedelta(days=1))
    await ann.post("/login", {"username": "Ann", "password": PASSWORD})
    assert await today(ann)


async def test_htmx_gets_one_line_that_says_until_when(ann: Browser) -> None:
    answer = await ann.post("/prompts/today/dismissal", **HTMX)
    assert answer.status == 200
    assert "No prompt until tomorrow." in answer.text
    assert "<html" not in answer.text
    assert await today(ann) is None


async def test_they_can_be_turned_off_for_good_and_on_again(
    ann: Browser, moment: time_machine.Traveller
) -> None:
    assert (await ann.get("/settings")).form("/settings/prompts") == {"on": "1"}
    answer = await ann.post("/settings/prompts", {})
    assert (answer.status, answer.headers["Location"]) == (303, "/settings?saved=prompts")
    assert (await ann.get("/settings")).form("/settings/prompts") == {}
    for _ in range(3):
        assert await today(ann) is None
        moment.shift(timedelta(days=1))
        await ann.post("/login", {"username": "Ann", "password": PASSWORD})
    await ann.post("/prompts/today/dismissal")
    await ann.post("/settings/prompts", {"on": "1"})
    assert await today(ann)


# The list of one's own prompts


async def test_several_are_added_at_once_a_line_each(ann: Browser) -> None:
    await added(ann, "  What did \t I sing? \r\n\r\nWhom did I meet?\nWhat did I sing?\n")
    assert sorted(await OwnPrompt.all().values_list("text", flat=True)) == [
        "What did I sing?",
        "Whom did I meet?",
    ]
    text = (await ann.get("/prompts")).text
    assert "What did I sing?" in text
    assert all(prompt.replace("'", "&#39;") in text for prompt in built_in.TEXTS)


async def test_todays_prompt_stays_when_the_list_changes(ann: Browser) -> None:
    before = await today(ann)
    numbers = [await added(ann, f"Number {n}?") for n in range(8)]
    assert await today(ann) == before
    for number in numbers[:7]:
        await ann.post(f"/prompts/{number}/deletion")
        assert await today(ann) == before
    await ann.post(f"/prompts/{numbers[6]}/restoration")
    assert await today(ann) == before


async def test_ones_own_are_used_like_the_others(ann: Browser) -> None:
    number = await added(ann, "*Which* song?")
    form = (await ann.get(f"/entries/new?prompt=own-{number}")).form_with("save")
    assert form["body"] == "> *Which* song?\n\n"


async def test_a_prompt_of_ones_own_can_be_changed(ann: Browser) -> None:
    number = await added(ann, "Old?")
    assert (await ann.get(f"/prompts/{number}")).form(f"/prompts/{number}") == {"body": "Old?"}
    answer = await ann.post(f"/prompts/{number}", {"body": "New\nand better?"})
    assert answer.headers["Location"] == "/prompts"
    assert (await OwnPrompt.get(id=number)).text == "New and better?"
    assert (await ann.get(f"/prompts/{number}", **HTMX)).text.strip().startswith("<form")


async def test_the_one_of_today_can_be_removed_and_the_next_one_comes(ann: Browser) -> None:
    await added(ann, "My own?")
    for _ in range(len(built_in.TEXTS) + 1):
        page = await ann.get("/entries/new")
        if shown(page) == "My own?":
            break
        await ann.post("/prompts/today/replacement", {"key": key(page)})
    assert await today(ann) == "My own?"
    await ann.post(f"/prompts/{key(page).removeprefix('own-')}/deletion")
    assert await today(ann) in built_in.TEXTS


WRONG = {
    "nothing": (" \n ", "Write a prompt first."),
    "too much": ("x" * 301, "A prompt may have 300 characters at most; this one has 301."),
    "what is there": ("Taken?", "This is on your list already."),
}


@pytest.mark.parametrize(("body", "sentence"), WRONG.values(), ids=WRONG)
async def test_what_can_not_be_kept_is_refused_with_a_sentence(
    ann: Browser, body: str, sentence: str
) -> None:
    await added(ann, "Taken?")
    number = await added(ann, "Mine?")
    for path in ("/prompts", f"/prompts/{number}"):
        for headers in ({}, HTMX):
            answer = await ann.post(path, {"body": body}, **headers)
            assert answer.status == 422
            assert sentence in answer.text
            assert answer.form(path)["body"].strip() == body.strip()
    assert sorted(await OwnPrompt.all().values_list("text", flat=True)) == ["Mine?", "Taken?"]


async def test_several_lines_are_one_prompt_where_one_is_changed(ann: Browser) -> None:
    number = await added(ann, "Mine?")
    answer = await ann.post(f"/prompts/{number}", {"body": f"{'x' * 200}\n{'y' * 200}"})
    assert answer.status == 422
    assert "A prompt may have 300 characters at most; this one has 401." in answer.text


async def test_there_can_be_five_hundred_and_no_more(ann: Browser) -> None:
    await added(ann, "\n".join(f"Number {n}?" for n in range(499)))
    refused = await ann.post("/prompts", {"body": "One more?\nAnd one?"})
    assert refused.status == 422
    assert "You may have 500 prompts of your own; there is room for 1 more." in refused.text
    number = await added(ann, "One more?")
    await ann.post(f"/prompts/{number}/deletion")
    await added(ann, "Another?")
    assert (await ann.post(f"/prompts/{number}/restoration")).status == 422
    assert await OwnPrompt.filter(deleted_at=None).count() == 500
    assert (await ann.get("/prompts")).status == 200
    assert await today(ann)


async def test_what_one_sets_changes_nothing_for_another(ann: Browser, bob: Browser) -> None:
    before = await today(bob)
    await ann.post("/prompts/today/replacement", {"key": key(await ann.get("/entries/new"))})
    await ann.post("/prompts/today/dismissal")
    await ann.post("/settings/prompts", {})
    await added(ann, "Hers?")
    assert await today(bob) == before


async def test_an_account_that_is_gone_is_signed_out_and_not_an_error(ann: Browser) -> None:
    await User.filter(username="Ann").delete()
    jar = dict(ann.jar)
    posts = {"/prompts": {"body": "Late?"}, "/prompts/today/replacement": {"key": "x"}}
    posts["/templates"] = {"name": "Late", "body": "Late"}
    for path, form in posts.items():
        ann.jar = dict(jar)
        assert (await ann.post(path, form)).status == 401, path
    ann.jar = dict(jar)
    assert (await ann.get("/entries/new")).status == 303
