"""Passwords: the odd, the long and the broken ones, and the old app's hashes, over HTTP."""

import inspect
import time
from typing import Any
from urllib.parse import quote

import pytest
from quart import Quart

from journal.accounts import password_hashes, passwords
from journal.accounts.models import User
from journal.engines.fair_queue import FairPool
from tests.security.asking import PASSWORD, Browser, Reply, multipart, registered
from tests.security.cases import each
from tests.security.conftest import number
from tests.security.test_enumeration import HASHES

THEME = "Passwords"
pytestmark = [pytest.mark.usefixtures("untried"), pytest.mark.soak_on_postgres]


async def register(app: Quart, password: str | bytes) -> tuple[str, Reply]:
    """A new account with this password, or the refusal; bytes are percent-encoded as they are."""
    name = f"Pass{next(number)}"
    body = f"username={name}&email={name}%40example.org&password={quote(password, safe='')}"
    return name, await Browser(app).post("/register", body.encode())


async def enter(app: Quart, name: str, password: str | bytes) -> int:
    body = f"username={name}&password={quote(password, safe='')}"
    return (await Browser(app).post("/login", body.encode())).status


KEPT: dict[str, str | bytes] = {
    "8 bytes": "abcdefg8",
    "1,024 bytes": "x" * 1023 + "y",
    "73 bytes": "x" * 72 + "y",
    "two emoji": "🦔🦔",
    "a family of emoji": "👩‍👩‍👧‍👦",
    "eight spaces": " " * 8,
    "spaces around": "  words between  ",
    "a NUL within": "before\0after",
    "a NUL in front": "\0password words",
    "control characters": "\x01\x02\x03\x04\x05\x06\x07\x08",
    "line breaks": "one\r\ntwo\nthree",
    "combining letters": "e\u0301te\u0301 e\u0301te\u0301",
    "a right-to-left override": "\u202eabcdefgh",
    "quotation marks": "'\"`;--<>&%",
    "percent signs": "%00%ff%41%zz",
    "plus signs": "a+b+c+d+e",
    "a template": "{{7*7}}{%x%}",
    "SQL": "' OR '1'='1' --",
    "a hash": "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA",
    "lone surrogates": b"\xed\xa0\x80\xed\xb0\x80abc",
    "bytes that are no UTF-8": b"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8",
}


@each("password", KEPT)
async def test_an_odd_password_is_kept_as_it_is(app: Quart, password: str | bytes) -> None:
    """303 with it, 422 without its last or with one more character: nothing is cut off, trimmed or folded."""
    name, reply = await register(app, password)
    assert reply.status == 303
    assert await enter(app, name, password) == 303
    assert await enter(app, name, password[:-1]) == 422
    more: Any = b" " if isinstance(password, bytes) else " "
    assert await enter(app, name, password + more) == 422
    assert await enter(app, name, more + password) == 422


REFUSED: dict[str, str] = {
    "none": "",
    "7 bytes": "abcdef7",
    "one emoji": "🦔",
    "1,025 bytes": "x" * 1024 + "y",
    "1,024 letters of two bytes": "é" * 1024,
    "a megabyte": "x" * 1_000_000,
    "password": "password",
    "password in other letters": "PaSsWoRd",
    "12345678": "12345678",
    "qwertyuiop": "qwertyuiop",
    "the comic's": "correcthorsebatterystaple",
}


@each("password", REFUSED)
async def test_a_short_long_or_common_password_is_refused(app: Quart, password: str) -> None:
    """422 with a sentence, at registration and at a change, without a hash being made of it."""
    started = time.process_time()
    _, reply = await register(app, password)
    assert reply.status == 422
    assert "password" in reply.text.lower()
    ann = await registered(app, f"Change{next(number)}")
    form = {"password": PASSWORD, "new_password": password}
    assert (await ann.post("/settings/password", form)).status == 422
    assert await enter(app, ann.name, PASSWORD) == 303
    assert time.process_time() - started < 2


async def test_eight_bytes_may_be_two_characters(app: Quart) -> None:
    """303: the measure is bytes, which is what the hash is made of."""
    assert (await register(app, "🦔🦔"))[1].status == 303


