"""The cast, a fresh database for each test on either engine, and the site in this process."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from quart import Quart
from quart.typing import TestClientProtocol

from journal import database, schema
from journal.accounts import passwords
from journal.app import create_app
from journal.sessions import throttle
from journal.settings import Settings, read
from tests.postgres import Postgres

pytest_plugins = ["tests.running", "tests.reused", "tests.figures"]

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
PASSWORD = "correct horse battery"


@pytest.fixture(scope="session", autouse=True)
def quick() -> None:
    """Tests that are not about durability, hashing or sign-ups don't wait for the disk or for argon2."""
    database.PRAGMAS["synchronous"] = "OFF"
    passwords.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    passwords.SLOWEST_ANSWER = 0.0
    throttle.SIGN_UPS = (100_000, throttle.SIGN_UPS[1])  # the cast of a test signs up at one address


# Each worker has one server and one empty database of each engine, made for the first test that needs it.


@pytest.fixture(scope="module")
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    with Postgres.started() as server:
        yield server


@pytest.fixture(scope="module")
def postgres(engine: str, request: pytest.FixtureRequest) -> Postgres | None:
    """The server; None on SQLite."""
    return request.getfixturevalue("postgres_server") if engine == "postgres" else None


@pytest.fixture(scope="session")
async def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("empty")
    await schema.migrate(f"sqlite://{folder / 'empty.sqlite3'}", folder)
    return f"sqlite://{folder / 'empty.sqlite3'}"


@pytest.fixture(scope="session")
async def empty_postgres(postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    url = postgres_server.create("empty")
    await schema.migrate(url, tmp_path_factory.mktemp("empty"))
    return url


@pytest.fixture(scope="module")
def empty(engine: str, request: pytest.FixtureRequest) -> str:
    """A migrated database without rows, to be copied."""
    return str(request.getfixturevalue(f"empty_{engine}"))


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    values = {"FLASK_ENV": "development", "SECRET_KEY": "k" * 40, "PUBLIC_URL": "http://localhost"}
    values["BACKUPS"] = "off"
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
