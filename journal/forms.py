"""What was typed into a form and what is wrong with it; knows no request."""

from collections.abc import Mapping


class Form:
    """Subclasses read their fields in `check`, set what they mean, and note what is wrong by `wrong`."""

    def __init__(self, typed: Mapping[str, str]) -> None:
        self.typed = typed
        self.errors: dict[str, str] = {}
        self.check()

    def check(self) -> None:
        raise NotImplementedError

    @property
    def is_valid(self) -> bool:
        return not self.errors

    def text(self, name: str) -> str:
        return self.typed.get(name, "")

    def wrong(self, name: str, sentence: str) -> None:
        self.errors.setdefault(name, sentence)
