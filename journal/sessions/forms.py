"""Sign-in form: its fields, and the check against open redirects of the page that follows."""

import re

from journal.accounts import users
from journal.accounts.forms import MAX_EMAIL
from journal.forms import Form

REFUSED = "That name and password don't belong together."
LOCKED_OUT = (
    " Some passwords of the app that was here before can't be used any more: if yours is right, ask the host"
    " of this site to set a new one."
)


class SignInForm(Form):
    def check(self) -> None:
        # No name is longer, and to fold and look up a million letters would make everybody wait.
        self.username = self.text("username").strip()[: MAX_EMAIL + 1]
        self.password = self.text("password")
        self.next = local_path(self.text("next"))
        self.zone = self.text("zone") if self.text("zone") in users.zones() else ""

    def refuse(self, is_anybody_locked_out: bool = False) -> None:
        """Sets the one error for unknown names, wrong passwords, disabled accounts and passwords that can't
        be verified: everybody gets the same, or strangers would learn who has an account."""
        self.wrong("username", REFUSED + LOCKED_OUT * is_anybody_locked_out)


def local_path(text: str) -> str:
    """Returns a path on this site unchanged, and / for any other address: no open redirect."""
    if re.fullmatch(r"/(?![/\\])[^\x00-\x20\x7f\\]*", text, re.ASCII) and not re.search(
        r"[^\x21-\x7e]", text
    ):
        return text
    return "/"
