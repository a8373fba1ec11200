"""The bin: thirty days, undo, and emptying."""

from datetime import timedelta

import time_machine

from journal import clock, upkeep
from tests.conftest import Person


async def text_of(person: Person, path: str) -> str:
    return str(await (await person.get(path)).get_data(as_text=True))


async def test_emptying_asks_first_and_leaves_what_is_not_in_the_bin(ann: Person) -> None:
    kept, gone = await ann.writes("stays"), await ann.writes("goes")
    await ann.post(f"{gone}/deletion")
    assert "Empty the bin?" in await text_of(ann, "/bin/deletion")
    assert "goes" in await text_of(ann, "/bin")
    assert (await ann.post("/bin/deletion")).status_code == 303
    assert (await ann.get(gone)).status_code == 404
    assert "stays" in await text_of(ann, kept)


async def test_emptying_my_bin_leaves_the_bins_of_others(ann: Person, bob: Person) -> None:
    path = await bob.writes("of Bob")
    await bob.post(f"{path}/deletion")
    await ann.post("/bin/deletion")
    assert "of Bob" in await text_of(bob, "/bin")


async def test_an_entry_goes_for_good_after_thirty_days_in_the_bin_and_not_before(ann: Person) -> None:
    path = await ann.writes("words")
    await ann.post(f"{path}/deletion")
    deleted = clock.now()
    with time_machine.travel(deleted + timedelta(days=29), tick=False):
        await upkeep.sweep()
    assert (await ann.get(path)).status_code == 200
    with time_machine.travel(deleted + timedelta(days=31), tick=False):
        await upkeep.sweep()
    assert (await ann.get(path)).status_code == 404


async def test_words_written_to_an_entry_that_went_for_good_make_it_anew(ann: Person) -> None:
    path = await ann.writes("words")
    await ann.post(f"{path}/deletion")
    await ann.post("/bin/deletion")
    answer = await ann.put(path, {"body": "words and more", "version": "1"})
    assert answer.headers.get("X-Save", "saved") == "saved"
    assert "words and more" in await text_of(ann, path)
