"""Prompt of the day: choosing, replacing and dismissing it, and turning prompts off."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from journal.accounts import users
from journal.accounts.models import User
from journal.accounts.users import lock_user
from journal.database import Connection, committed
from journal.prompts import built_in, rotation
from journal.prompts.models import OwnPrompt
from journal.prompts.rotation import Anchor


@dataclass(frozen=True)
class Prompt:
    key: str
    text: str


def key_of(number: int) -> str:
    """The key of a person's own prompt. Built-in prompts have a hash for a key."""
    return f"own-{number}"


def all_of(own: Iterable[tuple[int, str]]) -> dict[str, str]:
    """All prompts of a person, built-in and their own, by key."""
    return {**built_in.BY_KEY, **{key_of(number): text for number, text in own}}


def of_day(
    user_id: int, texts: dict[str, str], day: date, anchor_day: date | None, anchor_key: str | None
) -> Prompt:
    anchor = Anchor(anchor_day, anchor_key or "") if anchor_day else None
    key = rotation.chosen(user_id, texts, day, anchor)
    return Prompt(key, texts[key])


async def _texts(db: Connection, user_id: int) -> dict[str, str]:
    own = await OwnPrompt.filter(user_id=user_id, deleted_at=None).using_db(db)
    return all_of((prompt.id, prompt.text) for prompt in own)


async def keep_current(db: Connection, user_id: int, today: date) -> None:
    """Makes today's prompt the anchor, so that it stays the same when the list changes afterwards."""
    user = await lock_user(db, user_id)
    prompt = of_day(user_id, await _texts(db, user_id), today, user.prompt_day, user.prompt_key)
    await _set_anchor(db, user_id, today, prompt.key)


async def _set_anchor(db: Connection, user_id: int, day: date, key: str) -> None:
    await User.filter(id=user_id).using_db(db).update(prompt_day=day, prompt_key=key)


async def replace(user_id: int, key: str, today: date) -> Prompt:
    """Moves on to the next prompt if `key` is still today's, and returns today's prompt."""

    async def work(db: Connection) -> Prompt:
        user, texts = await lock_user(db, user_id), await _texts(db, user_id)
        present = of_day(user_id, texts, today, user.prompt_day, user.prompt_key)
        if present.key != key:
            return present
        next_key = rotation.following(user_id, texts, key)
        await _set_anchor(db, user_id, today, next_key)
        return Prompt(next_key, texts[next_key])

    return await committed(work)


async def dismiss(user_id: int, today: date) -> None:
    await users.change(user_id, prompt_dismissed_on=today)


async def switch(user_id: int, *, on: bool) -> None:
    await users.change(user_id, prompts_on=on, prompt_dismissed_on=None)
