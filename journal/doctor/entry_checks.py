"""Checks of what is made from entries: rendered texts and derived data, which can be rebuilt."""

from journal.derived.contract import DerivedData, silent
from journal.doctor.finding import DatabaseCheck, Finding
from journal.entries import rendering_sweep


async def renderings(repair: bool) -> list[Finding]:
    outdated = await rendering_sweep.outdated()
    if not outdated:
        return [Finding("Every entry is shown by the present rules.")]
    if repair:
        await rendering_sweep.complete()
    done = "They are rendered anew." if repair else "The site renders them anew by itself while it runs."
    return [Finding(f"{outdated:,} entries are shown by earlier rules. {done}")]


def check_of(kind: DerivedData) -> DatabaseCheck:
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
