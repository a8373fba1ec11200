"""Summary of the detected schema, in sentences for the host."""

from collections.abc import Iterator, Sequence

from journal.transfer.adoption.options import AdoptOptions
from journal.transfer.legacy.known_schemas import SourceSchema, Table, TableMapping


def lines(
    label: str, tables: Sequence[Table], source_schema: SourceSchema, options: AdoptOptions
) -> Iterator[str]:
    people, entries = source_schema.people, source_schema.entries
    yield (
        f"{label} is only read. Times that don't say their zone are taken as {options.zone.key}, "
        f"and days are those in {options.people_in.key}."
    )
    yield f"People: table {people.table.label}: {_columns(people)}." if people else "People: no table."
    yield f"Entries: table {entries.table.label}: {_columns(entries)}."
    mappings = [people, entries] if people else [entries]
    left = [column for mapping in mappings for column in _unused_columns(mapping)]
    left += _unused_tables(tables, source_schema)
    if left:
        yield f"Not brought over: {', '.join(left)}."


def _columns(mapping: TableMapping) -> str:
    shown = [_column(role, column) for role, column in mapping.columns.items() if role != "key"]
    if mapping.path:
        shown.append(f"owner from {mapping.path.table.label}.{mapping.path.owner}")
    for role, lookup in mapping.lookups.items():
        shown.append(f"{role} from {lookup.table.label}.{lookup.name}")
    shown += [f"tags from {join.tags.label}.{join.name}" for join in mapping.joined]
    return ", ".join(shown)


def _column(role: str, column: str) -> str:
    role = role.partition(".")[0]
    return column if column.casefold() == role else f"{role} from {column}"


def _unused_columns(mapping: TableMapping) -> Iterator[str]:
    used = {*mapping.columns.values(), *(lookup.column for lookup in mapping.lookups.values())}
    for column in mapping.table.columns:
        if column not in used:
            yield f"{mapping.table.label}.{column}"


def _unused_tables(tables: Sequence[Table], source_schema: SourceSchema) -> Iterator[str]:
    people, entries = source_schema.people, source_schema.entries
    used = [people.table] if people else []
    used += [entries.table, *(table for join in entries.joined for table in (join.join, join.tags))]
    used += [entries.path.table] if entries.path else []
    used += [lookup.table for lookup in entries.lookups.values()]
    for table in tables:
        if table not in used and table.name != "alembic_version":
            yield f"table {table.label}"
