"""Check of attachments against their files, which a backup alone can bring back."""

from journal.attachments import checks, store
from journal.doctor.finding import Finding
from journal.settings import Settings


async def attachments(chosen: Settings, _repair: bool) -> list[Finding]:
    found = await checks.check(store.folder_in(chosen.data_dir))
    problems = [Finding(f"{problem} {found.advice}", True) for problem in found.problems]
    return problems or [Finding(found.sound)]
