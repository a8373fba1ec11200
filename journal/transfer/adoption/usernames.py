"""Which names and addresses are taken here, and what somebody who comes can be called. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from journal.accounts.names import fold

Holder = tuple[str, str]  # source and source id; ("", id) for an account that was made here

LONGEST = 150  # characters of a name there, which leaves room for what makes it distinct
LONGEST_HERE = 200
LONGEST_KEY = 400


@dataclass(frozen=True)
class Name:
    username: str
    key: str


@dataclass
class Usernames:
    names: dict[str, Holder] = field(default_factory=dict)
    keys: dict[str, Holder] = field(default_factory=dict)
    emails: dict[str, Holder] = field(default_factory=dict)

    def add(self, holder: Holder, account: Any) -> None:
        """`account` has username, username_key and email_key."""
        self.names[account["username"]] = self.keys[account["username_key"]] = holder
        if account["email_key"]:
            self.emails[account["email_key"]] = holder

    def remove(self, account: Any) -> None:
        self.names.pop(account["username"], None)
        self.keys.pop(account["username_key"], None)
        self.emails.pop(account["email_key"], None)

    def name(self, wanted: str, holder: Holder, present: str = "") -> Name:
        """The one that the holder has already, if it could be theirs; else the first that is free."""
        free = [name for name in candidates(wanted, holder) if self._is_free(name, holder)]
        return next((name for name in free if name.username == present), free[0])

    def _is_free(self, name: Name, holder: Holder) -> bool:
        if len(name.username) > LONGEST_HERE:
            return False
        if self.names.get(name.username, holder) != holder or self.keys.get(name.key, holder) != holder:
            return False
        # A key apart from the name is for two whom the old app told apart; whoever was here first is not one.
        plain = self.keys.get(fold(name.username), holder)
        return name.key == fold(name.username) or plain[0] == holder[0]

    def email_is_free(self, email: str, holder: Holder) -> bool:
        return self.emails.get(fold(email), holder) == holder


def candidates(wanted: str, holder: Holder) -> Iterator[Name]:
    """Their own name; with a key of its own, as `Tom` and `tom` sign in by exact spelling; with a suffix."""
    source, source_id = holder
    wanted = shortened(wanted)
    yield Name(wanted, fold(wanted))
    yield Name(wanted, f"{fold(wanted)}#{source_id}")
    for username in (f"{wanted}-{source}", f"{wanted}-{source}-{source_id}", f"person-{source}-{source_id}"):
        yield Name(username, fold(username))


def shortened(name: str) -> str:
    """Some letters fold to many."""
    name = name[:LONGEST].strip()
    while len(fold(name)) > LONGEST_KEY - 200:
        name = name[:-1]
    return name
