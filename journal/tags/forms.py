"""Form for renaming a tag, and the progress of renaming."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from journal.forms import Form
from journal.text import tag_names


class RenameForm(Form):
    def check(self) -> None:
        self.name = self._name()
        self.after, changed = self.text("after"), self.text("changed") or "0"
        self.changed = int(changed) if re.fullmatch("[0-9]{1,9}", changed, re.ASCII) else 0

    def _name(self) -> str:
        try:
            names = tag_names.split(self.text("name")[: 20 * tag_names.LENGTH])
        except ValueError as error:
            self.wrong("name", str(error))
            return ""
        if len(names) != 1:
            self.wrong("name", "Give the tag one name, without a comma." if names else "Give the tag a name.")
            return ""
        return names[0]


@dataclass(frozen=True)
class Renaming:
    """Progress in the query string of the next page, where a button goes on without scripts."""

    changed: int
    old: str
    after: str = ""  # the cursor to go on from, if there are more entries

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Renaming | None":
        changed = query.get("changed", "")
        if not re.fullmatch("[0-9]{1,9}", changed, re.ASCII):
            return None
        return cls(int(changed), tag_names.tidy(query.get("old", "")), query.get("after", ""))

    def query(self) -> dict[str, str]:
        return {
            "changed": str(self.changed),
            "old": self.old,
            **({"after": self.after} if self.after else {}),
        }
