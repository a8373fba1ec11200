"""Unique usernames: knows which names and e-mail addresses are taken and finds free names. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from journal.accounts.names import fold
from journal.engines.row import Row

Holder = tuple[str, str]  # source and source id; ("", id) for an account that was made here

LONGEST = 150  # characters of a name in the source, which leaves room for a suffix
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

    def add(self, holder: Holder, account: Row | Mapping[str, Any]) -> None:
        """`account` needs the columns username, username_key and email_key."""
        self.names[account["username"]] = self.keys[account["username_key"]] = holder
        if account["email_key"]:
            self.emails[account["email_key"]] = holder

    def remove(self, account: Row) -> None:
        self.names.pop(account["username"], None)
        self.keys.pop(account["username_key"], None)
        self.emails.pop(account["email_key"], None)

    def name(self, wanted: str, holder: Holder, present: str = "") -> Name:
        """The holder's present name if it is still a candidate, else the first free one."""
        free = [name for name in candidates(wanted, holder) if self._is_free(name, holder)]
        return next((name for name in free if name.username == present), free[0])

    def _is_free(self, name: Name, holder: Holder) -> bool:
        if len(name.username) > LONGEST_HERE:
            return False
        if self.names.get(name.username, holder) != holder or self.keys.get(name.key, holder) != holder:
            return False
        # A separate key distinguishes two people of the same source only.
        plain = self.keys.get(fold(name.username), holder)
        return name.key == fold(name.username) or plain[0] == holder[0]

    def email_is_free(self, email: str, holder: Holder) -> bool:
        return self.emails.get(fold(email), holder) == holder


def candidates(wanted: str, holder: Holder) -> Iterator[Name]:
    """The name, the name with a separate key (`Tom` and `tom` sign in by exact spelling), suffixed names."""
    source, source_id = holder
    wanted = shortened(wanted)
    yield Name(wanted, fold(wanted))
    yield Name(wanted, f"{fold(wanted)}#{source_id}")
    for username in (f"{wanted}-{source}", f"{wanted}-{source}-{source_id}", f"person-{source}-{source_id}"):
        yield Name(username, fold(username))


def shortened(name: str) -> str:
    """Shortens a name until its key fits too, as folding may turn one letter into several."""
    name = name[:LONGEST].strip()
    while len(fold(name)) > LONGEST_KEY - 200:
        name = name[:-1]
    return name
