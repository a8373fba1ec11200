"""A question as PostgreSQL's tsquery, and as SQL. Pure."""

from collections.abc import Sequence

from journal.search.query import Term
from journal.search.search_request import SearchRequest, year_of

ALL: Sequence[int] = ()  # years


def has_beginning(asked: SearchRequest) -> bool:
    return any(term.is_prefix for term in asked.query.wanted)


def matches(asked: SearchRequest, table: str, years: Sequence[int] = ALL) -> tuple[str, list[str]]:
    """As SQL, with the values for rows of words."""
    held = [
        (f" AND strpos({table}.words, ?) {'>' if wanted else '='} 0", words) for words, wanted in asked.rows()
    ]
    # The words stand in the statement itself: a plan made without them would be a poor one.
    matching = f"{table}.found_by @@ {_expression(asked, years)}"
    return matching + "".join(sql for sql, _ in held), [words for _, words in held]


def _expression(asked: SearchRequest, years: Sequence[int]) -> str:
    parts = [_one(word) for word in asked.facets]
    parts += [f"({' | '.join(_one(year_of(asked.user_id, year)) for year in years)})"] if years else []
    for term in asked.query.wanted:
        parts += [*map(_one, term.row[:-1]), _last(term)]
    parts += [f"!{_one(word)}" for word in asked.query.unwanted_facets]
    parts += [f"!{_last(term)}" for term in asked.query.unwanted if len(term.row) == 1]
    return "'" + " & ".join(dict.fromkeys(parts)).replace("'", "''") + "'::tsquery"


def _one(word: str) -> str:
    assert not set(word) & set("'\\?"), "tokens are letters, digits and signs"
    return f"'{word}'"


def _last(term: Term) -> str:
    return _one(term.row[-1]) + (":*" if term.is_prefix else "")
