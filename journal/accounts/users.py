"""Users: finds, creates, changes and deletes accounts."""

import secrets
from base64 import b64encode
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import cache
from typing import TypeVar
from zoneinfo import available_timezones

from tortoise.exceptions import IntegrityError

from journal.accounts import departures, passwords
from journal.accounts.lookalikes import skeleton
from journal.accounts.models import User
from journal.accounts.names import fold
from journal.accounts.passwords import Purpose
from journal.database import Connection, committed, is_postgres, rows, translate_errors
from journal.engines.row import Row

T = TypeVar("T")

COPY_KEY_BYTES = 32  # AES-256
LOOKS_ALIKE = "This looks too much like the name of somebody here; choose another."
SESSION_COLUMNS = "id, is_active, session_stamp, zone, day_starts, week_starts, font, keys, conceal"


class AccountGone(Exception):
    """The account was deleted while a browser is signed in to it."""


class Taken(Exception):
    """The name or address belongs to another account, or looks like another account's name."""

    def __init__(self, field: str, sentence: str = "") -> None:
        super().__init__(field)
        noun = {"username": "name", "email": "address"}[field]
        self.field, self.sentence = field, sentence or f"Somebody here has this {noun} already."


def new_stamp() -> str:
    return secrets.token_urlsafe(12)


def new_copy_key() -> str:
    """A key for local drafts; independent of SECRET_KEY, whose change must not make drafts unreadable."""
    return b64encode(secrets.token_bytes(COPY_KEY_BYTES)).decode()


@cache
def zones() -> frozenset[str]:
    return frozenset(available_timezones())


async def session_row(user_id: int) -> Row | None:
    """The columns that a refresh of the session needs, or None if the account is gone."""
    found = await rows(f"SELECT {SESSION_COLUMNS} FROM users WHERE id = ?", user_id)
    return found[0] if found else None


async def by_id(user_id: int) -> User:
    """The account. Raises AccountGone."""
    with translate_errors():
        user = await User.get_or_none(id=user_id)
    if user is None:
        raise AccountGone
    return user


async def lock_user(db: Connection, user_id: int) -> User:
    """Reads the account and locks its row until the transaction ends. Raises AccountGone."""
    user = await User.filter(id=user_id).using_db(db).select_for_update().first()
    if user is None:
        raise AccountGone
    return user


async def find(name: str) -> User | None:
    """Finds an account by name or e-mail. The exact spelling goes first: imported names may differ only in
    case."""
    name = name.strip().replace("\0", "\ufffd")  # PostgreSQL takes no NUL in a parameter
    lookups = {"username": name, "username_key": fold(name), "email_key": fold(name)}
    with translate_errors():
        for column, sought in lookups.items():
            # Tortoise raises for a text longer than its column, with the text in the message.
            if 0 < len(sought) <= User._meta.fields_map[column].max_length:  # type: ignore[attr-defined]
                user = await User.filter(**{column: sought}).first()
                if user:
                    return user
    return None


async def create(
    username: str, email: str | None, password: str, zone: str, now: datetime, network: str = ""
) -> User:
    """Creates an account; the first account becomes the administrator. Raises Taken and Busy."""
    user = User(
        username=username,
        username_key=fold(username),
        username_skeleton=skeleton(username),
        email=email,
        email_key=fold(email) if email else None,
        password_hash=await passwords.hashed(password, network, Purpose.SIGN_UP),
        hash_cost=0,
        session_stamp=new_stamp(),
        zone=zone,
        created_at=now,
        signed_in_at=now,
        copy_key=new_copy_key(),
    )

    async def work(db: Connection) -> User:
        await _one_at_a_time(db)  # else two accounts could both be the first
        await _free(db, user)
        await _distinct(db, user)
        user.is_admin = not await User.all().using_db(db).exists()
        await user.save(using_db=db)
        return user

    return await _committed_unless_taken(work)


async def _committed_unless_taken(work: Callable[[Connection], Awaitable[T]]) -> T:
    try:
        return await committed(work)
    except IntegrityError:  # another request took the name at the same moment
        raise Taken("username") from None


async def _one_at_a_time(db: Connection) -> None:
    """Lets one transaction at a time create or rename an account. SQLite has one writer anyway."""
    if is_postgres(db):
        await db.execute_query("SELECT pg_advisory_xact_lock(hashtext('new account'))")


async def _distinct(db: Connection, user: User) -> None:
    """Raises Taken if a new name looks like another. Imported names may look alike."""
    alike = User.filter(username_skeleton=user.username_skeleton).exclude(id=user.id or 0)
    if await alike.using_db(db).exists():
        raise Taken("username", LOOKS_ALIKE)


async def _free(db: Connection, user: User) -> None:
    """Raises Taken if the name or address belongs to another account."""
    others = User.exclude(id=user.id) if user.id else User.all()
    if await others.filter(username_key=user.username_key).using_db(db).exists():
        raise Taken("username")
    if user.email_key and await others.filter(email_key=user.email_key).using_db(db).exists():
        raise Taken("email")


async def record_sign_in(user: User, password: str, now: datetime, network: str = "", zone: str = "") -> None:
    """Stores the time of a sign-in and replaces an outdated hash. The first sign-in of somebody who was
    imported sets their zone to that of the browser, as the import could only guess it."""
    old = user.password_hash or ""
    renewed: dict[str, str | int] = {}
    if passwords.is_outdated(old):
        renewed = {"password_hash": await passwords.hashed(password, network), "hash_cost": 0}
    if zone and user.source and user.signed_in_at is None:
        user.zone = renewed["zone"] = zone

    async def work(db: Connection) -> None:
        # The filter skips a hash that was replaced meanwhile: the password may just have been changed.
        await User.filter(id=user.id, password_hash=old).using_db(db).update(signed_in_at=now, **renewed)

    await committed(work)


async def set_password(user: User, password: str) -> None:
    """Stores a new password and a new session stamp, which ends all other sessions at their next refresh."""
    user.password_hash, user.session_stamp = await passwords.hashed(password), new_stamp()
    await change(user.id, password_hash=user.password_hash, hash_cost=0, session_stamp=user.session_stamp)


async def end_sessions(user_id: int) -> None:
    """Ends all sessions: each browser has to sign in again when its access token expires."""
    await change(user_id, session_stamp=new_stamp())


NAMES = ("username", "username_key", "username_skeleton", "email", "email_key")


async def rename(user_id: int, username: str, email: str | None) -> None:
    """Changes name and address. Raises Taken."""

    async def work(db: Connection) -> None:
        user = await User.get(id=user_id, using_db=db)
        if username != user.username:  # an unchanged imported name keeps its special key
            user.username, user.username_key = username, fold(username)
            user.username_skeleton = skeleton(username)
            await _one_at_a_time(db)
            await _distinct(db, user)
        user.email, user.email_key = email, fold(email) if email else None
        await _free(db, user)
        await user.save(using_db=db, update_fields=NAMES)

    await _committed_unless_taken(work)


async def delete(user_id: int) -> None:
    """Deletes the account; foreign keys take everything along that belongs to it."""

    async def work(db: Connection) -> None:
        user = User.filter(id=user_id).using_db(db)
        await departures.remember_deleted(db, "person", user)
        await user.delete()

    await committed(work)


async def disable(user: User) -> None:
    await change(user.id, is_active=False)


async def change(user_id: int, **values: object) -> None:
    async def work(db: Connection) -> None:
        await User.filter(id=user_id).using_db(db).update(**values)

    await committed(work)


async def all_users() -> list[User]:
    with translate_errors():
        return await User.all().order_by("id")
