"""Search request: a query of one account and the page it asks for, as both engines take it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from journal.database import slow_rows
from journal.engines.row import Row
from journal.search import sort_key
from journal.search.query import LAST, Query, Term

SECONDS = 3.0  # that an answer may take, with the time in which earlier requests of the account are served


@dataclass(frozen=True)
class SearchRequest:
    user_id: int
    query: Query
    after: tuple[date, UUID] | None = None  # keyset: the last entry of the page before

    async def fetch(self, sql: str, *values: object) -> Sequence[Row]:
        """Reads off the loop, in the account's turn. Raises TooSlow."""
        return await slow_rows(self.user_id, SECONDS, sql, *values)

    @property
    def facets(self) -> list[str]:
        """Tokens that an entry must have besides the words; the owner comes first."""
        return [sort_key.owner(self.user_id, self.query.is_binned), *self.query.facets]

    def limits(self, column: str, is_bounded: bool = False) -> tuple[str, list[object]]:
        """The range of sort keys as SQL with its values; if bounded, it ends at the keys of the account."""
        sql = ""
        values: list[object] = []
        if self.query.first or is_bounded:
            sql, values = f" AND {column} >= ?", [sort_key.start(self.user_id, self.query.first)]
        if self.query.end < LAST or (is_bounded and self.after is None):
            sql, values = f"{sql} AND {column} < ?", [*values, sort_key.start(self.user_id, self.query.end)]
        if self.after is None:
            return sql, values
        # If that entry was deleted for good, its whole day is shown again: better twice than not at all.
        day, uid = self.after
        sql += f" AND {column} < ? + coalesce((SELECT id FROM entries WHERE uid = ? AND user_id = ?), ?)"
        at = sort_key.start(self.user_id, day.toordinal())
        return sql, [*values, at, str(uid), self.user_id, sort_key.IDS_END]

    def phrases(self) -> Iterator[tuple[str, bool]]:
        """Phrases as they stand in the stored tokens, each with whether it is wanted or unwanted."""
        for terms, is_wanted in ((self.query.wanted, True), (self.query.unwanted, False)):
            for term in terms:
                if len(term.phrase) > 1:
                    yield phrase_of(term), is_wanted


def phrase_of(term: Term) -> str:
    return f" {' '.join(term.phrase)}{'' if term.is_prefix else ' '}"
