"""A request is given up at each of its awaits: nothing stays locked, and the same save sent again is one."""

import asyncio
import types
from collections.abc import Generator
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from quart import Quart

from journal.database import rows
from tests.conftest import Person
from tests.figures import Counted

pytestmark = pytest.mark.slow_on_postgres


@types.coroutine
def given_up(work: Any, at: int, over: asyncio.Event) -> Generator[Any, Any, Any]:
    """Runs `work` in the present task and cancels it at its await number `at`, as if a client hung up."""
    task = asyncio.current_task()
    assert task
    waiting, passed = work.__await__(), 0
    error: BaseException | None = None
    while True:
        try:
            step = waiting.throw(error) if error else waiting.send(None)
        except StopIteration as done:
            return done.value
        except BaseException:
            over.set()
            raise
        if passed == at:
            asyncio.get_running_loop().call_soon(task.cancel)
        passed += 1
        error = None
        try:
            yield step
        except BaseException as raised:
            error = raised


async def asked(app: Quart, cookie: str, path: str, form: dict[str, str], over: asyncio.Event) -> int:
    """Returns the status of a PUT, or 0 if there was no response. The client is disconnected once it is over:
    Quart 0.23 waits for that, as servers always say so."""
    over.clear()
    body, sent = urlencode(form).encode(), []
    headers = {"host": "localhost", "cookie": cookie, "hx-request": "true"}
    headers |= {"content-type": "application/x-www-form-urlencoded", "content-length": str(len(body))}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "PUT",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("203.0.113.7", 40_000),
        "server": None,
        "extensions": {},
    }
    arriving = [body[20:], body[10:20], body[:10]]

    async def receive() -> dict[str, Any]:
        for _ in range(3):  # the rest is on its way
            await asyncio.sleep(0)
        if not arriving:
            await over.wait()
            return {"type": "http.disconnect"}
        piece = arriving.pop()
        return {"type": "http.request", "body": piece, "more_body": bool(arriving)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            over.set()

    await asyncio.wait_for(app(scope, receive, send), 20)  # type: ignore[arg-type]
    return sent[0]["status"] if sent else 0


@pytest.mark.parametrize("times", [150, pytest.param(3000, marks=pytest.mark.soak)])
async def test_a_save_given_up_at_any_await_locks_nothing_and_is_saved_once(
    app: Quart, ann: Person, monkeypatch: pytest.MonkeyPatch, times: int, counted: Counted
) -> None:
    whole, at, most, cookie, over = app.handle_request, 0, 0, cookies(ann), asyncio.Event()
    monkeypatch.setattr(app, "handle_request", lambda request: given_up(whole(request), at, over))
    path = f"/entries/{uuid4()}"
    for n in range(times):
        form = {"body": text(n), "version": str(n), "save": str(uuid4()), "kind": "manual"}
        status = await asked(app, cookie, path, form, over)
        assert status in (0, 200)
        if status == 200:  # it has fewer awaits than that
            at = 0
        else:
            most, now, at = max(most, at), at, 10_000
            assert await asked(app, cookie, path, form, over) == 200
            at = now + 1
    assert most >= 2
    (entry,) = await rows("SELECT version, body FROM entries")
    assert (entry["version"], entry["body"]) == (times, text(times - 1))
    assert (await rows("SELECT count(*) AS n FROM revisions"))[0]["n"] == times
    what = f"{times:,} saves given up in turn at each await of their handler"
    counted(what, f"{most + 1} awaits; each saved once")


def text(n: int) -> str:
    """Every other one so long that it is rendered in a thread."""
    return f"Number {n}." + " and so on" * (n % 2 * 2000)


def cookies(person: Person) -> str:
    jar: Any = person.client.cookie_jar  # type: ignore[attr-defined]
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
