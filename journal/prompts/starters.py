"""Starters: the text a new entry begins with, from a template or a prompt, and what its page offers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time

from journal.database import rows
from journal.engines.row import Row
from journal.entry_templates import placeholders
from journal.prompts import daily
from journal.prompts.daily import Prompt

BLANK = "none"
MAX_TITLE = 300  # of an entry, as filled placeholders may be longer than their names

# One query for everything: a row for each template and each prompt, each with the person's settings, and the
# text of the requested template, or of the default template if none is requested.
CHOICES = """
SELECT u.prompts_on, u.prompt_dismissed_on, u.prompt_day, u.prompt_key, s.kind, s.id, s.text,
c.id AS chosen, c.title, c.body
FROM users u LEFT JOIN (
SELECT 'template' AS kind, id, name AS text, position, user_id FROM entry_templates
WHERE user_id = ? AND deleted_at IS NULL
UNION ALL
SELECT 'prompt', id, text, 0, user_id FROM own_prompts WHERE user_id = ? AND deleted_at IS NULL
) s ON s.user_id = u.id
LEFT JOIN entry_templates c ON c.id = s.id AND s.kind = 'template'
AND (CAST(c.id AS VARCHAR(20)) = ? OR (c.is_default AND ? = ''))
WHERE u.id = ? ORDER BY s.kind, s.position, s.id
"""


class StarterNotFound(Exception):
    """This person has no such template or prompt."""


@dataclass(frozen=True)
class Starter:
    title: str = ""
    body: str = ""
    template: int | None = None  # the id of the template that the text is from
    templates: Sequence[Row] = ()  # to choose from
    prompt: Prompt | None = None  # shown above the editor

    @property
    def is_blank(self) -> bool:
        return not (self.title or self.body)


async def begin(user_id: int, asked: Mapping[str, str], day: date, today: date, now: time) -> Starter:
    """`asked` may name a `template` (or "none") or a `prompt`; `now` is the writer's local time. Raises
    StarterNotFound."""
    wanted = asked.get("template", "").replace("\0", "\ufffd")  # PostgreSQL refuses NUL as a value
    choices = await rows(CHOICES, user_id, user_id, wanted, wanted, user_id)
    templates = [row for row in choices if row["kind"] == "template"]
    prompts = daily.all_of((row["id"], row["text"]) for row in choices if row["kind"] == "prompt")
    chosen = next((row for row in templates if row["chosen"]), None)
    if "prompt" in asked:
        return Starter(body=_quoted(prompts, asked))
    if chosen:
        return _from_template(chosen, templates, day, now)
    if wanted not in ("", BLANK) and "entry" not in asked:
        raise StarterNotFound
    prompt = _of_today(user_id, choices[0], prompts, today) if choices and day == today else None
    return Starter(templates=templates, prompt=prompt)


def _quoted(prompts: Mapping[str, str], asked: Mapping[str, str]) -> str:
    """The prompt as a quotation. Empty if it was deleted after the page of a new entry was opened."""
    if asked["prompt"] in prompts:
        return f"> {prompts[asked['prompt']]}\n\n"
    if "entry" in asked:
        return ""
    raise StarterNotFound


def _from_template(row: Row, templates: Sequence[Row], day: date, now: time) -> Starter:
    title, body = (placeholders.fill(row[name], day, now) for name in ("title", "body"))
    return Starter(title[:MAX_TITLE], body, row["id"], templates)


def _of_today(user_id: int, settings: Row, prompts: dict[str, str], today: date) -> Prompt | None:
    if not settings["prompts_on"] or settings["prompt_dismissed_on"] == today:
        return None
    return daily.of_day(user_id, prompts, today, settings["prompt_day"], settings["prompt_key"])
