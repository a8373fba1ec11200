"""Cookie headers that have let somebody in: reading one costs more than all the rest of the gate."""

from dataclasses import dataclass

from journal.accounts.preferences import Preferences
from journal.sessions.tokens import CLOCK_SKEW, Claims

REMEMBERED = 4096  # headers
LONGEST = 2048  # characters; ours have about 800, and nobody fills our memory with cookies of their own


@dataclass(frozen=True)
class CurrentUser:
    """Who is signed in, as far as the token knows."""

    id: int
    auth_time: int


@dataclass(frozen=True)
class CachedAccess:
    """What a header said of its sender, for as long as its access token holds."""

    person: CurrentUser
    preferences: Preferences
    begins: int  # both in seconds since 1970
    ends: int

    @classmethod
    def by(cls, access: Claims, wishes: Preferences) -> "CachedAccess":
        person = CurrentUser(access.user_id, access.auth_time)
        return cls(person, wishes, access.issued_at - CLOCK_SKEW, access.expires_at)


class AccessCache:
    def __init__(self) -> None:
        self._visits: dict[str, CachedAccess] = {}

    def find(self, header: str, now: int) -> CachedAccess | None:
        visit = self._visits.get(header)
        return visit if visit and visit.begins <= now < visit.ends else None

    def remember(self, header: str, visit: CachedAccess) -> None:
        if len(header) > LONGEST:
            return
        if len(self._visits) >= REMEMBERED:
            self._visits.pop(next(iter(self._visits)))
        self._visits[header] = visit

    def forget(self, header: str) -> None:
        self._visits.pop(header, None)
