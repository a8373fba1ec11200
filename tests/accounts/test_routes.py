"""Signing up, signing in and out, the settings: what each page answers to whom."""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import bcrypt
import pytest
from quart import Quart
from werkzeug.security import generate_password_hash

from journal import clock
from journal.accounts import passwords, users
from journal.accounts.models import User
from journal.app import create_app
from journal.database import Unavailable
from journal.sessions.forms import local_path
from journal.settings import Settings
from tests.visiting import PASSWORD, Answer, Browser, registered

pytestmark = pytest.mark.slow_on_postgres

FORM = {"username": "Ann", "email": "ann@example.org", "password": PASSWORD}
HOSTILE = "<script>alert(1)</script>\"'&{{7*7}}"


async def names() -> list[str]:
    return [user.username for user in await users.all_users()]


async def account(name: str) -> User:
    return await User.get(username=name)


def is_in(answer: Answer) -> bool:
    """Whether this answer signs its browser in."""
    morsels = [morsel for name, morsel in answer.cookies.items() if name.endswith("_token")]
    return len(morsels) == 2 and all(morsel.value for morsel in morsels)


@pytest.fixture
def browser(app: Quart) -> Browser:
    return Browser(app)


@pytest.fixture
async def ann(app: Quart) -> Browser:
    return await registered(app, "Ann", zone="Europe/Berlin")


# Signing up


async def test_the_page_to_sign_up_has_a_form(browser: Browser) -> None:
    answer = await browser.get("/register")
    assert answer.status == 200
    assert set(answer.form("/register")) == {"username", "email", "password", "zone"}


async def test_whoever_signs_up_is_signed_in(browser: Browser) -> None:
    answer = await browser.post("/register", FORM)
    assert (answer.status, answer.headers["Location"]) == (303, "/entries/new?welcome=1")
    assert is_in(answer)
    first = await browser.get("/entries/new?welcome=1")
    assert first.status == 200
    assert "Welcome. Write a sentence" in first.text
    assert "Welcome" not in (await browser.get("/entries/new")).text
    user = await account("Ann")
    assert (user.email, user.is_active) == ("ann@example.org", True)
    assert user.password_hash.startswith("$argon2id$")
    assert len(user.session_stamp) == 16


async def test_whoever_signs_up_by_htmx_is_sent_on(browser: Browser) -> None:
    answer = await browser.post("/register", FORM, HX_Request="true")
    assert (answer.status, answer.headers["HX-Redirect"]) == (204, "/entries/new?welcome=1")


async def test_whoever_is_signed_in_is_not_shown_the_form(ann: Browser) -> None:
    assert (await ann.get("/register")).headers["Location"] == "/"


@pytest.mark.parametrize("field", ["username", "email", "password"])
async def test_a_field_that_is_missing_is_named_and_the_others_stay(browser: Browser, field: str) -> None:
    for form in (FORM | {field: ""}, {name: value for name, value in FORM.items() if name != field}):
        answer = await browser.post("/register", form)
        assert answer.status == 422
        shown = answer.form("/register")
        assert shown["username"] == form.get("username", "")
        assert shown["email"] == form.get("email", "")
        assert shown["password"] == ""
        assert f'id="{field}-error"' in answer.text
        assert not answer.cookies
    assert await names() == []


async def test_nothing_at_all_is_refused(browser: Browser) -> None:
    assert (await browser.post("/register", {})).status == 422
    answer = await browser.ask("/register", "POST", Content_Type="application/json")
    assert answer.status == 422


NO_NAMES = [
    "",
    "   ",
    "a" * 81,
    "\ufdfa" * 80,
    "a\0b",
    "a\nb",
    "a\r\nb",
    "a\tb",
    "a\u200bb",
    "\u202eanna",
    "\ufeff",
]
NO_NAMES += ["ann@example.org", "ann\uff20example.org", "ann\ufe6bexample.org", "a\x7fb", "a\x85b"]
NO_EMAILS = [
    "",
    "ann",
    "ann@",
    "@example.org",
    "a@b@c",
    "a b@c.d",
    "a@b c",
    "a@b\r\nBcc: x@y",
    "a\0@b",
    "a@" + "b" * 253,
]
NO_EMAILS += ["\ufdfa" * 100 + "@b", "a\u200b@b.c"]


