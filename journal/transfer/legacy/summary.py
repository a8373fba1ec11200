"""What was understood of an old database, in sentences for the host."""

from collections.abc import Iterator, Sequence

from journal.transfer.adoption.options import AdoptOptions
from journal.transfer.legacy.known_schemas import Found, Table, Understood


def lines(label: str, tables: Sequence[Table], understood: Understood, terms: AdoptOptions) -> Iterator[str]:
    people, entries = understood.people, understood.entries
    yield f"{label} is only read. Times that don't say their zone are taken as {terms.zone.key}."
    yield f"People: table {people.table.label}: {_columns(people)}."
    yield f"Entries: table {entries.table.label}: {_columns(entries)}."
    left = [*_unused(people), *_unused(entries), *_others(tables, understood)]
    if left:
        yield f"Not brought over: {', '.join(left)}."


def _columns(found: Found) -> str:
    shown = [_column(role, column) for role, column in found.columns.items() if role != "key"]
    if found.joined:
        shown.append(f"tags from {found.joined.tags.label}.{found.joined.name}")
    return ", ".join(shown)


def _column(role: str, column: str) -> str:
    return column if column.casefold() == role else f"{role} from {column}"


def _unused(found: Found) -> Iterator[str]:
    for column in found.table.columns:
        if column not in found.columns.values():
            yield f"{found.table.label}.{column}"


def _others(tables: Sequence[Table], understood: Understood) -> Iterator[str]:
    joined = understood.entries.joined
    used = [
        understood.people.table,
        understood.entries.table,
        *((joined.ties, joined.tags) if joined else ()),
    ]
    for table in tables:
        if table not in used and table.name != "alembic_version":
            yield f"table {table.label}"
