"""Writers: every format in which a journal can be exported, in the order in which a page lists them."""

from journal.transfer.formats.writer import Writer
from journal.transfer.writers import dayone, html, jrnl, json, markdown

WRITERS: tuple[Writer, ...] = (markdown, json, html, dayone, jrnl)
BY_NAME = {writer.NAME: writer for writer in WRITERS}
