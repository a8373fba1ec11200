"""Who gets what: each row of the table in both modes, with a clock that is moved instead of waited for."""

import asyncio
import json
import logging
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from quart import Quart, Response

from journal import clock
from journal.accounts import users
from journal.accounts.models import User
from journal.app import create_app
from journal.database import Unavailable, rows
from journal.entries import reading
from journal.sessions import throttle
from journal.settings import Settings, read
from journal.web import assets
from tests.visiting import PASSWORD, Answer, Browser, registered, sent

pytestmark = pytest.mark.slow_on_postgres

START = datetime(2024, 5, 31, 12, tzinfo=UTC)
ACCESS, REFRESH = 1800, 1_209_600
ADDRESSES = {"development": "http://localhost", "production": "https://journal.example.org"}
ADDRESSES |= {"lan": "http://nas.local:8000", "upgraded": "https://journal.example.org"}
WORDS = "What Ann wrote on the last day of May"
Site = tuple[Quart, str]


@pytest.fixture(params=[pytest.param("development", marks=pytest.mark.engine("sqlite")), "production"])
def settings(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Settings:
    """Each mode: the cookies differ in their names and flags, which is the same on both engines."""
    mode = request.param.replace("upgraded", "production")
    values = {"FLASK_ENV": mode, "SECRET_KEY": "k" * 40, "PUBLIC_URL": ADDRESSES[request.param]}
    return replace(read(values, tmp_path), database_url=database_url)


@pytest.fixture
def moment() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
async def ann(
    app: Quart, settings: Settings, moment: time_machine.Traveller, request: pytest.FixtureRequest
) -> Browser:
    """Signed in just now, with one entry; `upgraded` from a version whose cookies had no digest."""
    browser = await registered(app, "Ann", settings.public_url)
    assert (await browser.post("/entries", {"body": WORDS})).status == 303
    if "upgraded" in request.node.name:
        browser.earlier = set(browser.jar)
    return browser


@pytest.fixture
async def phone(ann: Browser, app: Quart, settings: Settings) -> Browser:
    """Another browser that Ann has signed in with."""
    browser = Browser(app, settings.public_url)
    await browser.post("/login", {"username": "Ann", "password": PASSWORD})
    return browser


@pytest.fixture
def named(settings: Settings) -> Callable[[str], str]:
    """What a cookie is called in this mode."""
    return lambda name: f"__Host-{name}" if settings.secure else name


Named = Callable[[str], str]


def auth(answer: Answer) -> set[str]:
    """The cookies an answer sets, without their prefix, but for the one that says nothing of who it is."""
    return {name.removeprefix("__Host-") for name in answer.cookies} - {"preferences"}


BOTH = {"access_token", "refresh_token"}


def claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def kid(token: str) -> str:
    part = token.split(".")[0]
    return str(json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))["kid"])


async def entries() -> list[str]:
    return [row["body"] for row in await rows("SELECT body FROM entries ORDER BY id")]


def draft(body: str = "words", **fields: str) -> dict[str, str]:
    return {"title": "", "body": body, "day": "2024-05-31", "version": "0", "save": str(uuid4()), **fields}


# Cookies


async def test_signing_up_sets_both_cookies_with_the_flags_of_the_mode(
    app: Quart, settings: Settings, named: Named
) -> None:
    browser = Browser(app, settings.public_url)
    form = {"username": "Ann", "email": "ann@example.org", "password": PASSWORD}
    answer = await browser.post("/register", form)
    assert {named(name) for name in BOTH} <= set(answer.cookies)
    for name, life in (("access_token", ACCESS), ("refresh_token", REFRESH)):
        morsel = answer.cookies[named(name)]
        assert morsel["max-age"] == str(life)
        assert (morsel["path"], morsel["domain"], morsel["samesite"]) == ("/", "", "Lax")
        assert morsel["httponly"] is True
        assert bool(morsel["secure"]) is settings.secure


async def test_every_cookie_that_is_ever_set_has_these_flags(ann: Browser, settings: Settings) -> None:
    answers = [
        await ann.post("/settings", {"zone": "Asia/Tokyo", "theme": "dark"}),
        await ann.post("/logout"),
        await ann.post("/login", {"username": "Ann", "password": PASSWORD}),
    ]
    morsels = [morsel for answer in answers for morsel in answer.cookies.values()]
    assert len(morsels) >= 7
    for morsel in morsels:
        assert (morsel["path"], morsel["domain"], morsel["samesite"]) == ("/", "", "Lax")
        assert morsel["httponly"] is True
        assert bool(morsel["secure"]) is settings.secure


async def test_the_lives_of_the_cookies_are_those_of_the_settings(settings: Settings, ann: Browser) -> None:
    ann.client = create_app(replace(settings, access_token_expiry=7, refresh_token_expiry=70)).test_client(
        use_cookies=False
    )
    answer = await ann.post("/login", {"username": "Ann", "password": PASSWORD})
    assert sorted(morsel["max-age"] for morsel in answer.cookies.values())[-2:] == ["7", "70"]
    lives = [claims(m.value) for name, m in answer.cookies.items() if name.endswith("_token")]
    assert sorted(token["exp"] - token["iat"] for token in lives) == [7, 70]


async def test_names_of_the_other_mode_are_not_looked_at(ann: Browser, settings: Settings) -> None:
    ann.jar = {
        name.removeprefix("__Host-") if settings.secure else f"__Host-{name}": value
        for name, value in ann.jar.items()
    }
    assert (await ann.get("/entries/new")).status == 303


