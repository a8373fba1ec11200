"""Query counter: counts the queries of the present request, for the log and for tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Queries:
    count: int = 0


_current: ContextVar[Queries | None] = ContextVar("queries", default=None)


def count_query() -> None:
    queries = _current.get()
    if queries is not None:
        queries.count += 1


def begin() -> Queries:
    """Starts at zero for the present task and the tasks that it starts."""
    queries = Queries()
    _current.set(queries)
    return queries


@contextmanager
def counted() -> Iterator[Queries]:
    queries = Queries()
    token = _current.set(queries)
    try:
        yield queries
    finally:
        _current.reset(token)
