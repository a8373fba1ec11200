"""Search queries as tsquery and SQL of PostgreSQL. Pure."""

from collections.abc import Sequence

from journal.search.query import Term
from journal.search.search_request import SearchRequest
from journal.search.sort_key import year_of

ALL: Sequence[int] = ()  # years


def has_beginning(request: SearchRequest) -> bool:
    return any(term.is_prefix for term in request.query.wanted)


def matches(request: SearchRequest, table: str, years: Sequence[int] = ALL) -> tuple[str, list[str]]:
    """The condition as SQL, with its values for phrases."""
    held = [
        (f" AND strpos({table}.words, ?) {'>' if is_wanted else '='} 0", words)
        for words, is_wanted in request.phrases()
    ]
    # The words are part of the statement: without them PostgreSQL would choose a poor plan.
    matching = f"{table}.found_by @@ {_expression(request, years)}"
    return matching + "".join(sql for sql, _ in held), [words for _, words in held]


def _expression(request: SearchRequest, years: Sequence[int]) -> str:
    parts = [_one(word) for word in request.facets]
    parts += [f"({' | '.join(_one(year_of(request.user_id, year)) for year in years)})"] if years else []
    for term in request.query.wanted:
        parts += [*map(_one, term.phrase[:-1]), _last(term)]
    parts += [f"!{_one(word)}" for word in request.query.unwanted_facets]
    parts += [f"!{_last(term)}" for term in request.query.unwanted if len(term.phrase) == 1]
    return "'" + " & ".join(dict.fromkeys(parts)).replace("'", "''") + "'::tsquery"


def _one(word: str) -> str:
    assert not set(word) & set("'\\?"), "tokens are letters, digits and signs"
    return f"'{word}'"


def _last(term: Term) -> str:
    return _one(term.phrase[-1]) + (":*" if term.is_prefix else "")
