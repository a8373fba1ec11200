"""Moods of a source: reads words and numbers as one of the five moods here. Pure."""

import re

from journal.entries import mood
from journal.transfer.legacy import values

SCALES = (5, 10, 100)
WORDS = {
    "awful": "terrible horrible miserable depressed worst 😭 😢 😡",
    "bad": "sad unhappy down gloomy poor negative ☹ ☹️ 🙁 😞 😟 😔",
    "okay": "ok neutral meh average normal so-so indifferent 😐 😑",
    "good": "happy fine content positive glad 🙂 😊 ☺ ☺️",
    "great": "amazing excellent awesome fantastic wonderful excited ecstatic 😀 😃 😄 😁 🤩 😍",
}
KNOWN = {word: key for key, words in WORDS.items() for word in words.split()}
KNOWN |= {"very bad": "awful", "very sad": "awful", "very good": "great", "very happy": "great"}
NUMBER = re.compile(r"(\d+(?:\.\d+)?)(?:\s*/\s*(5|10|100))?")


def number(value: object) -> float | None:
    """The number of a mood that is one, also of `7/10`."""
    found = NUMBER.fullmatch(values.text(value).strip())
    return float(found[1]) if found else None


def scale(numbers: set[float]) -> int:
    """The highest value of the scale, 5, 10 or 100, that the numbers are from; 0 for none."""
    return next((top for top in SCALES if numbers and max(numbers) <= top), 0)


def read(value: object, top: int) -> tuple[str, list[str]]:
    """The mood, and the tags that keep what it does not say. `top` is the column's scale, or 0."""
    text = values.text(value).strip()
    if top and text and (at := number(text)) is not None:
        return _scaled(at, top), [] if top == 5 and at.is_integer() and at else [f"mood {at:g}/{top}"]
    try:
        return mood.parse(text), []
    except ValueError:
        return KNOWN.get(text.casefold(), ""), [text]


def _scaled(at: float, top: int) -> str:
    """The mood in that place; none for 0, which apps store for "not said"."""
    if not at:
        return ""
    steps = list(mood.SYMBOLS)
    place = -(-at * len(steps) // top)  # rounded up: 1 and 2 of 10 are the first of five
    return steps[min(max(int(place), 1), len(steps)) - 1]
