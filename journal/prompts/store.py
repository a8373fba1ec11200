"""Own prompts: reading and changing them, each change in one short transaction."""

from collections.abc import Sequence
from datetime import date, datetime

from tortoise.queryset import QuerySet

from journal.accounts.users import lock_user
from journal.database import Connection, committed, rows
from journal.engines.row import Row
from journal.prompts import daily
from journal.prompts.models import OwnPrompt

MOST = 500


class PromptNotFound(Exception):
    """This person has no prompt with that id."""


class InvalidPrompt(Exception):
    """The prompt can't be stored; the argument is a sentence that says why."""


async def listed(user_id: int) -> Sequence[Row]:
    """All prompts, newest first."""
    return await rows(
        "SELECT id, text FROM own_prompts WHERE user_id = ? AND deleted_at IS NULL ORDER BY id DESC", user_id
    )


async def one(user_id: int, number: int) -> Row:
    """Raises PromptNotFound."""
    found = await rows(
        "SELECT id, text FROM own_prompts WHERE id = ? AND user_id = ? AND deleted_at IS NULL",
        number,
        user_id,
    )
    if not found:
        raise PromptNotFound
    return found[0]


def _all(db: Connection, user_id: int) -> QuerySet[OwnPrompt]:
    return OwnPrompt.filter(user_id=user_id, deleted_at=None).using_db(db)


async def add(user_id: int, texts: Sequence[str], today: date) -> None:
    """Adds the texts that are not on the list yet. Today's prompt stays the same. Raises InvalidPrompt."""

    async def work(db: Connection) -> None:
        await lock_user(db, user_id)
        await daily.keep_current(db, user_id, today)
        present = {prompt.text for prompt in await _all(db, user_id)}
        added = [text for text in texts if text not in present]
        if not added:
            raise InvalidPrompt("This is on your list already.")
        if len(present) + len(added) > MOST:
            room = MOST - len(present)
            raise InvalidPrompt(f"You may have {MOST} prompts of your own; there is room for {room} more.")
        await OwnPrompt.bulk_create([OwnPrompt(user_id=user_id, text=text) for text in added], using_db=db)

    await committed(work)


async def change(user_id: int, number: int, text: str) -> None:
    """Raises PromptNotFound and InvalidPrompt."""

    async def work(db: Connection) -> None:
        await lock_user(db, user_id)
        if await _all(db, user_id).filter(text=text).exclude(id=number).exists():
            raise InvalidPrompt("This is on your list already.")
        if not await _all(db, user_id).filter(id=number).update(text=text):
            raise PromptNotFound

    await committed(work)


async def remove(user_id: int, number: int, now: datetime, today: date) -> None:
    """Keeps the prompt restorable until another one is removed. Raises PromptNotFound."""

    async def work(db: Connection) -> None:
        await lock_user(db, user_id)
        await daily.keep_current(db, user_id, today)
        if not await _all(db, user_id).filter(id=number).exists():
            raise PromptNotFound
        await OwnPrompt.filter(user_id=user_id, deleted_at__not_isnull=True).using_db(db).delete()
        await OwnPrompt.filter(id=number).using_db(db).update(deleted_at=now)

    await committed(work)


async def restore(user_id: int, number: int, today: date) -> None:
    """Raises PromptNotFound, and InvalidPrompt if the list is full or holds the same text again."""

    async def work(db: Connection) -> None:
        await lock_user(db, user_id)
        await daily.keep_current(db, user_id, today)
        removed = await OwnPrompt.filter(user_id=user_id, id=number).using_db(db).first()
        if removed is None:
            raise PromptNotFound
        if removed.deleted_at is None:
            return
        if await _all(db, user_id).filter(text=removed.text).exists():
            raise InvalidPrompt("This is on your list already.")
        if await _all(db, user_id).count() >= MOST:
            raise InvalidPrompt(f"You have {MOST} prompts of your own, which is as many as there can be.")
        await OwnPrompt.filter(id=number).using_db(db).update(deleted_at=None)

    await committed(work)
