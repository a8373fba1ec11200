"""A semaphore by account over the connection pool: nobody can hold all connections."""

from asyncio import Semaphore
from collections.abc import Hashable
from contextvars import ContextVar
from weakref import WeakValueDictionary

# Who asks in the present task: an account's id, the address of a visitor without one, or None for the site.
asker: ContextVar[Hashable] = ContextVar("asker", default=None)


class ConnectionShares:
    """Each asker has at most `size` connections at a time; the site itself as many as there are."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._semaphores: WeakValueDictionary[Hashable, Semaphore] = WeakValueDictionary()

    def mine(self) -> Semaphore:
        """The present asker's semaphore, which lives for as long as somebody holds it."""
        key = asker.get()
        if key is None:
            return Semaphore(1)
        return self._semaphores.setdefault(key, Semaphore(self._size))
