"""What all share: chance, the clock, the site, how often things go wrong, and the count of what happened."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

from tests.simulation.moved_clock import STEP, MovedClock
from tests.simulation.site import AFTER, BEFORE, Site

LOST = "lost"


@dataclass(frozen=True)
class Faults:
    """How likely each is for a request."""

    lost: float = 0.02
    broken: float = 0.01
    stepped: float = 0.05


@dataclass
class Tally:
    counts: Counter[str] = field(default_factory=Counter)
    prompts: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)  # what became of a save, where it is not as promised


@dataclass
class World:
    chance: Random
    clock: MovedClock
    site: Site
    faults: Faults = Faults()
    tally: Tally = field(default_factory=Tally)

    def happens(self, probability: float) -> bool:
        return self.chance.random() < probability

    def count(self, what: str) -> None:
        self.tally.counts[what] += 1

    def fate(self) -> str:
        """What becomes of a request: drawn before it is sent, so that a seed tells the same story again."""
        drawn = self.chance.random()
        if drawn < self.faults.lost:
            return LOST
        if drawn < self.faults.lost + self.faults.broken:
            return self.chance.choice((BEFORE, AFTER))
        return ""

    def step_clock(self) -> None:
        """Now and then the site's clock is set a minute back or forth."""
        if self.happens(self.faults.stepped):
            self.clock.off = self.chance.choice(
                [off for off in (-STEP, 0 * STEP, STEP) if off != self.clock.off]
            )
            self.count("clock steps")

    def prompted(self, browser: str, what: object) -> None:
        self.tally.prompts.append(f"{self.clock.real:%Y-%m-%d %H:%M:%S} {browser}: {what}")
