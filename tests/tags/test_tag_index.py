"""The tables of tags follow the entries, whatever happens to them."""

import asyncio
import logging
import random
from datetime import date
from uuid import uuid4

import pytest
from quart import Quart

from journal.database import rows
from tests.conftest import Person
from tests.tags.listing import held, owed

pytestmark = pytest.mark.slow


async def is_in_step() -> bool:
    return await held() == await owed()


async def names() -> list[str]:
    return sorted(row["name"] for row in await rows("SELECT name FROM tags"))


async def test_the_tags_of_field_and_text_follow_an_entry_through_its_life(ann: Person) -> None:
    path = await ann.writes("Out for a #walk.", tags="home, Walk", day="2024-05-31")
    assert await names() == ["Walk", "home"]
    await ann.post(path, {"body": "In the #rain.", "tags": "home", "version": "1"})
    assert await names() == ["home", "rain"]
    await ann.post(path, {"day": "1987-06-05", "version": "2"})
    days = await rows("SELECT DISTINCT day FROM entry_tags")
    assert [row["day"] for row in days] == [date(1987, 6, 5)]
    assert await is_in_step()
    await ann.post(f"{path}/deletion")
    assert await names() == []
    await ann.post(f"{path}/restoration")
    assert await names() == ["home", "rain"]
    await ann.post(f"{path}/revisions/1/restoration")
    assert await names() == ["Walk", "home"]
    assert await is_in_step()
    await ann.post(f"{path}/deletion")
    await ann.post("/bin/deletion")
    assert await held() == (set(), {})


async def test_a_tag_counts_its_entries_of_one_person(ann: Person, bob: Person) -> None:
    for person, times in ((ann, 3), (bob, 2)):
        for _ in range(times):
            await person.writes("#walk #walk", tags="walk")
    counts = await rows("SELECT entries FROM tags ORDER BY user_id")
    assert [row["entries"] for row in counts] == [3, 2]
    assert await is_in_step()


async def test_an_account_that_goes_takes_its_tags_along(ann: Person, bob: Person) -> None:
    await ann.writes("#walk")
    await bob.writes("#walk")
    await bob.post("/settings/account/deletion", {"password": "correct horse battery"})
    related, counts = await held()
    assert len(related) == len(counts) == 1
    assert await is_in_step()


async def test_a_text_without_tags_costs_no_query_more(ann: Person, caplog: pytest.LogCaptureFixture) -> None:
    async def queries(body: str) -> int:
        caplog.clear()
        await ann.put(f"/entries/{uuid4()}", {"body": body, "version": "0"})
        return int(next(r.getMessage() for r in caplog.records if "PUT" in r.getMessage()).split()[-2][:-1])

    plain = await queries("words")
    assert await queries("# words") == plain
    assert await queries("#words") > plain


async def test_a_tag_of_any_length_and_kind_from_elsewhere_fits(ann: Person) -> None:
    await ann.writes(f"#{'ﷺ' * 60} and #{'あ' * 60}", tags=f"{'ﷺ' * 60}, {'👩‍👩‍👧 ' * 10}, %_!, a/b, ..")
    assert await is_in_step()
    assert all(len(row["key"]) <= 200 for row in await rows("SELECT key FROM entry_tags"))


async def test_what_everybody_does_at_once_adds_up(app: Quart, ann: Person, bob: Person) -> None:
    """Ten writers with few tags in every order, some of whom delete and restore."""
    chance = random.Random(7)

    async def writes(person: Person) -> None:
        for _ in range(4):
            words = chance.sample(["#a", "#b", "#c", "#d", "#e"], 3)
            path = await person.writes(" ".join(words), tags=chance.choice(["", "a, b", "e, c"]))
            await person.post(path, {"body": words[0], "version": "1"})
            if chance.random() < 0.5:
                await person.post(f"{path}/deletion")
            if chance.random() < 0.3:
                await person.post(f"{path}/restoration")

    await asyncio.gather(*(writes(person) for person in [ann, bob] * 5))
    assert await is_in_step()


async def test_a_tag_is_renamed_beside_saves_and_other_renames_and_none_is_in_the_others_way(
    ann: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "journal.database")
    paths = [await ann.writes(f"#a #b {day}", tags="c", day=f"2024-05-{day:02}") for day in range(1, 25)]
    chance = random.Random(5)

    async def saves() -> int:
        path = chance.choice(paths)
        tags = " ".join(chance.sample(["#a", "#b", "#c", "#d"], 3))
        version = (await ann.get(f"{path}/version")).headers["X-Version"]
        form = {"body": f"words {tags}", "version": version, "save": str(uuid4())}
        return int((await ann.put(path, form)).status_code)

    async def renames() -> int:
        old, new = chance.sample("abcd", 2)
        return int((await ann.post(f"/tags/{old}", {"name": new})).status_code)

    doing = [saves() for _ in range(80)] + [renames() for _ in range(20)]
    chance.shuffle(doing)
    answers = await asyncio.gather(*doing)
    assert set(answers) <= {200, 409, 303}
    assert "tried again" not in caplog.text
    assert await is_in_step()
