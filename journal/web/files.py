"""File responses: a file from disk, whole or a part of it, in constant memory, with ETag and Range."""

import asyncio
import re
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from quart import Response, request
from quart.wrappers.response import ResponseBody
from werkzeug.exceptions import RequestedRangeNotSatisfiable

CHUNK = 64 * 1024
NOT_PLAIN = re.compile(r"[^ -~]|[\"\\%]")


class FilePart(ResponseBody):
    """Bytes of a file, which are read in a thread while they are sent. The file is open only meanwhile, also
    if the client hangs up."""

    def __init__(self, file: Path, begin: int, end: int) -> None:
        self._path, self._begin, self._left = file, begin, end - begin

    async def __aenter__(self) -> "FilePart":
        self._open()
        return self

    def _open(self) -> None:
        self._file = self._path.open("rb", buffering=0)
        self._file.seek(self._begin)

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._file.close()

    def __aiter__(self) -> "FilePart":
        return self

    async def __anext__(self) -> bytes:
        if not self._left:
            raise StopAsyncIteration
        chunk = await asyncio.to_thread(self._file.read, min(CHUNK, self._left))
        if not chunk:
            raise EOFError(f"{self._path} is shorter than it was")
        self._left -= len(chunk)
        return chunk


def send(file: Path, etag: str, content_type: str) -> Response:
    """The response to a GET or HEAD request. Raises RequestedRangeNotSatisfiable, and OSError if the file
    can't be read."""
    size = file.stat().st_size
    if request.if_none_match.contains_weak(etag):
        response = Response("", 304)
        del response.content_length
    else:
        begin, end = part = _wanted(etag, size) or (0, size)
        response = Response(FilePart(file, begin, end) if request.method == "GET" else "")
        response.content_length = end - begin
        if part != (0, size):
            response.status_code = 206
            response.headers["Content-Range"] = f"bytes {begin}-{end - 1}/{size}"
    response.content_type = content_type
    response.headers["Accept-Ranges"] = "bytes"
    response.set_etag(etag)
    return response


def _wanted(etag: str, size: int) -> tuple[int, int] | None:
    """The only range that is asked for, or None for the whole file: a client has to put up with that if it
    asks for several."""
    wanted = request.range if request.method == "GET" else None
    if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return None
    if request.headers.get("If-Range", f'"{etag}"') != f'"{etag}"':
        return None  # the client has the beginning of another file
    begin, end = wanted.ranges[0]
    begin = max(begin + size, 0) if begin < 0 else begin
    end = size if end is None else min(end, size)
    if begin >= end:
        raise RequestedRangeNotSatisfiable(size, "bytes", f"The file ends before that: it has {size} bytes.")
    return begin, end


def disposition(kind: str, name: str) -> str:
    """Content-Disposition with a file name in any letters (RFC 6266)."""
    encoded = quote(name, safe="", errors="replace")
    return f"{kind}; filename=\"{NOT_PLAIN.sub('_', name)}\"; filename*=UTF-8''{encoded}"
