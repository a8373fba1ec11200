"""What a new entry begins with: nothing, a template, or a prompt; and what its page offers instead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from journal.database import rows
from journal.entry_templates import placeholders
from journal.prompts import daily
from journal.prompts.daily import Prompt

BLANK = "none"
MAX_TITLE = 300  # of an entry: placeholders may become longer than they were

# Everything in one query: what the person has set, beside a row for each template and each prompt of theirs;
# with its text the template that is asked for, or the default where none is.
SHELF = """
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
    """The template or prompt that is asked for is none of this person's."""


@dataclass(frozen=True)
class Starter:
    title: str = ""
    body: str = ""
    template: int | None = None  # whose text it is
    templates: Sequence[Any] = ()  # to choose from
    prompt: Prompt | None = None  # to look at

    @property
    def is_blank(self) -> bool:
        return not (self.title or self.body)


async def begin(user_id: int, asked: Mapping[str, str], day: date, today: date, now: time) -> Starter:
    """`asked` may name a `template` (or "none") or a `prompt`; `now` is on the writer's wall. NotThere."""
    wanted = asked.get("template", "").replace("\0", "\ufffd")  # PostgreSQL can't even be asked for NUL
    shelf = await rows(SHELF, user_id, user_id, wanted, wanted, user_id)
    templates = [row for row in shelf if row["kind"] == "template"]
    prompts = daily.all_of((row["id"], row["text"]) for row in shelf if row["kind"] == "prompt")
    chosen = next((row for row in templates if row["chosen"]), None)
    if "prompt" in asked:
        return Starter(body=_quoted(prompts, asked))
    if chosen:
        return _from_template(chosen, templates, day, now)
    if wanted not in ("", BLANK) and "entry" not in asked:
        raise StarterNotFound
    prompt = _of_today(user_id, shelf[0], prompts, today) if shelf and day == today else None
    return Starter(templates=templates, prompt=prompt)


def _quoted(prompts: Mapping[str, str], asked: Mapping[str, str]) -> str:
    """Empty where it is gone and the page was begun before that: its words come back all the same."""
    if asked["prompt"] in prompts:
        return f"> {prompts[asked['prompt']]}\n\n"
    if "entry" in asked:
        return ""
    raise StarterNotFound


def _from_template(row: Any, templates: Sequence[Any], day: date, now: time) -> Starter:
    title, body = (placeholders.fill(row[name], day, now) for name in ("title", "body"))
    return Starter(title[:MAX_TITLE], body, row["id"], templates)


def _of_today(user_id: int, person: Any, prompts: dict[str, str], today: date) -> Prompt | None:
    if not person["prompts_on"] or person["prompt_dismissed_on"] == today:
        return None
    return daily.of_day(user_id, prompts, today, person["prompt_day"], person["prompt_key"] or "")
