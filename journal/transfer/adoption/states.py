"""States of source entries: deleted ones, which go to the bin, and drafts, which come as entries. Pure."""

import re

from journal.transfer.legacy import values
from journal.transfer.legacy.known_schemas import SourceRow

DELETED = ("deleted", "trash", "trashed", "removed", "inactive")
DRAFT = ("draft", "unpublished", "pending")
NO_TIME = re.compile("0000-00-00")  # MySQL's "never"


def is_deleted(row: SourceRow) -> bool:
    if values.is_true(row.get("deleted")) and not NO_TIME.match(values.text(row["deleted"])):
        return True
    return _is_denied(row.get("active")) or _status(row) in DELETED


def is_draft(row: SourceRow) -> bool:
    return values.is_true(row.get("draft")) or _is_denied(row.get("published")) or _status(row) in DRAFT


def _is_denied(value: object) -> bool:
    """Whether a flag is false; an empty one says nothing."""
    return bool(values.text(value).strip()) and not values.is_true(value)


def _status(row: SourceRow) -> str:
    return values.text(row.get("status")).strip().casefold()
