"""Prompt forms: adding several prompts and changing one."""

from journal.forms import Form
from journal.text import plain

MAX_TEXT = 300
MAX_BODY = 200_000  # more than 500 prompts need; checking four million lines would take seconds


class PromptsForm(Form):
    """One or several new prompts, one per line."""

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
    """A changed prompt. Line breaks in it become spaces."""

    def parts(self, body: str) -> list[str]:
        return [body]
