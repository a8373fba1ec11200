"""Stars on entries: a mark that changes nothing else."""

import re

import pytest
from quart.typing import TestClientProtocol as Client

from journal.database import rows
from tests.conftest import Person

HTMX = {"HX-Request": "true"}


async def text(person: Person, path: str, **headers: str) -> str:
    answer = await person.get(path, headers=headers)
    assert answer.status_code == 200
    return str(await answer.get_data(as_text=True))


def bodies(page: str) -> list[str]:
    return re.findall(r"<p dir=\"auto\">([^<]*)</p>", page)


async def test_a_star_is_set_and_taken_away_by_a_plain_form(ann: Person) -> None:
    path = await ann.writes("words")
    assert 'aria-pressed="false"' in await text(ann, path)
    answer = await ann.post(f"{path}/star", {"starred": "1"})
    assert (answer.status_code, answer.headers["Location"]) == (303, path)
    assert 'aria-pressed="true"' in await text(ann, path)
    assert bodies(await text(ann, "/starred")) == ["words"]
    await ann.post(f"{path}/star", {"starred": "0"})
    assert bodies(await text(ann, "/starred")) == []
    assert "No entry has a star yet." in await text(ann, "/starred")


async def test_for_htmx_the_button_alone_comes_back(ann: Person) -> None:
    path = await ann.writes("words")
    for method, form, pressed in (("POST", {"starred": "1"}, "true"), ("DELETE", {}, "false")):
        answer = await ann.client.open(f"{path}/star", method=method, form=form, headers=HTMX)
        page = await answer.get_data(as_text=True)
        assert answer.status_code == 200
        assert page.startswith("<form")
        assert f'aria-pressed="{pressed}"' in page


async def test_a_star_makes_no_new_version_and_no_earlier_text(ann: Person) -> None:
    path = await ann.writes("words")
    columns = "version, updated_at, body, html"
    before = [tuple(row) for row in await rows(f"SELECT {columns} FROM entries")]
    await ann.post(f"{path}/star")
    await ann.post(f"{path}/star")  # twice is once
    assert [tuple(row) for row in await rows(f"SELECT {columns} FROM entries")] == before
    assert len(await rows("SELECT 1 FROM revisions")) == 1
    # An editor that was open all the while saves without a conflict, and the star stays.
    assert (await ann.put(path, {"body": "more", "version": "1"})).headers["X-Save"] != "conflict"
    assert bodies(await text(ann, "/starred")) == ["more"]


async def test_the_timeline_shows_a_star_at_once(ann: Person) -> None:
    """Cards are remembered; a star is not to wait for that."""
    path = await ann.writes("words")
    assert "Starred" not in await text(ann, "/", **HTMX)
    await ann.post(f"{path}/star")
    assert "Starred" in await text(ann, "/", **HTMX)
    await ann.post(f"{path}/star", {"starred": "0"})
    assert "Starred" not in await text(ann, "/", **HTMX)


async def test_starred_entries_are_paged_newest_first_without_the_bin(ann: Person) -> None:
    for number in range(24):
        path = await ann.writes(f"entry {number}", day=f"2024-01-{number + 1:02}")
        await ann.post(f"{path}/star")
        if number == 20:
            await ann.post(f"{path}/deletion")
    first = await text(ann, "/starred")
    link = re.search(r'href="(/starred\?before=[^"]+)" rel="next"', first)
    assert link
    second = await text(ann, link[1], **HTMX)
    assert "<html" not in second
    expected = [f"entry {number}" for number in reversed(range(24)) if number != 20]
    assert bodies(first) + bodies(second) == expected
    answer = await ann.get("/starred?before=x")
    assert answer.status_code == 400


async def test_the_page_of_stars_takes_one_query(ann: Person, caplog: pytest.LogCaptureFixture) -> None:
    for number in range(22):
        await ann.post(f"{await ann.writes('words')}/star")
        if number in (0, 21):
            caplog.clear()
            await text(ann, "/starred")
            assert " 1q " in caplog.records[-1].getMessage()


@pytest.mark.parametrize("starred", ["2", "", "yes", "01"])
async def test_what_is_neither_yes_nor_no_is_refused_with_a_sentence(ann: Person, starred: str) -> None:
    path = await ann.writes("words")
    answer = await ann.post(f"{path}/star", {"starred": starred})
    assert answer.status_code == 422
    assert "starred is 1 or 0" in await answer.get_data(as_text=True)
    assert bodies(await text(ann, "/starred")) == []


async def test_a_stranger_and_somebody_signed_out_set_no_star(
    ann: Person, bob: Person, visitor: Client
) -> None:
    path = await ann.writes("words")
    assert (await bob.post(f"{path}/star")).status_code == 404
    assert (await bob.client.delete(f"{path}/star")).status_code == 404
    assert (await visitor.post(f"{path}/star", form={})).status_code == 401
    assert bodies(await text(ann, "/starred")) == []
    await ann.post(f"{path}/star")
    assert bodies(await text(bob, "/starred")) == []
