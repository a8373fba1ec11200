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
    yield f"People: table {people.table.label}: {_columns(people)}."
    yield f"Entries: table {entries.table.label}: {_columns(entries)}."
    left = [*_unused_columns(people), *_unused_columns(entries), *_unused_tables(tables, source_schema)]
    if left:
        yield f"Not brought over: {', '.join(left)}."


def _columns(mapping: TableMapping) -> str:
    shown = [_column(role, column) for role, column in mapping.columns.items() if role != "key"]
    if mapping.joined:
        shown.append(f"tags from {mapping.joined.tags.label}.{mapping.joined.name}")
    return ", ".join(shown)


def _column(role: str, column: str) -> str:
    return column if column.casefold() == role else f"{role} from {column}"


def _unused_columns(mapping: TableMapping) -> Iterator[str]:
    for column in mapping.table.columns:
        if column not in mapping.columns.values():
            yield f"{mapping.table.label}.{column}"


def _unused_tables(tables: Sequence[Table], source_schema: SourceSchema) -> Iterator[str]:
    joined = source_schema.entries.joined
    used = [
        source_schema.people.table,
        source_schema.entries.table,
        *((joined.join, joined.tags) if joined else ()),
    ]
    for table in tables:
        if table not in used and table.name != "alembic_version":
            yield f"table {table.label}"
