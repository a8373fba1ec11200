"""Form validation: the typed fields, and an error message for each invalid field. Knows nothing of
requests."""

from collections.abc import Mapping


class Form:
    """A form. Subclasses parse their fields in `check` and report errors by `wrong`."""

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
