"""Relations between tables of a source, declared or shown by the names of columns: the tables that lead from
an entry to its owner, its tags and its category. Pure."""

from collections.abc import Iterator, Sequence

from journal.transfer.legacy.known_schemas import Lookup, OwnerPath, Table, TagJoin
from journal.transfer.legacy.usual_names import (
    NOT_OWNERS,
    TAG_NAMES,
    TAG_TABLES,
    column_of,
    ends_with,
    first_match,
    folded,
    normalized,
)


def is_table(name: str, table: Table) -> bool:
    return name.casefold() in (table.name.casefold(), table.label.casefold())


def pointers(table: Table, other: Table) -> list[str]:
    """The columns of `table` that refer to `other`: the declared ones, else those with its name."""
    declared = [column for column, (name, _) in table.refers.items() if is_table(name, other)]
    return declared or [c for c in table.columns if c not in table.refers and _is_named_after(c, other)]


def _is_named_after(column: str, other: Table) -> bool:
    """`post_id` and `postid` refer to `posts` and `blog_posts`, and `post` to `posts`."""
    name, table = folded(column), normalized(other.name)
    if name.endswith("id") and len(name) > 3:
        return table.endswith(normalized(name.removesuffix("id")))
    return normalized(name) == table


def key_of(table: Table) -> str:
    return table.key or column_of(table.columns, "people", "id")


def _target(table: Table, column: str) -> str:
    """The column that this one is declared to refer to."""
    return table.refers.get(column, ("", ""))[1]


def owner_path(tables: Sequence[Table], entries: Table, people: Table) -> OwnerPath | None:
    """A join table of people and entries, else a table that has an owner and is named by the entries."""
    others = [table for table in tables if table not in (entries, people)]
    for join in others:
        to_entry, to_person = pointers(join, entries), pointers(join, people)
        if len(to_entry) == len(to_person) == 1 and not ends_with(join.name, NOT_OWNERS):
            return OwnerPath(join, to_entry[0], key_of(entries), to_person[0])
    for parent in others:
        to_parent, to_person = pointers(entries, parent), pointers(parent, people)
        if len(to_parent) == 1 and to_person and key_of(parent):
            return OwnerPath(parent, key_of(parent), to_parent[0], to_person[0])
    return None


def tag_joins(tables: Sequence[Table], entries: Table, people: Table | None) -> Iterator[TagJoin]:
    """Tables with the tags of entries, by way of a join table or directly."""
    others = [table for table in tables if table not in (entries, people)]
    for join in others:
        to_entry = pointers(join, entries)
        if len(to_entry) != 1:
            continue
        through = [tagged for tags in others if (tagged := _through(join, to_entry[0], tags))]
        if through:
            yield from through[:1]
        elif ends_with(join.name, TAG_TABLES) and (name := first_match(join.columns, TAG_NAMES)):
            yield TagJoin(join, to_entry[0], "", join, "", name)


def _through(join: Table, to_entry: str, tags: Table) -> TagJoin | None:
    to_tag = [column for column in pointers(join, tags) if column != to_entry]
    name = first_match(tags.columns, TAG_NAMES)
    if tags == join or len(to_tag) != 1 or not name or not ends_with(tags.name, TAG_TABLES):
        return None
    key = _target(join, to_tag[0]) or key_of(tags)
    return TagJoin(join, to_entry, to_tag[0], tags, key, name) if key else None


def lookups(tables: Sequence[Table], entries: Table, path: OwnerPath | None) -> Iterator[tuple[str, Lookup]]:
    """Roles whose column of the entries refers to a table of names: `category_id`, `mood_id`, or the journal
    that says whose the entry is."""
    parent = path.table if path and path.own != key_of(entries) else None
    for table in tables:
        if table == entries or not (table == parent or ends_with(table.name, TAG_TABLES)):
            continue
        name, columns = first_match(table.columns, TAG_NAMES), pointers(entries, table)
        if name and len(columns) == 1 and (key := _target(entries, columns[0]) or key_of(table)):
            role = "mood" if ends_with(table.name, ("mood", "emotion", "feeling")) else "category"
            yield role, Lookup(columns[0], table, key, name)
