"""Entry columns: which column of a table of entries has which role, by its name, else by its texts. Pure."""

import re
from collections.abc import Collection, Mapping

from journal.transfer.legacy.known_schemas import Table, TableMapping, UnreadableSource
from journal.transfer.legacy.relations import pointers
from journal.transfer.legacy.usual_names import ROLES, column_of, columns_of, first_match

# A column has one role: the first of these that its name fits.
ORDER = (
    *("id", "owner", "created", "updated", "body", "title", "mood", "tags", "category", "day", "time"),
    *("deleted", "active", "draft", "published", "status"),
)
SHORTEST = 15  # letters of a text, on average, in a column whose name says nothing
NO_TEXT = re.compile("pass|hash|url|link|image|img|file|path|slug|mail|token|uuid|photo|key|id$", re.I)


class UnknownSchema(UnreadableSource):
    """People or entries were not found. `options` are those of a command line to try."""

    def __init__(self, sentence: str, options: str = "") -> None:
        super().__init__(sentence)
        self.options = options


def by_role(table: Table, people: Table | None, given: Mapping[str, str]) -> dict[str, str]:
    """The columns by role, those that the host named first. Raises UnknownSchema."""
    columns = _given(table, given)
    columns["id"] = columns.get("id") or table.key or column_of(table.columns, "entries", "id")
    for role in ORDER:
        if role not in columns:
            # The time of writing may tell entries apart where they have no ids.
            is_free = {columns["id"]} if role == "created" else set()
            taken = {column for column in columns.values() if column} - is_free
            columns[role] = _found(table, people, role, taken)
    if not columns["body"] and "body" not in given:
        columns["body"] = longest_text(table, set(columns.values()))
    shown = sorted(columns, key=lambda role: list(ROLES["entries"]).index(role.partition(".")[0]))
    return {role: columns[role] for role in shown if columns[role]}


def any_text(table: Table, people: Table | None) -> str:
    """The column that would be taken for the text; "" if there is none."""
    return by_role(table, people, {}).get("body", "")


def left_texts(mapping: TableMapping) -> list[str]:
    """Further columns with texts, which do not come unless the host joins them."""
    used = {*mapping.columns.values(), *mapping.table.refers}
    left = [
        c
        for c in mapping.table.columns
        if c not in used and not re.search(f"html|{NO_TEXT.pattern}", c, re.I)
    ]
    return [column for column in left if mapping.table.lengths.get(column, 0) >= SHORTEST]


def _found(table: Table, people: Table | None, role: str, taken: set[str]) -> str:
    if role == "owner":
        return owner(table, people)
    if role == "body":
        return body(table, taken)
    if role == "title":
        return column_of([c for c in table.columns if c not in taken], "entries", role)
    # `date` is the time of writing where no other column is, and `time` alone says when as well.
    return next((c for c in columns_of(table.columns, "entries", role) if c not in taken), "")


def _given(table: Table, given: Mapping[str, str]) -> dict[str, str]:
    """The columns that the host named. Several for the text are separated by commas."""
    columns = {}
    for role, name in given.items():
        several = name.split(",") if role == "body" and name not in table.columns else [name]
        for number, part in enumerate(several, 1):
            columns[role if number == 1 else f"{role}.{number}"] = column_named(table, part.strip())
    return columns


def column_named(table: Table, name: str) -> str:
    if name and name not in table.columns:
        raise UnknownSchema(
            f"The table {table.label} has no column {name!r}; it has {', '.join(table.columns)}."
        )
    return name


def body(table: Table, taken: Collection[str] = ()) -> str:
    """The column with a usual name for the text that is not empty in all rows of the sample."""
    named = [c for c in columns_of(table.columns, "entries", "body") if c not in {*taken, *table.refers}]
    return next((c for c in named if table.lengths.get(c)), named[0] if named else "")


def longest_text(table: Table, taken: set[str]) -> str:
    left = [c for c in table.columns if c not in {*taken, *table.refers} and not NO_TEXT.search(c)]
    longest = max(left, key=lambda column: table.lengths.get(column, 0), default="")
    return longest if table.lengths.get(longest, 0) >= SHORTEST else ""


def owner(table: Table, people: Table | None) -> str:
    """The declared reference to people; where there are several or none, the one with a usual name."""
    if people is None:
        return ""
    pointing = pointers(table, people)
    declared = [column for column in pointing if column in table.refers]
    if len(declared) == 1:
        return declared[0]
    free = [column for column in table.columns if column not in table.refers]
    named = first_match(declared or free, ROLES["entries"]["owner"])
    return named or (pointing[0] if pointing and not declared else "")
