"""Attachments of Memos: within the database, in a folder of files, or at an address elsewhere."""

import io
import posixpath
import re
import sqlite3
from functools import partial
from typing import Any, BinaryIO

from journal.entries.imported import ImportedAttachment
from journal.transfer import markdown_escape
from journal.transfer.archive import Archive
from journal.transfer.formats import untrusted_sqlite
from journal.transfer.formats.json_values import first_text, text
from journal.transfer.formats.sqlite_copy import SqliteCopy

TABLES = ("attachment", "resource")  # the second until 2025
COLUMNS = ("id", "uid", "resource_name", "filename", "type", "reference", "internal_path", "external_link")
LONGEST = 4096  # characters of a name or an address
ADDRESS = re.compile(r"\((?:https?://[^()\s/]{1,200})?(/(?:file|o/r)/[^()\s]{1,400})\)")


class MemoFiles:
    def __init__(self, archive: Archive, copy: SqliteCopy) -> None:
        self.archive, self.copy = archive, copy
        self.table = next((name for name in TABLES if "memo_id" in copy.tables.get(name, ())), "")
        self.columns = [column for column in COLUMNS if column in copy.tables.get(self.table, ())]
        self.has_blobs = "blob" in copy.tables.get(self.table, ())
        self.by_name: dict[str, list[str]] = {}
        for name in archive.names:
            self.by_name.setdefault(posixpath.basename(name), []).append(name)

    def of(self, memo_id: Any, body: str) -> tuple[str, tuple[ImportedAttachment, ...], list[str]]:
        """The body with its links to attachments, the attachments, and the names of missing ones."""
        found: dict[str, ImportedAttachment] = {}
        missing: list[str] = []
        for row in self._rows(memo_id):
            mark = first_text(row, "uid", "resource_name") or str(row["id"])
            name = posixpath.basename(text(row.get("filename")).replace("\\", "/")) or mark
            key = re.sub(r"[^A-Za-z0-9_.-]", "-", mark)[:100]
            if opened := self._opened(row):
                found[key] = ImportedAttachment(key, name, opened)
                body = ADDRESS.sub(partial(_linked, mark=mark, key=key), body)
                continue
            missing.append(name)
            url = first_text(row, "external_link", "reference")
            if url.startswith(("http://", "https://")):
                body += f"\n\n[{markdown_escape.escaped(name)}]({markdown_escape.address(url)})"
        return body, tuple(found.values()), missing

    def _rows(self, memo_id: Any) -> list[dict[str, Any]]:
        if not self.table or "id" not in self.columns:
            return []
        blob = ", blob IS NOT NULL AND length(blob) > 0 AS has_blob" if self.has_blobs else ""
        texts = [f"substr({name}, 1, {LONGEST}) AS {name}" for name in self.columns if name != "id"]
        chosen = ", ".join(["id", *texts])
        query = f"SELECT {chosen}{blob} FROM {self.table} WHERE memo_id = ? ORDER BY id"
        try:
            return list(self.copy.rows(query, (memo_id,), untrusted_sqlite.LARGEST_ROW))
        except sqlite3.Error:
            return []

    def _opened(self, row: dict[str, Any]) -> Any:
        if row.get("has_blob"):
            return partial(self._blob, row["id"])
        path = first_text(row, "reference", "internal_path").replace("\\", "/")
        named = self.by_name.get(posixpath.basename(path), [])
        exact = [name for name in named if name.endswith(f"/{path}") or name == path]
        name = next(iter(exact or (named if len(named) == 1 else [])), None)
        return partial(self.archive.open, name) if name else None

    def _blob(self, row_id: Any) -> BinaryIO:
        """The content from the database. Raises OSError if it can't be read."""
        try:
            query = f"SELECT blob FROM {self.table} WHERE id = ?"
            row = next(self.copy.rows(query, (row_id,), untrusted_sqlite.LARGEST_ROW))
        except (sqlite3.Error, StopIteration) as error:
            raise OSError(str(error)) from None
        content = row["blob"]
        return io.BytesIO(content if isinstance(content, bytes) else str(content).encode())


def _linked(found: re.Match[str], mark: str, key: str) -> str:
    return f"(attachment:{key})" if mark in found[1].split("/") else found[0]
