"""The cast, a fresh database for each test on either engine, and the site in this process."""

import asyncio
import functools
import inspect
import os
import re
import shutil
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from quart import Quart
from quart.typing import TestClientProtocol
from werkzeug.routing import Rule

from journal import database, schema
from journal.accounts import passwords
from journal.app import create_app
from journal.settings import Settings, read
from tests.postgres import Postgres

ENGINE = os.environ.get("JOURNAL_TEST_ENGINE", "sqlite")
SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
PASSWORD = "correct horse battery"


# What takes a minute, and seldom breaks alone: only in the whole run. The everyday one is on SQLite, and on
# PostgreSQL what asks it for most.
SELDOM = re.compile(
    r"tests/(browser/test_(calendar|hanging|lines|looks|pages|search|starters|surface|writing)|simulation/|transfer/"
    r"|faults/(browser/|test_(databases|disk|killed|lost_answers|power|stopping))|(days|search)/test_diary"
    r"|test_cli|test_migrations|test_run|test_serving|statistics/.*whole_diary"
    r"|entries/test_(ahead|comparing|lists)|search/test_mending|tags/test_relating"
    r"|security/test_(enumeration|guessing|injection|input|redirects|wire)"
    + (r"|accounts/|faults/|prompts/|security/|test_requests)" if ENGINE != "sqlite" else ")")
)
# Seconds: a test that waits for what never comes fails by itself and lets the others run.
LONGEST, LONGEST_PAGE = 600, 200


def hurried(test: Callable[..., Awaitable[None]], seconds: int) -> Callable[..., Awaitable[None]]:
    @functools.wraps(test)
    async def limited(**given: Any) -> None:
        async with asyncio.timeout(seconds):
            await test(**given)

    return limited


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what touches a database: the rest has run on SQLite and would be the same."""
    for item in items:
        if SELDOM.match(item.nodeid):
            item.add_marker(pytest.mark.slow)
        is_page = "/browser/" in item.nodeid and "_times_" not in item.nodeid  # those count how often
        if is_page:
            item.add_marker(pytest.mark.flaky(reruns=1))
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            item.obj = hurried(item.obj, LONGEST_PAGE if is_page else LONGEST)
    if ENGINE != "sqlite":
        kept = [item for item in items if "database_url" in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Names what failed at once: the report at the end may never come."""
    report = yield
    reporter = item.config.pluginmanager.get_plugin("terminalreporter")
    if report.failed and reporter:
        reporter.ensure_newline()
        reporter.write_line(f"{report.nodeid} failed ({report.when}): {report.longreprtext.splitlines()[-1]}")
    return report


@pytest.fixture(scope="session", autouse=True)
def quick() -> None:
    """Tests that are not about durability or hashing don't wait for the disk or for argon2."""
    database.PRAGMAS["synchronous"] = "OFF"
    passwords.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords.SLOWEST_ANSWER = 0.0
    # Werkzeug compiles two functions for each route, always the same ones: half the cost of a site.
    compiled: dict[tuple[object, ...], Any] = {}
    compile_builder = Rule._compile_builder

    def remembered(rule: Rule, append_unknown: bool = True) -> Any:
        key = (rule.rule, rule.endpoint, str(rule.defaults), append_unknown)
        return compiled.get(key) or compiled.setdefault(key, compile_builder(rule, append_unknown))

    Rule._compile_builder = remembered  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres | None]:
    if ENGINE == "sqlite":
        yield None
        return
    with Postgres.started() as server:
        yield server


@pytest.fixture(scope="session")
async def empty(postgres: Postgres | None, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A migrated database without rows, to be copied."""
    folder = tmp_path_factory.mktemp("empty")
    url = postgres.create("empty") if postgres else f"sqlite://{folder / 'empty.sqlite3'}"
    await schema.migrate(url, folder)
    return url


@pytest.fixture
def database_url(empty: str, postgres: Postgres | None, tmp_path: Path) -> Iterator[str]:
    if postgres:
        name = f"test_{uuid.uuid4().hex}"
        yield postgres.create(name, template="empty")
        postgres.drop(name)
    else:
        shutil.copy(database.sqlite_file(empty), tmp_path / "journal.sqlite3")
        yield f"sqlite://{tmp_path / 'journal.sqlite3'}"


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    values = {"FLASK_ENV": "development", "SECRET_KEY": "k" * 40, "PUBLIC_URL": "http://localhost"}
    return replace(read(values, tmp_path), database_url=database_url)


@pytest.fixture
async def db(settings: Settings) -> AsyncIterator[None]:
    """A connected database without the site around it."""
    async with database.connected(settings.database_url):
        yield


@pytest.fixture
async def app(settings: Settings) -> AsyncIterator[Quart]:
    site = create_app(settings)
    async with site.test_app():
        yield site


@pytest.fixture
def visitor(app: Quart) -> TestClientProtocol:
    """A browser that nobody has signed in with."""
    return app.test_client()


@dataclass
class Person:
    """One of the cast with a browser of their own."""

    name: str
    client: TestClientProtocol

    async def get(self, path: str, **options: Any) -> Any:
        return await self.client.get(path, **options)

    async def post(self, path: str, form: dict[str, Any] | None = None, **options: Any) -> Any:
        return await self.client.post(path, form=form or {}, **options)

    async def put(self, path: str, form: dict[str, Any], **options: Any) -> Any:
        return await self.client.put(path, form=form, **options)

    async def writes(self, body: str, **fields: Any) -> str:
        """A new entry; its path."""
        answer = await self.post("/entries", {"body": body, **fields})
        assert answer.status_code == 303, await answer.get_data(as_text=True)
        return str(answer.headers["Location"])


async def joined(app: Quart, name: str) -> Person:
    client = app.test_client()
    form = {"username": name, "email": f"{name.lower()}@example.org", "password": PASSWORD}
    answer = await client.post("/register", form=form)
    assert answer.status_code == 303, await answer.get_data(as_text=True)
    return Person(name, client)


@pytest.fixture
async def ann(app: Quart) -> Person:
    return await joined(app, "Ann")


@pytest.fixture
async def bob(app: Quart, ann: Person) -> Person:
    return await joined(app, "Bob")
