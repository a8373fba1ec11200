"""A semaphore by account over the connection pool: nobody can hold all connections."""

from asyncio import Semaphore
from collections.abc import Hashable
from contextvars import ContextVar
from weakref import WeakValueDictionary

# Who asks in the present task: an account's id, the address of a visitor without one, or None for the site.
requester: ContextVar[Hashable] = ContextVar("requester", default=None)


class ConnectionShares:
    """Each requester has at most `size` connections at a time; the site itself as many as there are."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._semaphores: WeakValueDictionary[Hashable, Semaphore] = WeakValueDictionary()

    def mine(self) -> Semaphore:
        """The present requester's semaphore, which lives for as long as somebody holds it."""
        key = requester.get()
        if key is None:
            return Semaphore(1)
        return self._semaphores.setdefault(key, Semaphore(self._size))
