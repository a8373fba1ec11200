"""The prompt of a day: which one it is, the next one in its place, none for today, none at all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

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
    """Of a prompt of one's own; those that ship with the site have a hash."""
    return f"own-{number}"


def all_of(own: Iterable[tuple[int, str]]) -> dict[str, str]:
    """Every prompt of a person by its key."""
    return {**built_in.BY_KEY, **{key_of(number): text for number, text in own}}


def of_day(user_id: int, texts: dict[str, str], day: date, held_day: date | None, held_key: str) -> Prompt:
    anchor = Anchor(held_day, held_key) if held_day else None
    key = rotation.chosen(user_id, texts, day, anchor)
    return Prompt(key, texts[key])


async def _texts(db: Connection, user_id: int) -> dict[str, str]:
    own: Any = await OwnPrompt.filter(user_id=user_id, deleted_at=None).using_db(db).values_list("id", "text")
    return all_of(own)


async def hold(db: Connection, user_id: int, today: date) -> None:
    """Before the list changes: from here the days go on as they would have."""
    user = await lock_user(db, user_id)
    prompt = of_day(user_id, await _texts(db, user_id), today, user.prompt_day, user.prompt_key or "")
    await _anchor(db, user_id, today, prompt.key)


async def _anchor(db: Connection, user_id: int, day: date, key: str) -> None:
    await User.filter(id=user_id).using_db(db).update(prompt_day=day, prompt_key=key)


async def replace(user_id: int, key: str, today: date) -> Prompt:
    """The one behind that one, from now on. Where its turn is over already, the one whose turn it is."""

    async def work(db: Connection) -> Prompt:
        user, texts = await lock_user(db, user_id), await _texts(db, user_id)
        present = of_day(user_id, texts, today, user.prompt_day, user.prompt_key or "")
        if present.key != key:
            return present
        following = rotation.following(user_id, texts, key)
        await _anchor(db, user_id, today, following)
        return Prompt(following, texts[following])

    return await committed(work)


async def dismiss(user_id: int, today: date) -> None:
    await users.change(user_id, prompt_dismissed_on=today)


async def turn(user_id: int, *, on: bool) -> None:
    await users.change(user_id, prompts_on=on, prompt_dismissed_on=None)
