"""Names and addresses as people type them and as they are compared."""

from unicodedata import normalize


def fold(text: str) -> str:
    """The form in which two spellings of one name are equal: ANN, Ann and ａｎｎ."""
    return normalize("NFKC", normalize("NFKC", text.strip()).casefold())
