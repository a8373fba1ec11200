"""Filled database: one reader's diary beside any number of other accounts, and settings to serve it."""

import asyncio
import json
import secrets
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

from werkzeug.security import generate_password_hash

from journal import composition as composition
from journal import database, schema
from journal.accounts import passwords, users
from journal.accounts.models import User
from journal.entries import saving
from journal.entries.values import EntryFields, SaveRequest
from journal.sessions.cookies import digest
from journal.sessions.tokens import Claims, Keys, mint

ROOT = Path(__file__).resolve().parents[2]
DIARY = ROOT / "tests" / "samples" / "diary.jsonl"
PASSWORD = "correct horse battery"
KEY = secrets.token_urlsafe(32)
DAY = 86400  # seconds; so no token expires in the middle of a round
READER = 1
STAMP = "s" * 16
OLD_HASHES = ("pbkdf2:sha256:600000", "scrypt:32768:8:1")  # of Werkzeug 2.3 and 3


def settings(folder: Path, url: str) -> dict[str, str]:
    return {
        "PYTHONPATH": f"{ROOT}:{Path(__file__).parent}",
        "FLASK_ENV": "development",
        "SECRET_KEY": KEY,
        "SECRET_KEY_PREVIOUS": "",
        "DATABASE_URL": f"sqlite://{folder}/journal.sqlite3",
        "DATA_DIR": str(folder),
        "PUBLIC_URL": url,
        "ACCESS_TOKEN_EXPIRY": str(DAY),
        "REFRESH_TOKEN_EXPIRY": str(DAY),
    }


def serve(port: int) -> list[str]:
    return [sys.executable, "-m", "journal", "serve", "--bind", f"127.0.0.1:{port}"]


def fill(folder: Path, accounts: int = 0) -> None:
    """Creates a database in the folder whose first account is the reader's."""
    (folder / ".env").touch()  # so that nobody's own settings are read
    asyncio.run(_fill(f"sqlite://{folder}/journal.sqlite3", folder, accounts))


async def _fill(url: str, folder: Path, accounts: int) -> None:
    await schema.migrate(url, folder)
    async with database.connected(url, synchronous="OFF"):
        now = datetime.now(UTC)
        reader = await users.create("reader", None, PASSWORD, "Europe/London", now)
        assert reader.id == READER
        await users.change(READER, session_stamp=STAMP)
        for line in DIARY.read_text(encoding="utf-8").splitlines():
            told = json.loads(line)
            day = date.fromisoformat(told["date"])
            words = EntryFields(f"{day:%A}", told["text"], day, "Europe/London", ["diary", "london"], "good")
            await saving.save(reader.id, uuid4(), SaveRequest(words, 0, uuid4()), now)
        await User.bulk_create(_guests(accounts, now), batch_size=500)


def _guests(number: int, now: datetime) -> list[User]:
    """Gives every other account a hash of the old app. Equal salts don't speed up sign-ins."""
    new, old = passwords.hasher.hash(PASSWORD), [generate_password_hash(PASSWORD, m) for m in OLD_HASHES]
    kinds = [new, old[0], new, old[1]]
    return [
        User(
            username=guest(n),
            username_key=guest(n),
            password_hash=kinds[n % len(kinds)],
            session_stamp=users.new_stamp(),
            zone="UTC",
            created_at=now,
        )
        for n in range(number)
    ]


def guest(number: int) -> str:
    return f"guest{number}"


def cookies(now: int, *, access: bool = True, url: str = "http://localhost") -> str:
    """The cookies that the reader's browser sends to the site at `url`, in development mode."""
    sent = {"refresh_token": _token("refresh", now), "preferences": "zone=Europe%2FLondon&theme=system"}
    if access:
        sent = {"access_token": _token("access", now), **sent}
    return "; ".join(f"{name}_{digest(url)}={value}" for name, value in sent.items())


def _token(kind: str, now: int) -> str:
    claims = Claims(READER, now, now + DAY, now, STAMP)
    return mint(Keys((KEY,)), "access" if kind == "access" else "refresh", claims)
