"""Health checks of `journal doctor`: the database file, and derived data, which it can rebuild."""

import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from journal import schema, schema_snapshot
from journal.attachments import checks, store
from journal.composition import DERIVED
from journal.database import Unavailable, connected, connection, is_postgres, rows, sqlite_file
from journal.derived.contract import DerivedData, silent
from journal.entries import rendering_sweep

SAFE_SQLITE = (3, 51, 3)
# Tables that can be rebuilt from the entries.
DERIVED_TABLES = {"search_texts", "search_index_data", "search_index_idx", "search_index_content"}
DERIVED_TABLES |= {"search_index_docsize", "search_index_config"}
DERIVED_TABLES |= {"day_counts", "hour_counts", "tags", "entry_tags"}


@dataclass(frozen=True)
class Finding:
    sentence: str
    is_fault: bool = False


Check = Callable[[bool], Awaitable[list[Finding]]]


async def examine(repair: bool, data_dir: Path | None = None) -> bool:
    """Returns whether all is well or was repaired. If a check raises, the others go on. Without a data folder
    no files are examined."""
    is_well = True
    for check in (*CHECKS, *((attachments_in(data_dir),) if data_dir else ())):
        try:
            findings = await check(repair)
        except Exception as error:  # of whatever kind, in a damaged database
            findings = [Finding(f"This check could not be finished ({check.__name__}): {error}", True)]
        for finding in findings:
            click.echo(f"{'! ' if finding.is_fault else ''}{finding.sentence}")
            is_well = is_well and not finding.is_fault
    return is_well


async def examine_copy(url: str) -> None:
    """Examines a copy of a database that can't be written, because SQLite has to write even for reading."""
    file = sqlite_file(url)
    with TemporaryDirectory() as folder:
        for name in (file.name, f"{file.name}-wal"):
            if file.with_name(name).exists():
                shutil.copyfile(file.with_name(name), Path(folder, name))
        copy = f"sqlite://{Path(folder, file.name)}"
        await schema.migrate(copy, Path(folder))
        async with connected(copy):
            await examine(repair=False)


async def version(_repair: bool) -> list[Finding]:
    if is_postgres(connection()):
        found = await rows("SELECT current_setting('server_version') AS version")
        return [Finding(f"PostgreSQL {found[0]['version']}.")]
    found = await rows("SELECT sqlite_version() AS version")
    number = tuple(int(part) for part in found[0]["version"].split("."))
    old = (
        ""
        if number >= SAFE_SQLITE
        else (
            " Before 3.51.3 several programs that write to one file at the same moment could damage it: "
            "run a single Journal on it."
        )
    )
    return [Finding(f"SQLite {found[0]['version']}.{old}")]


async def integrity(_repair: bool) -> list[Finding]:
    damaged = {table: why for table in await _tables() if (why := await _damage(table))}
    faults = [Finding(f"The table {table} is damaged: {why}.", True) for table, why in damaged.items()]
    if damaged:
        return [*faults, Finding(_cure(set(damaged)), True)]
    if is_postgres(connection()):
        return [Finding("Every table can be read to its end.")]
    orphans = len(await rows("PRAGMA foreign_key_check"))
    if orphans:
        return [Finding(f"{orphans:,} rows refer to others that are not there.", True)]
    return [Finding("The file is whole.")]


async def _tables() -> list[str]:
    if is_postgres(connection()):
        return await schema_snapshot.tables(connection())
    # Including the tables behind the search index; a virtual table has no pages of its own.
    found = await rows(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND rootpage > 0 AND name NOT LIKE 'sqlite_%'"
    )
    return [row["name"] for row in found]


async def _damage(table: str) -> str:
    """What the database says about the table. On PostgreSQL every value is read, also from TOAST."""
    try:
        if is_postgres(connection()):
            await rows(f'SELECT sum(length(t::text)) FROM "{table}" t')
            return ""
        return "; ".join(
            row[0] for row in await rows(f'PRAGMA integrity_check("{table}")') if row[0] != "ok"
        )[:500]
    except Unavailable as error:
        return str(error)


def _cure(damaged: set[str]) -> str:
    lost = "" if damaged - DERIVED_TABLES else " What people have written is not in there."
    if is_postgres(connection()):
        how = "stop the site, restore a backup, or save what `pg_dump --table` can still read"
    else:
        how = (
            "stop the site and restore a backup; or save what can be read by "
            "`sqlite3 FILE .recover | sqlite3 NEW`, and run `journal doctor --repair` on NEW"
        )
    return f"What to do: {how}.{lost}"


async def renderings(repair: bool) -> list[Finding]:
    outdated = await rendering_sweep.outdated()
    if not outdated:
        return [Finding("Every entry is shown by the present rules.")]
    if repair:
        await rendering_sweep.complete()
    done = "They are rendered anew." if repair else "The site renders them anew by itself while it runs."
    return [Finding(f"{outdated:,} entries are shown by earlier rules. {done}")]


def check_of(kind: DerivedData) -> Check:
    """Compares derived data with the entries, and rebuilds it if asked to."""

    async def check(repair: bool) -> list[Finding]:
        found = await kind.check()
        if not found.problems:
            return [Finding(found.sound)]
        if repair:
            await kind.rebuild(silent)
        done = found.repaired if repair else found.advice
        return [Finding(f"{problem} {done}", not repair) for problem in found.problems]

    check.__name__ = kind.NAME
    return check


def attachments_in(data_dir: Path) -> Check:
    """Compares attachments with their files, which a backup alone can bring back."""

    async def attachments(_repair: bool) -> list[Finding]:
        found = await checks.check(store.folder_in(data_dir))
        problems = [Finding(f"{problem} {found.advice}", True) for problem in found.problems]
        return problems or [Finding(found.sound)]

    return attachments


CHECKS: tuple[Check, ...] = (version, integrity, renderings, *map(check_of, DERIVED))
