"""The old app under gunicorn as its host runs it, and a version with cheap improvements."""

import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from driving import Target
from pages import shown
from servers import LOOPBACK, free_port, run, running

HERE = Path(__file__).parent
OLD, STORED, INDEXED = (
    "the old app",
    "the old app with stored HTML",
    "the old app with stored HTML and an index",
)
GUNICORN = ["-m", "gunicorn", "--workers", "2", "--threads", "4", "--worker-class", "gthread"]


@contextmanager
def old_app(database: Path) -> Iterator[Target]:
    with _gunicorn(OLD, "app:app", database, database) as target:
        yield target


@contextmanager
def stored(database: Path) -> Iterator[Target]:
    with _gunicorn(STORED, "stored_html:app", rendered(database), database) as target:
        yield target


@contextmanager
def indexed(database: Path) -> Iterator[Target]:
    copy = database.with_name("indexed.db")
    shutil.copyfile(rendered(database), copy)
    connection = sqlite3.connect(copy)
    connection.execute("CREATE INDEX newest ON journal_entry (user_id, created_at)")
    connection.close()
    with _gunicorn(INDEXED, "stored_html:app", copy, database) as target:
        yield target


def rendered(database: Path) -> Path:
    """A copy of the old app's database that holds HTML where it held Markdown."""
    copy = database.with_name("stored.db")
    if not copy.exists():
        shutil.copyfile(database, copy)
        env = {"LEGACY_DB": str(copy), "PYTHONPATH": str(database.parent)}
        run([sys.executable, str(HERE / "stored_html.py")], folder=database.parent, env=env)
    return copy


@contextmanager
def _gunicorn(name: str, app: str, serving: Path, original: Path) -> Iterator[Target]:
    port, home = free_port(), original.parent
    command = [sys.executable, *GUNICORN, "--bind", f"{LOOPBACK}:{port}", app]
    env = {"LEGACY_DB": str(serving), "PYTHONPATH": f"{home}:{HERE}"}
    with running(name, command, port=port, folder=home, env=env) as server:
        yield shown(server, original)
