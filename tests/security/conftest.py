"""One database for each module of attacks, and new people in it for each test: they are many and small."""

import itertools
import shutil
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from quart import Quart

from journal import clock, database
from journal.accounts.models import Failure
from journal.app import create_app
from journal.settings import Settings, read
from tests.postgres import Postgres
from tests.security.asking import Browser, registered

KEY = "k" * 40
number = itertools.count(1)


@pytest.fixture(scope="module")
def database_url(
    empty: str, postgres: Postgres | None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    if postgres:
        name = f"security_{uuid.uuid4().hex}"
        yield postgres.create(name, template="empty")
        postgres.drop(name)
    else:
        file = tmp_path_factory.mktemp("security") / "journal.sqlite3"
        shutil.copy(database.sqlite_file(empty), file)
        yield f"sqlite://{file}"


@pytest.fixture(scope="module")
def settings(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    values = {"FLASK_ENV": "development", "SECRET_KEY": KEY, "PUBLIC_URL": "http://localhost"}
    return replace(read(values, tmp_path_factory.mktemp("data")), database_url=database_url)


@pytest.fixture(scope="module")
async def app(settings: Settings) -> AsyncIterator[Quart]:
    """The site in development; its database also serves the sites that tests make beside it."""
    site = create_app(settings)
    async with site.test_app():
        await registered(site, "Host")  # the first account is the administrator; nobody below is
        yield site


@pytest.fixture(scope="module")
def production(app: Quart, settings: Settings) -> Quart:
    """The same site at https://journal.example.org, behind one proxy."""
    public = replace(settings, development=False, public_url="https://journal.example.org", trusted_proxies=1)
    return create_app(public)


@pytest.fixture
def visitor(app: Quart) -> Browser:
    return Browser(app)


@pytest.fixture
async def ann(app: Quart) -> Browser:
    return await registered(app, f"Ann{next(number)}")


@pytest.fixture
async def bob(app: Quart) -> Browser:
    return await registered(app, f"Bob{next(number)}")


@pytest.fixture
async def ann_outside(production: Quart) -> Browser:
    """Ann at the site in production."""
    return await registered(
        production, f"Ann{next(number)}", host="journal.example.org", scheme="https", address="10.0.0.1"
    )


@pytest.fixture
async def untried(app: Quart) -> None:
    """Nobody has failed to sign in so far."""
    await Failure.all().delete()


@pytest.fixture
def after(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the site's clock to so many seconds from now."""
    real = clock.now

    def move(seconds: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: real() + timedelta(seconds=seconds))

    return move
