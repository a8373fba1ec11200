"""A browser in this process: keeps cookies as browsers do, shows what each answer sets, fills in forms."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import Morsel, SimpleCookie
from typing import Any
from urllib.parse import quote, urlencode

from quart import Quart
from werkzeug.datastructures import Headers

from journal.sessions.cookies import digest

PASSWORD = "correct horse battery"


OWN = ("access_token", "refresh_token", "signed_out", "changed_session", "preferences")
OWN_NAME = re.compile(rf"((?:__Host-)?(?:{'|'.join(OWN)}))(?:_[0-9a-f]{{8}})?")


def plain(name: str) -> str:
    """A cookie's name without the digest of its site, as most tests call it."""
    found = OWN_NAME.fullmatch(name)
    return found[1] if found else name


def named(app: Any, name: str) -> str:
    """What a cookie is called on that site."""
    url = app.config["SETTINGS"].public_url
    return f"{name}_{digest(url)}" if OWN_NAME.fullmatch(name) and plain(name) == name else name


class Forms(HTMLParser):
    """The forms of a page by their action, each with its fields as they stand."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str]] = {}
        self._fields: dict[str, str] = {}
        self._open: str | None = None  # the textarea that is open
        self._select = ""
        self.feed(html.replace("\r\n", "\n").replace("\r", "\n"))
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        attrs = {name: value or "" for name, value in attributes}
        name = attrs.get("name", "")
        if tag == "form":
            self._fields = self.found.setdefault(attrs.get("action", ""), {})
        elif tag == "textarea":
            self._open, self._fields[name] = name, ""
        elif (
            tag == "input" and name and (attrs.get("type") not in ("radio", "checkbox") or "checked" in attrs)
        ):
            self._fields[name] = attrs.get("value", "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in attrs or self._select not in self._fields):
            self._fields[self._select] = attrs.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._fields[self._open] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._open is not None:
            # A browser drops one line break right after the tag.
            self._fields[self._open] = self._fields[self._open].removeprefix("\n")
            self._open = None
        elif tag == "select":
            self._select = ""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Headers
    text: str
    cookies: dict[str, "Morsel[str]"] = field(default_factory=dict)  # those that it sets

    def form(self, action: str) -> dict[str, str]:
        return Forms(self.text).found[action]

    def form_with(self, name: str) -> dict[str, str]:
        """The one form of the page that has such a field."""
        (found,) = (fields for fields in Forms(self.text).found.values() if name in fields)
        return found


def sent(fields: Mapping[str, str]) -> dict[str, str]:
    """As a browser sends them: lines end with CRLF."""
    return {
        name: value.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
        for name, value in fields.items()
    }


class Browser:
    """Its jar holds cookies by their plain names; those in `earlier` come from before the digest."""

    def __init__(self, app: Quart, address: str = "http://localhost") -> None:
        self.client = app.test_client(use_cookies=False)
        self.scheme, _, self.host = address.partition("://")
        self.jar: dict[str, str] = {}
        self.earlier: set[str] = set()

    async def ask(
        self, path: str, method: str = "GET", form: Mapping[str, str] | None = None, **headers: str
    ) -> Answer:
        """Header names are written with underscores: HX_Request="true"."""
        path = "".join(letter if letter.isascii() else quote(letter) for letter in path)
        sending: dict[str, Any] = {"Host": self.host}
        sending |= {name.replace("_", "-"): value for name, value in headers.items()}
        if self.jar:
            sending.setdefault("Cookie", self._cookies())
        body: dict[str, Any] = {}
        if form is not None:
            sending.setdefault("Content-Type", "application/x-www-form-urlencoded")
            body = {"data": urlencode(form, errors="surrogatepass")}
        answer = await self.client.open(path, method=method, headers=sending, scheme=self.scheme, **body)
        cookies = self._kept(answer.headers)
        return Answer(answer.status_code, answer.headers, await answer.get_data(as_text=True), cookies)

    def _cookies(self) -> str:
        app = self.client.app
        names = {name: name if name in self.earlier else named(app, name) for name in self.jar}
        return "; ".join(f"{names[name]}={value}" for name, value in self.jar.items())

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.ask(path, **headers)

    async def post(self, path: str, form: Mapping[str, str] | None = None, **headers: str) -> Answer:
        return await self.ask(path, "POST", form or {}, **headers)

    async def put(self, path: str, form: Mapping[str, str], **headers: str) -> Answer:
        return await self.ask(path, "PUT", form, **{"HX_Request": "true", **headers})

    def _kept(self, headers: Headers) -> dict[str, "Morsel[str]"]:
        found: dict[str, Morsel[str]] = {}
        for line in headers.getlist("Set-Cookie"):
            ((whole, morsel),) = SimpleCookie(line).items()
            name = plain(whole)
            if OWN_NAME.fullmatch(name) and name == whole:
                assert morsel["max-age"] == "0", "earlier names are only taken away"
                self._lose_earlier(name)
                continue
            assert name not in found, f"{name} is set twice"
            found[name] = morsel
            if not self._takes(name, morsel):
                continue
            if morsel["max-age"] == "0":
                if name not in self.earlier:
                    self.jar.pop(name, None)
            else:
                self.jar[name] = morsel.value
                self.earlier.discard(name)
        return found

    def _lose_earlier(self, name: str) -> None:
        if name in self.earlier:
            self.earlier.discard(name)
            del self.jar[name]

    def _takes(self, name: str, morsel: "Morsel[str]") -> bool:
        """What browsers ask of a cookie before they keep it."""
        if morsel["secure"] and self.scheme != "https" and self.host != "localhost":
            return False
        whole = morsel["secure"] and morsel["path"] == "/" and not morsel["domain"]
        return bool(whole or not name.startswith("__Host-"))


async def registered(app: Quart, name: str, address: str = "http://localhost", zone: str = "UTC") -> Browser:
    """A browser in which an account was just made, and is signed in."""
    browser = Browser(app, address)
    form = {"username": name, "email": f"{name.lower()}@example.org", "password": PASSWORD, "zone": zone}
    answer = await browser.post("/register", form)
    assert answer.status == 303, answer.text
    return browser
