"""Search query parser: words, phrases and conditions that are typed, and what is wrong with them. Pure."""

import re
from dataclasses import dataclass, field
from datetime import date

from journal.text import tokenizer
from journal.text.folding import BREAK

LENGTH = 2_000  # characters that are read
PARTS = 24  # words, phrases and conditions that count
ROW = 40  # words of one phrase that count
MOODS = ("awful", "bad", "okay", "good", "great")
QUOTES = '"“”„«»＂'
PART = re.compile(
    r"(?P<no>-?)(?:(?P<key>tag|mood|after|before|on|in|has):)?"
    rf"(?:[{QUOTES}](?P<quoted>[^{QUOTES}]*)(?P<end>[{QUOTES}]?)|(?P<plain>[^\s{QUOTES}]+)|(?(key)|(?!)))"
    r"|(?P<rest>\S)",
    re.IGNORECASE,
)
# Invisible characters that come along when text is copied.
UNSEEN = re.compile("[\0-\x08\x0e-\x1f\x7f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
WHEN = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?", re.ASCII)
LAST = date.max.toordinal() + 1


@dataclass(frozen=True)
class Term:
    """A word or a phrase."""

    phrase: tuple[str, ...]
    is_prefix: bool = False  # the last word may be longer


@dataclass(frozen=True)
class Query:
    wanted: tuple[Term, ...] = ()
    unwanted: tuple[Term, ...] = ()
    facets: tuple[str, ...] = ()  # as tokenizer.facet makes them
    unwanted_facets: tuple[str, ...] = ()
    first: int = 0  # day, counted from the year 1
    end: int = LAST  # the first day after
    is_binned: bool = False
    problems: tuple[str, ...] = ()  # a sentence each
    is_typed: bool = False  # else the field is empty

    @property
    def is_searchable(self) -> bool:
        says = self.wanted or self.unwanted or self.facets or self.unwanted_facets or self.is_binned
        return bool(says or self.first or self.end < LAST) and self.first < self.end


@dataclass
class Reading:
    """A query while it is parsed."""

    wanted: list[Term] = field(default_factory=list)
    unwanted: list[Term] = field(default_factory=list)
    facets: list[str] = field(default_factory=list)
    unwanted_facets: list[str] = field(default_factory=list)
    first: int = 0
    end: int = LAST
    is_binned: bool = False
    problems: list[str] = field(default_factory=list)

    def wrong(self, sentence: str) -> None:
        if sentence not in self.problems:
            self.problems.append(sentence)


def parse(typed: str) -> Query:
    """Never raises: a part that can't be understood is left out, and `problems` has a sentence about it."""
    reading = Reading()
    text = UNSEEN.sub("", typed[:LENGTH])
    parts = [found for found in PART.finditer(text) if not found["rest"]]
    if len(typed) > LENGTH or len(parts) > PARTS:
        reading.wrong(f"This is long for a search: its first {PARTS} words were looked for.")
    for found in parts[:PARTS]:
        _read(reading, found, is_last=found.end() == len(text))
    _conclude(reading, is_typed=bool(typed.strip()))
    lists = {name: tuple(value) for name, value in vars(reading).items() if isinstance(value, list)}
    return Query(
        **lists,
        first=reading.first,
        end=reading.end,
        is_binned=reading.is_binned,
        is_typed=bool(typed.strip()),
    )


def _read(reading: Reading, found: "re.Match[str]", is_last: bool) -> None:
    key = (found["key"] or "").lower()
    value = found["plain"] or found["quoted"] or ""
    if key:
        KEYS[key](reading, value.strip(), bool(found["no"]))
        return
    is_open = found["quoted"] is not None and not found["end"]
    goes_on = is_last and (found["quoted"] is None or is_open)
    _words(reading, value, bool(found["no"]), goes_on)


def _words(reading: Reading, value: str, is_unwanted: bool, goes_on: bool) -> None:
    found = " ".join(tokenizer.words(value)[:ROW]).split(BREAK)
    rows = [tuple(part.split()) for part in found if part.strip()]
    for row in rows:
        is_last = row is rows[-1]
        # Too many words begin with a single letter; and a letter of a script without spaces is a whole word.
        may_go_on = len(row[-1]) > 1 and not tokenizer.is_unspaced(row[-1])
        is_open = is_last and ((goes_on and not is_unwanted) or value.endswith("*"))
        (reading.unwanted if is_unwanted else reading.wanted).append(Term(row, is_open and may_go_on))


def _tag(reading: Reading, value: str, is_unwanted: bool) -> None:
    if not value:
        return reading.wrong('Write the tag right after tag: like tag:garden, or tag:"two words".')
    (reading.unwanted_facets if is_unwanted else reading.facets).append(
        tokenizer.facet("t", value.lstrip("#"))
    )


def _mood(reading: Reading, value: str, is_unwanted: bool) -> None:
    if value.lower() not in MOODS:
        return reading.wrong("A mood is one of awful, bad, okay, good and great, like mood:good.")
    facets = reading.unwanted_facets if is_unwanted else reading.facets
    facets.append(tokenizer.facet("m", value.lower()))


def _after(reading: Reading, value: str, is_unwanted: bool) -> None:
    if is_unwanted:
        return _before(reading, value, False)
    if span := _span(reading, "after", value):
        reading.first = max(reading.first, span[0])


def _before(reading: Reading, value: str, is_unwanted: bool) -> None:
    if is_unwanted:
        return _after(reading, value, False)
    if span := _span(reading, "before", value):
        reading.end = min(reading.end, span[0])


def _on(reading: Reading, value: str, is_unwanted: bool) -> None:
    if is_unwanted:
        return reading.wrong("on: can't be turned round; before: and after: can leave out a time.")
    if span := _span(reading, "on", value):
        reading.first, reading.end = max(reading.first, span[0]), min(reading.end, span[1])


def _span(reading: Reading, key: str, value: str) -> tuple[int, int] | None:
    """The first day of a year, a month or a day, and the first day after it, as ordinals."""
    found = WHEN.fullmatch(value)
    try:
        if found:
            year, month, day = (int(part) if part else None for part in found.groups())
            start = date(year or 0, month or 1, day or 1).toordinal()
            if day:
                return start, start + 1
            months = (year or 0) * 12 + (month or 12)  # of the one after, counted from zero
            after = (months // 12, months % 12 + 1)
            return start, LAST if after[0] > date.max.year else date(*after, 1).toordinal()
    except ValueError:
        pass
    reading.wrong(
        f"{key}: takes a year, a month or a day that is in the calendar, like {key}:2024, "
        f"{key}:2024-05 or {key}:2024-05-31."
    )
    return None


def _in(reading: Reading, value: str, is_unwanted: bool) -> None:
    if value.lower() != "bin" or is_unwanted:
        return reading.wrong("in: knows one place, the bin: in:bin.")
    reading.is_binned = True


def _has(reading: Reading, value: str, is_unwanted: bool) -> None:
    reading.wrong("has: is kept for photos, which can't be searched for yet.")


KEYS = {"tag": _tag, "mood": _mood, "after": _after, "before": _before, "on": _on, "in": _in, "has": _has}


def _conclude(reading: Reading, is_typed: bool) -> None:
    if reading.first >= reading.end:
        reading.wrong("No day lies within these limits: before: leaves out the day it names.")
    nothing = not any((reading.wanted, reading.unwanted, reading.facets, reading.unwanted_facets))
    limited = reading.first or reading.end < LAST or reading.is_binned
    if is_typed and nothing and not limited and not reading.problems:
        reading.wrong("There is no word, number or sign in this that could be looked for.")
