"""Ownership: whose the entries of a source are, by their owner column, as the only person's, or by option."""

from collections import Counter
from dataclasses import dataclass, replace

from journal.transfer.legacy import values
from journal.transfer.legacy.entry_columns import UnknownSchema
from journal.transfer.legacy.known_schemas import Hints, SourceSchema, TableMapping
from journal.transfer.legacy.relations import is_table
from journal.transfer.legacy.select_statement import SAMPLE
from journal.transfer.legacy.source_database import SourceDatabase

SIZE = 500
SOLE = "owner"  # the key of the one owner where a source has no people
People = list[dict[str, str]]  # their columns as ids


@dataclass(frozen=True)
class Ownership:
    schema: SourceSchema  # with the key of people that fits the owner column best
    keys: frozenset[str]
    default: str  # the key of the person who owns the entries that don't say whose they are
    line: str = ""


async def decided(old: SourceDatabase, schema: SourceSchema, hints: Hints) -> Ownership:
    """Raises UnknownSchema."""
    if schema.people is None:
        return Ownership(schema, frozenset([SOLE]), SOLE, f"All entries go to {hints.owner}.")
    people = await _people(old, schema.people)
    mapping = schema.people
    if schema.entries.has_owner and not _is_declared(schema):
        key = _best_key(mapping, people, await _owners(old, schema.entries))
        mapping = replace(mapping, columns={**mapping.columns, "key": key})
    default, line = _default(mapping, schema.entries, people, hints)
    keys = frozenset(_key(mapping, person) for person in people)
    return Ownership(SourceSchema(mapping, schema.entries), keys, default, line)


async def _people(old: SourceDatabase, mapping: TableMapping) -> People:
    secret = mapping.columns.get("password")
    columns = {column: f"{SAMPLE}{column}" for column in mapping.table.columns if column != secret}
    wanted = TableMapping(mapping.table, {role: column for column, role in columns.items()})
    return [
        {column: values.identity(row[role]) for column, role in columns.items()}
        async for batch in old.batches(wanted, SIZE)
        for row in batch
    ]


async def _owners(old: SourceDatabase, entries: TableMapping) -> Counter[str]:
    columns = {role: entries.columns[role] for role in ("id", "owner") if role in entries.columns}
    found: Counter[str] = Counter()
    async for batch in old.batches(TableMapping(entries.table, columns, path=entries.path), SIZE):
        found.update(owner for row in batch if (owner := values.identity(row["owner"])))
    return found


def _is_declared(schema: SourceSchema) -> bool:
    entries, people = schema.entries, schema.people
    assert people
    path = entries.path
    table, owner = (path.table, path.owner) if path else (entries.table, entries.columns["owner"])
    return owner in table.refers and is_table(table.refers[owner][0], people.table)


def _best_key(mapping: TableMapping, people: People, owners: Counter[str]) -> str:
    """The column of people whose values are in the owner column most often; names must be unique."""
    usual = [mapping.columns[role] for role in ("key", "id", "name", "email") if role in mapping.columns]
    columns = [c for c in dict.fromkeys([*usual, *mapping.table.columns]) if people and c in people[0]]
    matches = {column: _matches(people, column, owners) for column in columns}
    return max(columns, key=lambda column: matches[column], default=mapping.columns["key"])


def _matches(people: People, column: str, owners: Counter[str]) -> int:
    known = [person[column] for person in people if person[column]]
    return sum(owners[value] for value in known) if len(set(known)) == len(known) else 0


def _key(mapping: TableMapping, person: dict[str, str]) -> str:
    return person[mapping.columns["key"]] or person[mapping.columns["id"]]


def _default(mapping: TableMapping, entries: TableMapping, people: People, hints: Hints) -> tuple[str, str]:
    """The key of the owner by default, and a sentence about it."""
    if hints.owner:
        person = _named(mapping, people, hints.owner)
        which = "Entries that don't say whose they are" if entries.has_owner else "All entries"
        return _key(mapping, person), f"{which} go to {_name(mapping, person)}."
    if entries.has_owner:
        return "", ""
    if len(people) == 1:
        return _key(mapping, people[0]), f"All entries go to {_name(mapping, people[0])}, the only person."
    names = [_name(mapping, person) for person in people]
    more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
    raise UnknownSchema(
        f"The table {entries.table.label} does not say whose its entries are, and there are {len(names):,} "
        f"people ({', '.join(names[:5])}{more}): give all to one of them with --owner NAME, or name the "
        "column with --column entries.owner=COLUMN.",
        f"--owner {names[0]}",
    )


def _named(mapping: TableMapping, people: People, name: str) -> dict[str, str]:
    columns = [mapping.columns[role] for role in ("name", "email", "id") if role in mapping.columns]
    for column in columns:
        for person in people:
            if person[column].casefold() == values.identity(name).casefold():
                return person
    raise UnknownSchema(f"There is nobody called {name!r} among the people in {mapping.table.label}.")


def _name(mapping: TableMapping, person: dict[str, str]) -> str:
    return person[mapping.columns["name"]] if "name" in mapping.columns else person[mapping.columns["id"]]
