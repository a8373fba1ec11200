"""The whole story: an old account, days and years, restarts and new keys; and what went wrong in it."""

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from argon2 import PasswordHasher
from werkzeug.security import generate_password_hash

from journal import clock
from journal.accounts import passwords
from journal.accounts.models import User
from tests.conftest import PASSWORD
from tests.simulation.browser import NAME
from tests.simulation.moved_clock import START, MovedClock
from tests.simulation.person import Person
from tests.simulation.site import Site
from tests.simulation.world import Faults, World

KEYS = ["first" * 8, "second" * 8, "third" * 8]
KEPT = 15  # days that an old key goes on verifying: a refresh token lives 14
RESTARTS = 1 / 30  # a day, besides those for a new key
STAMP = "a" * 16
OLD_HASH = "pbkdf2:sha256:1000"  # of Werkzeug, at a thousandth of its price


@dataclass(frozen=True)
class Plan:
    days: int
    keeps_old_key: bool = True
    stops_at_prompt: bool = False  # where one is awaited, the rest of the days tells nothing new

    @property
    def new_keys(self) -> tuple[int, ...]:
        """The days of the two changes, where there is time for either to end well."""
        return (self.days // 3, 2 * self.days // 3) if self.days // 3 > KEPT else ()


class Life:
    def __init__(self, world: World, plan: Plan) -> None:
        self.world, self.plan = world, plan
        self.person = Person(world)
        self.keys = iter(KEYS[1:])

    async def live(self) -> None:
        for day in range(1, self.plan.days + 1):
            await self.night(day)
            await self.person.live(day)
            self.world.count("days")
            if self.plan.stops_at_prompt and self.world.tally.prompts:
                break

    async def night(self, day: int) -> None:
        """What the host does, and a shop."""
        values = self.world.site.values
        if day in self.plan.new_keys:
            previous = values["SECRET_KEY"] if self.plan.keeps_old_key else ""
            await self.restart(SECRET_KEY=next(self.keys), SECRET_KEY_PREVIOUS=previous)
            self.world.count("new keys")
        elif day - KEPT in self.plan.new_keys:
            await self.restart(SECRET_KEY_PREVIOUS="")
        elif self.world.happens(RESTARTS):
            await self.restart()
        if day == self.plan.days // 2:
            # The site asks for dearer hashes by now, and the sign-in on a new phone makes one.
            passwords.hasher = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)
            await self.person.buy_phone()

    async def restart(self, **changed: str) -> None:
        """While it is down, the laptop's editor tries in vain."""
        site, writer = self.world.site, self.person.tabs[1]
        await site.stop()
        site.values |= changed
        save = self.person.unsaved()
        answers = await writer.browser.send(writer.request(save)) if save else [None]
        await site.start()
        if save:
            await writer.finish(save, answers[0])
        self.world.count("restarts")

    async def problems(self) -> list[str]:
        """Everything that should not have been; empty after a good life."""
        user = await User.get(username=NAME)
        wrong = [f"prompt: {prompt}" for prompt in self.world.tally.prompts]
        wrong += self.world.tally.wrong + await self.person.ledger.check()
        if user.session_stamp != STAMP:
            wrong.append("the stamp has changed, and nobody has ended any session")
        if passwords.is_outdated(user.password_hash or ""):
            wrong.append("the old hash was never replaced")
        return wrong

    def told(self) -> str:
        return ", ".join(f"{count:,} {what}" for what, count in sorted(self.world.tally.counts.items()))


@asynccontextmanager
async def begun(
    database_url: str, folder: Path, seed: int, plan: Plan, *, faults: Faults | None = None, mode: str = ""
) -> AsyncIterator[Life]:
    """An account that was brought over from the old app, signed in to on all three devices."""
    moved = MovedClock()
    site = Site(database_url, folder, FLASK_ENV=mode or "production", SECRET_KEY=KEYS[0])
    with pytest.MonkeyPatch.context() as patch, _silence():
        patch.setattr(clock, "now", moved.site)
        patch.setattr(passwords, "hasher", passwords.hasher)  # put back at the end
        life = Life(World(Random(seed), moved, site, faults or Faults()), plan)
        await site.start()
        try:
            await _adopt()
            await life.person.sign_in_everywhere()
            yield life
        finally:
            await site.stop()


async def _adopt() -> None:
    await User.create(
        username=NAME,
        username_key=NAME.lower(),
        password_hash=generate_password_hash(PASSWORD, OLD_HASH),
        session_stamp=STAMP,
        zone="Europe/London",
        created_at=START,
    )


@contextmanager
def _silence() -> Iterator[None]:
    """Faults are raised on purpose, and each would log its traceback."""
    logging.disable()
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
