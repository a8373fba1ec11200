"""The five moods, from worst to best."""

MOODS = [("awful", "Awful"), ("bad", "Bad"), ("okay", "Okay"), ("good", "Good"), ("great", "Great")]


def parse(text: str) -> str:
    if text and text not in dict(MOODS):
        raise ValueError("Choose one of the five moods, or none.")
    return text
