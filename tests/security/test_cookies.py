"""Cookies: what the site sets, and what a browser, a neighbour on the same domain or an old app may send."""

import hashlib
import re
import time
from typing import Any

import pytest
from itsdangerous import URLSafeTimedSerializer
from quart import Quart

from journal.accounts import preferences
from tests.security.asking import PASSWORD, Browser, Reply
from tests.security.cases import each
from tests.security.conftest import KEY
from tests.security.forging import genuine
from tests.visiting import OWN, named

# Headers, addresses and markup are the same on any engine.
pytestmark = pytest.mark.engine("sqlite")
THEME = "Cookies"
AGES = {"access_token": 1800, "refresh_token": 1209600, "preferences": 34560000}


async def with_cookies(browser: Browser, *lines: str | bytes, target: str = "/entries/new") -> Reply:
    """The answer to these Cookie headers and no others, with the site's digest behind its names."""
    suffix = named(browser.app, "access_token").removeprefix("access_token")
    return await browser.get(target, headers=[("Cookie", marked(line, suffix)) for line in lines])


def marked(line: str | bytes, suffix: str) -> str | bytes:
    names = rf"({'|'.join(OWN)})(?=[=\"])"
    if isinstance(line, bytes):
        return re.sub(names.encode(), rb"\1" + suffix.encode(), line)
    return re.sub(names, rf"\1{suffix}", line)


# What the site sets


async def test_in_production_every_cookie_is_locked_to_this_host(ann_outside: Browser) -> None:
    """Secure, HttpOnly, SameSite=Lax, Path=/ and no Domain; tokens and marker under __Host-."""
    reply = await ann_outside.sign_in(ann_outside.name)
    form = {"password": PASSWORD, "new_password": "another horse battery"}
    changing = await ann_outside.post("/settings/password", form)
    assert changing.cookies["__Host-changed_session"].value
    signing_out = await ann_outside.post("/logout")
    every = [*reply.cookies.items(), *changing.cookies.items(), *signing_out.cookies.items()]
    for name, morsel in every:
        assert name.startswith("__Host-") or name == "preferences"
        assert morsel["secure"]
        assert morsel["httponly"]
        assert (morsel["samesite"], morsel["path"], morsel["domain"]) == ("Lax", "/", "")
    assert set(reply.cookies) == {"__Host-access_token", "__Host-refresh_token", "preferences"}


async def test_in_development_only_secure_and_the_prefix_are_missing(ann: Browser) -> None:
    """HttpOnly, SameSite=Lax, Path=/ and no Domain all the same."""
    for name, morsel in (await ann.sign_in(ann.name)).cookies.items():
        assert name in OWN
        assert morsel["httponly"]
        assert not morsel["secure"]
        assert (morsel["samesite"], morsel["path"], morsel["domain"]) == ("Lax", "/", "")


async def test_cookies_live_as_long_as_what_they_hold(ann: Browser) -> None:
    """Max-Age is the token's life, and each is set once."""
    reply = await ann.sign_in(ann.name)
    assert {name: int(morsel["max-age"]) for name, morsel in reply.cookies.items()} == AGES
    assert len(reply.headers.getlist("Set-Cookie")) == len(AGES)


async def test_signing_out_deletes_both_tokens(ann: Browser) -> None:
    """Both empty with Max-Age=0, and the time of the sign-out beside them."""
    cookies = (await ann.post("/logout")).cookies
    for name in ("access_token", "refresh_token"):
        assert (cookies[name].value, cookies[name]["max-age"]) == ("", "0")
    assert abs(int(cookies["signed_out"].value.partition(".")[0]) - time.time()) < 5


# The old app's


def of_the_old_app(content: dict[str, Any]) -> str:
    """Flask's session cookie, signed with the very key that both apps share."""
    flask: Any = {"key_derivation": "hmac", "digest_method": hashlib.sha1}
    return str(URLSafeTimedSerializer(KEY, salt="cookie-session", signer_kwargs=flask).dumps(content))


OLD: dict[str, dict[str, Any]] = {
    "user_id": {"user_id": 1},
    "Flask-Login's": {"_user_id": "1", "_fresh": True, "_id": "x"},
    "an administrator's": {"user_id": 1, "is_admin": True, "logged_in": True},
    "flashes with HTML": {"_flashes": [["message", "<script>alert(1)</script>"]]},
}


