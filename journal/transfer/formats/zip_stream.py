"""Zip stream: writes a zip file into a sink that can't seek, member by member, without holding any."""

import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime

from journal.transfer.formats.writer import Sink

EARLIEST, LATEST = 1980, 2107  # years that a zip can name
FILE = 0o644 << 16


class _Output:
    """The part of a file that zipfile needs. It has no `tell`, by which zipfile knows that it can't seek."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink

    def write(self, content: bytes) -> int:
        self.sink.write(bytes(content))
        return len(content)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass


class ZipStream:
    def __init__(self, sink: Sink) -> None:
        self.zip = zipfile.ZipFile(_Output(sink), "w")

    def add(self, name: str, chunks: Iterable[bytes], moment: datetime, *, is_packed: bool = False) -> None:
        """Adds a member. `is_packed` says that it would hardly become smaller."""
        member = zipfile.ZipInfo(name, _date_time(moment))
        member.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
        member.external_attr = FILE
        with self.zip.open(member, "w", force_zip64=True) as target:
            for chunk in chunks:
                target.write(chunk)

    def add_folder(self, name: str, moment: datetime) -> None:
        member = zipfile.ZipInfo(f"{name}/", _date_time(moment))
        member.external_attr = (0o40755 << 16) | 0x10
        self.zip.writestr(member, b"")


def _date_time(moment: datetime) -> tuple[int, int, int, int, int, int]:
    """The local time as a zip holds it."""
    year = min(max(moment.year, EARLIEST), LATEST)
    return (year, moment.month, moment.day, moment.hour, moment.minute, moment.second)


@contextmanager
def zipped(sink: Sink) -> Iterator[ZipStream]:
    """Ends the zip when the block ends. After an error it stays without an end, so that nobody takes it for
    whole."""
    stream = ZipStream(sink)
    try:
        yield stream
    except BaseException:
        stream.zip.fp = None  # else zipfile writes the end when it is deleted
        raise
    stream.zip.close()
