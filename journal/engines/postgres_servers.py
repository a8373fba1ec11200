"""Failover: finds the PostgreSQL server that takes writes among the hosts of DATABASE_URL."""

import asyncio
import logging
import re
import socket
from collections.abc import Sequence
from contextlib import suppress
from secrets import token_hex
from typing import Any, NamedTuple

import asyncpg

from journal.engines import timeouts
from journal.engines.failures import LOST

log = logging.getLogger(__name__)

HOST = re.compile(r"(?P<name>\[[^\]]*\]|[^:]*)(:(?P<port>[0-9]+))?")
GRACE = 0.5  # seconds to wait for all servers before the best of those that answered is used
# Each promotion of a standby begins a new timeline: the first part of the present WAL file's name.
STATE = """
SELECT pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean AS is_read_only,
CASE WHEN pg_is_in_recovery() THEN '' ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END AS timeline
"""
# The application name identifies our session: on another server, the pid may be another client's.
END = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND application_name = $2"
# A dead host is noticed after 10 + 3 * 3 idle seconds, or 10 s after something was sent to it.
KEEPALIVE = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 3, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 10_000}


class Host(NamedTuple):
    name: str | None  # None for the default of libpq
    port: int


class Candidate(NamedTuple):
    """A server to which a connection was opened."""

    timeline: int  # 0 where the server takes no writes
    host: Host
    connection: asyncpg.Connection


def split(url: str) -> tuple[str, list[Host]]:
    """Returns the URL with only its first host, and the list of all hosts."""
    scheme, _, rest = url.partition("://")
    authority, slash, path = rest.partition("/")
    user, at, places = authority.rpartition("@")
    found = [match for place in places.split(",") if (match := HOST.fullmatch(place))]
    hosts = [Host(match["name"].strip("[]") or None, int(match["port"] or 5432)) for match in found]
    return f"{scheme}://{user}{at}{places.split(',')[0]}{slash}{path}", hosts


def credentials(found: dict[str, Any], hosts: Sequence[Host], lock: object, is_site: bool) -> dict[str, Any]:
    """The arguments of our Client, from the credentials that Tortoise found in a URL with one host."""
    if not hosts[0].name:  # the folder of a socket, or the default of libpq
        hosts = [Host(name or None, found["port"]) for name in (found["host"] or "").split(",")]
    if "sslmode" in found:
        found["ssl"] = found.pop("sslmode")  # libpq's name, asyncpg's name
    must_write = bool(found.pop("target_session_attrs", None)) or len(hosts) > 1
    found |= {"hosts": hosts, "must_write": must_write, "minsize": 0, "maxsize": 10}
    found["command_timeout"] = timeouts.command_timeout(is_site)
    settings = timeouts.server_settings(lock, is_site) | {"application_name": f"journal {token_hex(4)}"}
    return found | {"server_settings": settings}


class PostgresServers:
    """Opens connections to the hosts; with `must_write` only to the server that takes writes."""

    def __init__(self, hosts: Sequence[Host], must_write: bool) -> None:
        self._hosts, self._must_write = hosts, must_write
        self._options: dict[str, Any] = {}
        self._timeline = 0  # the newest used so far; a server with an older timeline is a former primary

    async def connect(self, *_: object, **options: Any) -> asyncpg.Connection:
        """Opens a connection for asyncpg's pool."""
        self._options = options
        if not self._must_write:
            return await _open(self._hosts[0], options)
        opening = [asyncio.create_task(_probe(host, options)) for host in self._hosts]
        chosen = None
        try:
            await asyncio.wait(opening, timeout=GRACE)
            if not (chosen := self._newest(opening)):
                await asyncio.wait(opening, timeout=timeouts.CONNECT)
                chosen = self._newest(opening)
        finally:
            _close_others(opening, chosen)
        if chosen is None:
            raise self._error(opening)
        self._note(chosen)
        return chosen.connection

    async def end(self, pid: int) -> None:
        """Ends our session that fell silent in a transaction. Otherwise its locks would stay until TCP gives
        up, because no timeout of PostgreSQL applies while it waits for the rest of a message."""
        with suppress(*LOST, asyncpg.PostgresError):
            async with asyncio.timeout(timeouts.CONNECT):
                connection = await self.connect(**self._options)
                try:
                    await connection.execute(END, pid, self._options["server_settings"]["application_name"])
                finally:
                    connection.terminate()

    def _newest(self, opening: Sequence["asyncio.Task[Candidate]"]) -> Candidate | None:
        usable = [found for found in _done(opening) if found.timeline and found.timeline >= self._timeline]
        return max(usable, key=lambda found: found.timeline, default=None)

    def _error(self, opening: Sequence["asyncio.Task[Candidate]"]) -> Exception:
        told = [f"{found.host.name}:{found.host.port} takes no writes" for found in _done(opening)]
        told += [str(task.exception()) for task in opening if _has_failed(task)]
        why: Exception = asyncpg.TargetServerAttributeNotMatched(
            f"no server takes writes ({'; '.join(told)})"
        )
        return why

    def _note(self, chosen: Candidate) -> None:
        if chosen.timeline > self._timeline:
            log.warning("PostgreSQL is %s:%s, timeline %s", *chosen.host, chosen.timeline)
            self._timeline = chosen.timeline


def _done(opening: Sequence["asyncio.Task[Candidate]"]) -> list[Candidate]:
    return [
        task.result() for task in opening if task.done() and not task.cancelled() and not task.exception()
    ]


def _has_failed(task: "asyncio.Task[Candidate]") -> bool:
    return task.done() and not task.cancelled() and task.exception() is not None


def _close_others(opening: Sequence["asyncio.Task[Candidate]"], chosen: Candidate | None) -> None:
    """Closes the connections that were not chosen."""
    for task in opening:
        task.cancel()
        _has_failed(task)  # reads the exception, else asyncio would log it
    for found in _done(opening):
        if found is not chosen:
            found.connection.terminate()


async def _probe(host: Host, options: dict[str, Any]) -> Candidate:
    connection = await _open(host, options)
    try:
        state = await connection.fetchrow(STATE, timeout=timeouts.CONNECT)
    except BaseException:
        connection.terminate()
        raise
    return Candidate(0 if state["is_read_only"] else int(state["timeline"], 16), host, connection)


async def _open(host: Host, options: dict[str, Any]) -> asyncpg.Connection:
    connection = await asyncpg.connect(
        **options | {"host": host.name, "port": host.port, "timeout": timeouts.CONNECT}
    )
    line = connection._transport.get_extra_info("socket")
    if line is not None and line.family != socket.AF_UNIX:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in KEEPALIVE.items():
            if hasattr(socket, name):
                line.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
    return connection
