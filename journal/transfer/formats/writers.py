"""Writers: every format in which a journal can be exported."""

from journal.transfer.formats.readers import UnknownFormat
from journal.transfer.formats.writer import Writer
from journal.transfer.writers import dayone, html, jrnl, json, markdown

WRITERS: tuple[Writer, ...] = (markdown, json, dayone, jrnl, html)


def writer_for(name: str) -> Writer:
    """Raises UnknownFormat."""
    found = next((writer for writer in WRITERS if name == writer.NAME), None)
    if found:
        return found
    names = ", ".join(writer.NAME for writer in WRITERS)
    raise UnknownFormat(f"{name[:40]!r} is no format of an export; there are {names}.")
