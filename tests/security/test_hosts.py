"""Hosts and forwarded headers: a request says where it comes from and where it goes, and is not believed."""

import asyncio
import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from quart import Quart

from journal import readiness
from journal.accounts.models import Failure, SecurityEvent
from journal.app import create_app
from journal.settings import Settings
from tests.security.asking import Browser, Reply, as_bytes, ask
from tests.security.cases import each

# Headers, addresses and markup are the same on any engine.
pytestmark = pytest.mark.engine("sqlite")

THEME = "Hosts and forwarded headers"
NAME = "journal.example.org"


async def at(site: Quart, *hosts: str | bytes, path: str = "/login", scheme: str = "https") -> Reply:
    return await ask(site, "GET", path, [("Host", host) for host in hosts], scheme=scheme)


async def test_any_number_who_ask_whether_the_site_is_ready_take_one_lock(
    app: Quart, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """200 for all of them, and the write lock of SQLite is tried once at a time."""
    real, running, most = readiness.write_lock_problem, 0, 0

    def watched(file: Path) -> str:
        nonlocal running, most
        running += 1
        most = max(most, running)
        time.sleep(0.02)
        try:
            return real(file)
        finally:
            running -= 1

    monkeypatch.setattr(readiness, "write_lock_problem", watched)
    found = await asyncio.gather(*(at(app, "localhost", path="/readyz") for _ in range(40)))
    assert {reply.status for reply in found} == {200}
    assert most == (engine == "sqlite")


HOSTS: dict[str, str | bytes] = {
    "another site": "evil.example",
    "nothing": "",
    "a subdomain": "a.journal.example.org",
    "the domain above": "example.org",
    "ours as the beginning": "journal.example.org.evil.example",
    "ours as the end": "evil-journal.example.org",
    "ours behind a name": "evil@journal.example.org",
    "ours before @": "journal.example.org@evil.example",
    "ours with a full stop": "journal.example.org.",
    "ours at another port": "journal.example.org:8443",
    "ours at a port that is none": "journal.example.org:443x",
    "ours at an empty port": "journal.example.org:",
    "ours at port 0443": "journal.example.org:0443",
    "ours at two ports": "journal.example.org:443:443",
    "ours at the port of http": "journal.example.org:80",
    "ours with a path": "journal.example.org/x",
    "ours with a fragment": "journal.example.org#x",
    "ours with a query": "journal.example.org?x",
    "ours with a quotation mark": "journal.example.org'",
    "ours in quotation marks": '"journal.example.org"',
    "ours with HTML": 'journal.example.org"><script>',
    "two in one": "journal.example.org, evil.example",
    "ours with a space before it": " journal.example.org",
    "a tab in it": "journal\t.example.org",
    "full-width letters": "ｊournal.example.org",
    "an ideographic full stop": "journal。example。org",
    "bytes": b"\xff\xfe",
    "localhost": "localhost",
    "an address of this machine": "127.0.0.1",
    "an open bracket": "[::1",
    "a 60 kB name": "a" * 60_000,
    "a scheme before it": "https://journal.example.org",
}


@each("host", HOSTS)
async def test_a_host_that_is_not_ours_is_refused(production: Quart, host: str | bytes) -> None:
    """400 without a cookie, and nothing of the name in the page."""
    reply = await at(production, host)
    assert reply.status == 400
    assert b"evil" not in reply.body
    assert not reply.cookies


async def test_in_production_the_page_says_where_to_look_and_not_what_is_set(production: Quart) -> None:
    """A sentence that leads the owner to the log, without our own name, the other one or a setting."""
    reply = await at(production, "evil.example")
    assert "its log says which name that was" in reply.text
    assert not re.search(r"evil|journal\.example|PUBLIC_URL", reply.text)


@each("host", HOSTS)
async def test_the_log_says_what_came_and_what_is_expected_in_one_line(
    settings: Settings, caplog: pytest.LogCaptureFixture, host: str | bytes
) -> None:
    """One line of printable ASCII, cut short: nobody writes a line of their own into the log."""
    site = create_app(replace(settings, development=False, public_url="https://journal.example.org:8444"))
    for _ in range(3):
        await at(site, host)
    lines = [r.getMessage() for r in caplog.records if r.name == "journal.web.hosts"]
    if not as_bytes(host).isascii() or len(host) >= 60_000:
        assert lines == [], "refused at the door"
        return
    (line,) = lines
    assert line.isprintable()
    assert line.isascii()
    assert len(line) < 900
    assert "'journal.example.org:8444' is expected" in line
    assert "proxy_set_header Host $http_host;" in line


async def test_however_many_names_are_tried_the_log_stays_short(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """50 of 200 names are written down."""
    site = create_app(settings)
    for n in range(200):
        await at(site, f"evil{n}.example", scheme="http")
    assert len([r for r in caplog.records if r.name == "journal.web.hosts"]) == 50


async def test_in_development_the_page_says_what_came_and_what_to_do(app: Quart) -> None:
    """The name as text, with what PUBLIC_URL says and how to set it right."""
    reply = await at(app, "nas<script>.lan:8000", scheme="http")
    assert reply.status == 400
    assert "nas&lt;script&gt;.lan:8000" in reply.text
    assert "PUBLIC_URL is http://localhost" in reply.text
    assert "<script>.lan" not in reply.text


async def test_no_host_at_all_is_refused(production: Quart) -> None:
    """400."""
    assert (await at(production)).status == 400


@each("host", {"as it is": NAME, "in capitals": NAME.upper(), "with its port": f"{NAME}:443"})
async def test_our_own_host_is_taken_in_each_spelling(production: Quart, host: str) -> None:
    """200, the control."""
    assert (await at(production, host)).status == 200


async def test_of_two_hosts_none_is_trusted_for_an_address(production: Quart) -> None:
    """200 or 400 by the first of them, and neither in the page; hypercorn itself answers 400 before."""
    for hosts in ((NAME, "evil.example"), ("evil.example", NAME)):
        assert b"evil.example" not in (await at(production, *hosts)).body


@each("path", {"/healthz": "/healthz", "/readyz": "/readyz"})
async def test_the_probes_answer_to_any_name_and_say_nothing(production: Quart, path: str) -> None:
    """200 ok, without the name."""
    for host in ("evil.example", "10.0.0.1:8000", ""):
        reply = await at(production, host, path=path)
        assert (reply.status, reply.body.splitlines()[0]) == (200, b"ok")
        assert not host or host.encode() not in reply.body


async def test_static_files_are_served_under_our_name_alone(production: Quart) -> None:
    """400 under another one."""
    path = f"/static/{next(iter(production.extensions['assets'].files))}"
    assert (await at(production, "evil.example", path=path)).status == 400
    assert (await at(production, NAME, path=path)).status == 200


LOCAL = {
    "another site": "evil.example",
    "a name that points here": "localtest.me",
    "localhost as the beginning": "localhost.evil.example",
    "a name before @": "evil@localhost",
    "a path behind it": "localhost/evil",
    "a fragment behind it": "localhost#evil",
    "a query behind it": "localhost?evil",
    "a full stop behind it": "localhost.",
    "a private address": "192.168.0.1",
    "every address": "0.0.0.0",
    "a number": "2130706433",
    "a port that is too long": "localhost:999999",
    "HTML": "<script>.localhost",
    "two brackets": "[[::1]]",
}


@each("host", LOCAL)
async def test_in_development_only_this_machine_has_a_name(app: Quart, host: str) -> None:
    """400: a page elsewhere whose name is made to point here reads nothing."""
    assert (await at(app, host, scheme="http")).status == 400


@each(
    "host", {name: name for name in ("localhost", "LOCALHOST:8000", "127.0.0.1:81", "[::1]:9", "a.localhost")}
)
async def test_in_development_each_name_of_this_machine_will_do(app: Quart, host: str) -> None:
    """200, the control."""
    assert (await at(app, host, scheme="http")).status == 200


# Forwarded headers


FORWARDED: dict[str, list[tuple[str, str]]] = {
    "X-Forwarded-Host": [("X-Forwarded-Host", "evil.example")],
    "X-Forwarded-Host twice": [("X-Forwarded-Host", NAME), ("X-Forwarded-Host", "evil.example")],
    "X-Host": [("X-Host", "evil.example")],
    "X-Forwarded-Server": [("X-Forwarded-Server", "evil.example")],
    "X-HTTP-Host-Override": [("X-HTTP-Host-Override", "evil.example")],
    "Forwarded": [("Forwarded", "for=1.2.3.4;host=evil.example;proto=http")],
    "X-Forwarded-Proto": [("X-Forwarded-Proto", "http")],
    "X-Forwarded-Scheme": [("X-Forwarded-Scheme", "javascript")],
    "X-Forwarded-Port": [("X-Forwarded-Port", "8443")],
    "X-Forwarded-Prefix": [("X-Forwarded-Prefix", "//evil.example")],
    "X-Script-Name": [("X-Script-Name", "//evil.example"), ("Script-Name", "//evil.example")],
    "Front-End-Https": [("Front-End-Https", "off")],
}


@each("headers", FORWARDED)
async def test_a_forwarded_name_or_scheme_changes_nothing(
    ann_outside: Browser, headers: list[tuple[str, str]]
) -> None:
    """The same pages and redirects, and cookies that stay Secure under __Host-."""
    plain, forged = await ann_outside.get("/settings"), await ann_outside.get("/settings", headers)
    assert forged.body == plain.body
    reply = await ann_outside.copied(jar={}).sign_in(ann_outside.name, headers=headers)
    assert (reply.status, reply.location) == (303, "/")
    assert all(morsel["secure"] for morsel in reply.cookies.values())
    assert "Strict-Transport-Security" in reply.headers


REWRITES = {
    "X-Original-URL": "X-Original-URL",
    "X-Rewrite-URL": "X-Rewrite-URL",
    "X-Original-URI": "X-Original-URI",
}
REWRITES |= {
    "X-Override-URL": "X-Override-URL",
    "X-Forwarded-Uri": "X-Forwarded-Uri",
    "X-Forwarded-Path": "X-Forwarded-Path",
}


@each("header", REWRITES)
async def test_no_header_changes_the_path(visitor: Browser, header: str) -> None:
    """The page of the request line: what is private stays private."""
    assert (await visitor.get("/settings", [(header, "/login")])).is_sign_in
    assert (await visitor.get("/healthz", [(header, "/settings")])).body == b"ok\n"


# The address of whoever asks


Noted = Any


@pytest.fixture
async def noted(app: Quart, settings: Settings, ann: Browser, untried: None) -> Noted:
    """The address and the network that a failed sign-in is counted under, behind so many proxies."""

    async def note(
        proxies: int, *headers: tuple[str, str | bytes], address: str = "10.9.8.7"
    ) -> tuple[str, str]:
        site = create_app(replace(settings, trusted_proxies=proxies))
        stranger = Browser(site, address=address)
        assert (await stranger.sign_in(ann.name, "wrong wrong", headers=headers)).status == 422
        event = await SecurityEvent.filter(user_id=ann.id, kind="failed sign-in").order_by("-id").first()
        failure = await Failure.all().order_by("id").first()  # the narrowest network comes first
        assert event
        assert failure
        await Failure.all().delete()
        return event.address, failure.address

    return note


FOR = "X-Forwarded-For"
CLAIMED: dict[str, list[tuple[str, str]]] = {
    "X-Forwarded-For": [(FOR, "1.2.3.4")],
    "a list": [(FOR, "1.2.3.4, 5.6.7.8, 127.0.0.1")],
    "X-Real-IP": [("X-Real-IP", "1.2.3.4")],
    "X-Client-IP": [("X-Client-IP", "1.2.3.4"), ("Client-IP", "1.2.3.4"), ("True-Client-IP", "1.2.3.4")],
    "CF-Connecting-IP": [("CF-Connecting-IP", "1.2.3.4"), ("Fastly-Client-IP", "1.2.3.4")],
    "Forwarded": [("Forwarded", "for=1.2.3.4")],
    "Remote-Addr": [("Remote-Addr", "1.2.3.4"), ("Remote_Addr", "1.2.3.4"), ("X-Remote-Addr", "1.2.3.4")],
    "X-Forwarded": [("X-Forwarded", "for=1.2.3.4"), ("X-Cluster-Client-IP", "1.2.3.4")],
}


@each("headers", CLAIMED)
async def test_without_proxies_the_connection_alone_says_who_asks(
    noted: Noted, headers: list[tuple[str, str]]
) -> None:
    """Counted under the address of the connection."""
    assert await noted(0, *headers) == ("10.9.8.7", "10.9.8.7")


async def test_one_proxy_is_believed_for_one_hop(noted: Noted) -> None:
    """The last entry counts, which the proxy wrote; what the visitor wrote before it does not."""
    assert await noted(1, (FOR, "1.2.3.4, 203.0.113.5")) == ("203.0.113.5", "203.0.113.5")
    assert await noted(1, (FOR, "1.2.3.4"), (FOR, "203.0.113.5")) == ("203.0.113.5", "203.0.113.5")


async def test_two_proxies_are_believed_for_two_hops(noted: Noted) -> None:
    """The last but one."""
    assert await noted(2, (FOR, "1.2.3.4, 203.0.113.5, 10.0.0.2")) == ("203.0.113.5", "203.0.113.5")


async def test_fewer_hops_than_proxies_are_not_believed(noted: Noted) -> None:
    """The connection's own address: whoever came past a proxy chooses nothing."""
    assert await noted(2, (FOR, "1.2.3.4")) == ("10.9.8.7", "10.9.8.7")
    assert await noted(1) == ("10.9.8.7", "10.9.8.7")


BEHIND: dict[str, str | bytes] = {
    "a name": "evil",
    "HTML": "<script>alert(1)</script>",
    "SQL": "' OR 1=1 --",
    "nothing": "",
    "a port that is none": "1.2.3.4:x",
    "300 numbers": "1" * 300,
    "bytes": b"\xff\xfe",
    "a NUL": "1.2.3.4\0",
    "octal digits": "0177.0.0.1",
    "a line break in a forged line": "x\\n[2026] INFO in gate: FORGED",
}


@each("value", BEHIND)
async def test_a_forwarded_address_that_is_none_is_written_as_unknown(
    noted: Noted, value: str | bytes
) -> None:
    """ "unknown", counted and shown: nothing of what was sent reaches the database or a page."""
    assert await noted(1, (FOR, value)) == ("unknown", "unknown")


async def test_a_port_behind_a_forwarded_address_is_left_out(noted: Noted) -> None:
    """Some proxies write it; with it every visitor would be "unknown", and share one limit."""
    assert await noted(1, (FOR, "1.2.3.4:5678")) == ("1.2.3.4", "1.2.3.4")


async def test_a_network_of_ipv6_is_counted_as_one(noted: Noted) -> None:
    """The /64, which is what one customer has; the address itself is noted for the owner."""
    for address in ("2001:db8:1:2::3", "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:0DB8:0001:0002:0::9"):
        shown, counted = await noted(0, address=address)
        assert counted == "2001:db8:1:2::/64"
        assert shown.startswith("2001:db8:1:2:")


async def test_an_ipv4_address_in_an_ipv6_one_is_itself(noted: Noted) -> None:
    """Counted as the IPv4 address, so that nobody has 2**32 of them."""
    assert (await noted(0, address="::ffff:198.51.100.7"))[1] == "198.51.100.7"


async def test_a_zone_of_an_address_makes_no_other_address(noted: Noted) -> None:
    """Counted without it."""
    assert await noted(0, address="fe80::1%eth0") == ("fe80::1", "fe80::/64")


async def test_the_address_on_the_security_page_is_text(noted: Noted, ann: Browser) -> None:
    """Nothing but digits, letters, dots and colons."""
    await noted(1, (FOR, '"><img src=x onerror=alert(1)>'))
    shown = re.findall(r"</time>&nbsp;· ([^<]*)</span>", (await ann.get("/settings/security")).text)
    assert shown
    assert all(re.fullmatch(r"[\w.:]+", address.strip()) for address in shown)
