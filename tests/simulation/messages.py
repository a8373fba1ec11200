"""What goes between a browser and the site, and whether an answer asks somebody to sign in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlencode

HOST = "journal.example.org"


@dataclass(frozen=True)
class Request:
    """`site` is what Sec-Fetch-Site would say: where the link or the form was."""

    method: str
    path: str
    form: dict[str, str] = field(default_factory=dict)
    htmx: bool = False
    site: str = "same-origin"

    @property
    def is_write(self) -> bool:
        return self.method not in ("GET", "HEAD")

    @property
    def body(self) -> bytes:
        return urlencode(self.form).encode()

    def headers(self, scheme: str, cookies: str) -> list[tuple[bytes, bytes]]:
        sent = {"host": HOST, "sec-fetch-site": self.site}
        if cookies:
            sent["cookie"] = cookies
        if self.htmx:
            sent |= {"hx-request": "true", "hx-current-url": f"{scheme}://{HOST}/"}
        if self.is_write:
            sent |= {
                "origin": f"{scheme}://{HOST}",
                "content-type": "application/x-www-form-urlencoded",
                "content-length": str(len(self.body)),
            }
        return [(name.encode(), value.encode()) for name, value in sent.items()]

    def __str__(self) -> str:
        return f"{'htmx ' * self.htmx}{self.method} {self.path}"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Sequence[tuple[str, str]]
    body: str

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")

    @property
    def cookies(self) -> list[str]:
        return [value for key, value in self.headers if key == "set-cookie"]

    @property
    def version(self) -> int:
        """The entry's, as a save is told it; 0 where nothing was saved."""
        return int(self.header("x-version") or "0")

    def field(self, name: str) -> str:
        """What an input or the text of the page's form holds."""
        found = re.search(rf'<input [^>]*name="{name}"[^>]* value="([^"]*)"', self.body) or re.search(
            rf'<textarea [^>]*name="{name}"[^>]*>\n(.*?)</textarea>', self.body, re.DOTALL
        )
        assert found, f"no field {name} in {self.body}"
        return unescape(found[1])


def is_prompt(request: Request, answer: Answer) -> bool:
    """Whether the person sees a login page, a sign-in dialog, or the front page of a stranger."""
    if answer.status == 401 or 'id="login"' in answer.body or 'class="front"' in answer.body:
        return True
    if answer.header("location").startswith("/login") or answer.header("hx-redirect").startswith("/login"):
        return True
    return answer.status == 200 and not request.htmx and 'action="/logout"' not in answer.body
