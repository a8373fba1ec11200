"""Overview: the tables of a source and the command line to try, for a host whose source is not understood."""

from collections.abc import Iterator, Sequence
from shlex import quote

from journal.transfer.legacy.known_schemas import Hints, Table


def lines(label: str, tables: Sequence[Table], hints: Hints, options: str) -> Iterator[str]:
    """Nothing if there is no table."""
    if tables:
        yield "Its tables:"
    for table in tables:
        rows = "" if table.rows is None else f" ({table.rows:,} {'row' if table.rows == 1 else 'rows'})"
        yield f"  {table.label}{rows}: {', '.join(table.columns)}"
    if tables and options:
        yield f"Try: {command(label, hints, options)}"


def command(label: str, hints: Hints, options: str) -> str:
    """The command with the options that were given and those that are to be tried."""
    given = {"--people": hints.people, "--entries": hints.entries, "--owner": hints.owner}
    given["--date-format"] = hints.date_format
    words = [f"{name} {quote(value)}" for name, value in given.items() if value and f"{name} " not in options]
    words += [f"--column {quote(f'{role}={column}')}" for role, column in hints.columns.items()]
    return " ".join(["journal adopt", quote(label), "--dry-run", *words, options])
