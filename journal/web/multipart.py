"""Multipart forms that stream: their file is written piece by piece while it arrives, and their other fields
are small."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from quart import abort
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from journal.web.body_stream import BodyStream

MOST_PARTS = 20
LONGEST_FIELD = 4096  # bytes
PIECE = 64 * 1024  # bytes that the decoder is given at once
MOST_UNDECODED = 256 * 1024  # bytes that it keeps because no boundary or blank line has come
DAMAGED = "The upload arrived incomplete or damaged, so nothing was kept; please try again."


class FileSink(Protocol):
    async def write(self, content: bytes, /) -> None: ...


# Called with the file's name and the fields before it. None if the file is not wanted.
Opened = Callable[[str, Mapping[str, str]], Awaitable[FileSink | None]]


async def receive(body: BodyStream, opened: Opened) -> dict[str, str]:
    """Reads a form whose file input is called `file`, and returns its other fields. A form that is no
    multipart form has none."""
    kind, options = parse_options_header(body.content_type)
    if kind != "multipart/form-data" or "boundary" not in options:
        return {}
    form = _Form(opened)
    try:
        boundary = options["boundary"].encode("latin1")
        decoder = MultipartDecoder(boundary, MOST_UNDECODED, max_parts=MOST_PARTS)
        async for content in body:
            for at in range(0, len(content), PIECE):
                _receive(decoder, content[at : at + PIECE])
                await form.take(decoder)
        decoder.receive_data(None)
        await form.take(decoder)
    except ValueError:
        abort(400, DAMAGED)
    return form.fields


def _receive(decoder: MultipartDecoder, content: bytes) -> None:
    """Raises ValueError if too much has come without a boundary or the end of a part's head."""
    try:
        decoder.receive_data(content)
    except RequestEntityTooLarge:
        raise ValueError(DAMAGED) from None


class _Form:
    def __init__(self, opened: Opened) -> None:
        self.fields: dict[str, str] = {}
        self._opened = opened
        self._sink: FileSink | None = None
        self._name, self._value = "", bytearray()  # of the field that is being read

    async def take(self, decoder: MultipartDecoder) -> None:
        """Handles what the decoder knows so far. Raises ValueError if it is damaged."""
        while not isinstance(event := decoder.next_event(), NeedData | Epilogue):
            if isinstance(event, Field):
                self._sink, self._name, self._value = None, event.name, bytearray()
            elif isinstance(event, File):
                is_wanted = event.name == "file" and event.filename
                self._name = ""
                self._sink = await self._opened(event.filename, self.fields) if is_wanted else None
            elif isinstance(event, Data):
                await self._add(event)

    async def _add(self, part: Data) -> None:
        if self._sink:
            await self._sink.write(part.data)
        elif self._name:
            self._value += part.data
            if len(self._value) > LONGEST_FIELD:
                abort(413, "A field of this form is too long.")
            if not part.more_data:
                self.fields[self._name] = self._value.decode("utf-8", "replace")