async def test_a_private_page_is_kept_by_nobody(ann: Browser, moment: time_machine.Traveller) -> None:
    for path in ("/", "/entries/new", "/bin", "/settings", "/login", "/nothing"):
        for _ in range(2):
            answer = await ann.get(path)
            assert answer.headers["Cache-Control"] == "no-store"
            assert {"Cookie", "HX-Request"} <= {v.strip() for v in answer.headers["Vary"].split(",")}
            moment.shift(ACCESS)


# Access valid


async def test_with_a_valid_access_token_pages_are_served_without_a_look_at_the_account(
    ann: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(users, "session_row", None)
    caplog.set_level(logging.INFO, "journal.requests")
    for headers in ({}, {"HX_Request": "true"}):
        answer = await ann.get("/bin/deletion", **headers)
        assert answer.status == 200
        assert not answer.cookies
    asked = [re.search(r" (\d+)q ", record.getMessage()) for record in caplog.records]
    assert [found[1] for found in asked if found] == ["0", "0"]


async def test_with_a_valid_access_token_writes_are_handled(ann: Browser) -> None:
    answers = [
        await ann.put(f"/entries/{uuid4()}", draft("by htmx")),
        await ann.post(f"/entries/{uuid4()}", draft("by a form")),
    ]
    assert [answer.status for answer in answers] == [200, 303]
    assert not any(answer.cookies for answer in answers)
    assert await entries() == [WORDS, "by htmx", "by a form"]


async def test_an_access_token_lasts_to_its_last_second(ann: Browser, moment: time_machine.Traveller) -> None:
    moment.shift(ACCESS - 1)
    assert auth(await ann.get("/")) == set()
    moment.shift(1)
    assert auth(await ann.get("/")) == BOTH


async def test_a_token_from_the_future_is_not_remembered_as_good(
    ann: Browser, moment: time_machine.Traveller
) -> None:
    """It was genuine a moment ago; then the clock was stepped back."""
    assert auth(await ann.get("/")) == set()
    moment.shift(-61)
    answer = await ann.get("/")
    assert (answer.status, auth(answer)) == (200, BOTH)


# Access gone, refresh valid


def _expire(browser: Browser, moment: time_machine.Traveller, access: str) -> None:
    moment.shift(ACCESS)


def _lose(browser: Browser, moment: time_machine.Traveller, access: str) -> None:
    del browser.jar[access]


def _spoil(browser: Browser, moment: time_machine.Traveller, access: str) -> None:
    browser.jar[access] = "x" + browser.jar[access][1:]


def _swap(browser: Browser, moment: time_machine.Traveller, access: str) -> None:
    browser.jar[access] = browser.jar[access.replace("access", "refresh")]


FATES = {"expired": _expire, "missing": _lose, "spoilt": _spoil, "a refresh token": _swap}
fates = pytest.mark.parametrize("fate", FATES.values(), ids=FATES)
Fate = Callable[[Browser, time_machine.Traveller, str], None]


@fates
async def test_a_page_comes_with_its_content_and_two_new_cookies(
    ann: Browser, moment: time_machine.Traveller, named: Named, fate: Fate
) -> None:
    before = dict(ann.jar)
    moment.shift(1)
    fate(ann, moment, named("access_token"))
    answer = await ann.get("/")
    assert answer.status == 200
    assert WORDS in answer.text
    assert auth(answer) == BOTH
    assert all(ann.jar[named(name)] != before[named(name)] for name in BOTH)
    again = await ann.get("/")
    assert (again.status, again.cookies) == (200, {})


async def test_htmx_gets_its_fragment_and_two_new_cookies(
    ann: Browser, moment: time_machine.Traveller
) -> None:
    moment.shift(ACCESS)
    answer = await ann.get("/", HX_Request="true")
    assert answer.status == 200
    assert WORDS in answer.text
    assert "<html" not in answer.text
    assert auth(answer) == BOTH


@fates
async def test_a_write_is_handled_once_and_brings_two_new_cookies(
    ann: Browser, moment: time_machine.Traveller, named: Named, fate: Fate
) -> None:
    moment.shift(1)
    fate(ann, moment, named("access_token"))
    answer = await ann.put(f"/entries/{uuid4()}", draft("by htmx"))
    assert (answer.status, answer.headers["X-Save"], auth(answer)) == (200, "saved", BOTH)
    fate(ann, moment, named("access_token"))
    answer = await ann.post(f"/entries/{uuid4()}", draft("by a form"))
    assert (answer.status, auth(answer)) == (303, BOTH)
    assert await entries() == [WORDS, "by htmx", "by a form"]


async def test_the_session_slides_and_the_last_password_entry_stays(
    ann: Browser, moment: time_machine.Traveller, named: Named
) -> None:
    """Every thirteen days for half a year: far longer than any one refresh token lives."""
    for _ in range(14):
        moment.shift(timedelta(days=13))
        assert WORDS in (await ann.get("/")).text
    for name in BOTH:
        token = claims(ann.jar[named(name)])
        assert token["auth_time"] == int(START.timestamp())
        assert token["iat"] == int(clock.now().timestamp())


async def test_after_fifteen_days_away_the_session_is_over(
    ann: Browser, moment: time_machine.Traveller
) -> None:
    moment.shift(timedelta(days=15))
    assert (await ann.get("/entries/new")).status == 303


async def test_a_refresh_asks_the_database_once(
    ann: Browser, moment: time_machine.Traveller, caplog: pytest.LogCaptureFixture
) -> None:
    moment.shift(ACCESS)
    caplog.set_level(logging.INFO, "journal.requests")
    await ann.get("/bin/deletion")
    assert " 1q " in caplog.records[-1].getMessage()


async def test_a_refresh_brings_back_preferences_that_the_browser_has_lost(
    ann: Browser, moment: time_machine.Traveller, caplog: pytest.LogCaptureFixture
) -> None:
    await ann.post("/settings", {"zone": "Pacific/Kiritimati", "theme": "dark"})
    del ann.jar["preferences"]
    moment.shift(ACCESS)
    answer = await ann.get("/entries/new")
    assert auth(answer) == BOTH
    assert "Kiritimati" in answer.cookies["preferences"].value
    assert answer.form_with("body")["day"] == "2024-06-01"
    assert "preferences" not in (await ann.get("/entries/new")).cookies


async def test_twenty_requests_at_once_are_all_answered(ann: Browser, moment: time_machine.Traveller) -> None:
    moment.shift(ACCESS)
    before = dict(ann.jar)
    tabs = []
    for _ in range(20):
        tab = Browser(ann.client.app, f"{ann.scheme}://{ann.host}")
        tab.jar = dict(before)
        tabs.append(tab)
    answers = await asyncio.gather(*(tab.get("/") for tab in tabs))
    assert [answer.status for answer in answers] == [200] * 20
    assert all(WORDS in answer.text and auth(answer) == BOTH for answer in answers)
    moment.shift(ACCESS)
    later = await asyncio.gather(*(tab.get("/entries/new") for tab in tabs))
    assert [answer.status for answer in later] == [200] * 20


async def test_an_answer_that_was_lost_loses_nobody(ann: Browser, moment: time_machine.Traveller) -> None:
    before = dict(ann.jar)
    for _ in range(5):
        moment.shift(ACCESS)
        assert auth(await ann.get("/")) == BOTH
        ann.jar = dict(before)  # the answer never arrived
    assert WORDS in (await ann.get("/")).text


async def test_a_key_that_was_rotated_is_followed_in_silence(
    ann: Browser, settings: Settings, moment: time_machine.Traveller, named: Named
) -> None:
    old = kid(ann.jar[named("access_token")])
    after = create_app(replace(settings, secret_keys=("n" * 40, "k" * 40)))
    ann.client = after.test_client(use_cookies=False)
    answer = await ann.get("/")
    assert (answer.status, auth(answer)) == (200, set())
    moment.shift(ACCESS)
    answer = await ann.get("/")
    assert (answer.status, auth(answer)) == (200, BOTH)
    assert WORDS in answer.text
    assert old not in {kid(ann.jar[named(name)]) for name in BOTH}
    dropped = create_app(replace(settings, secret_keys=("n" * 40,)))
    ann.client = dropped.test_client(use_cookies=False)
    assert WORDS in (await ann.get("/")).text


async def test_a_key_that_was_dropped_signs_out(ann: Browser, settings: Settings) -> None:
    ann.client = create_app(replace(settings, secret_keys=("n" * 40,))).test_client(use_cookies=False)
    answer = await ann.get("/entries/new")
    assert answer.status == 303
    assert auth(answer) == set()


async def test_an_error_after_a_refresh_still_carries_the_cookies(
    ann: Browser, moment: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*values: object) -> None:
        raise RuntimeError("a secret detail")

    monkeypatch.setattr(reading, "timeline", broken)
    moment.shift(ACCESS)
    answer = await ann.get("/")
    assert (answer.status, auth(answer)) == (500, BOTH)
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    monkeypatch.undo()
    again = await ann.get("/")
    assert (again.status, auth(again)) == (200, set())


async def test_when_the_database_is_away_at_a_refresh_the_cookies_are_left_alone(
    ann: Browser, moment: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(user_id: int) -> None:
        raise Unavailable("gone fishing")

    moment.shift(ACCESS)
    before = dict(ann.jar)
    with monkeypatch.context() as patched:
        patched.setattr(users, "session_row", away)
        for answer in (
            await ann.get("/"),
            await ann.get("/", HX_Request="true"),
            await ann.put(f"/entries/{uuid4()}", draft()),
            await ann.post(f"/entries/{uuid4()}", draft()),
        ):
            assert answer.status == 503
            assert int(answer.headers["Retry-After"]) > 0
            assert not answer.cookies
            assert "fishing" not in answer.text
    assert ann.jar == before
    assert WORDS in (await ann.get("/")).text


# Both gone


def _never_had(browser: Browser, moment: time_machine.Traveller, named: Named) -> None:
    browser.jar.clear()


def _both_expired(browser: Browser, moment: time_machine.Traveller, named: Named) -> None:
    moment.shift(REFRESH)


def _both_spoilt(browser: Browser, moment: time_machine.Traveller, named: Named) -> None:
    for name in BOTH:
        browser.jar[named(name)] = "garbage"


def _each_as_the_other(browser: Browser, moment: time_machine.Traveller, named: Named) -> None:
    access, refresh = named("access_token"), named("refresh_token")
    browser.jar |= {access: browser.jar[refresh], refresh: browser.jar[access]}


LOSSES = [_never_had, _both_expired, _both_spoilt, _each_as_the_other]
losses = pytest.mark.parametrize("lose", LOSSES, ids=lambda lose: lose.__name__.strip("_"))
Loss = Callable[[Browser, time_machine.Traveller, Named], None]


def shows_dialog(answer: Answer) -> bool:
    """The sign-in form alone, for the dialog of the page that asked."""
    return (
        answer.status == 401
        and answer.headers["HX-Retarget"] == "#sign-in"
        and answer.headers["HX-Reswap"] == "innerHTML"
        and "<html" not in answer.text
        and {"username", "password", "next"} <= set(answer.form("/login"))
    )


@losses
async def test_signed_out_each_kind_of_request_gets_its_own_answer(
    ann: Browser, moment: time_machine.Traveller, named: Named, lose: Loss
) -> None:
    lose(ann, moment, named)
    assert (await ann.get("/entries/new?day=2020-01-01")).headers["Location"] == (
        "/login?next=/entries/new%3Fday%3D2020-01-01"
    )
    assert shows_dialog(await ann.get("/bin", HX_Request="true"))
    boosted = await ann.get("/bin", HX_Request="true", HX_Boosted="true")
    assert (boosted.status, boosted.headers["HX-Redirect"]) == (401, "/login?next=/bin")
    assert shows_dialog(await ann.put(f"/entries/{uuid4()}", draft("by htmx")))
    plain = await ann.post(f"/entries/{uuid4()}", draft("by a form"))
    assert plain.status == 401
    assert plain.form("/login")["kept.body"] == "by a form"
    assert await entries() == [WORDS]


async def test_the_front_door_is_open_to_whoever_is_signed_out(app: Quart, settings: Settings) -> None:
    browser = Browser(app, settings.public_url)
    for path in ("/", "/login", "/register"):
        answer = await browser.get(path)
        assert answer.status == 200
        assert not answer.cookies


async def test_every_page_holds_the_dialog(ann: Browser, app: Quart, settings: Settings) -> None:
    for answer in (await ann.get("/entries/new"), await Browser(app, settings.public_url).get("/")):
        assert re.search(r'<dialog[^>]* id="sign-in"', answer.text)


async def test_the_dialog_leads_back_to_the_page_it_opened_over(app: Quart, settings: Settings) -> None:
    browser = Browser(app, settings.public_url)
    path = f"/entries/{uuid4()}"
    url = f"{settings.public_url}{path}/edit?a=b"
    answer = await browser.put(path, draft(), HX_Current_URL=url)
    assert answer.form("/login")["next"] == f"{path}/edit?a=b"


STRANGE = [
    "",
    "http://[",
    "//[",
    "javascript:alert(1)",
    "https://evil.example//evil.example/x",
    "\\\\evil",
    "?",
]


async def test_a_strange_address_of_the_page_harms_nobody(app: Quart, settings: Settings) -> None:
    browser = Browser(app, settings.public_url)
    for url in STRANGE:
        assert shows_dialog(await browser.put(f"/entries/{uuid4()}", draft(), HX_Current_URL=url))


async def test_a_boosted_button_leads_to_the_sign_in_page_and_back_to_its_own(
    app: Quart, settings: Settings
) -> None:
    browser, path = Browser(app, settings.public_url), f"/entries/{uuid4()}"
    boosted = {"HX_Request": "true", "HX_Boosted": "true", "HX_Current_URL": settings.public_url + path}
    answer = await browser.post(f"{path}/deletion", **boosted)
    assert (answer.status, answer.headers["HX-Redirect"]) == (401, f"/login?next={path}")


async def test_the_page_that_was_asked_for_comes_back_whatever_its_address(
    app: Quart, settings: Settings, ann: Browser
) -> None:
    browser = Browser(app, settings.public_url)
    for path in (
        "/days/2024-05-31",
        "/days/r%C3%A9sum%C3%A9",
        "/days/%E6%97%A5?q=%E6%97%A5%26a%3Db",
        "/bin?x=%20",
    ):
        location = (await browser.get(path)).headers["Location"]
        assert location.startswith("/login?next=/")
        page = await browser.get(location)
        fields = page.form("/login") | {"username": "Ann", "password": PASSWORD}
        back = await browser.post("/login", sent(fields))
        assert (back.status, back.headers["Location"]) == (303, path)
        browser.jar.clear()


async def test_signing_in_at_the_dialog_lets_the_same_save_go_through_once(
    ann: Browser, moment: time_machine.Traveller
) -> None:
    moment.shift(REFRESH)
    path, fields = f"/entries/{uuid4()}", draft("by htmx")
    dialog = await ann.put(path, fields)
    assert shows_dialog(dialog)
    form = dialog.form("/login") | {"username": "Ann", "password": PASSWORD}
    answer = await ann.post("/login", form, HX_Request="true")
    assert (answer.status, answer.headers["HX-Trigger"]) == (204, "signed-in")
    assert (await ann.put(path, fields)).headers["X-Save"] == "saved"
    assert (await ann.put(path, fields)).headers["X-Save"] == "replay"
    assert await entries() == [WORDS, "by htmx"]


async def test_a_wrong_password_at_the_dialog_shows_the_form_again(
    ann: Browser, moment: time_machine.Traveller
) -> None:
    moment.shift(REFRESH)
    form = (await ann.put(f"/entries/{uuid4()}", draft())).form("/login")
    answer = await ann.post("/login", form | {"username": "Ann", "password": "wrong"}, HX_Request="true")
    assert answer.status == 422
    assert "<html" not in answer.text
    assert answer.form("/login")["username"] == "Ann"


# Words of a plain form


HOSTILE = (
    "\n\n  two empty lines, two spaces\r\n\ttab, \"quotes\" 'and' &amp; &\n<script>alert(1)</script>\n"
    "</textarea></form><form action='/logout'>\r\n🙂 👩‍👩‍👧 日本語 עברית \u202eend\u202c  trailing  \n\n"
)
TITLE = "\"><img src=x onerror='alert(1)'> & {{ 7 * 7 }}"
FIELDS = {"title": TITLE, "day": "2020-02-29", "tags": 'a "b", <i>', "mood": "great", "kind": "manual"}


def as_lf(text: str) -> str:
    return text.replace("\r\n", "\n")


async def test_words_travel_through_the_sign_in_page_and_come_back(
    ann: Browser, moment: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment.shift(REFRESH)
    path = f"/entries/{uuid4()}"
    page = await ann.post(path, sent(draft(HOSTILE, **FIELDS)))
    assert page.status == 401
    assert "<script>alert" not in page.text
    assert "<img src=x" not in page.text
    page = await ann.post("/login", sent(page.form("/login") | {"username": "Ann", "password": "wrong"}))
    assert page.status == 422
    monkeypatch.setattr(throttle, "ACCOUNT", (0, timedelta(minutes=5)))
    fields = page.form("/login")
    ann.jar.clear()  # a browser that the account has never been signed in with is throttled
    with monkeypatch.context() as patched:
        patched.setattr(throttle, "ACCOUNT", (1, timedelta(minutes=5)))
        page = await ann.post("/login", sent(fields | {"username": "Ann", "password": PASSWORD}))
        assert page.status == 429
    monkeypatch.setattr(throttle, "ACCOUNT", (9, timedelta(minutes=5)))
    page = await ann.post("/login", sent(page.form("/login") | {"username": "Ann", "password": PASSWORD}))
    assert (page.status, auth(page)) == (200, BOTH)
    editor = page.form(path)
    assert editor["body"] == as_lf(HOSTILE)
    assert {name: editor[name] for name in ("title", "day", "tags", "mood")} == {
        name: FIELDS[name] for name in ("title", "day", "tags", "mood")
    }
    assert await entries() == [WORDS]
    assert (await ann.post(path, sent(editor))).headers["Location"] == path
    assert await entries() == [WORDS, as_lf(HOSTILE)]
    assert (await ann.get(f"{path}/edit")).form(path)["body"] == as_lf(HOSTILE)


async def test_words_of_an_entry_that_exists_come_back_with_their_version(
    ann: Browser, moment: time_machine.Traveller
) -> None:
    ((uid, version),) = [tuple(row) for row in await rows("SELECT uid, version FROM entries")]
    path = f"/entries/{uid}"
    moment.shift(REFRESH)
    page = await ann.post(path, draft("changed", version=str(version)))
    page = await ann.post("/login", page.form("/login") | {"username": "Ann", "password": PASSWORD})
    answer = await ann.post(path, page.form(path))
    assert (answer.status, answer.headers["X-Save"]) == (303, "saved")
    assert await entries() == ["changed"]


async def test_words_sent_to_the_list_of_entries_come_back_as_a_new_entry(
    ann: Browser, moment: time_machine.Traveller
) -> None:
    moment.shift(REFRESH)
    page = await ann.post("/entries", {"body": "from a script"})
    page = await ann.post("/login", page.form("/login") | {"username": "Ann", "password": PASSWORD})
    editor = page.form_with("body")
    assert (editor["body"], editor["version"], editor["day"]) == ("from a script", "0", "2024-06-14")


async def test_the_password_of_another_form_is_never_carried_along(ann: Browser) -> None:
    ann.jar.clear()
    secret = "the password that was typed"
    fields = {"password": secret, "new_password": secret + "2", "body": "words"}
    for path in ("/settings/password", f"/entries/{uuid4()}"):
        assert secret not in (await ann.post(path, fields)).text


async def test_a_form_without_words_does_not_turn_into_an_editor(ann: Browser) -> None:
    ann.jar.clear()
    ((uid,),) = [tuple(row) for row in await rows("SELECT uid FROM entries")]
    for path in ("/settings", f"/entries/{uid}/deletion", "/settings/account/deletion"):
        page = await ann.post(path, {"zone": "Asia/Tokyo", "password": PASSWORD})
        assert page.status == 401
        assert "words" not in page.text
        page = await ann.post("/login", page.form("/login") | {"username": "Ann", "password": PASSWORD})
        assert page.status == 303
        ann.jar.clear()
    assert await entries() == [WORDS]


async def test_words_of_ann_do_not_get_into_the_journal_of_bob_who_signs_in_instead(
    ann: Browser, app: Quart, settings: Settings, moment: time_machine.Traveller
) -> None:
    await registered(app, "Bob", settings.public_url)
    editor = (await ann.get("/entries/new")).form_with("body") | {"body": "Ann's alone"}
    moment.shift(REFRESH)
    path = f"/entries/{uuid4()}"
    page = await ann.post(path, editor)
    page = await ann.post("/login", page.form("/login") | {"username": "Bob", "password": PASSWORD})
    assert (page.status, page.headers["X-Save"]) == (409, "other-owner")
    again = await ann.post(path, page.form(path))
    assert (again.status, again.headers["X-Save"]) == (409, "other-owner")
    assert await entries() == [WORDS]
    ann.jar.clear()
    await ann.post("/login", {"username": "Ann", "password": PASSWORD})
    assert (await ann.post(path, again.form(path))).headers["X-Save"] == "saved"
    assert await entries() == [WORDS, "Ann's alone"]


# Another account in another tab


async def test_words_of_another_account_are_saved_in_neither_journal(
    ann: Browser, app: Quart, settings: Settings
) -> None:
    editor = (await ann.get("/entries/new")).form_with("body") | {"body": "Ann's alone"}
    bob = await registered(app, "Bob", settings.public_url)
    for path in (f"/entries/{uuid4()}", f"/entries/{uuid4()}"):
        by_htmx = await bob.put(path, editor)
        assert (by_htmx.status, by_htmx.headers["X-Save"]) == (409, "other-owner")
        assert "textarea" not in by_htmx.text
        plain = await bob.post(path, editor)
        assert (plain.status, plain.headers["X-Save"]) == (409, "other-owner")
        kept = plain.form(path)
        assert kept["body"] == "Ann's alone"
        assert (await bob.post(path, kept)).status == 409
    assert await entries() == [WORDS]


# The account is gone, disabled, or its sessions were ended


async def _disable(user_id: int) -> None:
    await users.change(user_id, is_active=False)


ENDS = {"disabled": _disable, "sessions ended": users.end_sessions, "deleted": users.delete}
ends = pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
End = Callable[[int], Any]


async def id_of(name: str) -> int:
    user = await users.find(name)
    assert user is not None
    return int(user.id)


@ends
async def test_at_the_next_refresh_it_is_as_with_both_gone_and_the_cookies_are_deleted(
    ann: Browser, moment: time_machine.Traveller, named: Named, end: End
) -> None:
    await end(await id_of("Ann"))
    moment.shift(ACCESS)
    before = dict(ann.jar)
    answers: dict[str, Answer] = {}
    for kind, asking in {
        "page": lambda: ann.get("/entries/new"),
        "htmx": lambda: ann.get("/entries/new", HX_Request="true"),
        "boosted": lambda: ann.get("/entries/new", HX_Request="true", HX_Boosted="true"),
        "htmx write": lambda: ann.put(f"/entries/{uuid4()}", draft("by htmx")),
        "form": lambda: ann.post(f"/entries/{uuid4()}", draft("by a form")),
        "front": lambda: ann.get("/"),
    }.items():
        ann.jar = dict(before)
        answers[kind] = answer = await asking()
        assert auth(answer) == BOTH
        assert {answer.cookies[named(name)]["max-age"] for name in BOTH} == {"0"}
        assert {answer.cookies[named(name)].value for name in BOTH} == {""}
        assert not {named(name) for name in BOTH} & set(ann.jar)
    assert [answer.status for answer in answers.values()] == [303, 401, 401, 401, 401, 200]
    assert shows_dialog(answers["htmx"])
    assert shows_dialog(answers["htmx write"])
    assert answers["form"].form("/login")["kept.body"] == "by a form"
    assert WORDS not in answers["front"].text
    assert not {"by htmx", "by a form"} & set(await entries())


@pytest.mark.parametrize("end", [_disable, users.end_sessions], ids=["disabled", "sessions ended"])
async def test_until_then_the_access_token_goes_on(
    ann: Browser, moment: time_machine.Traveller, end: End
) -> None:
    await end(await id_of("Ann"))
    moment.shift(ACCESS - 1)
    assert WORDS in (await ann.get("/")).text


async def test_a_new_password_ends_the_other_browsers_and_not_this_one(
    ann: Browser, phone: Browser, moment: time_machine.Traveller
) -> None:
    form = {"password": PASSWORD, "new_password": "another battery staple"}
    assert (await ann.post("/settings/password", form)).status == 303
    moment.shift(ACCESS)
    assert (await ann.get("/entries/new")).status == 200
    answer = await phone.get("/entries/new")
    assert (answer.status, auth(answer)) == (303, BOTH)


async def test_replacing_an_outdated_hash_signs_nobody_out(
    ann: Browser, app: Quart, settings: Settings, moment: time_machine.Traveller
) -> None:
    from werkzeug.security import generate_password_hash

    old = generate_password_hash(PASSWORD, "pbkdf2:sha1:1000")
    await users.change(await id_of("Ann"), password_hash=old)
    browser = Browser(app, settings.public_url)
    await browser.post("/login", {"username": "Ann", "password": PASSWORD})
    user = await User.get(username="Ann")
    assert user.password_hash.startswith("$argon2id$")
    moment.shift(ACCESS)
    assert WORDS in (await ann.get("/")).text


async def test_writing_to_an_account_that_is_gone_is_a_401_that_keeps_the_words(
    ann: Browser, named: Named
) -> None:
    """The access token still lives, so the gate knows nothing of it."""
    await users.delete(await id_of("Ann"))
    before = dict(ann.jar)
    assert shows_dialog(await ann.put(f"/entries/{uuid4()}", draft("by htmx")))
    for path in (f"/entries/{uuid4()}", "/entries"):
        ann.jar = dict(before)
        answer = await ann.post(path, draft("by a form"))
        assert answer.status == 401
        assert answer.form("/login")["kept.body"] == "by a form"
        assert {answer.cookies[named(name)]["max-age"] for name in BOTH} == {"0"}
    assert await entries() == []


async def test_every_page_of_an_account_that_is_gone_is_one_sentence_at_worst(ann: Browser) -> None:
    await users.delete(await id_of("Ann"))
    before = dict(ann.jar)
    for path in ("/", "/entries/new", "/bin", "/days/2024-05-31", "/settings", "/settings/security"):
        ann.jar = dict(before)
        assert (await ann.get(path)).status in (200, 303, 401)
    for path, form in {
        "/settings": {"zone": "UTC", "theme": "dark"},
        "/settings/account": {"username": "Anne", "email": "a@b.c", "password": PASSWORD},
        "/settings/password": {"password": PASSWORD, "new_password": "another battery"},
        "/settings/sessions/deletion": {},
        "/settings/account/deletion": {"password": PASSWORD},
    }.items():
        ann.jar = dict(before)
        assert (await ann.post(path, form)).status in (303, 401)


# Signing out


async def test_signing_out_deletes_both_and_leaves_the_time(
    ann: Browser, moment: time_machine.Traveller, named: Named
) -> None:
    moment.shift(100)
    answer = await ann.post("/logout")
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert auth(answer) == BOTH | {"signed_out"}
    assert {answer.cookies[named(name)]["max-age"] for name in BOTH} == {"0"}
    marker = answer.cookies[named("signed_out")]
    moment, _, signature = marker.value.partition(".")
    assert (moment, marker["max-age"]) == (str(int(START.timestamp()) + 100), str(REFRESH))
    assert re.fullmatch("[0-9a-f]{32}", signature)
    assert WORDS not in (await ann.get("/")).text
    assert (await ann.get("/entries/new")).headers["Location"].startswith("/login")


async def test_a_link_signs_nobody_out(ann: Browser) -> None:
    assert (await ann.get("/logout")).status == 405
    assert WORDS in (await ann.get("/")).text


async def test_whoever_is_signed_out_may_sign_out(app: Quart, settings: Settings) -> None:
    assert (await Browser(app, settings.public_url).post("/logout")).status == 303


@pytest.mark.parametrize("pause", [0, 1, 3600])
async def test_a_late_answer_signs_nobody_in_again(
    ann: Browser, moment: time_machine.Traveller, pause: int
) -> None:
    moment.shift(pause)
    late = dict(ann.jar)
    await ann.post("/logout")
    ann.jar |= late  # an answer to an earlier request, which had been under way
    answer = await ann.get("/entries/new")
    assert (answer.status, auth(answer)) == (303, set())
    assert WORDS not in (await ann.get("/")).text
    assert shows_dialog(await ann.put(f"/entries/{uuid4()}", draft()))


async def test_a_refresh_that_was_under_way_signs_nobody_in_again(
    ann: Browser, moment: time_machine.Traveller
) -> None:
    moment.shift(ACCESS)
    slow = Browser(ann.client.app, f"{ann.scheme}://{ann.host}")
    slow.jar = dict(ann.jar)
    assert auth(await slow.get("/")) == BOTH
    await ann.post("/logout")
    ann.jar |= {name: value for name, value in slow.jar.items() if name.endswith("_token")}
    assert (await ann.get("/entries/new")).status == 303


async def test_signing_in_again_in_the_same_second_holds(
    ann: Browser, moment: time_machine.Traveller
) -> None:
    for _ in range(3):
        await ann.post("/logout")
        assert (await ann.post("/login", {"username": "Ann", "password": PASSWORD})).status == 303
        assert WORDS in (await ann.get("/")).text
    moment.shift(ACCESS)
    assert WORDS in (await ann.get("/")).text


async def test_signing_out_here_leaves_the_phone_signed_in(
    ann: Browser, phone: Browser, moment: time_machine.Traveller
) -> None:
    await ann.post("/logout")
    moment.shift(ACCESS)
    assert WORDS in (await phone.get("/")).text


async def test_the_back_button_after_signing_out_finds_the_sign_in_page(ann: Browser) -> None:
    ((uid,),) = [tuple(row) for row in await rows("SELECT uid FROM entries")]
    assert (await ann.get(f"/entries/{uid}")).headers["Cache-Control"] == "no-store"
    await ann.post("/logout")
    for path in (f"/entries/{uid}", f"/entries/{uid}/edit", "/bin"):
        assert (await ann.get(path)).headers["Location"] == f"/login?next={path}"


async def test_a_marker_up_to_a_minute_ahead_counts_and_a_later_one_does_not(
    ann: Browser, named: Named
) -> None:
    now = int(START.timestamp())
    for ahead, status in ((1, 303), (60, 303), (61, 200), (86_400, 200), (0, 200), (-1, 200)):
        ann.jar[named("signed_out")] = str(now + ahead)
        assert (await ann.get("/entries/new")).status == status


async def test_a_marker_that_is_no_time_does_not_count(ann: Browser, named: Named) -> None:
    for marker in ("", "x", "-5", "1e12", "9" * 13, "9" * 4000, "0x7fffffff", " 99999", "NaN", "%00", "true"):
        ann.jar[named("signed_out")] = marker
        assert (await ann.get("/entries/new")).status == 200


# What the gate leaves alone


async def test_a_path_that_does_not_exist_is_404_for_everybody(
    ann: Browser, app: Quart, settings: Settings, moment: time_machine.Traveller
) -> None:
    stranger = Browser(app, settings.public_url)
    for path in ("/nothing", "/entries/not-a-uid", "/days/", "/.env", "/login/x", "/entries/" + "0" * 5000):
        for browser in (ann, stranger):
            assert (await browser.get(path)).status == 404
            assert (await browser.post(path)).status in (404, 405)
    assert (await stranger.get("/nothing", HX_Request="true")).status == 404
    moment.shift(ACCESS)
    assert (await ann.get("/nothing")).status == 404


async def test_static_files_icons_and_probes_never_carry_a_cookie(
    ann: Browser, moment: time_machine.Traveller, named: Named
) -> None:
    paths = [f"/static/{name}" for name in assets.loaded().files]
    assert len(paths) > 3
    paths += ["/static/missing.js", "/favicon.ico", "/healthz", "/readyz"]
    fresh = dict(ann.jar)
    moment.shift(ACCESS)
    for jar in (fresh, {}, fresh | {named("refresh_token"): "garbage"}, {named("signed_out"): "1"}):
        for path in paths:
            ann.jar = dict(jar)
            for method in ("GET", "HEAD", "OPTIONS"):
                answer = await ann.ask(path, method)
                assert not answer.headers.getlist("Set-Cookie"), path
                assert answer.status in (200, 301, 404)


async def test_static_files_are_kept_for_ever_and_do_not_vary_by_cookie(ann: Browser) -> None:
    for name in assets.loaded().files:
        headers = (await ann.get(f"/static/{name}")).headers
        assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Cookie" not in headers.get("Vary", "")


async def test_the_probes_do_not_look_at_the_account(
    ann: Browser, moment: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment.shift(ACCESS)
    monkeypatch.setattr(users, "session_row", None)
    assert (await ann.get("/healthz")).status == 200


async def test_a_304_never_carries_a_cookie(ann: Browser, app: Quart, moment: time_machine.Traveller) -> None:
    async def unchanged() -> Response:
        return Response(status=304)

    app.view_functions["entries.write"] = unchanged
    moment.shift(ACCESS)
    answer = await ann.get("/entries/new")
    assert answer.status == 304
    assert not answer.headers.getlist("Set-Cookie")


async def test_no_log_line_holds_a_token_or_a_word(
    ann: Browser, moment: time_machine.Traveller, caplog: pytest.LogCaptureFixture, named: Named
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = [ann.jar[named(name)] for name in BOTH]
    moment.shift(ACCESS)
    await ann.get("/")
    secrets += [ann.jar[named(name)] for name in BOTH]
    ann.jar[named("access_token")] += "x"
    await ann.get("/")
    await ann.post(f"/entries/{uuid4()}", draft("unmentionable", title="unspeakable"))
    moment.shift(REFRESH)
    await ann.get("/")
    await ann.post(f"/entries/{uuid4()}", draft("unmentionable", title="unspeakable"))
    said = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("journal"))
    assert "access token refused" in said
    for secret in (*secrets, *(part for token in secrets for part in token.split(".")[1:]), "unmentionable"):
        assert secret not in said
    assert "unspeakable" not in said


# The preferences cookie


PREFERENCES = [
    "",
    "zone=../../../etc/passwd&theme=dark",
    "zone=%00&theme=%00",
    "zone=Europe%2FBerlin%0d%0aSet-Cookie:x&theme=light",
    "zone=UTC&theme=%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    "zone=Mars%2FOlympus",
    "zone=europe%2fberlin",
    "zone=%ff%fe&theme=%c0%80",
    "zone=UTC&zone=Mars&theme=dark&theme=evil",
    '{"zone":"UTC","theme":"dark"}',
    "&".join(["zone=UTC"] * 5000),
    "x" * 8000,
    "=&=&&;;",
    "zone[]=UTC",
    "theme=system\\",
    "font=%22%3E%3Cscript%3Ealert(1)%3C/script%3E&keys=alert(1)&conceal=alert(1)",
    "font=&keys=&conceal=",
]


async def test_a_hostile_preferences_cookie_changes_nothing_for_the_worse(ann: Browser) -> None:
    for value in PREFERENCES:
        ann.jar["preferences"] = value
        answer = await ann.get("/entries/new")
        assert answer.status == 200, value
        (theme,) = re.findall(r'<html[^>]* data-theme="([^"]*)"', answer.text)
        assert theme in ("system", "light", "dark")
        assert "alert(1)" not in answer.text
        assert answer.form_with("body")["day"] == "2024-05-31"
        assert (await ann.put(f"/entries/{uuid4()}", draft(value + "x"))).status == 200


async def test_the_preferences_cookie_holds_no_more_than_it_should(ann: Browser) -> None:
    answer = await ann.post("/settings", {"zone": "Europe/Berlin", "theme": "dark"})
    wanted = "zone=Europe%2FBerlin&theme=dark&day_starts=0&week_starts=0"
    assert answer.cookies["preferences"].value == wanted
    form = {"zone": "UTC", "theme": "light", "font": "mono", "keys": "off", "conceal": "on"}
    answer = await ann.post("/settings", form)
    wanted = "zone=UTC&theme=light&day_starts=0&week_starts=0&font=mono&keys=off&conceal=on"
    assert answer.cookies["preferences"].value == wanted
