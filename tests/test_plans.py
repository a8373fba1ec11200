"""Query plans: no page and no sweep reads a whole table, in databases that nobody has analysed."""

import json
import re
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import pytest
from tortoise.transactions import in_transaction

from journal import clock, database, housekeeping
from journal.accounts import hash_costs
from journal.engines import asyncpg as engine
from tests.conftest import PASSWORD, Person

PATHS = ["/", "/entries/new", "/days/2024-05-31", "/calendar/2024/05", "/calendar/2024", "/on-this-day/05-31"]
PATHS += ["/on-this-day/02-29", "/random", "/search?q=words", "/search?q=wo&sort=best", "/tags", "/tags/walk"]
PATHS += ["/starred", "/statistics", "/?before=2024-05-31.00000000-0000-0000-0000-000000000000"]
PATHS += ['/search?q="some words"', "/search?q=words+-other", "/search?q=tag:walk", "/search?q=on:2024"]
PATHS += ["/bin", "/settings", "/settings/security", "/prompts", "/templates", "/tags?q=wa"]
BINNED = ["/bin", "/search?q=in:bin"]
# Tables that grow with the years or with the number of people.
BIG = {"entries", "revisions", "saves", "day_counts", "tags", "entry_tags", "search_texts"}
BIG |= {"users", "sign_in_failures", "security_events", "departures"}

Queries = list[tuple[str, list[Any]]]


def is_sqlite() -> bool:
    """Whether the database that is connected now is SQLite."""
    return not database.is_postgres(database.connection())


class Watched:
    """The queries of both connections from here on, and what is wrong with their plans."""

    def __init__(self) -> None:
        self.queries: Queries = []

    async def start(self) -> None:
        if is_sqlite():
            assert database._reader
            database._reader.set_trace_callback(self.note)
            await database.connection()._connection.set_trace_callback(self.note)  # type: ignore[attr-defined]

    def note(self, sql: str, values: list[Any] | None = None) -> None:
        is_read = re.match(r"(SELECT|UPDATE|DELETE|WITH)\b", sql.strip())
        if is_read and "pg_advisory" not in sql and "WHERE 1=0" not in sql:
            self.queries.append((sql, values or []))

    async def faults(self, may_use_bin: bool = False) -> list[str]:
        asked, self.queries = self.queries, []
        assert asked
        find = of_sqlite if is_sqlite() else of_postgres
        found = [f"{fault}: {sql}" for sql, values in asked for fault in await find(sql, values)]
        return [fault for fault in found if not (may_use_bin and "idx_entries_binned" in fault)]


async def of_sqlite(sql: str, _values: list[Any]) -> list[str]:
    assert database._reader
    steps = [str(tuple(row)[3]) for row in database._reader.execute(f"EXPLAIN QUERY PLAN {sql}")]
    names = {
        alias or table: table for table, alias in re.findall(r"\b(?:FROM|JOIN) (\w+)(?: (\w\d?)\b)?", sql)
    }
    is_sorted = any("TEMP B-TREE FOR ORDER BY" in step for step in steps)
    faults = []
    for step in steps:
        verb, _, table = step.replace('"', "").partition(" USING")[0].partition(" ")
        is_big = names.get(table, table) in BIG
        goes_through = verb == "SCAN" or (verb == "SEARCH" and step.endswith("(user_id=?)"))
        ends_early = "LIMIT" in sql and not is_sorted and (verb == "SEARCH" or "WHERE" not in sql)
        if (is_big and goes_through and not ends_early) or "idx_entries_binned" in step:
            faults.append(step)
    return faults


