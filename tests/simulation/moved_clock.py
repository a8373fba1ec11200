"""A clock that is moved by hand: two years pass while the tests wait for nothing."""

from datetime import UTC, datetime, time, timedelta

STEP = timedelta(minutes=1)
START = datetime(2026, 1, 1, tzinfo=UTC)


class MovedClock:
    """`real` is what browsers go by; the site's own clock is stepped back and forth beside it."""

    def __init__(self) -> None:
        self.real = START
        self.off = timedelta()

    def site(self) -> datetime:
        """Stands in for journal.clock.now."""
        return self.real + self.off

    def pass_by(self, **amount: float) -> None:
        self.real += timedelta(**amount)

    def until(self, day: int, hour: int, minute: int = 0) -> None:
        """To that time of the day, unless it is later already."""
        moment = datetime.combine(START.date() + timedelta(days=day), time(hour, minute), UTC)
        self.real = max(self.real, moment)
