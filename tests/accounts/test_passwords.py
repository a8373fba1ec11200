"""Passwords: ours in argon2id, the old app's as they are, garbage as nothing, and none of it on the loop."""

import asyncio
import hashlib
import hmac
import importlib.util
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import bcrypt
import pytest
from argon2 import PasswordHasher, Type
from quart import Quart

from journal.accounts import passwords
from journal.accounts.common_passwords import COMMON
from journal.accounts.forms import RegistrationForm
from journal.accounts.passwords import Busy, is_outdated, matches
from journal.engines.fair_queue import FairPool
from tests.visiting import Browser

pytestmark = pytest.mark.slow_on_postgres

PASSWORD = "pässword with spaces 🙂"
SALT = "NaClNaCl"


def hexed(method: str, password: str, salt: str = SALT) -> str:
    return hmac.new(salt.encode(), password.encode(), method).hexdigest()


def pbkdf2(method: str, rounds: int, password: str = PASSWORD) -> str:
    made = hashlib.pbkdf2_hmac(method, password.encode(), SALT.encode(), rounds).hex()
    return f"pbkdf2:{method}:{rounds}${SALT}${made}"


def scrypt(n: int, r: int, p: int, password: str = PASSWORD) -> str:
    made = hashlib.scrypt(password.encode(), salt=SALT.encode(), n=n, r=r, p=p, maxmem=2**26).hex()
    return f"scrypt:{n}:{r}:{p}${SALT}${made}"


def blowfish(prefix: str, password: str = PASSWORD) -> str:
    made = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode()
    return made.replace("$2b$", f"${prefix}$", 1)


def argon2(kind: Type, password: str = PASSWORD) -> str:
    return PasswordHasher(type=kind, time_cost=1, memory_cost=64, parallelism=1).hash(password)


MAKERS: dict[str, Callable[[str], str]] = {
    "pbkdf2:sha256": lambda password: pbkdf2("sha256", 2600, password),
    "pbkdf2:sha512": lambda password: pbkdf2("sha512", 1500, password),
    "pbkdf2:sha224": lambda password: pbkdf2("sha224", 1500, password),
    "pbkdf2:md5": lambda password: pbkdf2("md5", 1000, password),
    "pbkdf2:sha1 of 2013": lambda password: pbkdf2("sha1", 1000, password),
    "scrypt": lambda password: scrypt(2**14, 8, 1, password),
    "bcrypt 2a": lambda password: blowfish("2a", password),
    "bcrypt 2b": lambda password: blowfish("2b", password),
    "bcrypt 2y": lambda password: blowfish("2y", password),
    "md5": lambda password: f"md5${SALT}${hexed('md5', password)}",
    "sha1 of 2010": lambda password: f"sha1${SALT}${hexed('sha1', password)}",
    "sha256": lambda password: f"sha256${SALT}${hexed('sha256', password)}",
    "sha512": lambda password: f"sha512${SALT}${hexed('sha512', password)}",
    "argon2d": lambda password: argon2(Type.D, password),
    "argon2i": lambda password: argon2(Type.I, password),
    "argon2id": lambda password: argon2(Type.ID, password),
}
makers = pytest.mark.parametrize("made", MAKERS.values(), ids=MAKERS)


# Ours


