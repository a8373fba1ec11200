"""Servers that are compared: this site, this site without its caches, and minimal ones."""

import secrets
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from driving import Target
from old_app import rendered
from pages import shown
from servers import LOOPBACK, free_port, run, running

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
DAY = "86400"  # no token may expire in the middle of a round
JOURNAL, FORGETFUL, RAW = "Journal", "Journal with no card remembered", "a raw ASGI app on hypercorn"


@contextmanager
def journal(database: Path) -> Iterator[Target]:
    """This site with all of the old app's people and entries adopted."""
    with _serving(JOURNAL, ["-m", "journal"], database) as target:
        yield target


@contextmanager
def forgetful(database: Path) -> Iterator[Target]:
    with _serving(FORGETFUL, [str(HERE / "forgetful.py")], database) as target:
        yield target


@contextmanager
def _serving(name: str, program: list[str], database: Path) -> Iterator[Target]:
    port = free_port()
    folder = database.parent.parent / f"journal-{port}"
    folder.mkdir()
    (folder / ".env").touch()  # so that nobody's own settings are read
    env, command = _settings(folder, port), [sys.executable, *program]
    run([*command, "adopt", str(database)], folder=folder, env=env)
    serve = [*command, "serve", "--bind", f"{LOOPBACK}:{port}"]
    with running(name, serve, port=port, folder=folder, env=env) as server:
        yield shown(server, database)


def _settings(folder: Path, port: int) -> dict[str, str]:
    return {
        "PYTHONPATH": str(ROOT),
        "FLASK_ENV": "development",
        "SECRET_KEY": secrets.token_urlsafe(32),
        "SECRET_KEY_PREVIOUS": "",
        "DATABASE_URL": f"sqlite://{folder}/journal.sqlite3",
        "DATA_DIR": str(folder / "data"),
        "PUBLIC_URL": f"http://{LOOPBACK}:{port}",
        "ACCESS_TOKEN_EXPIRY": DAY,
        "REFRESH_TOKEN_EXPIRY": DAY,
    }


@contextmanager
def raw(database: Path, page: bytes) -> Iterator[Target]:
    """The bare app with the head and the foot of `page`, which is Journal's."""
    port, folder, token = free_port(), database.parent.parent / "raw", secrets.token_urlsafe(192)
    folder.mkdir()
    head, _, rest = page.partition(b"<article")
    (folder / "frame").write_bytes(head + b"\0" + rest.rpartition(b"</article>")[2])
    _copy_entries(rendered(database), folder / "raw.db")
    env = {"RAW_DATABASE": str(folder / "raw.db"), "RAW_FRAME": str(folder / "frame"), "RAW_TOKEN": token}
    command = [sys.executable, "-m", "hypercorn", "-c", str(ROOT / "hypercorn.toml")]
    command += ["--bind", f"{LOOPBACK}:{port}", "raw_asgi:app"]
    with running(RAW, command, port=port, folder=folder, env={**env, "PYTHONPATH": str(HERE)}) as server:
        yield shown(server, database, f"access_token={token}")


def _copy_entries(source: Path, database: Path) -> None:
    connection = sqlite3.connect(database)
    connection.executescript(
        f"""
        ATTACH '{source}' AS old;
        CREATE TABLE entries (id INTEGER PRIMARY KEY, user_id, day, title, tags, html);
        INSERT INTO entries SELECT id, user_id, date(created_at), title, tags, content FROM old.journal_entry;
        CREATE INDEX by_day ON entries (user_id, day, id);
        """
    )
    connection.close()