@each("content", OLD)
async def test_the_old_apps_session_is_not_read(visitor: Browser, content: dict[str, Any]) -> None:
    """Signed out, though the signature is right; nothing of it is shown."""
    cookie = f"session={of_the_old_app(content)}"
    assert (await with_cookies(visitor, cookie)).is_sign_in
    assert b"alert(1)" not in (await with_cookies(visitor, cookie, target="/login")).body


async def test_no_session_cookie_is_ever_written(ann: Browser) -> None:
    """Only the five cookies of the specification, on every kind of page."""
    replies = [await ann.get(path) for path in ("/", "/settings", "/nothing", "/healthz", "/login")]
    replies += [await ann.sign_in(ann.name, "wrong"), await ann.sign_in(ann.name), await ann.post("/logout")]
    assert not {name for reply in replies for name in reply.cookies} - {*OWN}


# What a neighbour may toss


PREFIXES = {
    "without its prefix": "access_token={}",
    "the prefix in small letters": "__host-access_token={}",
    "the prefix in capitals": "__HOST-access_token={}",
    "another prefix": "__Secure-access_token={}",
    "a space behind the prefix": "__Host- access_token={}",
    "a nameless cookie": "=__Host-access_token={}",
    "a nameless cookie with a space": " =__Host-access_token={}",
    "an underscore for the hyphen": "__Host_access_token={}",
    "an encoded name": "%5F%5FHost-access_token={}",
    "a quoted name": '"__Host-access_token"={}',
    "full-width letters": "__Ｈost-access_token={}",
}


@each("written", PREFIXES)
async def test_in_production_a_token_counts_under_its_prefixed_name_alone(
    production: Quart, written: str
) -> None:
    """Signed out: a subdomain, which can't set a __Host- cookie, signs nobody in."""
    browser = Browser(production, host="journal.example.org", scheme="https")
    assert (await with_cookies(browser, written.format(genuine(1)))).is_sign_in
    good = f"__Host-access_token={genuine(1)}"
    assert (await with_cookies(browser, good)).status == 200, "the control"


async def test_in_development_the_prefixed_name_is_not_looked_at(visitor: Browser) -> None:
    """Signed out."""
    assert (await with_cookies(visitor, f"__Host-access_token={genuine(1)}")).is_sign_in


async def test_of_two_cookies_of_one_name_the_first_counts(visitor: Browser) -> None:
    """As browsers send the more exact path first: 200 with the good one in front, else signed out."""
    good, bad = f"access_token={genuine(1)}", "access_token=bad"
    assert (await with_cookies(visitor, f"{good}; {bad}")).status == 200
    assert (await with_cookies(visitor, f"{bad}; {good}")).is_sign_in


async def test_two_cookie_headers_are_read_as_one(visitor: Browser) -> None:
    """200 or signed out, as the first of them says; never both, never an error."""
    assert (await with_cookies(visitor, f"access_token={genuine(1)}", "access_token=bad")).status == 200
    assert (await with_cookies(visitor, "access_token=bad", f"access_token={genuine(1)}")).is_sign_in


async def test_a_bad_access_cookie_does_not_keep_a_good_refresh_cookie_out(ann: Browser) -> None:
    """200 with a new pair."""
    reply = await with_cookies(ann, f"access_token=bad; refresh_token={ann.refresh}")
    assert reply.status == 200
    assert "access_token" in reply.cookies


async def test_cookies_of_two_people_are_not_mixed(ann: Browser, bob: Browser) -> None:
    """The access token says who it is; the other's refresh token is not looked at."""
    await ann.writes("Ann's words")
    reply = await with_cookies(ann, f"access_token={bob.access}; refresh_token={ann.refresh}", target="/")
    assert b"Ann's words" not in reply.body
    assert not {name for name in reply.cookies if name != "preferences"}


# Strange values


VALUES: dict[str, str | bytes] = {
    "nothing": "access_token=",
    "no equals sign": "access_token",
    "only semicolons": ";;;; ; ;",
    "only an equals sign": "=",
    "5,000 letters": "access_token=" + "a" * 5000,
    "a megabyte": "access_token=" + "a" * 1_000_000,
    "3,000 cookies": "; ".join(f"c{n}=v" for n in range(3000)),
    "an open quotation mark": 'access_token="abc',
    "escapes of octal digits": 'access_token="\\101\\777\\000"',
    "a backslash at the end": 'access_token="abc\\',
    "control characters": b"access_token=\x01\x02\x7f",
    "a tab": "access_token=\ta.b.c",
    "no UTF-8": b"access_token=\xff\xfe.\x80.\xc3",
    "UTF-8": "access_token=ünïcödé.😀.b",
    "the attributes of old": "$Version=1; access_token=a.b.c; $Path=/; $Domain=localhost",
    "a comma": "access_token=a.b.c, access_token=d.e.f",
    "attributes of Set-Cookie": "access_token=a.b.c; Path=/; HttpOnly; Max-Age=0",
    "percent signs": "access_token=%00%0d%0aSet-Cookie:x=y",
    "a prototype": "__proto__=1; constructor=1; access_token=a.b.c",
}