async def of_postgres(sql: str, values: list[Any]) -> list[str]:
    async with in_transaction() as db:
        await db.execute_query("SET LOCAL enable_seqscan = off")  # only where there is nothing else
        found = await db.execute_query(f"EXPLAIN (FORMAT JSON) {sql}", values)
    plan = found[1][0]["QUERY PLAN"]
    faults: list[str] = []

    def walk(node: dict[str, Any]) -> None:
        reads = "Scan" in node["Node Type"] and node.get("Relation Name", node.get("Index Name", "")) in BIG
        is_whole = node["Node Type"] == "Seq Scan" or (
            node["Node Type"].startswith("Index") and "Index Cond" not in node and "Filter" in node
        )
        if (reads and is_whole) or "idx_entries_binned" in node.get("Index Name", ""):
            faults.append(f"{node['Node Type']} {node.get('Relation Name')} {node.get('Index Name')}")
        for child in node.get("Plans", []):
            walk(child)

    walk((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"])
    return faults


@pytest.fixture
async def watched(ann: Person, monkeypatch: pytest.MonkeyPatch) -> Watched:
    watching = Watched()
    for n in range(3):
        await ann.writes("Some words. #walk", day=str(date(2024, 5, 31) - timedelta(days=366 * n)))
    if not is_sqlite():
        await database.connection().execute_script(FILLING)
        for name in ("execute_query", "execute_query_dict"):
            monkeypatch.setattr(engine.Client, name, noting(watching, getattr(engine.Client, name)))
    await watching.start()
    return watching


def noting(watching: Watched, method: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def noted(self: Any, query: str, values: list[Any] | None = None) -> Any:
        watching.note(query, values)
        return await method(self, query, values)

    return noted


# So many rows that PostgreSQL weighs its indexes.
FILLING = """
INSERT INTO users (username, username_key, session_stamp, zone, is_admin, is_active, created_at, hash_cost)
SELECT n, n, '', 'UTC', false, true, now(), 0 FROM generate_series(1, 1000) n;
INSERT INTO entries (user_id, day, zone, written_at, updated_at, version, deleted_at, tags,
    title, html, body, uid, mood, words, rendering)
SELECT 1, DATE '2000-01-01' + n, 'UTC', now(), now(), 1, CASE WHEN n % 50 = 0 THEN now() END, '[]',
    '', '', '', gen_random_uuid(), '', 0, 1 FROM generate_series(1, 5000) n;
INSERT INTO revisions (entry_id, number, kind, version, created_at, day, zone, tags, title, body, mood)
SELECT id, 9, 'auto', 1, now(), day, 'UTC', '[]', '', '', '' FROM entries;
INSERT INTO security_events (user_id, kind, detail, address, at)
SELECT id, '', '', '', now() + id * interval '1 second' FROM users;
INSERT INTO entry_tags (user_id, entry_id, day, key, name)
SELECT user_id, id, day, 'tag' || id % 50, 'tag' FROM entries WHERE title = '';
ANALYZE;
"""


@pytest.mark.parametrize("path", PATHS)
async def test_no_page_reads_all_entries_of_its_writer(ann: Person, watched: Watched, path: str) -> None:
    uid = await ann.writes("Some words. #walk", day="2024-05-30")
    watched.queries.clear()
    for where in (path, uid, f"{uid}/edit", f"{uid}/versions"):
        assert (await ann.get(where)).status_code in (200, 303, 404)
    assert await watched.faults(may_use_bin=path in BINNED) == []


async def test_no_change_of_an_entry_reads_all_of_its_writer(ann: Person, watched: Watched) -> None:
    uid = await ann.writes("Some words. #walk", day="2024-05-30")
    await ann.put(uid, {"body": "Other words. #walk", "version": "1"})
    await ann.post(f"{uid}/star", {"starred": "1"})
    await ann.post("/tags/walk", {"name": "stroll"})
    await ann.post(f"{uid}/deletion")
    await ann.post(f"{uid}/restoration")
    assert await watched.faults() == []
    await ann.post(f"{uid}/deletion")
    await ann.post(f"/bin{uid.removeprefix('/entries')}/deletion")
    await ann.post("/bin/deletion")
    assert await watched.faults(may_use_bin=True) == []


async def test_no_sign_in_reads_all_accounts(
    ann: Person, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hash_costs, "_costliest", (-float("inf"), None))
    for name in ("Ann", "Nobody"):
        await ann.client.post("/login", form={"username": name, "password": f"{PASSWORD} no"})
    form = {"username": "Bob", "email": "bob@example.org", "password": PASSWORD}
    await ann.client.post("/register", form=form)
    assert any("hash_cost" in sql for sql, _ in watched.queries)
    assert await watched.faults() == []


@pytest.mark.parametrize(
    "step", [*housekeeping.SWEEPS, *housekeeping.FOR_GOOD], ids=lambda step: step.__module__
)
async def test_no_sweep_reads_a_whole_table(watched: Watched, step: Callable[..., Awaitable[None]]) -> None:
    await step(clock.now())
    assert await watched.faults(may_use_bin=True) == []


async def test_every_foreign_key_has_an_index_that_begins_with_it(db: None) -> None:
    """Without an index, deleting one row would read the whole of each table that may refer to it."""
    if is_sqlite():
        found = await database.rows(
            'SELECT m.name AS child, f."from" AS key FROM sqlite_master m, pragma_foreign_key_list(m.name) f '
            "WHERE m.type = 'table' AND NOT EXISTS (SELECT 1 FROM pragma_index_list(m.name) l, "
            'pragma_index_info(l.name) i WHERE i.seqno = 0 AND i.name = f."from" AND l.partial = 0)'
        )
    else:
        found = await database.rows(
            "SELECT conrelid::regclass::text AS child, conkey[1]::int AS key FROM pg_constraint "
            "WHERE contype = 'f' AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE indrelid = conrelid "
            "AND indkey[0] = conkey[1] AND indpred IS NULL)"
        )
    assert [(row["child"], row["key"]) for row in found] == []
