"""The five moods an entry may have, from the worst to the best."""

MOODS = [("awful", "Awful"), ("bad", "Bad"), ("okay", "Okay"), ("good", "Good"), ("great", "Great")]

# A symbol is shown beside its label, or alone with the label as its accessible name.
SYMBOLS = {"awful": "😣", "bad": "🙁", "okay": "😐", "good": "🙂", "great": "😄"}
VALUES = {key: value for value, key in enumerate(SYMBOLS, 1)}
FACES = [(key, label, SYMBOLS[key]) for key, label in MOODS]


def parse(text: str) -> str:
    """The key of a mood, or "" for none. Raises ValueError."""
    key = text.strip().lower()
    if key and key not in SYMBOLS:
        raise ValueError("A mood is one of awful, bad, okay, good, great, or none.")
    return key


def mean(total: int, number: int) -> str:
    """The mood nearest to the mean of `number` moods whose values add up to `total`; "" of no moods."""
    return list(SYMBOLS)[(2 * total + number) // (2 * number) - 1] if number else ""


def label(key: str) -> tuple[str, str]:
    """A mood's symbol and name."""
    return SYMBOLS[key], dict(MOODS)[key]
