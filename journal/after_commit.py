"""After-commit hooks: callables that run once the transaction that registered them is on disk. A file, for
example, can't be removed inside a transaction that may roll back."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar

Hook = Callable[[], Awaitable[None]]
log = logging.getLogger(__name__)
_hooks: ContextVar[list[Hook]] = ContextVar("after-commit hooks")


def after_commit(hook: Hook) -> None:
    """Called inside `committed`. A transaction that rolls back, or is tried again, drops its hooks."""
    _hooks.get().append(hook)


@asynccontextmanager
async def hooks() -> AsyncIterator[None]:
    """Runs the hooks at the end, unless an exception is raised inside. The transaction is durable by then, so
    the failure of a hook is logged and changes nothing."""
    registered: list[Hook] = []
    token = _hooks.set(registered)
    try:
        yield
    finally:
        _hooks.reset(token)
    for hook in registered:
        try:
            await hook()
        except Exception:
            log.exception("an after-commit hook failed")
