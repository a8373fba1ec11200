"""What helps while one writes: a preview, one's own tags."""

import re

import pytest
from quart import Quart
from quart.typing import TestClientProtocol as Client

from tests.conftest import Person

HTMX = {"HX-Request": "true"}


# The preview


async def preview(person: Person, body: str, path: str = "/preview") -> tuple[int, str]:
    answer = await person.post(path, {"body": body}, headers=HTMX)
    return answer.status_code, await answer.get_data(as_text=True)


async def test_a_preview_shows_what_the_entry_will_look_like(ann: Person) -> None:
    body = "# A walk\n\nAlong **the river**.\n\n- [ ] bread"
    status, shown = await preview(ann, body)
    assert status == 200
    assert "<strong>the river</strong>" in shown
    page = await (await ann.get(await ann.writes(body))).get_data(as_text=True)
    prose = re.compile(r'<div class="prose".*?</div>', re.DOTALL)
    assert prose.findall(shown) == prose.findall(page)
    assert "hx-disable" in shown
    assert "<html" not in shown


async def test_a_preview_is_as_safe_as_an_entry(ann: Person) -> None:
    _, shown = await preview(ann, '<script>alert(1)</script> [x](javascript:alert) <b hx-get="/">')
    assert "<script" not in shown
    assert "href" not in shown
    assert "<b" not in shown


async def test_a_preview_of_a_long_text_or_of_none_is_shown_as_well(ann: Person) -> None:
    assert (await preview(ann, "Long *words*. " * 5000))[1].count("<em>") == 5000
    assert (await preview(ann, ""))[0] == 200
    assert (await ann.post("/preview", {}, headers=HTMX)).status_code == 200


async def test_a_preview_is_bounded_like_an_entry(ann: Person) -> None:
    status, shown = await preview(ann, "x" * 1_000_001)
    assert status == 422
    assert "An entry may have 1 MB of text at most" in shown
    assert "xxx" not in shown


async def test_without_a_script_the_preview_is_the_editor_with_every_word_still_in_it(ann: Person) -> None:
    path = await ann.writes("Old *words*.", title="Old")
    typed = {
        "title": "New <title>",
        "body": "New *words*.",
        "day": "2024-05-31",
        "tags": "a, b",
        "mood": "bad",
    }
    answer = await ann.post(f"{path}/preview", {**typed, "version": "1", "save": "x", "owner": ""})
    page = await answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert f'action="{path}"' in page
    assert "<em>words</em>" in page
    for shown in (
        "New &lt;title&gt;",
        "New *words*.",
        "2024-05-31",
        "a, b",
        'value="bad" checked',
        "data-unsaved",
    ):
        assert shown in page, shown
    assert 'name="version" value="1"' in page
    unchanged = await (await ann.get(f"{path}/edit")).get_data(as_text=True)
    assert "Old *words*." in unchanged


async def test_a_preview_reads_nothing_of_anybodys(ann: Person, bob: Person) -> None:
    path = await ann.writes("A secret.")
    answer = await bob.post(f"{path}/preview", {"body": "Mine."})
    page = await answer.get_data(as_text=True)
    assert "secret" not in page
    assert "Mine." in page


async def test_signed_out_a_preview_leads_back_to_the_entry_with_the_words(
    app: Quart, visitor: Client, ann: Person
) -> None:
    path = await ann.writes("Old.")
    asked = await (await visitor.post(f"{path}/preview", form={"body": "New.", "version": "1"})).get_data(
        as_text=True
    )
    kept = dict(re.findall(r'name="(kept\.\w+)" value="([^"]*)"', asked))
    kept["kept.body"] = "New."
    form = {"username": "Ann", "password": "correct horse battery", **kept}
    page = await (await visitor.post("/login", form=form)).get_data(as_text=True)
    assert f'action="{path}"' in page
    assert "New." in page
    assert 'name="version" value="1"' in page


# Tags


async def offered(person: Person, typed: str = "") -> list[str]:
    answer = await person.get("/tags/known", query_string={"tags": typed}, headers=HTMX)
    assert answer.status_code == 200
    return re.findall(r"<button[^>]*>([^<]*)</button>", await answer.get_data(as_text=True))


async def test_ones_own_tags_are_offered_the_most_used_first(ann: Person, bob: Person) -> None:
    assert await offered(ann) == []
    await ann.writes("One.", tags="home, walks")
    await ann.writes("Two.", tags="walks, <b>")
    await bob.writes("His.", tags="secret")
    assert await offered(ann) == ["walks", "home", "&lt;b&gt;"]
    assert await offered(ann, "walks, ho") == ["home"]
    assert await offered(bob, "") == ["secret"]


async def test_tags_of_entries_in_the_bin_are_not_offered(ann: Person) -> None:
    path = await ann.writes("One.", tags="gone")
    await ann.post(f"{path}/deletion")
    assert await offered(ann) == []


async def test_offering_tags_takes_one_query_however_many_there_are(
    ann: Person, caplog: pytest.LogCaptureFixture
) -> None:
    for n in range(30):
        caplog.clear()
        await offered(ann)
        (line,) = [r.getMessage() for r in caplog.records if r.name == "journal.requests"]
        assert " 1q " in line
        await ann.writes(f"Entry {n}.", tags=f"tag {n}, another")
