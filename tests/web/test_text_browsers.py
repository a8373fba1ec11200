"""Text browsers show all that a page holds, also what is hidden until a script has a use for it."""

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.conftest import Person

VOID = {"input", "meta", "link", "br", "img", "hr", "col", "source", "wbr"}


class Hidden(HTMLParser):
    """The words inside what is `hidden`, `<template>` or a dialog that nobody has opened."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[bool] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            names = dict(attrs)
            self.open.append("hidden" in names or (tag in ("template", "dialog") and "open" not in names))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self.open:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if any(self.open) and data.strip():
            self.words.append(data.strip())


PAGES = ["/", "/entries/new", "/settings", "/calendar", "/search", "/statistics", "/bin", "/tags", "/keys"]
PAGES += ["/templates", "/prompts", "/settings/security", "/on-this-day"]
PAGES += ["{entry}", "{entry}/edit", "{entry}/revisions"]


async def test_nothing_that_is_hidden_holds_a_word(ann: Person) -> None:
    entry = await ann.writes("Words.", title="A title")
    for path in PAGES:
        answer = await ann.get(path.format(entry=entry), follow_redirects=True)
        assert answer.status_code == 200, path
        assert Hidden(await answer.get_data(as_text=True)).words == [], path


@pytest.mark.parametrize(
    "dump", [["lynx", "-dump", "-force_html"], ["w3m", "-dump", "-T", "text/html"]], ids=lambda d: d[0]
)
async def test_a_text_browser_shows_the_page_to_write_on_and_no_news_that_there_is_not(
    ann: Person, tmp_path: Path, dump: list[str]
) -> None:
    assert shutil.which(dump[0]), "python3 run.py test brings it"
    html = await (await ann.get("/entries/new")).get_data(as_text=True)
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    shown = subprocess.check_output([*dump, tmp_path / "page.html"], text=True)
    assert "Start anywhere" in shown or "Save" in shown
    assert not re.search(r"another tab|new day has begun|\bRead\b", shown)
