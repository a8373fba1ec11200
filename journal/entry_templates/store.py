"""Entry templates: reading and changing them, each change in one short transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tortoise.queryset import QuerySet

from journal.accounts.users import lock_user
from journal.database import Connection, committed, rows
from journal.engines.row import Row
from journal.entry_templates.models import EntryTemplate

MOST = 100


class TemplateNotFound(Exception):
    """This person has no template with that id."""


class InvalidTemplate(Exception):
    """The template can't be stored; the argument is a sentence that says why."""


async def listed(user_id: int) -> Sequence[Row]:
    """All templates in order, without their texts."""
    return await rows(
        "SELECT id, name, is_default FROM entry_templates WHERE user_id = ? AND deleted_at IS NULL "
        "ORDER BY position, id",
        user_id,
    )


async def one(user_id: int, number: int) -> Row:
    """Raises TemplateNotFound."""
    found = await rows(
        "SELECT id, name, is_default, title, body FROM entry_templates "
        "WHERE id = ? AND user_id = ? AND deleted_at IS NULL",
        number,
        user_id,
    )
    if not found:
        raise TemplateNotFound
    return found[0]


def _all(db: Connection, user_id: int) -> QuerySet[EntryTemplate]:
    return EntryTemplate.filter(user_id=user_id, deleted_at=None).using_db(db).order_by("position", "id")


async def add(user_id: int, values: Mapping[str, object]) -> int:
    """Adds a template at the end and returns its id. Raises InvalidTemplate."""

    async def work(db: Connection) -> int:
        await lock_user(db, user_id)
        await _check(db, user_id, str(values["name"]))
        await _clear_default(db, user_id, values)
        last = await _all(db, user_id).order_by("-position").first()
        template = EntryTemplate(user_id=user_id, position=last.position + 1 if last else 0, **values)
        await template.save(using_db=db)
        return int(template.id)

    return await committed(work)


async def change(user_id: int, number: int, values: Mapping[str, object]) -> None:
    """Raises TemplateNotFound and InvalidTemplate."""

    async def work(db: Connection) -> None:
        await lock_user(db, user_id)
        if not await _all(db, user_id).filter(id=number).exists():
            raise TemplateNotFound
        await _check(db, user_id, str(values["name"]), number)
        await _clear_default(db, user_id, values)
        await EntryTemplate.filter(id=number, user_id=user_id).using_db(db).update(**values)

    await committed(work)


async def _check(db: Connection, user_id: int, name: str, number: int = 0) -> None:
    """Raises InvalidTemplate if the name is taken, or if a new template (number 0) would be one too many."""
    names = {template.id: template.name for template in await _all(db, user_id).only("id", "name")}
    if not number and len(names) >= MOST:
        raise InvalidTemplate(
            f"You have {MOST} templates, which is as many as there can be; delete one first."
        )
    if any(taken == name and other != number for other, taken in names.items()):
        raise InvalidTemplate("You have a template of this name already.")


async def _clear_default(db: Connection, user_id: int, values: Mapping[str, object]) -> None:
    """Only one template may be the default, counting deleted ones that can be restored."""
    if values["is_default"]:
        await EntryTemplate.filter(user_id=user_id, is_default=True).using_db(db).update(is_default=False)


async def delete(user_id: int, number: int, now: datetime) -> None:
    """Keeps the template restorable until another one is deleted. Raises TemplateNotFound."""

    async def work(db: Connection) -> None:
        await lock_user(db, user_id)
        if not await _all(db, user_id).filter(id=number).exists():
            raise TemplateNotFound
        await EntryTemplate.filter(user_id=user_id, deleted_at__not_isnull=True).using_db(db).delete()
        await EntryTemplate.filter(id=number).using_db(db).update(deleted_at=now)

    await committed(work)


async def restore(user_id: int, number: int) -> None:
    """Raises TemplateNotFound, and InvalidTemplate if there is no room or the name is taken."""

    async def work(db: Connection) -> None:
        await lock_user(db, user_id)
        template = await EntryTemplate.filter(user_id=user_id, id=number).using_db(db).first()
        if template is None:
            raise TemplateNotFound
        if template.deleted_at:
            await _check(db, user_id, template.name)
            await EntryTemplate.filter(id=number).using_db(db).update(deleted_at=None)

    await committed(work)


async def move(user_id: int, number: int, step: int) -> None:
    """Moves a template `step` places down, or up if negative, at most to the end. Raises TemplateNotFound."""

    async def work(db: Connection) -> None:
        await lock_user(db, user_id)
        templates = list(await _all(db, user_id).only("id", "position"))
        place = next((at for at, template in enumerate(templates) if template.id == number), None)
        if place is None:
            raise TemplateNotFound
        templates.insert(max(0, place + step), templates.pop(place))
        for at, template in enumerate(templates):
            if template.position != at:
                await EntryTemplate.filter(id=template.id).using_db(db).update(position=at)

    await committed(work)
