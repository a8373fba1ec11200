"""The five moods an entry may have, from the worst to the best."""

MOODS = [("awful", "Awful"), ("bad", "Bad"), ("okay", "Okay"), ("good", "Good"), ("great", "Great")]

# Shown beside the label or, alone, with the label as its accessible name.
SYMBOLS = {"awful": "😣", "bad": "🙁", "okay": "😐", "good": "🙂", "great": "😄"}


def parse(text: str) -> str:
    """The key of a mood, or "" for none; raises ValueError."""
    key = text.strip().lower()
    if key and key not in SYMBOLS:
        raise ValueError("A mood is one of awful, bad, okay, good, great, or none.")
    return key
