"""The book: one page that needs nothing else, with a cover, contents and every entry."""

import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html.parser import HTMLParser

from journal.transfer.formats.writer import About
from journal.transfer.writers import html
from tests.transfer.formats import exported
from tests.transfer.formats.exported import PNG, attachment, entry, uid, written

VOID = {"meta", "img", "br", "hr", "input"}


class Reader(HTMLParser):
    """The ids, links and addresses of a page, which has to be well nested."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open += [tag] if tag not in VOID else []
        found = dict(attrs)
        self.ids += [found["id"] or ""] if "id" in found else []
        self.links += [found["href"] or ""] if "href" in found else []
        self.loaded += [found["src"] or ""] if "src" in found else []

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page(*entries: exported.ExportedEntry, about: About = exported.ABOUT) -> str:
    return written(html, entries, about).decode()


def test_the_contents_lead_to_each_month() -> None:
    june = {"day": date(2024, 6, 1), "written_at": datetime(2024, 6, 1, 9, tzinfo=UTC)}
    text = page(entry(), entry(2), entry(3, **june))
    found = Reader(text)
    assert found.links == ["#m2024-05", "#m2024-06"]
    assert found.ids == ["m2024-05", f"e{uid(1)}", f"e{uid(2)}", "m2024-06", f"e{uid(3)}"]
    assert "May 2024 – June 2024" in text
    assert "<span>2 entries</span>" in text
    assert "@page" in text


def test_an_entry_says_when_and_how_it_was() -> None:
    text = page(entry(title="<A> walk", tags=["walk"], mood="good", weather="Rain & sun", starred=True))
    assert "<h3 dir=\"auto\">&lt;A&gt; walk</h3>" in text  # fmt: skip
    about = re.sub("<[^>]*>", "", text[text.rindex('class="about">') :].splitlines()[0])
    assert about.partition(">")[2] == "Friday, 31 May 2024 · 22:11 · Rain &amp; sun · 🙂 Good · #walk · ★"


def test_pictures_are_in_the_page_and_nothing_is_loaded() -> None:
    picture, other = attachment(9), attachment(8, "list.zip")
    rendered = (
        f'<p><img src="/attachments/{uid(9)}" alt="a &gt; b" loading="lazy"> '
        f'<a href="/attachments/{uid(8)}">list</a> <img src="/attachments/{uid(7)}" alt="gone"></p>'
        f'<pre><code> src="/attachments/{uid(9)}"</code></pre>'
    )
    body = f"![](/attachments/{uid(9)})"
    text = page(entry(html=rendered, body=body, attachments=(picture, other)))
    data = f"data:image/png;base64,{b64encode(PNG).decode()}"
    assert Reader(text).loaded == [data]
    assert f'<img src="{data}" alt="a &gt; b">' in text
    assert '<a>list</a> <img alt="gone">' in text
    assert f'<code> src="/attachments/{uid(9)}"</code>' in text
    assert '<figcaption dir="auto">list.zip</figcaption>' in text
    assert "default-src 'none'" in text


def test_a_book_of_nothing_and_one_without_contents_are_whole_pages() -> None:
    Reader(page(about=About("<ann>", exported.NOW)))
    Reader(page(entry(), about=About("ann", exported.NOW)))


def test_the_bin_is_not_in_the_book() -> None:
    assert "A walk" not in page(entry(deleted_at=exported.NOW))


def test_the_first_bytes_come_before_the_first_entry() -> None:
    sink = exported.Written()

    def entries() -> Iterator[exported.ExportedEntry]:
        assert sink.content().startswith(b"<!doctype html>")
        yield entry()

    html.write(entries(), sink, exported.ABOUT)


def test_a_link_to_another_entry_leads_to_its_place_in_the_book() -> None:
    first = entry(html=f'<p><a href="/entries/{uid(2)}">the other</a></p>')
    assert f"#e{uid(2)}" in Reader(page(first, entry(2))).links
