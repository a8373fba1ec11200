"""Access cache: remembers cookie headers with a valid access token, whose signature is verified only once."""

from dataclasses import dataclass

from journal.accounts.preferences import Preferences
from journal.sessions.tokens import CLOCK_SKEW, Claims

MAX_ENTRIES = 4096
MAX_HEADER_LENGTH = 2048  # characters; ours have about 800, and other headers must not fill the memory


@dataclass(frozen=True)
class CurrentUser:
    """The signed-in user, as far as the token knows."""

    id: int
    auth_time: int


@dataclass(frozen=True)
class CachedAccess:
    """The user and preferences that a cookie header stands for, while its access token is valid."""

    user: CurrentUser
    preferences: Preferences
    valid_from: int  # both in seconds since 1970
    valid_until: int

    @classmethod
    def of(cls, access: Claims, preferences: Preferences) -> "CachedAccess":
        user = CurrentUser(access.user_id, access.auth_time)
        return cls(user, preferences, access.issued_at - CLOCK_SKEW, access.expires_at)


class AccessCache:
    """Maps cookie headers to users; a full cache drops its oldest entry."""

    def __init__(self) -> None:
        self._entries: dict[str, CachedAccess] = {}

    def find(self, header: str, now: int) -> CachedAccess | None:
        access = self._entries.get(header)
        return access if access and access.valid_from <= now < access.valid_until else None

    def remember(self, header: str, access: CachedAccess) -> None:
        if len(header) > MAX_HEADER_LENGTH:
            return
        if len(self._entries) >= MAX_ENTRIES:
            self._entries.pop(next(iter(self._entries)))
        self._entries[header] = access

    def forget(self, header: str) -> None:
        self._entries.pop(header, None)
