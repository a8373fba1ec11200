"""The rules of the house that only the running site can show: who gets in, every page, its queries."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from jinja2 import Environment
from quart import Quart
from quart.typing import TestClientProtocol as Client
from werkzeug.routing import Rule

from journal import clock
from tests.conftest import Person
from tests.transfer.uploading import brought

PUBLIC = {
    "site.static",
    "site.favicon",
    "site.healthz",
    "site.readyz",
    "site.service_worker",
    "site.offline",
    "site.manifest",
    "accounts.register_page",
    "accounts.register",
    "sessions.login_page",
    "sessions.login",
    "sessions.logout",
    "entries.timeline",
}
HTMX = {"HX-Request": "true"}
SAMPLES = {
    "uid": str(uuid4()),
    "day": "2024-05-31",
    "number": "1",
    "name": "nothing.css",
    "tag": "home",
    "format": "json",
}
SAMPLES |= {"year": "2024", "month": "05", "date": "05-31"}


def path(rule: Rule, **known: str) -> str:
    """A path of that rule; a parameter that is new here needs a sample."""
    return re.sub(r"<(?:[^>]*:)?(\w+)>", lambda found: {**SAMPLES, **known}[found[1]], rule.rule)


def private(app: Quart) -> Iterator[tuple[str, str]]:
    """Method and path of everything that is not for everybody."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if rule.endpoint not in PUBLIC:
                yield method, path(rule)


# Who gets in


def test_these_endpoints_are_public_and_no_others(app: Quart) -> None:
    cacheable = app.extensions["gate"].cacheable
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    public = {
        name
        for name in endpoints
        if name.startswith(f"{cacheable}.") or getattr(app.view_functions[name], "is_public", False)
    }
    assert public == PUBLIC


async def test_signed_out_every_private_page_leads_to_the_sign_in_and_back(
    app: Quart, visitor: Client
) -> None:
    pages = [path for method, path in private(app) if method == "GET"]
    assert len(pages) > 5
    for page in pages:
        answer = await visitor.get(f"{page}?a=1")
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/login?next={page}%3Fa%3D1"), page
        assert answer.headers["Cache-Control"] == "no-store"


async def test_signed_out_every_private_write_is_refused_with_the_sign_in_form(
    app: Quart, visitor: Client
) -> None:
    writes = [(method, path) for method, path in private(app) if method != "GET"]
    assert len(writes) > 5
    for method, page in writes:
        answer = await getattr(visitor, method.lower())(page, form={"body": "My words."})
        text = await answer.get_data(as_text=True)
        assert answer.status_code == 401, (method, page)
        assert 'name="password"' in text
        assert "My words." in text


async def test_signed_out_htmx_gets_the_sign_in_dialog_for_everything_private(
    app: Quart, visitor: Client
) -> None:
    for method, page in private(app):
        answer = await getattr(visitor, method.lower())(page, headers=HTMX)
        assert answer.status_code == 401, (method, page)
        assert answer.headers["HX-Retarget"] == "#sign-in"
        assert "<html" not in await answer.get_data(as_text=True)


async def test_what_does_not_exist_is_not_found_by_anybody(visitor: Client, ann: Person) -> None:
    for page in ("/nowhere", "/entries/1", "/entries/not-a-uuid/edit", "/static/", "/Entries/new"):
        assert (await visitor.get(page)).status_code == 404, page
        assert (await ann.get(page)).status_code == 404, page


# Every page and every template


@pytest.fixture
def reached(app: Quart) -> set[str]:
    """The names of the templates that pages have used so far."""
    names: set[str] = set()
    env: Environment = app.extensions["templates"]
    assert env.loader
    original = env.loader.get_source

    def get_source(environment: Environment, template: str) -> Any:
        names.add(template)
        return original(environment, template)

    env.loader.get_source = get_source  # type: ignore[method-assign]
    return names


async def test_every_page_renders_and_every_template_is_used_by_one(
    app: Quart, visitor: Client, ann: Person, reached: set[str]
) -> None:
    assert (await ann.post("/templates", {"name": "Pages", "body": "Slept:"})).status_code == 303
    assert (await ann.post("/prompts", {"body": "What did I sing?"})).status_code == 303
    first = await ann.writes("One **word**.", title="First", tags="home, work", mood="good", day="2024-05-31")
    second = await ann.writes("Another.", day="2024-05-31")
    today = clock.today("UTC")
    await ann.writes("A year ago.", day=f"{today.year - 4}-{today:%m-%d}")
    uids = {"transfer": (await brought(ann, name="2024-05-31.md", content=b"Words")).rpartition("/")[2]}
    await visits_everything(app, ann, first.removeprefix("/entries/"), uids)
    assert (await visitor.get("/")).status_code == 200
    assert (await visitor.get("/login")).status_code == 200
    assert (await visitor.get("/register")).status_code == 200
    assert (await ann.put(first, {"body": "Late.", "version": "0"})).status_code == 409
    deleted = await ann.post(f"{second}/deletion")
    assert (await ann.get(deleted.headers["Location"])).status_code == 200
    assert (await ann.get("/nowhere")).status_code == 404
    assert reached == set(app.extensions["templates"].list_templates())