async def test_a_name_that_can_not_be_is_refused(browser: Browser) -> None:
    for name in NO_NAMES:
        answer = await browser.post("/register", FORM | {"username": name})
        assert (answer.status, 'id="username-error"' in answer.text) == (422, True), ascii(name)
    assert await names() == []


async def test_an_address_that_can_not_be_is_refused(browser: Browser) -> None:
    for email in NO_EMAILS:
        answer = await browser.post("/register", FORM | {"email": email})
        assert (answer.status, 'id="email-error"' in answer.text) == (422, True), ascii(email)
    assert await names() == []


STRANGE = [
    "a",
    "a" * 80,
    "ß" * 80,
    "שלום",
    "أنا",
    "日本語",
    "🙂",
    HOSTILE,
    "Robert'); DROP TABLE users; --",
    "null",
]
STRANGE += ["../../etc/passwd", "%00", "a  b", "1", "0", "True", "\ufdfa"]


async def test_a_strange_name_is_a_name(app: Quart) -> None:
    for number, name in enumerate(STRANGE):
        form = FORM | {"username": name, "email": f"a{number}@example.org"}
        answer = await Browser(app).post("/register", form)
        assert (answer.status, is_in(answer)) == (303, True), name
        assert (await Browser(app).post("/login", {"username": name, "password": PASSWORD})).status == 303
    assert await names() == STRANGE


async def test_a_strange_address_is_an_address(app: Quart) -> None:
    strange = ["a@b", "ü@exämple.org", "o'brien+journal@example.org", '"<script>"@x.y', "a" * 250 + "@b.c"]
    for number, email in enumerate(strange):
        form = FORM | {"username": f"Ann {number}", "email": email}
        assert (await Browser(app).post("/register", form)).status == 303
        assert (await Browser(app).post("/login", {"username": email, "password": PASSWORD})).status == 303


async def test_spaces_around_a_name_and_an_address_are_none_of_it(browser: Browser) -> None:
    await browser.post("/register", FORM | {"username": "  Ann ", "email": " ann@example.org\t"})
    assert (await account("Ann")).email == "ann@example.org"


@pytest.mark.parametrize("field", ["username", "email"])
async def test_what_somebody_has_in_whatever_case_is_taken(ann: Browser, app: Quart, field: str) -> None:
    spellings = {
        "username": ["Ann", "ANN", " ann ", "ａｎｎ"],
        "email": ["ann@example.org", "ANN@Example.ORG"],
    }
    for spelling in spellings[field]:
        form = {"username": "Zoe", "email": "zoe@example.org", "password": PASSWORD, field: spelling}
        answer = await Browser(app).post("/register", form)
        assert (answer.status, f'id="{field}-error"' in answer.text) == (422, True)
        assert not answer.cookies
    assert await names() == ["Ann"]


async def test_of_two_who_choose_one_name_at_the_same_moment_one_gets_it(app: Quart) -> None:
    answers = await asyncio.gather(*(Browser(app).post("/register", FORM) for _ in range(8)))
    assert sorted(answer.status for answer in answers) == [303] + [422] * 7
    assert await names() == ["Ann"]


