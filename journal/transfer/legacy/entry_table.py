"""Entry table: the choice of the table that holds the entries, by names first and then by shape. Pure."""

from collections.abc import Callable, Iterable, Sequence

from journal.transfer.legacy import entry_columns
from journal.transfer.legacy.entry_columns import UnknownSchema
from journal.transfer.legacy.known_schemas import Table
from journal.transfer.legacy.relations import owner_path, pointers
from journal.transfer.legacy.usual_names import ENTRY_TABLES, NOT_ENTRIES, TAG_TABLES, ends_with, normalized


def chosen(tables: Sequence[Table], people: Table | None, named: bool) -> Table:
    """`named`: the host named columns, so that other names may be entries too. Raises UnknownSchema."""
    others = [table for table in tables if table != people]
    fitting = [table for table in others if named or _has_text(table, people)]
    owned = [t for t in fitting if named or _has_owner(tables, t, people)]
    free = [table for table in owned if not ends_with(table.name, NOT_ENTRIES)]
    found = _best(free, owned) or _best([t for t in fitting if t not in owned and _is_named(t)], fitting)
    if found:
        return found
    raise _nothing_found(others, owned or fitting, people)


def _has_text(table: Table, people: Table | None) -> bool:
    """Whether it has a column for texts by its name, or as an entry table by its rows."""
    return bool(entry_columns.body(table) or (_is_named(table) and entry_columns.any_text(table, people)))


def _has_owner(tables: Sequence[Table], table: Table, people: Table | None) -> bool:
    if people is None or entry_columns.owner(table, people):
        return True
    return _is_named(table) and owner_path(tables, table, people) is not None


def _is_named(table: Table) -> bool:
    return ends_with(table.name, ENTRY_TABLES) and not ends_with(table.name, NOT_ENTRIES)


def _best(candidates: Sequence[Table], all_of_them: Sequence[Table]) -> Table | None:
    """The candidate with a usual name, else with a usual ending, else the only one."""
    tiers: list[Callable[[Table], bool]] = [
        lambda table: normalized(table.name) in ENTRY_TABLES,
        _is_named,
        lambda table: not ends_with(table.name, TAG_TABLES),
    ]
    for fits in tiers:
        tier = [table for table in candidates if fits(table)]
        filled = [table for table in tier if table.rows] or tier
        if len(filled) > 1 or (filled and _parents(filled[0], all_of_them)):
            raise _ambiguous([*filled, *(p for p in _parents(filled[0], all_of_them) if p not in filled)])
        if filled:
            return filled[0]
    return None


def _parents(table: Table, candidates: Sequence[Table]) -> list[Table]:
    """The candidates that the table refers to: it may hold comments about them."""
    return [
        other
        for other in candidates
        if other != table and other.rows != 0 and not ends_with(other.name, (*NOT_ENTRIES, *TAG_TABLES))
        if pointers(table, other)
    ]


def _ambiguous(group: Sequence[Table]) -> UnknownSchema:
    likeliest = max(group, key=lambda table: table.rows or 0)
    return UnknownSchema(
        f"Several tables could hold entries ({labels(group)}): choose one with --entries TABLE.",
        f"--entries {likeliest.label}",
    )


def _nothing_found(others: Sequence[Table], left: Sequence[Table], people: Table | None) -> UnknownSchema:
    where = f"People are in the table {people.label}, but no other table" if people else "No table"
    longest = max(
        left or others, key=lambda t: (t.rows or 0, max(t.lengths.values(), default=0)), default=None
    )
    options = f"--entries {longest.label}" if longest else ""
    if longest and not entry_columns.body(longest):
        text = entry_columns.any_text(longest, people) or "COLUMN"
        options += f" --column entries.body={text}"
    return UnknownSchema(
        f"{where} looks like their entries ({labels(others)}): name it with --entries TABLE.", options
    )


def _size(table: Table) -> tuple[bool, float, int]:
    return _is_named(table), max(table.lengths.values(), default=0), table.rows or 0


def labels(tables: Iterable[Table]) -> str:
    return ", ".join(sorted(table.label for table in tables)) or "there is none"
