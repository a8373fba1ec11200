"""One account's question, as both engines take it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from journal.database import slow_rows
from journal.search import sort_key
from journal.search.query import LAST, Query, Term

SECONDS = 3.0  # that an answer may take, with the time that others of the same account are before it


@dataclass(frozen=True)
class SearchRequest:
    user_id: int
    query: Query
    after: tuple[date, UUID] | None = None  # the entry that the page before ended with

    async def answer(self, sql: str, *values: Any) -> Sequence[Any]:
        """Raises TooSlow."""
        return await slow_rows(self.user_id, SECONDS, sql, *values)

    @property
    def facets(self) -> list[str]:
        """What an entry has to bear besides its words; the owner first."""
        return [owner(self.user_id, self.query.is_binned), *self.query.facets]

    def limits(self, column: str, is_bounded: bool = False) -> tuple[str, list[Any]]:
        """The stretch of time, as SQL and its values; if bounded, at least that of the writer's places."""
        sql, values = "", []
        if self.query.first or is_bounded:
            sql, values = f" AND {column} >= ?", [sort_key.start(self.user_id, self.query.first)]
        if self.query.end < LAST or (is_bounded and self.after is None):
            sql, values = f"{sql} AND {column} < ?", [*values, sort_key.start(self.user_id, self.query.end)]
        if self.after is None:
            return sql, values
        # An entry that was purged since leaves its day: better some of it again than not at all.
        day, uid = self.after
        sql += f" AND {column} < ? + coalesce((SELECT id FROM entries WHERE uid = ? AND user_id = ?), ?)"
        at = sort_key.start(self.user_id, day.toordinal())
        return sql, [*values, at, str(uid), self.user_id, sort_key.IDS_END]

    def rows(self) -> Iterator[tuple[str, bool]]:
        """Words that have to stand in a row, or must not, as the stored text has them."""
        for terms, is_wanted in ((self.query.wanted, True), (self.query.unwanted, False)):
            for term in terms:
                if len(term.row) > 1:
                    yield row(term), is_wanted


def row(term: Term) -> str:
    return f" {' '.join(term.row)}{'' if term.is_prefix else ' '}"


def owner(user_id: int, is_binned: bool) -> str:
    return f"_{'b' if is_binned else 'u'}{user_id}"


def year_of(user_id: int, year: int) -> str:
    """Borne by what is not in the bin, so that GIN can be asked for some years alone."""
    return f"_y{user_id}_{year}"
