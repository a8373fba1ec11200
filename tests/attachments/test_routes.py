"""An attachment is sent to its owner from disk, whole or in part."""

import asyncio
import os
import re
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from quart import Quart

from journal.settings import Settings
from tests.attachments.attaching import PAGE, PNG, attached, files
from tests.conftest import Person
from tests.security.asking import ask

MP3 = b"ID3\x04\0\0" + bytes(100_000)
PDF = b"%PDF-1.7\n"
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"
SIZE = len(PNG)


@pytest.fixture
def data_dir(settings: Settings) -> Path:
    return settings.data_dir


@pytest.fixture
async def picture(ann: Person, data_dir: Path) -> str:
    return await attached(data_dir, await ann.writes("words"))


async def test_an_attachment_is_sent_as_it_was_stored(ann: Person, picture: str) -> None:
    answer = await ann.get(picture)
    assert (answer.status_code, await answer.get_data()) == (200, PNG)
    headers = answer.headers
    assert headers["Content-Type"] == "image/png"
    assert headers["Content-Length"] == str(SIZE)
    assert headers["Accept-Ranges"] == "bytes"
    assert re.fullmatch('"[0-9a-f]{64}"', headers["ETag"])
    assert headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert "Cookie" in headers["Vary"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"


async def test_a_head_request_gets_the_same_headers_and_no_content(
    app: Quart, ann: Person, picture: str
) -> None:
    whole, head = [await ask(app, method, picture, cookies(ann)) for method in ("GET", "HEAD")]
    assert (head.status, head.body) == (200, b"")
    assert head.headers == whole.headers


def cookies(person: Person) -> list[tuple[str, str]]:
    """The headers of a request of that person."""
    jar: Any = person.client.cookie_jar
    return [("Host", "localhost"), ("Cookie", "; ".join(f"{each.name}={each.value}" for each in jar))]


async def test_an_attachment_of_an_entry_in_the_bin_can_be_seen(ann: Person, data_dir: Path) -> None:
    entry = await ann.writes("words")
    path = await attached(data_dir, entry)
    await ann.post(f"{entry}/deletion")
    assert (await ann.get(path)).status_code == 200


RANGES: dict[str, tuple[str, slice | None]] = {
    "the first bytes": ("bytes=0-99", slice(0, 100)),
    "from the middle on": ("bytes=100-", slice(100, None)),
    "the last bytes": ("bytes=-7", slice(-7, None)),
    "more than there are": ("bytes=1000-999999", slice(1000, None)),
    "more last bytes than there are": ("bytes=-999999", slice(0, None)),
    "one byte": ("bytes=5-5", slice(5, 6)),
    "several parts": ("bytes=0-1,5-6", None),
    "another unit": ("lines=0-1", None),
    "a range that is none": ("bytes=7-3", None),
    "a word": ("bytes=x", None),
}


@pytest.mark.parametrize(("asked", "part"), RANGES.values(), ids=RANGES)
async def test_a_range_is_sent_and_what_is_none_is_ignored(
    ann: Person, picture: str, asked: str, part: slice | None
) -> None:
    answer = await ann.get(picture, headers={"Range": asked})
    content = await answer.get_data()
    assert content == (PNG if part is None else PNG[part])
    is_part = len(content) < SIZE
    assert answer.status_code == (206 if is_part else 200)
    assert answer.headers["Content-Length"] == str(len(content))
    begin = PNG.index(content)
    expected = f"bytes {begin}-{begin + len(content) - 1}/{SIZE}" if is_part else None
    assert answer.headers.get("Content-Range") == expected


@pytest.mark.parametrize("asked", [f"bytes={SIZE}-", "bytes=999999-1000000"])
async def test_a_range_behind_the_end_is_refused(ann: Person, picture: str, asked: str) -> None:
    answer = await ann.get(picture, headers={"Range": asked})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{SIZE}"
    assert f"it has {SIZE} bytes" in await answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("condition", "status"),
    [("{etag}", 206), ("W/{etag}", 200), ('"other"', 200), ("Fri, 31 Dec 2100 23:59:59 GMT", 200)],
)
async def test_a_range_of_another_file_becomes_the_whole(
    ann: Person, picture: str, condition: str, status: int
) -> None:
    etag = (await ann.get(picture)).headers["ETag"]
    headers = {"Range": "bytes=0-9", "If-Range": condition.format(etag=etag)}
    assert (await ann.get(picture, headers=headers)).status_code == status


@pytest.mark.parametrize(
    ("known", "status"), [("{etag}", 304), ('"x", W/{etag}', 304), ("*", 304), ('"x"', 200)]
)
async def test_a_file_that_the_browser_has_is_not_sent_again(
    ann: Person, picture: str, known: str, status: int
) -> None:
    etag = (await ann.get(picture)).headers["ETag"]
    answer = await ann.get(picture, headers={"If-None-Match": known.format(etag=etag)})
    assert answer.status_code == status
    assert len(await answer.get_data()) == (SIZE if status == 200 else 0)
    assert answer.headers["ETag"] == etag


