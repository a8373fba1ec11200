"""Recognising people and entries by the shapes that their tables have. Pure."""

import re
from collections.abc import Iterable, Sequence

from journal.transfer.legacy.known_schemas import (
    ENTRY_TABLES,
    NEEDED,
    OURS,
    PEOPLE_TABLES,
    ROLES,
    TAG_NAMES,
    TAG_TABLES,
    Found,
    Hints,
    Table,
    TagJoin,
    Understood,
    UnreadableSource,
)


class Unrecognised(UnreadableSource):
    """The tables don't say which hold people and entries; the message says what would help."""


def plain(name: str) -> str:
    """`Journal_Entries` is `journalentry`."""
    text = "".join(letter for letter in name.casefold() if letter.isalnum())
    text = re.sub("ies$", "y", text)
    return text if text.endswith("ss") else text.removesuffix("s")


def recognise(tables: Sequence[Table], hints: Hints) -> Understood:
    """Raises Unrecognised."""
    if not tables:
        raise Unrecognised("It holds no tables at all.")
    if any(OURS & set(table.columns) for table in tables):
        raise Unrecognised("It holds tables of Journal itself; the old app's database should be another one.")
    _check_roles(hints)
    people = _people(tables, hints)
    entries = _entries(tables, people.table, hints)
    return Understood(Found(people.table, {**people.columns, "key": _key(people, entries)}), entries)


def _key(people: Found, entries: Found) -> str:
    """The column of people that the entries' owner column holds."""
    owner = entries.columns["owner"]
    table, column = entries.table.refers.get(owner, ("", ""))
    target = column if _same(table, people.table) else ""
    by_name = not target and plain(owner) == "username" and "name" in people.columns
    return target or people.columns["name" if by_name else "id"]


def _check_roles(hints: Hints) -> None:
    known = [f"{kind}.{role}" for kind, roles in ROLES.items() for role in roles]
    for key in hints.columns:
        if key not in known:
            raise Unrecognised(f"There is no {key!r} to name a column for; there are {', '.join(known)}.")


def _people(tables: Sequence[Table], hints: Hints) -> Found:
    if hints.people:
        return _found("people", _named(tables, hints.people), hints)
    fit = [table for table in tables if _role(table, "people", "name") or _role(table, "people", "email")]
    with_password = [table for table in fit if _role(table, "people", "password")]
    chosen = _chosen("people", with_password, PEOPLE_TABLES) or _chosen(
        "people", _titled(fit, PEOPLE_TABLES), ()
    )
    if chosen is None:
        raise Unrecognised(
            f"None of its tables looks like people ({_labels(tables)}): name one with --people TABLE."
        )
    return _found("people", chosen, hints)


def _entries(tables: Sequence[Table], people: Table, hints: Hints) -> Found:
    if hints.entries:
        found = _found("entries", _named(tables, hints.entries), hints, people)
    else:
        named = {"body", "owner"} & set(hints.of("entries"))
        fit = [
            t
            for t in tables
            if t != people and (named or _role(t, "entries", "body")) and (named or _owner(t, people))
        ]
        chosen = _chosen("entries", fit, ENTRY_TABLES)
        if chosen is None:
            others = _labels(t for t in tables if t != people)
            raise Unrecognised(
                f"People are in the table {people.label}, but no other table looks like their entries "
                f"({others}): name it with --entries TABLE."
            )
        found = _found("entries", chosen, hints, people)
    joined = None if "tags" in found.columns else _tag_join(tables, found.table)
    return Found(found.table, found.columns, joined)


def _named(tables: Sequence[Table], name: str) -> Table:
    exact = [t for t in tables if name in (t.name, t.label, f"{t.schema}.{t.name}")]
    folded = [t for t in tables if name.casefold() in (t.name.casefold(), t.label.casefold())]
    if len(exact or folded) != 1:
        raise Unrecognised(f"It has no one table {name!r}; it has {_labels(tables)}.")
    return (exact or folded)[0]


def _chosen(kind: str, fit: Sequence[Table], names: Sequence[str]) -> Table | None:
    """By the whole name, else by its end (`auth_user`), else the only one that fits."""
    exact = [table for table in fit if plain(table.name) in names]
    for group in (exact, _titled(fit, names), fit):
        if len(group) == 1:
            return group[0]
        if group:
            raise Unrecognised(
                f"Several tables could hold {kind} ({_labels(group)}): choose one with --{kind} TABLE."
            )
    return None


def _titled(fit: Sequence[Table], names: Sequence[str]) -> list[Table]:
    return [table for table in fit if plain(table.name).endswith(tuple(names))]


def _labels(tables: Iterable[Table]) -> str:
    return ", ".join(sorted(table.label for table in tables)) or "there is none"


def _found(kind: str, table: Table, hints: Hints, people: Table | None = None) -> Found:
    columns = {role: _role(table, kind, role) for role in ROLES[kind]}
    columns["id"] = table.key or columns["id"]
    if kind == "people":
        columns["name"] = columns["name"] or columns["email"]
    elif people:
        columns["owner"] = _owner(table, people)
        if columns["day"] == columns["created"]:
            columns["day"] = ""
    columns |= {role: _column(table, name) for role, name in hints.of(kind).items()}
    for role in NEEDED[kind]:
        if not columns[role]:
            raise Unrecognised(
                f"The table {table.label} has no column that looks like {kind}.{role} "
                f"({', '.join(table.columns)}): name it with --column {kind}.{role}=COLUMN."
            )
    return Found(table, {role: column for role, column in columns.items() if column})


def _column(table: Table, name: str) -> str:
    if name and name not in table.columns:
        raise Unrecognised(
            f"The table {table.label} has no column {name!r}; it has {', '.join(table.columns)}."
        )
    return name


def _role(table: Table, kind: str, role: str) -> str:
    return _among(table.columns, ROLES[kind][role])


def _among(columns: Iterable[str], names: Iterable[str]) -> str:
    folded = {"".join(c for c in column.casefold() if c.isalnum()): column for column in columns}
    return next((folded[name] for name in names if name in folded), "")


def _owner(table: Table, people: Table) -> str:
    """The declared reference to people; where there are several or none, the one with a usual name."""
    declared = [column for column, (other, _) in table.refers.items() if _same(other, people)]
    if len(declared) == 1:
        return declared[0]
    return _among(declared or table.columns, ROLES["entries"]["owner"])


def _same(name: str, table: Table) -> bool:
    return name.casefold() in (table.name.casefold(), table.label.casefold())


def _tag_join(tables: Sequence[Table], entries: Table) -> TagJoin | None:
    for ties in tables:
        to_entry = [column for column, (other, _) in ties.refers.items() if _same(other, entries)]
        for tags in (t for t in tables if plain(t.name).endswith(TAG_TABLES) and t != ties):
            to_tag = [column for column, (other, _) in ties.refers.items() if _same(other, tags)]
            name = _among(tags.columns, TAG_NAMES)
            if len(to_entry) == len(to_tag) == 1 and name:
                key = ties.refers[to_tag[0]][1] or tags.key
                return TagJoin(ties, to_entry[0], to_tag[0], tags, key, name)
    return None
