"""Statistics page, and its setting for a rest day each week."""

from collections.abc import Sequence
from datetime import date

from quart import Blueprint, Response, abort, g, request

from journal.accounts import users
from journal.engines.row import Row
from journal.engines.slow_reads import TooSlow
from journal.entries import mood
from journal.sessions import gate
from journal.statistics import heatmap, queries, streaks, svg, year
from journal.statistics.queries import Totals
from journal.tags import queries as tags
from journal.web import htmx
from journal.web.errors import error_page
from journal.web.filters import MONTHS, WEEKDAYS
from journal.web.pages import page, redirect

routes = Blueprint("statistics", __name__)

TAGS = 12  # most used tags on the page


@routes.errorhandler(TooSlow)
async def too_slow(error: TooSlow) -> Response:
    return error_page(503, "The statistics take too long at the moment. Please try again later.")


@routes.get("/statistics")
async def overview() -> Response:
    today = await gate.today()
    shown = _requested_year() or await queries.newest_year(g.user.id, today.year)
    context = _year_context(shown, await queries.days(g.user.id, shown))
    if not htmx.wants_fragment():
        totals = await queries.totals(g.user.id)
        context |= _streak_context(totals, await queries.allows_rest(g.user.id), today)
        context |= _hour_context(await queries.hours(g.user.id))
        context |= {"tags": await tags.most_used(g.user.id, TAGS)}
    return page("statistics/overview.html#year", **context)


def _requested_year() -> int | None:
    typed = request.args.get("year", "")
    if typed and not (typed.isascii() and typed.isdigit() and len(typed) <= 4 and int(typed)):
        abort(404, "This year is not in the calendar.")
    return int(typed) if typed else None


def _year_context(shown: int, days: Sequence[Row]) -> dict[str, object]:
    """The heatmap and the sums of the months."""
    measure = request.args.get("by", "")
    measure = measure if measure in year.MEASURES else year.MEASURES[0]
    steps, months = year.steps(days, measure), year.months(days)
    return {
        "year": shown,
        "measure": measure,
        "pixels": heatmap,
        "paths": heatmap.paths(shown, steps),
        "grid": heatmap.grid(shown, steps),
        "months": months,
        "month_names": MONTHS,
        "moods": list(enumerate(mood.MOODS, 1)),
        "drawing": svg,
        "values": [month.mood_value for month in months],
    }


def _streak_context(totals: Totals, rests: bool, today: date) -> dict[str, object]:
    found = streaks.summary(totals.ranges, rests, today)
    return {"totals": totals, "rests": rests, **found._asdict()}


def _hour_context(hours: dict[tuple[int, int], int]) -> dict[str, object]:
    """The number of entries on each weekday and in each hour."""
    weekdays = [sum(hours.get((weekday, hour), 0) for hour in range(24)) for weekday in range(7)]
    by_hour = [sum(hours.get((weekday, hour), 0) for weekday in range(7)) for hour in range(24)]
    return {"weekdays": list(zip(WEEKDAYS, weekdays, strict=True)), "hours": by_hour}


@routes.post("/statistics")
async def set_rest() -> Response:
    given = (await request.form).get("rest_days", "")
    if given not in ("0", "1"):
        abort(422, "A rest day a week is allowed or is not: rest_days is 1 or 0.")
    await users.change(g.user.id, rest_days=given == "1")
    return redirect("/statistics")
