"""Cookie headers that are remembered: for as long as they hold, and never too many or too long."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from quart import Quart
from werkzeug.datastructures import Headers

from journal import clock
from journal.accounts.preferences import Preferences
from journal.sessions.access_cache import MAX_ENTRIES, MAX_HEADER_LENGTH, AccessCache, CachedAccess
from journal.sessions.gate import Gate
from journal.sessions.tokens import Claims
from journal.settings import Settings
from tests.visiting import PASSWORD, Browser, registered

pytestmark = pytest.mark.slow_on_postgres

START = datetime(2024, 5, 31, 12, tzinfo=UTC)
ACCESS = CachedAccess.of(Claims(42, issued_at=1000, expires_at=2800, auth_time=900), Preferences("UTC"))


@pytest.fixture
def cache() -> AccessCache:
    return AccessCache()


@pytest.fixture
def moment() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
async def ann(app: Quart, settings: Settings, moment: time_machine.Traveller) -> Browser:
    return await registered(app, "Ann", settings.public_url)


def test_an_entry_is_valid_as_long_as_its_access_token(cache: AccessCache) -> None:
    cache.remember("header", ACCESS)
    found = {now: cache.find("header", now) is not None for now in (939, 940, 2799, 2800)}
    assert found == {939: False, 940: True, 2799: True, 2800: False}


def test_another_header_is_another_entry(cache: AccessCache) -> None:
    cache.remember("header", ACCESS)
    assert cache.find("header ", 1000) is None
    assert cache.find("", 1000) is None


def test_what_was_forgotten_is_not_found(cache: AccessCache) -> None:
    cache.remember("header", ACCESS)
    cache.forget("header")
    cache.forget("another")
    assert cache.find("header", 1000) is None


def test_a_very_long_header_is_not_remembered(cache: AccessCache) -> None:
    cache.remember("h" * MAX_HEADER_LENGTH, ACCESS)
    cache.remember("h" * (MAX_HEADER_LENGTH + 1), ACCESS)
    assert cache.find("h" * MAX_HEADER_LENGTH, 1000)
    assert not cache.find("h" * (MAX_HEADER_LENGTH + 1), 1000)


def test_the_oldest_makes_room_for_the_newest(cache: AccessCache) -> None:
    for number in range(MAX_ENTRIES + 1):
        cache.remember(str(number), ACCESS)
    assert not cache.find("0", 1000)
    assert cache.find("1", 1000)
    assert cache.find(str(MAX_ENTRIES), 1000)


async def test_the_second_request_reads_no_token(ann: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    await ann.get("/bin")
    monkeypatch.setattr(Gate, "claims", None)
    assert (await ann.get("/bin")).status == 200


async def test_a_sign_out_that_a_wrong_clock_has_dated_counts_when_its_moment_comes(
    ann: Browser, moment: time_machine.Traveller
) -> None:
    ann.jar["signed_out"] = str(clock.timestamp() + 600)
    assert (await ann.get("/bin")).status == 200
    moment.shift(timedelta(seconds=600))
    assert (await ann.get("/bin")).status == 303


async def test_whoever_has_signed_in_since_is_not_signed_out_by_it(
    ann: Browser, moment: time_machine.Traveller
) -> None:
    ann.jar["signed_out"] = str(clock.timestamp() + 600)
    assert (await ann.post("/login", {"username": "Ann", "password": PASSWORD})).status == 303
    moment.shift(timedelta(seconds=600))
    assert (await ann.get("/bin")).status == 200


async def test_two_cookie_headers_are_read_as_one(app: Quart, ann: Browser) -> None:
    """One that is known does not speak for what another adds."""
    await ann.get("/bin")
    signed_out = f"signed_out={clock.timestamp() + 30}"
    known = "; ".join(f"{name}={value}" for name, value in ann.jar.items())
    client = app.test_client(use_cookies=False)
    for cookies, status in (([known], 200), ([known, signed_out], 303), ([known], 200)):
        headers = Headers([("Host", "localhost"), *(("Cookie", cookie) for cookie in cookies)])
        assert (await client.get("/bin", headers=headers)).status_code == status
