"""HTML writer: one page that needs nothing else, to read, to keep or to print as a book."""

import calendar
import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import date
from html import escape

from journal.entries import mood
from journal.transfer.formats.writer import (
    About,
    ExportedAttachment,
    ExportedEntry,
    Sink,
    unreferenced,
)
from journal.transfer.writers.book_css import CSS
from journal.transfer.writers.markdown_text import local

NAME = "html"
LABEL = "A book to print (HTML)"
SUFFIX = ".html"
CONTENT_TYPE = "text/html; charset=utf-8"

SHOWN = {"image/jpeg", "image/png", "image/gif", "image/webp", "image/avif"}  # what browsers display
TAG = re.compile(r'<(?:img|a)\b(?:[^>"]|"[^"]*")*>')
ADDRESS = re.compile(r' (src|href)="/(attachments|entries)/([\w-]{1,64})"| loading="lazy"', re.ASCII)
# The page may show the pictures that it holds, and load or run nothing.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def write(entries: Iterator[ExportedEntry], sink: Sink, about: About) -> None:
    book = _Book(sink)
    book.add(_opening(about))
    for entry in entries:
        if not entry.deleted_at:
            book.add_entry(entry)
    book.add("</section>\n" if book.month else "")
    book.add("</main>\n</body>\n</html>\n")


def _opening(about: About) -> str:
    name = escape(about.name)
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f"<title>Journal of {name}</title>\n<style>{CSS}</style>\n</head>\n<body>\n"
        f'<header class="cover"><h1>Journal</h1>\n<p dir="auto">{name}</p>\n<p>{_range(about)}</p>\n'
        f'<p class="about">As of {_long(about.exported_at.date())}</p></header>\n{_contents(about)}<main>\n'
    )


def _range(about: About) -> str:
    if not about.months:
        return ""
    first, last = _label(*min(about.months)), _label(*max(about.months))
    return first if first == last else f"{first} – {last}"


def _contents(about: About) -> str:
    if not about.months:
        return ""
    lines = ['<nav aria-label="Contents"><h2>Contents</h2>\n']
    for year in sorted({year for year, _ in about.months}):
        items = "".join(
            f'<li><a href="#m{year:04}-{month:02}">{calendar.month_name[month]}</a> '
            f"<span>{count:,} {'entry' if count == 1 else 'entries'}</span></li>\n"
            for (of_year, month), count in sorted(about.months.items())
            if of_year == year
        )
        lines.append(f"<h3>{year}</h3>\n<ol>\n{items}</ol>\n")
    return "".join([*lines, "</nav>\n"])


def _label(year: int, month: int) -> str:
    return f"{calendar.month_name[month]} {year}"


def _long(day: date) -> str:
    return f"{calendar.day_name[day.weekday()]}, {day.day} {_label(day.year, day.month)}"


class _Book:
    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.month: tuple[int, int] | None = None

    def add(self, html: str) -> None:
        self.sink.write(html.encode("utf-8", "replace"))

    def add_entry(self, entry: ExportedEntry) -> None:
        day = entry.fields.day
        assert day
        if (day.year, day.month) != self.month:
            self._add_month(day.year, day.month)
        title = escape(entry.fields.title or "") or _long(day)
        self.add(f'<article id="e{entry.uid}"><h3 dir="auto">{title}</h3>\n')
        self.add(f'<p class="about">{_about(entry, day)}</p>\n')
        self._add_text(entry)
        for one in unreferenced(entry.fields.body or "", entry.attachments):
            self._add_figure(one)
        self.add("</article>\n")

    def _add_month(self, year: int, month: int) -> None:
        self.add("</section>\n" if self.month else "")
        self.month = (year, month)
        self.add(f'<section class="month" id="m{year:04}-{month:02}"><h2>{_label(year, month)}</h2>\n')

    def _add_text(self, entry: ExportedEntry) -> None:
        """The rendered text, with pictures in place of their addresses. Links to entries lead to their
        place in the book, and those to files nowhere."""
        media = {str(one.uid): one for one in entry.attachments}
        at = 0
        for tag in TAG.finditer(entry.html):
            self.add(entry.html[at : tag.start()])
            self._add_tag(tag[0], media)
            at = tag.end()
        self.add(entry.html[at:])

    def _add_tag(self, tag: str, media: dict[str, ExportedAttachment]) -> None:
        at = 0
        for found in ADDRESS.finditer(tag):
            self.add(tag[at : found.start()])
            at = found.end()
            if found[1] == "src" and (one := media.get(found[3])):
                self._add_source(one)
            elif found[2] == "entries":
                self.add(f' href="#e{found[3]}"')
        self.add(tag[at:])

    def _add_source(self, attachment: ExportedAttachment) -> None:
        if attachment.content_type in SHOWN and attachment.is_there():
            self.add(f' src="data:{attachment.content_type};base64,')
            for chunk in attachment.chunks():
                self.sink.write(b64encode(chunk))
            self.add('"')

    def _add_figure(self, attachment: ExportedAttachment) -> None:
        name = escape(attachment.name)
        self.add("<figure>")
        if attachment.content_type in SHOWN and attachment.is_there():
            self.add('<img alt=""')
            self._add_source(attachment)
            self.add(">")
        self.add(f'<figcaption dir="auto">{name}</figcaption></figure>\n')


def _about(entry: ExportedEntry, day: date) -> str:
    fields, zone = entry.fields, entry.fields.zone or "UTC"
    clock = local(entry.written_at, zone)[11:16]
    feeling = " ".join(mood.label(fields.mood)) if fields.mood else ""
    tags = " ".join(f"#{tag}" for tag in fields.tags or [])
    star = "★" if entry.starred else ""
    parts = [_long(day) if fields.title else "", clock, entry.place.name, entry.weather, feeling, tags, star]
    return " · ".join(f"<bdi>{escape(part)}</bdi>" for part in parts if part)
