"""Case folding of names and e-mail addresses, for comparison and uniqueness."""

from unicodedata import normalize


def fold(text: str) -> str:
    """Returns the same text for all spellings of one name: ANN, Ann and ａｎｎ."""
    return normalize("NFKC", normalize("NFKC", text.strip()).casefold())
