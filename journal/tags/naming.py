"""Tags as they are typed."""


def split(text: str) -> list[str]:
    return [t.strip() for t in text.split(",") if t.strip()]


def join(names: list[str]) -> str:
    return ", ".join(names)
