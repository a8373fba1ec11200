"""Media and links of an imported entry: stores the files of its attachments before the transaction, and
replaces the references in its text by addresses of this site."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote
from uuid import UUID, uuid5

from journal.attachments import queries, store
from journal.attachments.store import NewAttachment
from journal.database import Connection
from journal.entries.imported import NAMESPACE, ImportedAttachment, ImportedEntry
from journal.entries.values import EntryFields
from journal.transfer.archive import UnreadableArchive
from journal.transfer.markdown_escape import escaped

REFERENCE = re.compile(r"\((attachment|entry):([^()\s]{1,400})(?=[)\s])")  # a title may follow

LINK = re.compile(r"!?\[([^\[\]\n]{0,300})\]\((?:attachment|entry):([^()\s]{1,400})\)")


class Files(NamedTuple):
    """The files of an entry's attachments."""

    stored: Mapping[str, NewAttachment]  # by key; they are on disk
    missing: Sequence[str]  # names of those that can't be read


NONE = Files({}, [])


def stored(folder: Path, user_id: int, entry: ImportedEntry) -> Files:
    """Writes the files to disk, in the thread of the caller. Raises NoSpace and DiskFault."""
    made, missing = {}, []
    for attachment in entry.attachments:
        if new := _stored(folder, attachment, uid_of(user_id, entry, attachment.key)):
            made[attachment.key] = new
        else:
            missing.append(attachment.name)
    return Files(made, missing)


def uid_of(user_id: int, entry: ImportedEntry, key: str) -> UUID:
    """The same at each import."""
    return uuid5(NAMESPACE, f"{user_id}/{entry.source}/{entry.source_id}/{key}")


def _stored(folder: Path, attachment: ImportedAttachment, uid: UUID) -> NewAttachment | None:
    try:
        with attachment.opened() as stream:
            return NewAttachment(uid, attachment.name, store.store_file(folder, stream))
    except (UnreadableArchive, KeyError, OSError):
        return None


def linked(user_id: int, entry: ImportedEntry, new: Mapping[str, NewAttachment]) -> EntryFields:
    """The fields with addresses in place of references, and with a reference at the end of the text for each
    attachment that it does not refer to."""
    body = entry.fields.body or ""
    lines = [
        _reference(key, new[key])
        for key in new
        if not re.search(rf"\(attachment:{re.escape(key)}[)\s]", body)
    ]
    if lines:
        body = "\n\n".join([*filter(None, [body.rstrip("\n")]), *lines])

    def address(found: re.Match[str]) -> str:
        kind, key = found[1], unquote(found[2])
        if kind == "entry":
            return f"(/entries/{replace(entry, source_id=key).made_uid(user_id)}"
        return f"(/attachments/{new[key].uid}" if key in new else found[0]

    return replace(entry.fields, body=REFERENCE.sub(address, body))


def without_links(entry: ImportedEntry) -> str:
    """The body as a preview shows it: names in place of photos, files and links to entries."""
    names = {attachment.key: store.tidy_name(attachment.name) for attachment in entry.attachments}
    return LINK.sub(lambda found: found[1] or escaped(names.get(found[2], "")), entry.fields.body or "")


def known_bodies(user_id: int, entry: ImportedEntry) -> set[str]:
    """The text of an entry of our own export as it was there, and as an import made it here."""
    body = entry.fields.body or ""
    keys = [attachment.key for attachment in entry.attachments]
    uids = {key: str(uid_of(user_id, entry, key)) for key in keys}

    def with_addresses(uids: Mapping[str, str]) -> str:
        return REFERENCE.sub(
            lambda found: f"(/attachments/{uids[found[2]]}" if found[2] in uids else found[0], body
        )

    return {with_addresses(dict(zip(keys, keys, strict=True))), with_addresses(uids)}


def _reference(key: str, new: NewAttachment) -> str:
    name = store.tidy_name(new.name).translate(str.maketrans("[]", "()", "\\"))
    sign = "!" if new.stored.content_type.startswith("image/") else ""
    return f"{sign}[{name}](attachment:{key})"


async def add(
    db: Connection, user_id: int, entry_id: int, attachments: Sequence[NewAttachment], now: datetime
) -> None:
    """Inserts the rows that are not there yet."""
    known = await queries.known(db, [new.uid for new in attachments])
    if missing := [new for new in attachments if new.uid not in known]:
        await store.add(db, user_id, entry_id, missing, now)
