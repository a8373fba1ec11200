"""Interrupted form: carries the form of a signed-out browser through the sign-in page as a path and fields.
Neither this module nor the session code knows the fields: the feature that owns them registers FormOwner."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from quart import Response

PREFIX = "kept."  # of the fields' names in the sign-in form, so that they can't collide with its own fields

Fields = Mapping[str, str]


@dataclass(frozen=True)
class FormOwner:
    """What one feature says of its forms; app.py registers it."""

    text_field: str  # the sign-in page shows this field and hides the others
    select: Callable[[Fields], Fields]  # the fields worth keeping, empty if the form is not resumable
    resume: Callable[["InterruptedForm"], Awaitable[Response]]  # the answer after the sign-in


@dataclass(frozen=True)
class InterruptedForm:
    """A form that could not be handled because its sender had to sign in first."""

    prefix: ClassVar[str] = PREFIX
    path: str
    fields: Fields
    text_field: str


def interrupt(owner: FormOwner, path: str, sent: Fields) -> InterruptedForm | None:
    """The form to carry, or None if the owner keeps nothing of it."""
    fields = owner.select(sent)
    return InterruptedForm(path, fields, owner.text_field) if fields else None


def carried(owner: FormOwner, sent: Fields) -> InterruptedForm | None:
    """The interrupted form that a sign-in form carries, or None."""
    named = [name for name in sent if name]  # a part of a multipart form may have no name
    fields = {name.removeprefix(PREFIX): sent[name] for name in named if name.startswith(PREFIX)}
    return interrupt(owner, fields.pop("path", ""), fields)
