"""What a text looks like on a page, made when it is saved and not when it is read."""

import asyncio
from typing import NamedTuple
from uuid import UUID

from journal.entries import text


class Shown(NamedTuple):
    html: str
    words: int  # how many


async def rendered(body: str, uid: UUID) -> Shown:
    def render() -> Shown:
        return Shown(text.to_html(body, str(uid)), text.count_words(body))

    return await asyncio.to_thread(render) if text.is_long(body) else render()
