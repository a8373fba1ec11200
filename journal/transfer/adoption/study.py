"""Study of a source before its import: its tables, whose the entries are, and how they are to be read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from journal.transfer.adoption import ownership
from journal.transfer.adoption.date_choice import DateChoice
from journal.transfer.adoption.local_files import LocalFiles
from journal.transfer.adoption.options import AdoptOptions
from journal.transfer.adoption.ownership import Ownership
from journal.transfer.adoption.profile import Profile
from journal.transfer.legacy import entry_columns, overview, schema_detection, summary, survey
from journal.transfer.legacy.entry_columns import UnknownSchema
from journal.transfer.legacy.known_schemas import Hints, SourceSchema, Table, TableMapping, UnreadableSource
from journal.transfer.legacy.source_database import SourceDatabase

SIZE = 500


@dataclass(frozen=True)
class Study:
    tables: Sequence[Table]
    schema: SourceSchema
    options: AdoptOptions  # with the rules of reading
    lines: list[str]  # for the host


async def studied(old: SourceDatabase, options: AdoptOptions, hints: Hints) -> Study:
    """Raises UnreadableSource, whose message names all tables and a command line to try."""
    tables = await survey.surveyed(old, await old.tables())
    try:
        schema = schema_detection.detect(tables, hints)
        schema = await _peopled(old, schema, hints)
        return await _studied(old, tables, schema, options, hints)
    except UnknownSchema as why:
        sentence = f"{old.label} can't be adopted as it is. {why}"
        help = overview.lines(old.label, tables, hints, why.options) if why.options else ()
        raise UnreadableSource("\n".join([sentence, *help])) from None


async def _peopled(old: SourceDatabase, schema: SourceSchema, hints: Hints) -> SourceSchema:
    """The schema, without people if there are none and the host named an owner."""
    people, entries = schema.people, schema.entries
    if people is None or await old.count(people.table):
        return schema
    if hints.owner:
        columns = {role: column for role, column in entries.columns.items() if role != "owner"}
        return SourceSchema(None, replace(entries, columns=columns, path=None))
    if entries.table.rows:
        raise UnknownSchema(
            f"There is nobody in its table {people.table.label}: give all entries to one account "
            "with --owner NAME.",
            "--owner NAME",
        )
    raise UnreadableSource(
        f"{old.label} has nobody in its table {people.table.label}; there is nothing to adopt."
    )


async def _studied(
    old: SourceDatabase, tables: Sequence[Table], schema: SourceSchema, options: AdoptOptions, hints: Hints
) -> Study:
    owned = await ownership.decided(old, schema, hints)
    _refuse_empty(tables, owned.schema)
    profile = await _profiled(old, owned, hints, options.files)
    reading = profile.reading()
    lines = list(summary.lines(old.label, tables, owned.schema, options))
    lines += [owned.line] if owned.line else []
    lines += [*_left_texts(owned.schema.entries), *profile.lines(reading, options.dry_run)]
    return Study(tables, owned.schema, replace(options, reading=reading), lines)


def _left_texts(entries: TableMapping) -> Iterator[str]:
    if left := entry_columns.left_texts(entries):
        bodies = [column for role, column in entries.columns.items() if role.partition(".")[0] == "body"]
        yield (
            f"Texts in {', '.join(left)} of {entries.table.label} stay there: to join them to the text, "
            f"add --column entries.body={','.join([*bodies, *left])}."
        )


async def _profiled(old: SourceDatabase, owned: Ownership, hints: Hints, files: LocalFiles | None) -> Profile:
    entries = owned.schema.entries
    profile = Profile(entries, owned.keys, owned.default, DateChoice(hints.date_format), files)
    async for batch in old.batches(entries, SIZE):
        for row in batch:
            profile.add(row)
    return profile


def _refuse_empty(tables: Sequence[Table], schema: SourceSchema) -> None:
    """Refuses an empty table where another one holds texts."""
    chosen, people = schema.entries.table, schema.people.table if schema.people else None
    filled = [t for t in tables if t.rows and t not in (chosen, people) and entry_columns.body(t)]
    if chosen.rows == 0 and filled:
        likeliest = max(filled, key=lambda table: max(table.lengths.values(), default=0))
        raise UnknownSchema(
            f"0 entries would come, for the table {chosen.label} is empty; there are texts in "
            f"{', '.join(table.label for table in filled)}: choose one with --entries TABLE.",
            f"--entries {likeliest.label}",
        )