async def test_the_first_account_is_the_administrator_and_no_other_is(
    app: Quart, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(*given: object) -> str:
        return "$argon2id$"

    monkeypatch.setattr(passwords, "hashed", at_once)
    forms = [FORM | {"username": f"Ann {n}", "email": f"{n}@example.org"} for n in range(6)]
    answers = await asyncio.gather(*(Browser(app).post("/register", form) for form in forms))
    assert {answer.status for answer in answers} == {303}
    assert sorted([user.is_admin for user in await users.all_users()]) == [False] * 5 + [True]
    await registered(app, "Bob")
    assert not (await account("Bob")).is_admin


@pytest.fixture
async def closed(app: Quart, settings: Settings) -> Browser:
    browser = Browser(app)
    browser.client = create_app(replace(settings, registration_open=False)).test_client(use_cookies=False)
    return browser


async def test_a_site_that_takes_nobody_says_so(closed: Browser) -> None:
    page = await closed.get("/register")
    assert page.status == 200
    assert 'action="/register"' not in page.text
    assert "takes no new people" in page.text
    for headers in ({}, {"HX_Request": "true"}):
        answer = await closed.post("/register", FORM, **headers)
        assert answer.status == 403
        assert "takes no new people" in answer.text
        assert not answer.cookies
    assert await names() == []


async def test_the_zone_of_the_browser_becomes_the_accounts(app: Quart) -> None:
    zones = {"Pacific/Kiritimati": "Pacific/Kiritimati", "Asia/Kolkata": "Asia/Kolkata"}
    zones |= dict.fromkeys(
        ["", "Mars/Olympus", "../../etc/passwd", "europe/berlin", "UTC+2", "\0", "x" * 9999], "UTC"
    )
    for number, (sent, kept) in enumerate(zones.items()):
        form = FORM | {"username": f"Ann {number}", "email": f"{number}@example.org", "zone": sent}
        assert (await Browser(app).post("/register", form)).status == 303
        assert (await account(f"Ann {number}")).zone == kept


async def test_signing_up_replaces_whoever_was_signed_in(ann: Browser) -> None:
    await ann.post("/entries", {"body": "Ann's alone"})
    form = {"username": "Zoe", "email": "zoe@example.org", "password": PASSWORD}
    assert is_in(await ann.post("/register", form))
    assert "Ann's alone" not in (await ann.get("/")).text
    assert "Zoe" in (await ann.get("/settings")).text


# Signing in


async def test_the_page_to_sign_in_has_a_form(browser: Browser) -> None:
    answer = await browser.get("/login?next=/bin")
    assert answer.status == 200
    assert answer.form("/login") == {"username": "", "password": "", "next": "/bin", "zone": ""}


async def test_whoever_is_signed_in_is_sent_on(ann: Browser) -> None:
    assert (await ann.get("/login?next=/bin")).headers["Location"] == "/bin"
    assert (await ann.get("/login?next=//evil.example")).headers["Location"] == "/"


async def test_a_name_or_an_address_signs_in_whatever_its_case(ann: Browser, app: Quart) -> None:
    for name in (
        "Ann",
        "ann",
        "ANN",
        " Ann ",
        "Ａｎｎ",
        "ann@example.org",
        "ANN@EXAMPLE.ORG",
        " ann@example.org ",
    ):
        answer = await Browser(app).post("/login", {"username": name, "password": PASSWORD})
        assert (answer.status, is_in(answer)) == (303, True), name


async def test_of_two_names_equal_but_for_case_the_exact_one_wins(ann: Browser, app: Quart) -> None:
    """Such pairs come from the old app; the second has a key of its own."""
    other = User(username="ann", username_key="ann (2)", session_stamp="s" * 16, zone="UTC")
    other.password_hash, other.created_at = passwords.hasher.hash("of the other one"), clock.now()
    await other.save()
    assert (await Browser(app).post("/login", {"username": "Ann", "password": PASSWORD})).status == 303
    assert (
        await Browser(app).post("/login", {"username": "ann", "password": "of the other one"})
    ).status == 303
    assert (await Browser(app).post("/login", {"username": "ann", "password": PASSWORD})).status == 422
    assert (await Browser(app).post("/login", {"username": "ANN", "password": PASSWORD})).status == 303


async def test_a_name_is_not_taken_for_somebody_elses_address(ann: Browser, app: Quart) -> None:
    form = {"username": "ann＠example.org", "email": "mallory@example.org", "password": "of mallory's own"}
    await Browser(app).post("/register", form)
    assert (await Browser(app).post("/login", FORM | {"username": "ann@example.org"})).status == 303


async def test_spaces_in_a_password_count(app: Quart) -> None:
    await Browser(app).post("/register", FORM | {"password": "  spaced out  "})
    for password, status in (("  spaced out  ", 303), ("spaced out", 422), ("  spaced out", 422)):
        assert (await Browser(app).post("/login", FORM | {"password": password})).status == status


def alike(answer: Answer, name: str) -> tuple[Any, ...]:
    headers = sorted((key, value) for key, value in answer.headers.items() if key != "Content-Length")
    return answer.status, headers, answer.text.replace(f'value="{name}"', "")


async def test_unknown_wrong_and_disabled_can_not_be_told_apart(
    ann: Browser, app: Quart, monkeypatch: pytest.MonkeyPatch
) -> None:
    await registered(app, "Bob")
    await users.change((await account("Bob")).id, is_active=False)
    await registered(app, "Charlie")
    await users.change((await account("Charlie")).id, password_hash=None)
    monkeypatch.setattr(passwords, "SLOWEST_ANSWER", 0.15)
    answers = []
    for name, password in (("Nobody", PASSWORD), ("Ann", "wrong"), ("Bob", PASSWORD), ("Charlie", PASSWORD)):
        for headers in ({}, {"HX_Request": "true"}):
            started = time.monotonic()
            answer = await Browser(app).post("/login", {"username": name, "password": password}, **headers)
            assert time.monotonic() - started >= 0.15
            assert not answer.cookies
            answers.append(alike(answer, name))
    assert answers[0][0] == 422
    assert answers[::2] == [answers[0]] * 4
    assert answers[1::2] == [answers[1]] * 4


async def test_a_wrong_try_keeps_the_name_and_the_way_back_but_not_the_password(ann: Browser) -> None:
    ann.jar.clear()
    form = {"username": "Ann", "password": "wrong password", "next": "/bin"}
    answer = await ann.post("/login", form)
    assert answer.form("/login") == {"username": "Ann", "password": "", "next": "/bin", "zone": ""}
    assert "wrong password" not in answer.text


async def test_a_strange_name_or_password_is_wrong_and_no_more(ann: Browser, app: Quart) -> None:
    strange = [
        "",
        " ",
        "\0",
        "Ann\0",
        "a" * 300,
        "x" * 1_000_000,
        "\ud800",
        "\ufdfa" * 300,
        HOSTILE,
        "' OR 1=1 --",
        "%",
    ]
    for text in strange:
        answer = await Browser(app).post("/login", {"username": text, "password": PASSWORD})
        assert answer.status in (422, 429), ascii(text[:20])
        assert "<script>alert" not in answer.text
        assert not answer.cookies
    for text in (*strange[:4], "x" * 1_000_000):
        answer = await Browser(app).post("/login", {"username": f"Nobody {len(text)}", "password": text})
        assert answer.status in (422, 429), ascii(text[:20])


async def test_fields_that_are_missing_are_wrong_and_no_more(browser: Browser) -> None:
    for form in ({}, {"username": "Ann"}, {"password": PASSWORD}):
        assert (await browser.post("/login", form)).status == 422


async def test_signing_in_replaces_whoever_was_signed_in(ann: Browser, app: Quart) -> None:
    await ann.post("/entries", {"body": "Ann's alone"})
    await registered(app, "Bob")
    assert is_in(await ann.post("/login", {"username": "Bob", "password": PASSWORD}))
    assert "Ann's alone" not in (await ann.get("/")).text


async def test_a_wrong_try_leaves_whoever_is_signed_in_signed_in(ann: Browser) -> None:
    assert (await ann.post("/login", {"username": "Ann", "password": "wrong"})).status == 422
    assert (await ann.get("/entries/new")).status == 200


# The way back


LOCAL = [
    "/",
    "/bin",
    "/days/2024-05-31?a=b&c=d",
    "/entries/new?day=2024-05-31#body",
    "/a//b",
    "/@b",
    "/%2F%2Fb",
    "/a:b",
]
FOREIGN = [
    "",
    "bin",
    "//evil.example",
    "///evil.example",
    "////",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil",
]
FOREIGN += [
    "http://evil.example",
    "HTTPS://evil.example",
    "https:evil.example",
    "http:/evil.example",
    "//",
    "/\\",
]
FOREIGN += [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "blob:x",
    "mailto:a@b",
]
FOREIGN += [
    " //evil.example",
    " /bin",
    "\t//evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r/evil.example",
]
FOREIGN += [
    "/bin\r\nSet-Cookie: a=b",
    "/\0",
    "/a\x7fb",
    "/a b",
    "/a\\b",
    "/\u2028",
    "／／evil.example",
    "/é",
    "\ufeff/",
]
FOREIGN += [
    "@evil.example",
    ":evil.example",
    ".evil.example",
    "?next=//evil.example",
    "#/",
    "*",
    "~",
    "evil.example/",
]
FOREIGN += [
    "/\u200b/evil.example",
    "/。/evil.example",
    "\x01/bin",
    "/\x1f/evil.example",
    "//evil.example@localhost/",
]


@pytest.mark.parametrize("text", LOCAL)
def test_a_local_path_is_the_way_back(text: str) -> None:
    assert local_path(text) == text


@pytest.mark.parametrize("text", FOREIGN, ids=ascii)
def test_anything_else_is_not(text: str) -> None:
    assert local_path(text) == "/"


async def test_signing_in_leads_back_to_a_local_page_and_nowhere_else(ann: Browser, app: Quart) -> None:
    for text in (*LOCAL[:4], *FOREIGN):
        form = {"username": "Ann", "password": PASSWORD, "next": text}
        answer = await Browser(app).post("/login", form)
        assert answer.status == 303
        assert answer.headers["Location"] == (text if text in LOCAL else "/"), ascii(text)


async def test_the_page_to_sign_in_takes_no_foreign_way_back_either(browser: Browser) -> None:
    for text in ("//evil.example", "javascript:alert(1)", '"><script>alert(1)</script>', "/\\evil.example"):
        answer = await browser.client.get("/login", query_string={"next": text})
        page = await answer.get_data(as_text=True)
        assert 'name="next" value="/"' in page


# The old app's hashes


def _bcrypted(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()


OLD: dict[str, Callable[[str], str]] = {
    "pbkdf2": lambda password: generate_password_hash(password, "pbkdf2:sha256:1000"),
    "scrypt": lambda password: generate_password_hash(password, "scrypt:1024:8:1"),
    "bcrypt": _bcrypted,
}


async def test_an_outdated_hash_is_replaced_when_its_password_is_typed(ann: Browser, app: Quart) -> None:
    user = await account("Ann")
    for make in OLD.values():
        old = make(PASSWORD)
        await users.change(user.id, password_hash=old)
        assert (await Browser(app).post("/login", {"username": "Ann", "password": "wrong"})).status == 422
        assert (await account("Ann")).password_hash == old
        for _ in range(2):
            assert (
                await Browser(app).post("/login", {"username": "Ann", "password": PASSWORD})
            ).status == 303
        new = await account("Ann")
        assert new.password_hash.startswith("$argon2id$")
        assert new.session_stamp == user.session_stamp


async def test_a_hash_of_ours_is_left_as_it_is(ann: Browser, app: Quart) -> None:
    before = (await account("Ann")).password_hash
    await Browser(app).post("/login", {"username": "Ann", "password": PASSWORD})
    assert (await account("Ann")).password_hash == before


async def test_a_hash_that_can_not_be_replaced_now_keeps_nobody_out(
    ann: Browser, app: Quart, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = generate_password_hash(PASSWORD, "pbkdf2:sha1:1000")
    await users.change((await account("Ann")).id, password_hash=old)

    async def full(work: object) -> None:
        raise Unavailable("database or disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(users, "committed", full)
        answer = await Browser(app).post("/login", {"username": "Ann", "password": PASSWORD})
        assert (answer.status, is_in(answer)) == (303, True)
    assert (await account("Ann")).password_hash == old


async def test_a_password_changed_meanwhile_is_not_changed_back(ann: Browser) -> None:
    old = generate_password_hash(PASSWORD, "pbkdf2:sha1:1000")
    await users.change((await account("Ann")).id, password_hash=old)
    verified = await account("Ann")
    await users.change(verified.id, password_hash="the new one")
    await users.record_sign_in(verified, PASSWORD, clock.now())
    assert (await account("Ann")).password_hash == "the new one"


# Signing out


async def test_signing_out_works_with_and_without_htmx(ann: Browser) -> None:
    jar = dict(ann.jar)
    for headers in ({}, {"HX_Request": "true", "HX_Boosted": "true"}):
        ann.jar = dict(jar)
        answer = await ann.post("/logout", **headers)
        assert (answer.status, answer.headers["Location"]) == (303, "/")
        assert not any(name.endswith("_token") for name in ann.jar)


# Settings


AT_FIRST = {"zone": "Europe/Berlin", "theme": "system", "day_starts": "0", "week_starts": "0"}
AT_FIRST |= {"font": "serif", "keys": "on", "conceal": "off"}


async def test_the_settings_show_what_is_set(ann: Browser) -> None:
    answer = await ann.get("/settings")
    assert answer.status == 200
    assert answer.form("/settings") == AT_FIRST
    assert "ann@example.org" in answer.text


async def test_zone_and_theme_can_be_set(ann: Browser) -> None:
    answer = await ann.post("/settings", {"zone": "Asia/Tokyo", "theme": "dark"})
    assert answer.status == 303
    assert (await account("Ann")).zone == "Asia/Tokyo"
    page = await ann.get(answer.headers["Location"])
    assert page.form("/settings") == AT_FIRST | {"zone": "Asia/Tokyo", "theme": "dark"}
    assert 'data-theme="dark"' in page.text


async def test_what_can_not_be_set_changes_nothing(ann: Browser) -> None:
    good = {"zone": "Asia/Tokyo", "theme": "dark"}
    for bad in (
        {"zone": "Mars/Olympus"},
        {"zone": ""},
        {"zone": "asia/tokyo"},
        {"theme": "pink"},
        {"font": "wingdings"},
        {"keys": "perhaps"},
        {"conceal": "1"},
        {"zone": HOSTILE},
        *({"day_starts": bad} for bad in ("7", "-1", "", "04", "1.5", "²", HOSTILE)),
        *({"week_starts": bad} for bad in ("1", "7", "", "Sunday", HOSTILE)),
    ):
        answer = await ann.post("/settings", good | bad)
        assert answer.status == 422
        assert f'id="{next(iter(bad))}-error"' in answer.text
        assert "<script>alert" not in answer.text
        assert not answer.cookies
    assert (await account("Ann")).zone == "Europe/Berlin"
    assert (await ann.get("/settings")).form("/settings") == AT_FIRST


async def test_when_days_and_weeks_start_can_be_set_and_what_is_not_sent_stays(ann: Browser) -> None:
    await ann.post("/settings", {"zone": "Asia/Tokyo", "day_starts": "4", "week_starts": "6"})
    await ann.post("/settings", {"zone": "Europe/Berlin", "theme": "dark"})
    made = await account("Ann")
    assert (made.zone, made.day_starts, made.week_starts) == ("Europe/Berlin", 4, 6)
    shown = (await ann.get("/settings")).form("/settings")
    assert shown == AT_FIRST | {"theme": "dark", "day_starts": "4", "week_starts": "6"}


async def test_when_days_and_weeks_start_comes_back_to_a_browser_that_has_lost_it(ann: Browser) -> None:
    await ann.post("/settings", {"zone": "Asia/Tokyo", "day_starts": "4", "week_starts": "6"})
    kept = ann.jar["preferences"]
    for lost in ("", "zone=Asia%2FTokyo&day_starts=7", "zone=Asia%2FTokyo&week_starts=x", "x" * 600):
        ann.jar["preferences"] = lost
        assert (await ann.get("/calendar")).status == 303
        assert ann.jar["preferences"] == kept


async def test_font_keys_and_blurring_can_be_set_and_go_where_the_account_goes(
    app: Quart, ann: Browser
) -> None:
    chosen = {"font": "mono", "keys": "off", "conceal": "on"}
    assert (await ann.post("/settings", AT_FIRST | chosen)).status == 303
    user = await account("Ann")
    assert (user.font, user.keys, user.conceal) == ("mono", "off", "on")
    elsewhere = Browser(app)
    await elsewhere.post("/login", {"username": "Ann", "password": PASSWORD})
    for browser in (ann, elsewhere):
        page = await browser.get("/settings")
        assert page.form("/settings") == AT_FIRST | chosen
        (root,) = re.findall("<html[^>]*>", page.text)
        assert 'data-font="mono"' in root
        assert 'data-keys="off"' in root
        assert "data-conceal" in root


async def test_what_is_not_sent_of_the_settings_stays_as_it_is(ann: Browser) -> None:
    await ann.post("/settings", AT_FIRST | {"font": "sans", "keys": "off", "conceal": "on"})
    assert (await ann.post("/settings", {"zone": "Asia/Tokyo", "theme": "dark"})).status == 303
    user = await account("Ann")
    assert (user.zone, user.font, user.keys, user.conceal) == ("Asia/Tokyo", "sans", "off", "on")


async def test_the_keys_are_listed_on_a_page_and_in_a_dialog(ann: Browser) -> None:
    page = await ann.get("/keys")
    assert page.status == 200
    assert "<h1>Keys</h1>" in page.text
    assert "turned off" not in page.text
    dialog = await ann.get("/keys", HX_Request="true")
    assert "<html" not in dialog.text
    assert 'method="dialog"' in dialog.text
    await ann.post("/settings", AT_FIRST | {"keys": "off"})
    assert "turned off" in (await ann.get("/keys")).text


async def test_a_zone_that_is_missing_is_refused(ann: Browser) -> None:
    assert (await ann.post("/settings", {})).status == 422
    assert (await account("Ann")).zone == "Europe/Berlin"


async def test_the_settings_are_for_whoever_is_signed_in(browser: Browser) -> None:
    assert (await browser.get("/settings")).headers["Location"] == "/login?next=/settings"
    assert (await browser.get("/settings/security")).headers["Location"] == "/login?next=/settings/security"
    for path in ("", "/account", "/password", "/sessions/deletion", "/account/deletion"):
        assert (await browser.post(f"/settings{path}", {"password": PASSWORD})).status == 401
        assert (await browser.post(f"/settings{path}", {}, HX_Request="true")).status == 401


async def test_a_hostile_name_is_text_on_the_settings(app: Quart) -> None:
    browser = await registered(app, HOSTILE)
    page = (await browser.get("/settings")).text
    assert "<script>alert" not in page
    assert "49" not in page.split("<main", 1)[1].split("zones")[0]


async def test_name_and_address_can_be_changed_by_whoever_knows_the_password(
    ann: Browser, app: Quart
) -> None:
    form = {"username": "Anna", "email": "anna@example.org", "password": PASSWORD}
    assert (await ann.post("/settings/account", form)).status == 303
    assert (await Browser(app).post("/login", form)).status == 303
    assert (await Browser(app).post("/login", FORM)).status == 422
    assert (await ann.get("/entries/new")).status == 200


async def test_a_name_may_change_its_case(ann: Browser) -> None:
    form = {"username": "ANN", "email": "Ann@example.org", "password": PASSWORD}
    assert (await ann.post("/settings/account", form)).status == 303
    assert await names() == ["ANN"]


async def test_a_name_or_address_that_can_not_be_is_refused_and_kept_on_the_page(
    ann: Browser, app: Quart
) -> None:
    await registered(app, "Bob")
    good = {"username": "Anna", "email": "anna@example.org", "password": PASSWORD}
    for bad in (
        {"username": ""},
        {"username": "BOB"},
        {"username": "\ufdfa" * 80},
        {"email": "bob@EXAMPLE.org"},
        {"email": "nowhere"},
        {"password": "wrong"},
        {"password": ""},
    ):
        answer = await ann.post("/settings/account", good | bad)
        assert answer.status == 422
        shown = answer.form("/settings/account")
        assert shown["username"] == (good | bad)["username"]
        assert shown["email"] == (good | bad)["email"]
        assert shown["password"] == ""
    assert await names() == ["Ann", "Bob"]


async def test_a_new_password_needs_the_present_one(ann: Browser, app: Quart) -> None:
    new = "another battery staple"
    for present, wanted in (
        ("wrong", new),
        ("", new),
        (PASSWORD, "short"),
        (PASSWORD, "password"),
        (PASSWORD, ""),
    ):
        form = {"password": present, "new_password": wanted}
        assert (await ann.post("/settings/password", form)).status == 422
    assert (await Browser(app).post("/login", FORM)).status == 303
    assert (await ann.post("/settings/password", {"password": PASSWORD, "new_password": new})).status == 303
    assert (await Browser(app).post("/login", FORM)).status == 422
    assert (await Browser(app).post("/login", FORM | {"password": new})).status == 303


async def test_signing_out_everywhere_signs_this_browser_out_at_once(ann: Browser) -> None:
    stamp = (await account("Ann")).session_stamp
    answer = await ann.post("/settings/sessions/deletion")
    assert (answer.status, answer.headers["Location"]) == (303, "/login")
    assert (await account("Ann")).session_stamp != stamp
    assert (await ann.get("/entries/new")).status == 303


async def test_an_account_is_deleted_with_everything_in_it_and_nothing_else(ann: Browser, app: Quart) -> None:
    bob = await registered(app, "Bob")
    for browser in (ann, bob):
        await browser.post("/entries", {"body": "words"})
    assert (await ann.post("/settings/account/deletion", {"password": "wrong"})).status == 422
    assert (await ann.post("/settings/account/deletion", {"password": PASSWORD})).status == 303
    assert await names() == ["Bob"]
    assert "words" in (await bob.get("/")).text
    assert (await Browser(app).post("/login", FORM)).status == 422


async def test_the_log_of_an_account_is_its_owners(ann: Browser, app: Quart) -> None:
    await Browser(app).post("/login", {"username": "Ann", "password": "wrong"})
    bob = await registered(app, "Bob")
    assert "Failed sign-in" in (await ann.get("/settings/security")).text
    assert "Failed sign-in" not in (await bob.get("/settings/security")).text


async def test_no_page_of_an_account_says_anything_of_another(
    app: Quart, ann: Browser, tmp_path: Path
) -> None:
    await registered(app, "Bob")
    for path in ("/settings", "/settings/security", "/", "/bin"):
        assert "Bob" not in (await ann.get(path)).text
