"""Call paths of six journeys through the package: `python tests/benchmarks/journeys.py`.

Each journey runs to warm up, and once more under a profiler, in this process and on SQLite. The table counts
the modules of `journal` in which a function was called, and how often a call went back to a module that an
earlier call had left. `own` leaves out the modules that all five requests pass through, such as middleware.
`--modules` lists the modules too.
"""

import argparse
import asyncio
import logging
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from uuid import uuid4

import time_machine
from quart import Quart

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from journal import clock, schema
from journal.app import create_app
from journal.settings import read
from journal.transfer.adopt import Options, adopt
from tests.transfer.old_apps import OldApp, usual_app
from tests.visiting import Browser, registered

Journey = Callable[[], Awaitable[object]]
BODY = "A red door at the mill.\n\nWe walked *home* in the #rain. "
EXPIRED = timedelta(hours=2)  # an access token lives for less


@dataclass
class CallPath:
    """The modules of one journey in the order of the calls, each once in a row."""

    modules: list[str] = field(default_factory=list)

    def __call__(self, frame: FrameType, event: str, _given: object) -> None:
        module = frame.f_globals.get("__name__", "")
        if event != "call" or not module.startswith("journal.") or frame.f_code.co_name == "<module>":
            return
        if not self.modules or self.modules[-1] != module:
            self.modules.append(module)

    @property
    def touched(self) -> set[str]:
        return set(self.modules)

    @property
    def returns(self) -> int:
        return len(self.modules) - len(self.touched)


async def recorded(journey: Journey) -> CallPath:
    path = CallPath()
    sys.setprofile(path)
    try:
        await journey()
    finally:
        sys.setprofile(None)
    return path


@asynccontextmanager
async def site(folder: Path) -> AsyncIterator[Quart]:
    values = {"FLASK_ENV": "development", "SECRET_KEY": "k" * 40, "PUBLIC_URL": "http://localhost"}
    values["DATABASE_URL"], values["DATA_DIR"] = f"sqlite://{folder / 'journal.sqlite3'}", str(folder)
    settings = read(values, folder)
    await schema.migrate(settings.database_url, folder)
    app = create_app(settings)
    async with app.test_app():
        yield app


async def of_the_site(folder: Path) -> dict[str, CallPath]:
    async with site(folder) as app:
        ann = await registered(app, "Ann")
        entry = f"/entries/{uuid4()}"
        fields = {"title": "", "tags": "walks", "mood": "", "day": "2024-05-31", "kind": "auto"}
        versions = iter(range(1_000))

        async def autosave() -> None:
            number = next(versions)
            form = fields | {"body": BODY * (number + 1), "version": str(number), "save": str(uuid4())}
            answer = await ann.put(entry, form)
            assert answer.headers["X-Save"] == "saved", answer.text

        await autosave()
        found = {"autosave": await twice(autosave)}
        found["timeline, access token expired"] = await expired_timeline(ann)
        for name, address in (
            ("search", "/search?q=red+door"),
            ("tags page", "/tags"),
            ("statistics", "/statistics"),
        ):
            found[name] = await twice(lambda address=address: shown(ann, address))  # type: ignore[misc]
        return found


async def twice(journey: Journey) -> CallPath:
    """The second time is recorded: caches are filled, like those of a site that runs."""
    await journey()
    return await recorded(journey)


async def shown(browser: Browser, address: str) -> None:
    answer = await browser.get(address)
    assert answer.status == 200, answer.status


async def expired_timeline(browser: Browser) -> CallPath:
    await shown(browser, "/")
    with time_machine.travel(clock.now() + EXPIRED):
        path = await recorded(lambda: shown(browser, "/"))
    return path


async def adoption(folder: Path) -> CallPath:
    url, old = f"sqlite://{folder / 'adopting.sqlite3'}", await usual_app(folder / "old.sqlite3")
    await schema.migrate(url, folder)
    await old.person(1, "ann")

    async def one_more(number: int) -> object:
        await old.entry(number, content=BODY)
        return await adopt(url, folder, old.place, Options(), datetime.now(UTC))

    assert isinstance(old, OldApp)
    await one_more(1)
    return await recorded(lambda: one_more(2))


async def main(shows_modules: bool) -> None:
    logging.disable()
    with tempfile.TemporaryDirectory() as folder:
        found = await of_the_site(Path(folder))
        found["adopting one entry"] = await adoption(Path(folder))
    requests = [path.touched for name, path in found.items() if name != "adopting one entry"]
    common = set.intersection(*requests)  # what each request passes through
    print(f"{'journey':32}{'modules':>9}{'own':>9}{'returns':>9}")
    for name, path in found.items():
        print(f"{name:32}{len(path.touched):9}{len(path.touched - common):9}{path.returns:9}")
        if shows_modules:
            print("\n".join(f"  {module}" for module in dict.fromkeys(path.modules)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--modules", action="store_true", help="list the modules of each journey")
    asyncio.run(main(parser.parse_args().modules))
