"""One day."""

from datetime import date, timedelta

from quart import Blueprint, Response, abort, g

from journal.entries import reading
from journal.entries.forms import parse_day
from journal.web.pages import page

routes = Blueprint("days", __name__)


@routes.get("/days/<day>")
async def day(day: str) -> Response:
    try:
        shown = parse_day(day)
    except ValueError:
        abort(404, "This day is not in the calendar.")
    entries = await reading.of_day(g.user.id, shown)
    return page(
        "days/day.html", day=shown, entries=entries, previous=_beside(shown, -1), next=_beside(shown, 1)
    )


def _beside(day: date, step: int) -> date | None:
    """The day before or after, or None at the calendar's ends."""
    try:
        return day + timedelta(days=step)
    except OverflowError:
        return None
