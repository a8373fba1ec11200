"""Check of jobs: whether any has waited or been silent for an hour."""

from journal.doctor.finding import Finding
from journal.jobs import queue


async def jobs(repair: bool) -> list[Finding]:
    stuck = await queue.stuck()
    if not stuck:
        return [Finding("No job hangs.")]
    if repair:
        await queue.give_up_stuck()
        return [Finding(f"{stuck:,} jobs hung. They are given up, and their owners can start them again.")]
    advice = "Is the site running? `journal doctor --repair` gives them up."
    return [Finding(f"{stuck:,} jobs have hung for an hour. {advice}", True)]
