"""Own lists: the behaviour that the lists of templates and of prompts share."""

from dataclasses import dataclass
from typing import Any

import pytest

from journal.entry_templates.models import EntryTemplate
from journal.prompts.models import OwnPrompt
from tests.visiting import PASSWORD, Browser

pytestmark = pytest.mark.slow_on_postgres


@dataclass(frozen=True)
class OwnList:
    """One of the two lists, as a browser reaches it."""

    path: str
    model: Any
    column: str  # holds the name or the text
    deleted: str  # parameter of the page that offers to undo
    starter: str  # a new entry that begins with one of the list
    taken: str  # the sentence that refuses the same text twice

    async def add(self, browser: Browser, text: str) -> int:
        answer = await browser.post(self.path, form(text))
        assert (answer.status, answer.headers["Location"]) == (303, self.path), answer.text
        return int((await self.rows())[-1]["id"])

    async def rows(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self.model.all().order_by("id").values()
        return found

    async def texts(self) -> list[str]:
        return [row[self.column] for row in await self.rows()]


def form(text: str) -> dict[str, str]:
    """The fields of both forms."""
    return {"name": text, "title": text, "body": text, "to": "up"}


SAME_NAME, SAME_TEXT = "You have a template of this name already.", "This is on your list already."
NEW = "/entries/new?"
LISTS = {
    "templates": OwnList("/templates", EntryTemplate, "name", "deleted", f"{NEW}template=", SAME_NAME),
    "prompts": OwnList("/prompts", OwnPrompt, "text", "removed", f"{NEW}prompt=own-", SAME_TEXT),
}


@pytest.fixture(params=LISTS)
def own(request: pytest.FixtureRequest) -> OwnList:
    return LISTS[request.param]


async def test_deleting_can_be_undone_until_another_one_is_deleted(ann: Browser, own: OwnList) -> None:
    first, second = await own.add(ann, "First?"), await own.add(ann, "Second?")
    answer = await ann.post(f"{own.path}/{first}/deletion")
    assert answer.headers["Location"] == f"{own.path}?{own.deleted}={first}"
    page = (await ann.get(answer.headers["Location"])).text
    assert "First?" not in page
    assert f'action="{own.path}/{first}/restoration"' in page
    for path in (f"{own.path}/{first}", f"{own.starter}{first}"):
        assert (await ann.get(path)).status == 404
    for _ in range(2):  # the second click changes nothing
        assert (await ann.post(f"{own.path}/{first}/restoration")).status == 303
    assert "First?" in (await ann.get(own.path)).text
    assert "First?" in (await ann.get(f"{own.starter}{first}")).form_with("save")["body"]
    await ann.post(f"{own.path}/{first}/deletion")
    await ann.post(f"{own.path}/{second}/deletion")
    assert (await ann.post(f"{own.path}/{first}/restoration")).status == 404
    assert await own.texts() == ["Second?"]


async def test_what_was_added_again_keeps_the_deleted_one_from_coming_back(
    ann: Browser, own: OwnList
) -> None:
    number = await own.add(ann, "Pages")
    await ann.post(f"{own.path}/{number}/deletion")
    await own.add(ann, "Pages")
    answer = await ann.post(f"{own.path}/{number}/restoration")
    assert answer.status == 422
    assert own.taken in answer.text


async def test_nobody_reaches_anybody_elses(ann: Browser, bob: Browser, own: OwnList) -> None:
    number, deleted = await own.add(ann, "SECRET"), await own.add(ann, "SECRET too")
    await ann.post(f"{own.path}/{deleted}/deletion")
    before = await own.rows()
    for n in (number, deleted):
        for path in (f"{own.path}/{n}", f"{own.starter}{n}"):
            answer = await bob.get(path)
            assert (answer.status, "SECRET" in answer.text) == (404, False)
        for tail in ("", "/position", "/deletion", "/restoration"):
            assert (await bob.post(f"{own.path}/{n}{tail}", form("stolen?"))).status == 404
    assert "SECRET" not in (await bob.get("/entries/new")).text + (await bob.get(own.path)).text
    assert await own.rows() == before
    await own.add(bob, "SECRET")  # a text is taken for its owner alone


async def test_with_the_account_the_list_goes(ann: Browser, bob: Browser, own: OwnList) -> None:
    await own.add(ann, "Hers?")
    await ann.post(f"{own.path}/{await own.add(ann, 'Deleted')}/deletion")
    await own.add(bob, "His?")
    assert (await ann.post("/settings/account/deletion", {"password": PASSWORD})).status == 303
    assert await own.texts() == ["His?"]


async def test_hostile_words_are_text_wherever_they_show(ann: Browser, own: OwnList) -> None:
    hostile = '"><script>alert(1)</script>{{ 7 * 7 }}</textarea>'
    number = await own.add(ann, hostile)
    for path in (own.path, f"{own.path}/{number}", f"{own.starter}{number}"):
        text = (await ann.get(path)).text
        assert "{{ 7 * 7 }}" in text
        assert "<script>alert" not in text + (await ann.get("/entries/new")).text
    assert hostile in (await ann.get(f"{own.starter}{number}")).form_with("save")["body"]
