"""Context of the editor's template."""

from datetime import date

from journal.accounts.draft_keys import copy_key
from journal.entries import mood
from journal.entries.forms import EditorFields


async def editor(user_id: int, draft: EditorFields, today: date, midnight: int) -> dict[str, object]:
    """`midnight` is when `today` ends, in seconds since 1970. Raises AccountGone."""
    is_others = bool(draft.owner) and draft.owner != str(user_id)
    return {
        "entry": draft,
        "moods": mood.FACES,
        "today": today,
        "midnight": midnight,
        "key": ""
        if is_others
        else await copy_key(user_id),  # this account's key must not encrypt a draft of another
        "outcome": None,
        "shown": None,
        "other_owner": is_others,
    }
