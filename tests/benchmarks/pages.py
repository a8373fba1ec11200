"""Pages over HTTP: signs in, fetches, and compares the entries that two pages show."""

import http.client
import sqlite3
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

from driving import Target
from servers import LOOPBACK, Failed, Server

PERSON = "samuel"
PASSWORD = f"correct horse {PERSON}"
PAGE = 20


@dataclass(frozen=True)
class Entry:
    """A row of the old app."""

    id: int
    title: str
    content: str
    tags: str
    created_at: str


def newest(database: Path) -> list[Entry]:
    """The entries of the first page and the next one."""
    with sqlite3.connect(database) as connection:
        rows = connection.execute(
            "SELECT e.id, e.title, e.content, e.tags, e.created_at"
            " FROM journal_entry e JOIN user u ON u.id = e.user_id"
            " WHERE u.username = ? ORDER BY e.created_at DESC LIMIT ?",
            (PERSON, PAGE + 1),
        ).fetchall()
    connection.close()
    return [Entry(*row) for row in rows]


def shown(server: Server, database: Path, cookie: str = "") -> Target:
    """The server's page, after a check that it shows the same entries as the others."""
    cookie = cookie or sign_in(server)
    page = fetch(server, cookie)
    check(server, page, newest(database))
    return Target(server, cookie, page)


def sign_in(server: Server) -> str:
    """The Cookie header of a browser that has just signed in."""
    form = urlencode({"username": PERSON, "password": PASSWORD})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    status, answer, _ = _ask(server, "POST", "/login", form, headers)
    cookies = [value.split(";")[0] for name, value in answer if name.lower() == "set-cookie"]
    cookies = [cookie for cookie in cookies if not cookie.endswith("=")]
    if status not in (302, 303) or not cookies:
        raise Failed(f"{server.name}: {PERSON} could not sign in, the answer was {status}")
    return "; ".join(cookies)


def fetch(server: Server, cookie: str) -> bytes:
    status, _, body = _ask(server, "GET", "/", None, {"Cookie": cookie})
    if status != 200:
        raise Failed(f"{server.name}: the timeline answered {status}")
    return body


def _ask(
    server: Server, method: str, path: str, body: str | None, headers: dict[str, str]
) -> tuple[int, list[tuple[str, str]], bytes]:
    connection = http.client.HTTPConnection(LOOPBACK, server.port, timeout=30)
    try:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response.status, response.getheaders(), response.read()
    finally:
        connection.close()


def check(server: Server, page: bytes, entries: list[Entry]) -> None:
    """Fails unless the page shows 20 entries, each with its title and whole text, and not the 21st."""
    shown = letters(visible(page.decode()))
    for place, entry in enumerate(entries[:PAGE], 1):
        for part, text in (("title", entry.title), ("text", entry.content)):
            if letters(text) not in shown:
                raise Failed(
                    f"{server.name}: the {part} of entry {place} ({entry.created_at}) is not on its page"
                )
    if any(letters(entry.content) in shown for entry in entries[PAGE:]):
        raise Failed(f"{server.name}: the page shows more than {PAGE} entries")


def letters(text: str) -> str:
    """Keeps letters and digits only, as Markdown changes punctuation and spaces."""
    return "".join(filter(str.isalnum, text))


def visible(page: str) -> str:
    reader = _Text()
    reader.feed(page)
    reader.close()
    return "".join(reader.pieces)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)