SHOWN = {
    "a picture": (PNG, "inline", "image/png"),
    "a recording": (MP3, "inline", "audio/mpeg"),
    "a picture that few browsers know": (HEIC, "attachment", "image/heic"),
    "a document": (PDF, "attachment", "application/pdf"),
    "a page": (PAGE, "attachment", "application/octet-stream"),
    "nothing": (b"", "attachment", "application/octet-stream"),
}


@pytest.mark.parametrize(("content", "kind", "content_type"), SHOWN.values(), ids=SHOWN)
async def test_only_pictures_sounds_and_films_are_shown_by_the_browser(
    ann: Person, data_dir: Path, content: bytes, kind: str, content_type: str
) -> None:
    path = await attached(data_dir, await ann.writes("words"), content, name="été.png")
    answer = await ann.get(path)
    assert await answer.get_data() == content
    assert answer.headers["Content-Type"] == content_type
    said = f"{kind}; filename=\"_t_.png\"; filename*=UTF-8''%C3%A9t%C3%A9.png"
    assert answer.headers["Content-Disposition"] == said


async def test_a_file_that_is_missing_is_told_in_a_sentence(
    ann: Person, picture: str, data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files(data_dir)[0].unlink()
    answer = await ann.get(picture)
    assert answer.status_code == 404
    assert "The file of this attachment is missing or damaged." in await answer.get_data(as_text=True)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "can't be read" in caplog.text


async def test_a_file_that_was_cut_is_not_sent_to_be_kept_for_a_year(
    ann: Person, picture: str, data_dir: Path
) -> None:
    os.truncate(files(data_dir)[0], 5)
    answer = await ann.get(picture)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")


async def test_an_answer_that_renews_the_session_is_kept_by_no_cache(ann: Person, picture: str) -> None:
    jar = ann.client.cookie_jar
    assert jar is not None
    access = next(cookie for cookie in jar if "access_token" in cookie.name)
    jar.clear(access.domain, access.path, access.name)
    answer = await ann.get(picture)
    assert await answer.get_data() == PNG
    assert "Set-Cookie" in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert (await ann.get(picture)).headers["Cache-Control"].startswith("private")


# From disk


class Client:
    """Takes an answer piece by piece, as a server does, keeps none of it, and may stop reading."""

    def __init__(self, app: Quart, person: Person, path: str, file: Path) -> None:
        self.app, self.path, self.file = app, path, file
        self.headers = [(name.lower().encode(), value.encode()) for name, value in cookies(person)]
        self.size, self.most_open, self.over = 0, 0, asyncio.Event()

    async def get(self, hangs_up_after: int) -> None:
        scope = {"type": "http", "http_version": "1.1", "asgi": {"version": "3.0"}, "method": "GET"}
        scope |= {"scheme": "http", "path": self.path, "raw_path": self.path.encode(), "root_path": ""}
        scope |= {"query_string": b"", "headers": self.headers, "client": ("127.0.0.1", 5)}
        scope |= {"server": ("127.0.0.1", 8000), "state": {}, "extensions": {}}
        arriving = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> dict[str, Any]:
            if arriving:
                return arriving.pop()
            await self.over.wait()
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            self.size += len(message.get("body", b""))
            if message.get("body") and not self.most_open:
                self.most_open = opened(self.file)
            if self.size > hangs_up_after:
                self.over.set()
                await asyncio.sleep(60)
            if message["type"] == "http.response.body" and not message["more_body"]:
                self.over.set()

        await self.app(scope, receive, send)  # type: ignore[arg-type]


def opened(file: Path) -> int:
    """How many descriptors of this process refer to the file."""
    found = 0
    for handle in os.listdir("/proc/self/fd"):
        try:
            found += os.readlink(f"/proc/self/fd/{handle}") == str(file.resolve())
        except OSError:  # the descriptor of the listing itself
            continue
    return found


LARGE = 16_000_000


@pytest.fixture
async def large(app: Quart, ann: Person, data_dir: Path) -> Client:
    path = await attached(data_dir, await ann.writes("words"), bytes(LARGE))
    return Client(app, ann, path, files(data_dir)[0])


async def test_a_large_file_is_sent_in_little_memory(large: Client) -> None:
    tracemalloc.start()
    try:
        await large.get(hangs_up_after=LARGE)
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()
    assert (large.size, large.most_open, opened(large.file)) == (LARGE, 1, 0)


async def test_a_client_that_hangs_up_frees_the_file(large: Client) -> None:
    await asyncio.wait_for(large.get(hangs_up_after=100_000), 10)
    assert large.size < 1_000_000
    assert (large.most_open, opened(large.file)) == (1, 0)
