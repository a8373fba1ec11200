"""Migrations of a test's own; run as a program, migrators that are killed."""

import asyncio
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module, invalidate_caches
from pathlib import Path

from tortoise.migrations.executor import MigrationExecutor, MigrationTarget
from tortoise.transactions import in_transaction

import journal.migrations
from journal import database, schema
from journal.engines.migrating import models_without_queries

REAL = Path(journal.migrations.__path__[0])

TEMPLATE = """
from tortoise import fields, migrations
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    dependencies = [("journal", {after!r})]

    operations = [
        {operations}
    ]
"""


@contextmanager
def only(folder: Path) -> Iterator[None]:
    """The migrations of that folder are all there are."""
    journal.__path__.insert(0, str(folder))
    reread()
    try:
        yield
    finally:
        journal.__path__.remove(str(folder))
        reread()


def reread() -> None:
    for name in [name for name in sys.modules if name.startswith("journal.migrations")]:
        del sys.modules[name]
    invalidate_caches()
    import_module("journal.migrations")


async def made_by_the_first(url: str) -> None:
    await made_by(url, schema.known()[0])


async def made_by(url: str, migration: str) -> None:
    """A database as it was up to that migration, without the guard that knows today's models."""
    if database.is_sqlite(url):
        database.sqlite_file(url).parent.mkdir(parents=True, exist_ok=True)
    async with database.connected(url), in_transaction() as transaction:
        executor = MigrationExecutor(transaction, database.config(url)["apps"])
        await executor.recorder.ensure_schema(executor._schema_editor(atomic=False))
        with models_without_queries():
            await executor.migrate([MigrationTarget("journal", migration)])


def throwaway(folder: Path, *operations: str) -> Path:
    """All the real ones in that folder, and `9999_throwaway` after the last, which does these things."""
    text = TEMPLATE.format(
        after=schema.known()[-1], operations="\n        ".join(f"{o}," for o in operations)
    )
    shutil.copytree(REAL, folder / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "migrations" / "9999_throwaway.py").write_text(text, encoding="utf-8")
    return folder


def migrate(url: str, data_dir: str, folder: str) -> None:
    """Prints the names of what it has applied."""
    with only(Path(folder)):
        print(" ".join(asyncio.run(schema.migrate(url, Path(data_dir))).applied))


def killed(data_dir: str, folder: str, first: str, *urls: str) -> None:
    """Migrates the first and kills a migrator of each of the others at some moment; prints how many died."""
    with only(Path(folder)):
        started = time.monotonic()
        asyncio.run(schema.migrate(first, Path(data_dir)))
        whole = time.monotonic() - started
        print(sum(dies(url, Path(data_dir), random.random() * whole) for url in urls))


def dies(url: str, data_dir: Path, seconds: float) -> bool:
    child = os.fork()
    if child == 0:
        asyncio.run(schema.migrate(url, data_dir))
        os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    {"migrate": migrate, "killed": killed}[sys.argv[1]](*sys.argv[2:])
