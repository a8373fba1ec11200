"""The importing site of import tests, and what its database holds afterwards."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from journal import database
from journal.accounts.models import User
from journal.entries import saving
from journal.entries.models import Entry
from journal.entries.values import EntryFields, SaveRequest
from journal.transfer.adopt import Options, adopt
from journal.transfer.report import Report
from tests.transfer.old_apps import OldApp

NOW = datetime.fromisoformat("2024-05-31T22:30:00+00:00")


class Site:
    """The importing site, by its database and data folder."""

    def __init__(self, url: str, data_dir: Path) -> None:
        self.url, self.data_dir = url, data_dir

    async def adopts(self, old: OldApp, now: datetime = NOW, **options: Any) -> Report:
        return await adopt(self.url, self.data_dir, old.place, Options(**options), now)


@asynccontextmanager
async def at(site: Site) -> AsyncIterator[None]:
    async with database.connected(site.url):
        yield


async def everybody(site: Site) -> dict[str, User]:
    async with at(site):
        return {user.source_id or "": user for user in await User.all().order_by("id")}


async def everything(site: Site) -> dict[str, Entry]:
    async with at(site):
        return {entry.source_id or "": entry for entry in await Entry.all().order_by("id")}


async def one_entry(site: Site) -> Entry:
    (entry,) = (await everything(site)).values()
    return entry


async def write(site: Site, entry: Entry, body: str) -> None:
    """Saves an entry as the editor does."""
    async with at(site):
        attempt = SaveRequest(EntryFields(body=body), entry.version, uuid4())
        outcome = await saving.save(entry.user_id, entry.uid, attempt, NOW)
        assert outcome.answer == "saved"


async def snapshot(site: Site) -> list[Any]:
    async with at(site):
        return [
            [tuple(row) for row in await model.all().order_by("id").values_list()] for model in (User, Entry)
        ]


def said(report: Report, start: str) -> str:
    """The one line of the report that begins with `start`."""
    (line,) = [line for line in report.lines() if line.startswith(start)]
    return line