@each("size", {"1,025 bytes": 1025, "a megabyte": 1_000_000, "4 megabytes": 4_100_000})
async def test_a_password_without_end_costs_no_more_than_a_wrong_one(
    app: Quart, ann: Browser, size: int
) -> None:
    """422 for less than a second of work: it is cut before it is hashed."""
    started = time.process_time()
    assert await enter(app, ann.name, "x" * size) == 422
    assert time.process_time() - started < 1


async def test_no_hash_is_made_of_more_than_a_kilobyte(
    app: Quart, ann: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At most 1,024 bytes reach a hash, whoever's they are."""
    sizes = []

    def noting(secret: bytes, stored: str) -> bool:
        sizes.append(len(secret))
        return False

    class Hasher:
        def hash(self, secret: bytes) -> str:
            sizes.append(len(secret))
            return ""

    monkeypatch.setitem(password_hashes.SCHEMES, ("$argon2",), noting)
    monkeypatch.setattr(passwords, "hasher", Hasher())
    for name in (ann.name, "Nobody"):
        for size in (1024, 1025, 1_000_000):
            await enter(app, name, "x" * size)
    assert len(sizes) == 6
    assert max(sizes) == 1024


async def test_a_common_password_still_opens_an_old_account(app: Quart, ann: Browser) -> None:
    """303: what is refused is choosing it, not having it."""
    await User.filter(id=ann.id).update(password_hash=await passwords.hashed("password"))
    assert await enter(app, ann.name, "password") == 303


async def test_letters_that_look_the_same_are_not_the_same_password(app: Quart) -> None:
    """422: the bytes count, composed and decomposed letters differ."""
    name, _ = await register(app, "été à la mer")
    assert await enter(app, name, "e\u0301te\u0301 a\u0300 la mer") == 422


FIELDS: dict[str, tuple[str, bytes]] = {
    "no password": ("application/x-www-form-urlencoded", b"username={name}"),
    "two passwords, the wrong one first": (
        "application/x-www-form-urlencoded",
        b"username={name}&password=wrong&password=correct+horse+battery",
    ),
    "a list": ("application/x-www-form-urlencoded", b"username={name}&password[]=correct+horse+battery"),
    "another letter case": (
        "application/x-www-form-urlencoded",
        b"username={name}&PASSWORD=correct+horse+battery",
    ),
    "JSON": ("application/json", b'{"username":"{name}","password":"correct horse battery"}'),
    "a JSON object": ("application/json", b'{"username":"{name}","password":{"$ne":""}}'),
    "semicolons": ("application/x-www-form-urlencoded", b"username={name};password=correct+horse+battery"),
    "another charset": (
        "application/x-www-form-urlencoded; charset=utf-16",
        "username={name}&password=correct+horse+battery".encode("utf-16"),
    ),
    "plain text": ("text/plain", b"username={name}\r\npassword=correct horse battery"),
    "no type": ("", b"username={name}&password=correct+horse+battery"),
}


@each("fields", FIELDS)
async def test_a_password_counts_in_its_field_alone(
    app: Quart, ann: Browser, fields: tuple[str, bytes]
) -> None:
    """422, never a 500."""
    kind, body = fields
    reply = await Browser(app).post(
        "/login", body.replace(b"{name}", ann.name.encode()), [("Content-Type", kind)]
    )
    assert reply.status == 422
    assert not reply.cookies


async def test_a_password_in_the_address_is_not_looked_at(app: Quart, ann: Browser) -> None:
    """422 and no sign-in: addresses are written down everywhere."""
    target = f"/login?username={ann.name}&password={quote(PASSWORD)}"
    assert (await Browser(app).post(target)).status == 422
    assert (await Browser(app).get(target)).status == 200


async def test_a_password_sent_as_a_file_is_none(app: Quart, ann: Browser) -> None:
    """422."""
    kind, body = multipart([("username", ann.name), ('password"; filename="x', PASSWORD)])
    assert (await Browser(app).post("/login", body, [("Content-Type", kind)])).status == 422


OLD = {kind: HASHES[kind] for kind in ("pbkdf2", "scrypt", "bcrypt", "md5", "sha1", "sha256", "sha512")}


@each("stored", OLD)
async def test_a_hash_of_the_old_app_lets_in_once_and_is_replaced(app: Quart, stored: str) -> None:
    """303 with the right password, and argon2id from then on; the session stamp stays."""
    name = (await registered(app, f"Old{next(number)}")).name
    await User.filter(username=name).update(password_hash=stored)
    stamp = (await User.get(username=name)).session_stamp
    assert await enter(app, name, f"{PASSWORD}x") == 422
    assert await enter(app, name, PASSWORD) == 303
    user = await User.get(username=name)
    assert (user.password_hash or "").startswith("$argon2id$")
    assert user.session_stamp == stamp
    assert await enter(app, name, PASSWORD) == 303


BROKEN: dict[str, str | None] = {
    **{
        kind: HASHES[kind]
        for kind in ("null", "empty", "plain text", "a kind that nobody knows", "half a hash")
    },
    "the disabled mark of Unix": "!",
    "a star": "*",
    "only a scheme": "$argon2id$",
    "argon2 with a cost that is none": "$argon2id$v=19$m=x,t=y,p=z$c2FsdA$aGFzaA",
    "argon2 of 4 TB": "$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g",
    "bcrypt cut short": "$2b$12$abc",
    "bcrypt of cost 31": "$2b$31$aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "scrypt without numbers": "scrypt:::$salt$hash",
    "pbkdf2 of nothing": "pbkdf2:$$",
    "pbkdf2 by another digest": "pbkdf2:whirlpool:1$salt$00",
    "a method that is none": "sha256$a$b$c",
    "hashlib's shake": "sha512$$",
    "an empty digest": "sha256$salt$",
    "letters": "пароль",
    "1,024 dollars": "$" * 1024,
    "a line break": "sha256$salt\n$00",
}


@each("stored", BROKEN)
async def test_a_broken_hash_opens_to_nobody(app: Quart, stored: str | None) -> None:
    """422 for the right password, none and the hash itself; never a 500, never a long wait."""
    name = (await registered(app, f"Broken{next(number)}")).name
    await User.filter(username=name).update(password_hash=stored)
    started = time.process_time()
    for password in (PASSWORD, "", stored or "None"):
        assert await enter(app, name, password) == 422
    assert time.process_time() - started < 3


async def test_the_new_hash_is_the_one_that_was_specified() -> None:
    """argon2id with 19 MiB, two passes and one lane; the tests run at its floor."""
    source = inspect.getsource(passwords)
    assert "PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)" in source


async def test_no_page_and_no_cookie_holds_a_hash_or_a_stamp(ann: Browser) -> None:
    """Neither the settings, nor the security page, nor what the browser keeps in the clear."""
    user = await User.get(id=ann.id)
    for path in ("/", "/settings", "/settings/security", "/entries/new", "/bin"):
        reply = await ann.get(path)
        assert (user.password_hash or "x") not in reply.text
        assert user.session_stamp not in reply.text
    assert "password" not in ann.jar["preferences"]


async def test_no_password_that_was_typed_comes_back(app: Quart, ann: Browser) -> None:
    """Never in the page: not after a mistake, and not in what the sign-in page keeps of a lost form."""
    secret = "typed-in-the-wrong-moment"
    form = {"username": "x", "email": "nonsense", "password": secret, "new_password": secret, "body": "kept"}
    paths = ["/login", "/register", "/settings/password", "/settings/account", "/settings/account/deletion"]
    for path in [*paths, "/entries", "/settings"]:
        for browser in (ann, Browser(app)):
            assert secret not in (await browser.post(path, form)).text, path
    reply = await Browser(app).post("/login", {**form, "kept.body": "w", "kept.password": secret})
    assert secret not in reply.text


async def test_a_busy_site_says_so_and_signs_nobody_out(
    ann: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 with Retry-After for who signs in, 200 for who is in, however many passwords wait."""
    monkeypatch.setattr(passwords, "MAX_WAITING", 0)
    monkeypatch.setattr(passwords, "_pool", FairPool(passwords._queue(), 2, "full"))
    reply = await Browser(ann.app).sign_in(ann.name)
    assert reply.status == 503
    assert "Retry-After" in reply.headers
    assert await ann.is_in()
