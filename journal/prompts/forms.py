"""Prompts as they are typed."""

from journal.forms import Form
from journal.text import plain

MAX_TEXT = 300
MAX_BODY = 200_000  # more than all that a person may have; to look through four million lines takes seconds


class PromptsForm(Form):
    """One prompt, or several, a line each."""

    def check(self) -> None:
        body = self.text("body")
        if len(body) > MAX_BODY:
            self.texts: list[str] = []
            return self.wrong(
                "body", f"These are {len(body):,} characters; add {MAX_BODY:,} at a time at most."
            )
        parts = (" ".join(part.split()) for part in self.parts(plain.clean(body)))
        self.texts = list(dict.fromkeys(part for part in parts if part))
        longest = max(map(len, self.texts), default=0)
        if not self.texts:
            self.wrong("body", "Write a prompt first.")
        elif longest > MAX_TEXT:
            self.wrong("body", f"A prompt may have {MAX_TEXT} characters at most; this one has {longest:,}.")

    def parts(self, body: str) -> list[str]:
        return body.split("\n")


class PromptForm(PromptsForm):
    """One prompt that is changed; line breaks in it are spaces."""

    def parts(self, body: str) -> list[str]:
        return [body]
