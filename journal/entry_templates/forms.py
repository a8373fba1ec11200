"""Template form: checks a template that somebody typed."""

from journal.forms import Form
from journal.text import plain

MAX_NAME = 80
MAX_TITLE = 200
MAX_BODY = 20_000


class TemplateForm(Form):
    def check(self) -> None:
        self.name = " ".join(plain.clean(self.text("name")).split())
        self.title = " ".join(plain.clean(self.text("title")).split())
        self.body = plain.clean(self.text("body"))
        self.is_default = bool(self.text("default"))
        self._check_sizes()
        if not self.name:
            self.wrong("name", "Give the template a name.")
        elif not (self.title or self.body.strip()):
            self.wrong("body", "Write something for an entry to begin with.")

    def _check_sizes(self) -> None:
        bounds = {
            "name": ("A name", MAX_NAME),
            "title": ("Its title", MAX_TITLE),
            "body": ("A template", MAX_BODY),
        }
        for field, (what, most) in bounds.items():
            size = len(getattr(self, field))
            if size > most:
                self.wrong(field, f"{what} may have {most:,} characters at most; this one has {size:,}.")

    def values(self) -> dict[str, object]:
        return {name: getattr(self, name) for name in ("name", "title", "body", "is_default")}
