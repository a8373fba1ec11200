"""Connection shares: a semaphore for each account over the connection pool, so that no account can hold all
connections."""

from asyncio import Semaphore
from collections.abc import Hashable
from contextvars import ContextVar
from weakref import WeakValueDictionary

# The requester in the present task: an account's id, a signed-out client's network, or None for the site.
requester: ContextVar[Hashable] = ContextVar("requester", default=None)


class ConnectionShares:
    """Gives each requester at most `size` connections at a time; the site itself has no limit."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._semaphores: WeakValueDictionary[Hashable, Semaphore] = WeakValueDictionary()

    def mine(self) -> Semaphore:
        """The present requester's semaphore, which exists while somebody holds it."""
        key = requester.get()
        if key is None:
            return Semaphore(1)
        return self._semaphores.setdefault(key, Semaphore(self._size))
