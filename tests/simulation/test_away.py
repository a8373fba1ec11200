"""Away for less than a refresh token's life costs nothing, away for longer one sign-in a browser."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from quart import Response

from journal.sessions.gate import Gate
from tests.simulation.life import Life, Plan, begun
from tests.simulation.messages import Request
from tests.simulation.person import Person
from tests.simulation.test_simulation import SEED
from tests.simulation.world import Faults

pytestmark = pytest.mark.slow

QUIET = Faults(lost=0, broken=0, stepped=0)


@pytest.fixture
async def life(database_url: str, tmp_path: Path) -> AsyncIterator[Life]:
    """A few days of the usual."""
    async with begun(database_url, tmp_path, SEED, Plan(6)) as life:
        await life.live()
        await look_everywhere(life.person)
        yield life


async def look_everywhere(person: Person) -> None:
    for tab in (*person.tabs, person.phone, person.second):
        while await tab.visit("/entries/new") is None:
            pass


async def prompts_after(life: Life, **away: float) -> Counter[str]:
    """How often each browser was asked to sign in when everybody came back."""
    life.world.clock.pass_by(**away)
    await look_everywhere(life.person)
    assert await life.person.ledger.check() == []
    return Counter(prompt.split(" ", 2)[2].partition(":")[0] for prompt in life.world.tally.prompts)


async def test_thirteen_days_away_are_no_prompt(life: Life) -> None:
    assert not await prompts_after(life, days=13)


async def test_fifteen_days_away_are_one_prompt_in_each_browser(life: Life) -> None:
    assert await prompts_after(life, days=15) == {"laptop": 1, "new phone": 1, "second browser": 1}


async def test_a_minute_decides(life: Life) -> None:
    life.world.faults, life.world.clock.off = QUIET, life.world.clock.off * 0
    await look_everywhere(life.person)
    assert not await prompts_after(life, days=13, hours=23, minutes=29)  # the pair may be half an hour old
    await look_everywhere(life.person)
    assert len(await prompts_after(life, days=14, seconds=1)) == 3


async def test_words_typed_before_fifteen_days_away_are_saved_by_the_one_sign_in(life: Life) -> None:
    writer = life.person.tabs[1]
    await writer.open_editor("/entries/new")
    writer.type()
    life.world.clock.pass_by(days=15)
    await writer.save()
    assert len(life.world.tally.prompts) == 1
    assert life.world.tally.prompts[0].endswith("401")
    assert await life.person.ledger.check() == []


async def meet_an_error_page(life: Life) -> None:
    """Everybody comes back after 13 days, sees that something is broken, and goes away for 13 more."""
    life.world.clock.pass_by(days=13)
    life.world.faults = Faults(lost=0, broken=1)
    for browser in life.person.browsers:
        await browser.send(Request("GET", "/entries/new"))
    life.world.faults = QUIET


async def test_a_visit_that_ends_at_an_error_page_counts(life: Life) -> None:
    await meet_an_error_page(life)
    assert not await prompts_after(life, days=13)


async def test_a_500_without_cookies_would_show_as_a_prompt(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Gate.write_cookies

    async def written(self: Gate, response: Response) -> Response:
        return response if response.status_code == 500 else await write(self, response)

    monkeypatch.setattr(Gate, "write_cookies", written)
    await life.restart()  # what the hooks are is settled when the app is made
    await meet_an_error_page(life)
    assert len(await prompts_after(life, days=13)) == 3
