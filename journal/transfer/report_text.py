"""Text of an import's report, with every sentence and every name, for the download and the command line."""

from collections.abc import Iterator, Mapping
from typing import Any

ReportJson = Mapping[str, Any]  # what imports.report_json makes of a report


def lines(told: ReportJson, *, is_done: bool) -> Iterator[str]:
    """`is_done`: the entries have come; else this is a preview."""
    come, change = ("came", "were changed") if is_done else ("would come", "would be changed")
    added = told.get("entries_added", told["added"])
    yield f"Entries: {added:,} {come}, {told['updated']:,} {change}, {told['same']:,} were here already."
    if told["first"]:
        yield f"Days: {told['first']} to {told['last']}."
    if problem := told.get("problem"):
        yield problem
    if undone := told.get("undone"):
        yield (
            f"Undone: {undone['deleted']:,} entries were deleted, {undone['restored']:,} texts restored, and "
            f"{undone['kept']:,} entries stay because they were changed since."
        )
    for sentence, names in [*told["missing"].items(), *told["notes"].items()]:
        yield ""
        yield f"{sentence}: {len(names):,}"
        yield from (f"  {_one_line(name)}" for name in names)


def _one_line(name: str) -> str:
    return " ".join(name.split())
