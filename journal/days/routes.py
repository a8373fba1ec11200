"""Calendar pages: a day, a month, a year, on this day, and a random entry."""

from calendar import isleap
from collections.abc import Mapping
from datetime import date, timedelta
from random import SystemRandom
from typing import NoReturn

from quart import Blueprint, Response, abort, g, request

from journal.days import anniversary, month, queries, random_entry
from journal.days.queries import Written
from journal.engines.slow_reads import TooSlow
from journal.entries import mood, reading
from journal.entries.forms import parse_day
from journal.sessions import gate
from journal.web.errors import error_page
from journal.web.pages import page, redirect

routes = Blueprint("days", __name__)


@routes.errorhandler(TooSlow)
async def too_slow(error: TooSlow) -> Response:
    return error_page(503, "Choosing an entry takes too long at the moment. Please try again later.")


@routes.get("/days/<day>")
async def day(day: str) -> Response:
    shown, after = _day_or_404(day), request.args.get("after", "")
    try:
        entries = await reading.of_day(g.user.id, shown, after)
    except ValueError:
        abort(400, "This link to more entries is damaged; start again from the first of the day.")
    return page(
        "days/day.html#entries",
        day=shown,
        month=month.of(shown),
        today=await gate.today(),
        page=entries,
        after=after,
        previous=_beside(shown, -1),
        next=_beside(shown, 1),
    )


def _day_or_404(typed: str) -> date:
    try:
        return parse_day(typed)
    except ValueError:
        _not_in_calendar("day")


def _not_in_calendar(kind: str) -> NoReturn:
    abort(404, f"This {kind} is not in the calendar.")


def _beside(day: date, step: int) -> date | None:
    """The day `step` days later, or None outside the calendar."""
    try:
        return day + timedelta(days=step)
    except OverflowError:
        return None


# The calendar


@routes.get("/calendar")
async def calendar() -> Response:
    """Redirects to this month, or to the day that was typed into the form."""
    if "day" in request.args:
        return redirect(f"/days/{_day_or_404(request.args['day'])}")
    return redirect(month.of(await gate.today()).path)


@routes.get("/calendar/<year>")
async def calendar_year(year: str) -> Response:
    try:
        shown = month.parse_year(year)
    except ValueError:
        _not_in_calendar("year")
    written = await queries.of_year(g.user.id, shown)
    return await _calendar("days/year.html", written, year=shown, months=month.months(shown))


@routes.get("/calendar/<year>/<month>")
async def calendar_month(year: str, month: str) -> Response:
    shown = _month_or_404(year, month)
    written = await queries.of_month(g.user.id, shown)
    return await _calendar("days/month.html", written, month=shown, moods=mood.SYMBOLS)


async def _calendar(name: str, written: Mapping[date, Written], **context: object) -> Response:
    ends, today = await queries.ends(g.user.id), await gate.today()
    starts = g.preferences.week_starts
    weekdays = month.weekdays(starts)
    return page(name, written=written, ends=ends, today=today, starts=starts, weekdays=weekdays, **context)


def _month_or_404(year: str, number: str) -> month.Month:
    try:
        return month.parse(year, number)
    except ValueError:
        _not_in_calendar("month")


# One date in every year


@routes.get("/on-this-day")
async def on_this_day() -> Response:
    return await _on_this_day(anniversary.of(await gate.today()))


@routes.get("/on-this-day/<date>")
async def on_this_date(date: str) -> Response:
    try:
        return await _on_this_day(anniversary.parse(date))
    except ValueError:
        _not_in_calendar("date")


async def _on_this_day(shown: date) -> Response:
    today, before = await gate.today(), request.args.get("before", "")
    try:
        years = await queries.on_this_day(g.user.id, shown, today.year, before)
    except ValueError:
        abort(400, "This link to older entries is damaged; start again from the newest.")
    return page(
        "days/on_this_day.html#entries",
        shown=shown,
        years=years,
        before=before,
        continued=int(before[:4]) if before else None,
        around=[] if before else await queries.around(g.user.id, shown, today),
        today=today,
        is_leap=isleap(today.year),
        previous=anniversary.beside(shown, -1),
        next=anniversary.beside(shown, 1),
    )


@routes.get("/random")
async def random() -> Response:
    found = await random_entry.entry(g.user.id, SystemRandom())
    return redirect(f"/entries/{found}" if found else "/")