@pytest.fixture(scope="module")
def untouched() -> ModuleType:
    """The module as it is served: the hasher of the one in use has been made quick for the tests."""
    spec = importlib.util.find_spec("journal.accounts.passwords")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_new_hash_is_argon2id_with_two_passes_over_19_mebibytes_in_one_lane(untouched: ModuleType) -> None:
    stored = untouched.hasher.hash(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert untouched.matches(PASSWORD, stored)
    assert not untouched.is_outdated(stored)


def test_no_failed_answer_comes_before_400_milliseconds(untouched: ModuleType) -> None:
    assert untouched.SLOWEST_ANSWER == 0.4


async def test_no_two_hashes_of_a_password_are_equal() -> None:
    first, second = await passwords.hashed(PASSWORD), await passwords.hashed(PASSWORD)
    assert first != second
    assert await passwords.verify(PASSWORD, first)
    assert await passwords.verify(PASSWORD, second)


# The old app's


@makers
def test_the_right_password_fits(made: Callable[[str], str]) -> None:
    assert matches(PASSWORD, made(PASSWORD)) is True


@makers
def test_another_password_does_not_fit(made: Callable[[str], str]) -> None:
    stored = made(PASSWORD)
    for wrong in ("", PASSWORD + " ", " " + PASSWORD, PASSWORD[:-1], PASSWORD.upper(), stored, "\0"):
        assert matches(wrong, stored) is False


@makers
def test_a_hash_that_was_cut_fits_nothing(made: Callable[[str], str]) -> None:
    stored = made(PASSWORD)
    for length in (*range(min(12, len(stored))), len(stored) // 2, len(stored) - 1):
        assert matches(PASSWORD, stored[:length]) is False


@makers
def test_every_foreign_hash_is_outdated(made: Callable[[str], str]) -> None:
    assert is_outdated(made(PASSWORD))


def test_a_hash_of_ours_is_not_outdated() -> None:
    assert not is_outdated(passwords.hasher.hash(PASSWORD))


BCRYPT_OF_ABC = "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"


@pytest.mark.parametrize("prefix", ["2a", "2b", "2y"])
def test_a_published_bcrypt_hash_fits(prefix: str) -> None:
    assert matches("abc", BCRYPT_OF_ABC.replace("2a", prefix)) is True
    assert matches("abd", BCRYPT_OF_ABC.replace("2a", prefix)) is False


@pytest.mark.parametrize("prefix", ["2a", "2b", "2y"])
def test_bcrypt_looks_at_72_bytes_as_it_always_did(prefix: str) -> None:
    long = "x" * 72
    assert matches(long + "and more", blowfish(prefix, long)) is True
    assert matches(long, blowfish(prefix, long + "and more")) is True
    assert matches("x" * 71 + "y", blowfish(prefix, long)) is False


def test_bcrypt_may_cut_a_letter_in_two() -> None:
    long = "x" * 71 + "é"
    assert matches(long, blowfish("2b", long)) is True


def test_a_hash_of_2010_fits() -> None:
    """What `printf geheim | openssl dgst -sha1 -hmac ab` says."""
    assert matches("geheim", "sha1$ab$2d6583df8d8eff26f1eb109b878cba02c415c8a1") is True
    assert matches("Geheim", "sha1$ab$2d6583df8d8eff26f1eb109b878cba02c415c8a1") is False


# Garbage


NOTHING = [None, "", " ", "$", "$$", "$$$", "x", "password", PASSWORD, "\0", "\ud800", "🙂", "NULL", "!", "*"]
UNKNOWN = ["$1$salt$hash", "$5$salt$hash", "$6$salt$hash", "$y$j9T$salt$hash", "{SSHA}abcd", "x" * 1024]
UNKNOWN += ["plain$$" + PASSWORD, "plain$a$" + PASSWORD, "sha224$a$b", "sha384$a$b", "md4$a$b", "SHA1$a$b"]
SALTED = [
    "md5",
    "md5$",
    "md5$$",
    "md5$a$",
    "md5$a$b$c",
    "sha256$a$" + "é" * 64,
    "sha512$\ud800$x",
    "md5$\0$\0",
]
SALTED += ["md5$\0$\0", "sha1$$" + hashlib.sha1(PASSWORD.encode()).hexdigest()]
PBKDF2 = ["pbkdf2", "pbkdf2:", "pbkdf2:sha256:0$a$b", "pbkdf2:sha256:-1$a$b", "pbkdf2:none:1$a$b"]
PBKDF2 += ["pbkdf2:sha256:x$a$b", "pbkdf2:sha256:1:2$a$b", "pbkdf2:sha256:1$a", "pbkdf2:\0:1$a$b"]
SCRYPT = ["scrypt", "scrypt:", "scrypt:1$a$b", "scrypt:0:0:0$a$b", "scrypt:-1:8:1$a$b", "scrypt:3:8:1$a$b"]
SCRYPT += ["scrypt:1.5:8:1$a$b", "scrypt:2:8:1$a", "scrypt:2:8:1$\ud800$b"]
BCRYPT = ["$2a$", "$2b$04$", "$2$04$" + "a" * 53, "$2x$04$" + "a" * 53, "$2b$04$" + "!" * 53]
BCRYPT += ["$2b$99$" + "a" * 53, "$2b$03$" + "a" * 53, "$2b$xx$" + "a" * 53, "$2b$04$" + "é" * 53]
ARGON2 = ["$argon2", "$argon2id", "$argon2id$", "$argon2id$é", "$argon2x$v=19$m=8,t=1,p=1$YWJj$YWJj"]
ARGON2 += ["$argon2id$v=19$m=8,t=1,p=1$$", "$argon2id$v=19$m=0,t=0,p=0$YWJjZGVmZ2g$YWJjZA"]
GARBAGE = [*NOTHING, *UNKNOWN, *SALTED, *PBKDF2, *SCRYPT, *BCRYPT, *ARGON2]


@pytest.mark.parametrize("stored", GARBAGE, ids=[ascii(stored)[:40] for stored in GARBAGE])
def test_a_hash_that_nobody_made_fits_nothing(stored: str | None) -> None:
    for password in (PASSWORD, "", "password", "x" * 2000):
        assert matches(password, stored) is False


DUMMIES = [*NOTHING, *UNKNOWN, *BCRYPT, *ARGON2]


@pytest.mark.parametrize("stored", DUMMIES, ids=[ascii(stored)[:40] for stored in DUMMIES])
def test_a_hash_that_nobody_made_costs_as_much_as_one_of_ours(
    stored: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretended = _calls(monkeypatch, "_hash_in_vain")
    assert matches(PASSWORD, stored) is False
    assert pretended == [(PASSWORD.encode(),)]


def _calls(monkeypatch: pytest.MonkeyPatch, name: str) -> list[Any]:
    made: list[Any] = []
    real = getattr(passwords, name)
    monkeypatch.setattr(passwords, name, lambda *values: (made.append(values), real(*values))[1])
    return made


TAIL = "$c29tZXNhbHQ$RdescudvJCsgt3ub+b0dWRWJTmaaJObG"
BCRYPT_TAIL = "abcdefghijklmnopqrstuu" + "a" * 31  # a salt that bcrypt takes
ABSURD = {
    "pbkdf2 for an hour": f"pbkdf2:sha256:9999999999${SALT}${'0' * 64}",
    "pbkdf2 for an hour, written apart": f"pbkdf2:sha256:9_999_999_999${SALT}${'0' * 64}",
    "pbkdf2 for a minute": f"pbkdf2:sha512:200000000${SALT}${'0' * 128}",
    "scrypt in 4 GB": f"scrypt:4194304:8:1${SALT}${'0' * 128}",
    "scrypt in a wide block": f"scrypt:2:1073741:1${SALT}${'0' * 128}",
    "scrypt in many lanes": f"scrypt:2:1:8388608${SALT}${'0' * 128}",
    "scrypt again and again": f"scrypt:16384:8:100000${SALT}${'0' * 128}",
    "scrypt by numbers no machine has": f"scrypt:{2**70}:8:1${SALT}${'0' * 128}",
    "argon2 in 4 GB": f"$argon2id$v=19$m=4194304,t=1,p=1{TAIL}",
    "argon2 for an hour": f"$argon2id$v=19$m=65536,t=99999,p=1{TAIL}",
    "argon2 for an hour in little": f"$argon2i$v=19$m=8,t=4294967295,p=1{TAIL}",
    "bcrypt for a week": f"$2b$31${BCRYPT_TAIL}",
    "bcrypt for a minute": f"$2y$20${BCRYPT_TAIL}",
}


@pytest.mark.parametrize("stored", ABSURD.values(), ids=ABSURD)
def test_a_hash_that_would_take_minutes_or_gigabytes_fits_nothing(stored: str) -> None:
    started = time.monotonic()
    assert matches(PASSWORD, stored) is False
    assert time.monotonic() - started < 20


DEAR = {
    "Werkzeug 3.1, pbkdf2": pbkdf2("sha256", 1_000_000),
    "Werkzeug 3, scrypt": scrypt(2**15, 8, 1),
    "argon2-cffi's own": PasswordHasher().hash(PASSWORD),
    "bcrypt at 12": bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(12)).decode(),
}


@pytest.mark.parametrize("stored", DEAR.values(), ids=DEAR)
def test_what_the_libraries_of_today_make_is_not_too_dear(stored: str) -> None:
    assert matches(PASSWORD, stored) is True


# Passwords


ODD = ["\0" * 8, "null\0in the middle", "\n\r\t\v\f\x1b lines", "🙂" * 20, "  spaces at both ends  "]
ODD += ["ａｂｃｄｅｆｇｈ", "e\u0301\u0301\u0301", "\u202eright to left\u202c"]


@pytest.mark.parametrize("password", [*ODD, "\ud800\udfff lone surrogates"])
async def test_any_text_can_be_a_password(password: str) -> None:
    stored = await passwords.hashed(password)
    assert await passwords.verify(password, stored)
    assert not await passwords.verify(password + " ", stored)
    assert not await passwords.verify(password.replace("\0", ""), stored) or "\0" not in password


@makers
@pytest.mark.parametrize("password", [*ODD, "\ud800 lone", "\udfff", ""])
def test_an_odd_password_is_never_an_error(made: Callable[[str], str], password: str) -> None:
    assert matches(password, made(PASSWORD)) is False


def test_nul_does_not_end_a_password() -> None:
    assert not matches("secret\0one", passwords.hasher.hash("secret\0two"))
    assert not matches("secret\0one", f"sha1${SALT}${hexed('sha1', 'secret')}")


async def test_a_password_may_have_1024_bytes_and_no_more() -> None:
    longest, longer = "é" * 512, "é" * 512 + "x"
    assert len(longest.encode()) == 1024
    assert await passwords.verify(longest, await passwords.hashed(longest))
    assert not await passwords.verify(longer, await passwords.hashed(longer))


@makers
def test_a_megabyte_never_reaches_a_scheme(
    made: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stored, pretended = made(PASSWORD), _calls(monkeypatch, "_hash_in_vain")
    assert matches("x" * 1_000_000, stored) is False
    assert [len(secret) for (secret,) in pretended] == [1024]


@pytest.mark.parametrize("password", ["x1z4S6j8", "éééé", "🙂🙂", " " * 8, "x" * 1024, "é" * 512])
def test_8_to_1024_bytes_can_be_set(password: str) -> None:
    assert "password" not in _form(password).errors


@pytest.mark.parametrize("password", ["", "x1z4S6j", "🙂", "x" * 1025, "é" * 512 + "x", "x" * 1_000_000])
def test_fewer_and_more_can_not(password: str) -> None:
    assert "password" in _form(password).errors


def _form(password: str) -> RegistrationForm:
    return RegistrationForm({"username": "Ann", "email": "ann@example.org", "password": password})


@pytest.mark.parametrize("password", ["password", "PASSWORD", "12345678", "iloveyou", "Qwertyuiop"])
def test_what_anybody_would_try_first_can_not_be_set(password: str) -> None:
    assert "first" in _form(password).errors["password"]


def test_all_common_passwords_are_long_enough_to_be_refused_for_being_common() -> None:
    assert {word for word in COMMON if len(word) < passwords.MIN_BYTES or word != word.casefold()} == set()


async def test_a_common_password_that_is_set_already_signs_in() -> None:
    assert await passwords.verify("password", f"sha1${SALT}${hexed('sha1', 'password')}")


# Off the loop, two at a time, and not without end


class Slow:
    """Stands in for the verifying: takes its time, and counts how many do so at once."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.running, self.most, self.threads = seconds, 0, 0, set[str]()

    def __call__(self, password: str, stored: str | None) -> bool:
        self.running += 1
        self.most = max(self.most, self.running)
        self.threads.add(threading.current_thread().name)
        time.sleep(self.seconds)
        self.running -= 1
        return True


async def test_the_loop_goes_on_while_passwords_are_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Slow(1.0)
    monkeypatch.setattr(passwords, "matches", slow)
    work = asyncio.gather(*(passwords.verify(PASSWORD, "x") for _ in range(4)))
    longest = 0.0
    while not work.done():
        started = time.monotonic()
        await asyncio.sleep(0.001)
        longest = max(longest, time.monotonic() - started)
    assert longest < 0.9
    assert await work == [True] * 4
    assert slow.most == 2
    assert threading.main_thread().name not in slow.threads


async def test_hashing_is_off_the_loop_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = []

    class Hasher:
        def hash(self, secret: object) -> str:
            threads.append(threading.current_thread())
            return "x"

    monkeypatch.setattr(passwords, "hasher", Hasher())
    assert await passwords.hashed(PASSWORD) == "x"
    assert threads
    assert threading.main_thread() not in threads


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priority of their own elsewhere")
async def test_hashing_gives_way_to_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "matches", lambda password, stored: os.nice(0))
    hashing = {await passwords.verify(PASSWORD, "x") for _ in range(4)}
    assert hashing == {min(19, os.nice(0) + passwords.NICENESS)}


@pytest.fixture
def blocked(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Nothing is verified until it is set."""
    released = threading.Event()
    monkeypatch.setattr(passwords, "matches", lambda password, stored: released.wait(10))
    yield released
    released.set()


@pytest.fixture
def five(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two are hashed and three wait for it, and no more."""
    monkeypatch.setattr(passwords, "MAX_WAITING", 3)
    monkeypatch.setattr(passwords, "_pool", FairPool(passwords._queue(), 2, "tests"))


async def test_a_full_queue_says_so_at_once(blocked: threading.Event, five: None) -> None:
    waiting = [asyncio.ensure_future(passwords.verify(PASSWORD, "x")) for _ in range(5)]
    await asyncio.sleep(0)
    for work in (passwords.verify(PASSWORD, "x"), passwords.hashed(PASSWORD)):
        with pytest.raises(Busy):
            await work
    blocked.set()
    assert await asyncio.gather(*waiting) == [True] * 5
    assert await passwords.verify(PASSWORD, "x")


async def test_those_who_hang_up_leave_their_places(blocked: threading.Event, five: None) -> None:
    for _ in range(3):
        waiting = [asyncio.ensure_future(passwords.verify(PASSWORD, "x", f"{n}")) for n in range(3)]
        await asyncio.sleep(0)
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    blocked.set()
    assert await passwords.verify(PASSWORD, "x")


async def test_a_library_that_fails_leaves_its_place(five: None, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def hash(self, secret: object) -> str:
            raise MemoryError

    monkeypatch.setattr(passwords, "hasher", Broken())
    for _ in range(7):
        with pytest.raises(MemoryError):
            await passwords.hashed(PASSWORD)


async def test_a_flood_of_sign_ups_holds_no_sign_in_up(blocked: threading.Event, five: None) -> None:
    flood = [
        asyncio.ensure_future(passwords.hashed("x" * 2_000, f"{n}", passwords.Purpose.SIGN_UP))
        for n in range(4)
    ]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await passwords.hashed(PASSWORD, "5", passwords.Purpose.SIGN_UP)
    blocked.set()
    async with asyncio.timeout(10):
        assert await passwords.verify(PASSWORD, "x", "6")
    await asyncio.gather(*flood)


async def test_too_many_are_told_to_come_again(app: Quart, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "MAX_WAITING", 0)
    monkeypatch.setattr(passwords, "_pool", FairPool(passwords._queue(), 2, "tests"))
    form = {"username": "Ann", "email": "ann@example.org", "password": PASSWORD}
    for path in ("/login", "/register"):
        answer = await Browser(app).post(path, form)
        assert answer.status == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert "Many people are signing in" in answer.text
        assert not answer.cookies
