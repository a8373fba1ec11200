"""Sign-in form: its fields, and the check against open redirects of the page that follows."""

import re

from journal.accounts.forms import MAX_EMAIL
from journal.forms import Form


class SignInForm(Form):
    def check(self) -> None:
        # No name is longer, and to fold and look up a million letters would make everybody wait.
        self.username = self.text("username").strip()[: MAX_EMAIL + 1]
        self.password = self.text("password")
        self.next = local_path(self.text("next"))

    def refuse(self) -> None:
        """Sets the one error for unknown names, wrong passwords and disabled accounts."""
        self.wrong("username", "That name and password don't belong together.")


def local_path(text: str) -> str:
    """Returns a path on this site unchanged, and / for any other address: no open redirect."""
    if re.fullmatch(r"/(?![/\\])[^\x00-\x20\x7f\\]*", text, re.ASCII) and not re.search(
        r"[^\x21-\x7e]", text
    ):
        return text
    return "/"