FILES = {"site.static", "attachments.original"}


async def visits_everything(app: Quart, person: Person, uid: str, uids: dict[str, str]) -> None:
    """Every page there is, as a whole and as htmx asks for it. `uids` are for blueprints whose uids are not
    those of entries."""
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint not in FILES:
            page = path(rule, uid=uids.get(rule.endpoint.partition(".")[0], uid))
            for headers in ({}, HTMX):
                answer = await person.get(page, headers=headers)
                assert answer.status_code in (200, 301, 303), (page, headers)


def test_every_template_compiles_and_forgives_no_missing_name(app: Quart) -> None:
    env: Environment = app.extensions["templates"]
    for name in env.list_templates():
        env.get_template(name)
    assert env.undefined.__name__ == "StrictUndefined"
    assert not env.is_async


# Queries


async def queries(person: Person, page: str, caplog: pytest.LogCaptureFixture, status: int = 200) -> int:
    """How many the log says that the page took."""
    caplog.clear()
    answer = await person.get(page)
    assert answer.status_code == status
    found = [re.search(r" (\d+)q ", r.getMessage()) for r in caplog.records if r.name == "journal.requests"]
    assert len(found) == 1
    assert found[0]
    return int(found[0][1])


async def test_a_list_takes_one_query_however_long_it_is(
    ann: Person, caplog: pytest.LogCaptureFixture
) -> None:
    """The first page three: it shows what was written on this day in years before, and keeps a draft."""
    written, today = 0, clock.today("UTC")
    await ann.get("/")  # which makes a key, once
    for length in (0, 1, 25, 60):
        for n in range(length - written):
            day = today.replace(year=today.year - n % 4, day=min(today.day, 28))
            await ann.writes(f"Entry {written}.", tags="one, two", mood="good", day=f"{day}")
            written += 1
        assert await queries(ann, "/", caplog) == 3
        assert await queries(ann, f"/days/{day if written else today}", caplog) == 1
    link = re.search(
        r'href="(/\?before=[^"]+)" rel="next"', await (await ann.get("/")).get_data(as_text=True)
    )
    assert link
    assert await queries(ann, link[1], caplog) == 1


async def test_the_calendar_takes_the_same_queries_however_much_is_written(
    ann: Person, caplog: pytest.LogCaptureFixture
) -> None:
    pages = {
        "/calendar/2023": 2,
        "/calendar/2023/02": 2,
        "/on-this-day": 2,
        "/on-this-day/02-28": 2,
        "/on-this-day/02-29": 2,
        "/calendar": 0,
        "/entries/new?day=2024-02-28": 3,
    }
    await ann.get("/entries/new")  # which makes a key, once
    for round in range(4):
        for page, number in pages.items():
            assert await queries(ann, page, caplog, 303 if page == "/calendar" else 200) == number
        for day in ("2023-02-28", "2020-02-29", "2022-02-28", "2016-02-27"):
            for n in range(10 * round):
                await ann.writes(f"Entry {n}.", mood="good", day=day)


async def test_the_bin_takes_one_query_however_full_it_is(
    ann: Person, caplog: pytest.LogCaptureFixture
) -> None:
    for thrown in (0, 1, 24, 35):
        for n in range(thrown):
            await ann.post(f"{await ann.writes(f'Entry {n}.')}/deletion")
        assert await queries(ann, "/bin", caplog) == 1


async def test_an_entry_takes_the_same_two_queries_whatever_is_around_it(
    ann: Person, caplog: pytest.LogCaptureFixture
) -> None:
    middle = await ann.writes("Between others.", day="2024-05-31")
    assert await queries(ann, middle, caplog) == 2
    for day in range(1, 30):
        await ann.writes("One of the others.", day=f"2024-05-{day:02}")
    assert await queries(ann, middle, caplog) == 2


async def test_templates_and_prompts_take_one_query_however_many_there_are(
    ann: Person, caplog: pytest.LogCaptureFixture
) -> None:
    for count in (0, 1, 40):
        for n in range(count):
            form = {"name": f"{count}, {n}", "body": "Slept:"}
            assert (await ann.post("/templates", form)).status_code == 303
            assert (await ann.post("/prompts", {"body": f"{count}, {n}?"})).status_code == 303
        await ann.get("/entries/new")  # the first makes a key
        for page, most in (("/templates", 1), ("/prompts", 2), ("/entries/new", 3)):
            assert await queries(ann, page, caplog) == most
    assert (await ann.post("/templates", {"name": "D", "body": "D", "default": "1"})).status_code == 303
    assert await queries(ann, "/entries/new", caplog) == 3


async def test_being_signed_in_costs_no_query(
    ann: Person, visitor: Client, caplog: pytest.LogCaptureFixture
) -> None:
    assert await queries(ann, "/bin/deletion", caplog) == 0
    assert await queries(Person("nobody", visitor), "/", caplog) == 0
    assert await queries(ann, "/healthz", caplog) == 0
