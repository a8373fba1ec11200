"""What `journal doctor` looks at: each check says what it found, and mends what it can if it is asked to."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import click

from journal.database import connection, is_postgres, rows
from journal.entries import counting, recounting, rerendering
from journal.entries.shown import RENDERING
from journal.search import mending
from journal.tags import mending as tag_mending

SAFE_SQLITE = (3, 51, 3)


@dataclass(frozen=True)
class Finding:
    sentence: str
    is_fault: bool = False


Check = Callable[[bool], Awaitable[list[Finding]]]


async def examine(repair: bool) -> bool:
    """Whether all is well, or has been mended."""
    is_well = True
    for check in CHECKS:
        for finding in await check(repair):
            click.echo(f"{'! ' if finding.is_fault else ''}{finding.sentence}")
            is_well = is_well and not finding.is_fault
    return is_well


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
    if is_postgres(connection()):
        return []
    wrong = [row[0] for row in await rows("PRAGMA integrity_check(5)") if row[0] != "ok"]
    orphans = len(await rows("PRAGMA foreign_key_check"))
    faults = [Finding(f"The file is damaged: {text}. Restore a backup.", True) for text in wrong]
    if orphans:
        faults.append(Finding(f"{orphans:,} rows refer to others that are not there.", True))
    return faults or [Finding("The file is whole.")]


async def renderings(repair: bool) -> list[Finding]:
    outdated = await rerendering.outdated()
    if not outdated:
        return [Finding("Every entry is shown by the present rules.")]
    if repair:
        await rerendering.complete()
    done = "They are rendered anew." if repair else "The site renders them anew by itself while it runs."
    return [Finding(f"{outdated:,} entries are shown by earlier rules. {done}")]


async def search(repair: bool) -> list[Finding]:
    report = await mending.check(repair=repair, progress=lambda done: None)
    wrong = [*report.faults]
    if report.missing:
        wrong.append(f"Entries that can't be found by searching: {report.missing:,}.")
    if report.different:
        wrong.append(f"Entries that are found by words which they don't hold: {report.different:,}.")
    if not wrong:
        return [Finding(f"Entries that can be found by searching: all, {report.entries:,}.")]
    done = "Mended." if repair else "`journal doctor --repair` mends it."
    return [Finding(f"{sentence} {done}", not repair) for sentence in wrong]


async def counts(repair: bool) -> list[Finding]:
    wrong = await counting.repair() if repair else len(await counting.wrong())
    if not wrong:
        return [Finding("Every day is counted as its entries say.")]
    done = "They are counted anew." if repair else "`journal doctor --repair` counts them anew."
    return [Finding(f"{wrong:,} days are not counted as their entries say. {done}", not repair)]


async def statistics(repair: bool) -> list[Finding]:
    wrong = await recounting.mend(repair)
    if not wrong:
        return [Finding("Every year and hour is counted as its entries say.")]
    done = "They are counted anew." if repair else "`journal doctor --repair` counts them anew."
    return [Finding(f"{wrong:,} years and hours are not counted as their entries say. {done}", not repair)]


async def tags(repair: bool) -> list[Finding]:
    wrong = await tag_mending.mend(repair, RENDERING)
    if not wrong:
        return [Finding("Every tag has the entries that say so.")]
    done = "That is mended." if repair else "`journal doctor --repair` mends that."
    return [Finding(f"{wrong:,} tags or their numbers are not what the entries say. {done}", not repair)]


CHECKS: tuple[Check, ...] = (version, integrity, renderings, search, counts, statistics, tags)