@each("line", VALUES)
async def test_a_strange_cookie_is_no_error(visitor: Browser, line: str | bytes) -> None:
    """Signed out; nothing is set, nothing of it comes back."""
    reply = await with_cookies(visitor, line)
    assert reply.is_sign_in
    assert not reply.cookies


async def test_a_quoted_token_is_the_same_token(ann: Browser) -> None:
    """200, as RFC 6265 has it."""
    assert (await with_cookies(ann, f'access_token="{ann.access}"', target="/settings")).status == 200


# The preferences, which are never trusted


PREFERENCES = {
    "a script for a theme": 'zone=UTC&theme="><script>alert(1)</script>',
    "an unknown theme": "zone=UTC&theme=solarized",
    "a path for a zone": "zone=../../../../etc/passwd&theme=dark",
    "a zone that is none": "zone=Mars/Olympus&theme=dark",
    "a NUL": "zone=UTC%00&theme=dark%00",
    "lists": "zone=UTC&zone=Europe/Berlin&theme=dark&theme=light",
    "a role": "is_admin=1&user_id=1&zone=UTC",
    "no UTF-8": "zone=%ff%fe&theme=%80",
    "60 kB": "zone=" + "a" * 60_000,
    "10,000 fields": "&".join(f"a{n}=b" for n in range(10_000)),
    "a template": "zone={{config}}&theme={{7*7}}",
    "nothing": "",
}


@each("value", PREFERENCES)
async def test_a_forged_preference_falls_back_to_the_default(ann: Browser, value: str) -> None:
    """200 with a theme that there is, and none of it in the page."""
    ann.jar["preferences"] = value.replace(";", "%3B")
    reply = await ann.get("/entries/new")
    assert reply.status == 200
    theme = reply.text.partition('data-theme="')[2].partition('"')[0]
    assert theme in ("system", "light", "dark")
    assert "alert(1)" not in reply.text
    assert "solarized" not in reply.text


async def test_preferences_are_remembered_at_no_length(app: Quart) -> None:
    """What anybody may send is cut before it is kept: a thousand cookies of 60 kB are not 60 MB."""
    preferences.read("zone=" + "a" * 60_000)
    before = preferences._read.cache_info().currsize
    preferences.read("zone=" + "a" * 60_001)
    assert preferences._read.cache_info().currsize == before


# The marker of a sign-out


MARKERS = {
    "in an hour": lambda now: str(now + 3600),
    "in the year 5138": lambda now: "99999999999",
    "12 digits": lambda now: "9" * 12,
    "5,000 digits": lambda now: "9" * 5000,
    "negative": lambda now: "-1",
    "a decimal": lambda now: f"{now}.5",
    "an exponent": lambda now: "1e99",
    "infinite": lambda now: "inf",
    "in other digits": lambda now: "٩" * 10,
    "a word": lambda now: "now",
    "empty": lambda now: "",
    "with a space": lambda now: f" {now}",
    "an hour ago": lambda now: str(now - 3600),
}


@each("marker", MARKERS)
async def test_a_forged_sign_out_marker_signs_nobody_out(ann: Browser, marker: Any) -> None:
    """200: only the past up to now counts, and only against tokens from before it."""
    ann.jar["signed_out"] = marker(int(time.time()))
    assert (await ann.get("/settings")).status == 200


async def test_a_sign_out_marker_keeps_nobody_from_signing_in(ann: Browser) -> None:
    """200: the new token counts as later than the marker, though the clock says otherwise."""
    ann.jar["signed_out"] = str(int(time.time()) + 50)
    assert not await ann.is_in()
    assert (await ann.sign_in(ann.name, PASSWORD)).status == 303
    assert await ann.is_in()


async def test_a_cookie_header_of_100_kB_is_survived(ann: Browser) -> None:
    """200: the token is found among it."""
    padding = "; ".join(f"c{n}={'v' * 90}" for n in range(1000))
    assert (
        await with_cookies(ann, f"{padding}; access_token={ann.access}", target="/settings")
    ).status == 200
