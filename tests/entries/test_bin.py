"""The bin: thirty days, undo, and emptying."""

import asyncio
import re
from datetime import timedelta

import time_machine

from journal import clock, housekeeping
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
        await housekeeping.sweep()
    assert (await ann.get(path)).status_code == 200
    with time_machine.travel(deleted + timedelta(days=31), tick=False):
        await housekeeping.sweep()
    assert (await ann.get(path)).status_code == 404


async def test_words_written_to_an_entry_that_went_for_good_make_it_anew(ann: Person) -> None:
    path = await ann.writes("words")
    await ann.post(f"{path}/deletion")
    await ann.post("/bin/deletion")
    answer = await ann.put(path, {"body": "words and more", "version": "1"})
    assert answer.headers.get("X-Save", "saved") == "saved"
    assert "words and more" in await text_of(ann, path)


async def test_one_entry_can_go_for_good_and_is_asked_about_first(ann: Person, bob: Person) -> None:
    gone, stays = await ann.writes("goes"), await ann.writes("stays")
    address = f"/bin/{gone.removeprefix('/entries/')}/deletion"
    assert (await ann.get(address)).headers["Location"] == gone  # it is not in the bin
    assert (await ann.post(address)).status_code == 404
    for path in (gone, stays):
        await ann.post(f"{path}/deletion")
    assert (await bob.get(address)).status_code == (await bob.post(address)).status_code == 404
    assert "Delete for good?" in await text_of(ann, address)
    assert (await ann.post(address)).status_code == 303
    assert (await ann.get(gone)).status_code == 404
    assert "stays" in await text_of(ann, "/bin")


async def test_a_full_bin_is_read_page_by_page_each_entry_once(ann: Person) -> None:
    paths = [await ann.writes(f"entry {number}.") for number in range(45)]
    moment = clock.now()
    for number, path in enumerate(paths):
        with time_machine.travel(moment + timedelta(seconds=number // 10), tick=False):
            await ann.post(f"{path}/deletion")
    page, seen, sizes = "/bin", list[str](), list[int]()
    while page:
        text = await text_of(ann, page)
        found = re.findall(r"entry (\d+)\.", text)
        seen += found
        sizes.append(len(found))
        link = re.search(r'href="(/bin\?before=[^"]+)" rel="next"', text)
        page = link[1] if link else ""
    assert sizes == [20, 20, 5]
    assert seen == [str(number) for number in reversed(range(45))]


async def test_a_damaged_link_into_the_bin_says_so(ann: Person) -> None:
    for damaged in ("x", "2024-05-31.x", "2024-05-31T12:00:00.000000.x", ".", "%00"):
        assert (await ann.get(f"/bin?before={damaged}")).status_code == 400


async def test_what_was_edited_since_it_was_looked_at_is_not_deleted(ann: Person) -> None:
    path = await ann.writes("words")
    await ann.put(path, {"body": "words from elsewhere", "version": "1"})
    answer = await ann.post(f"{path}/deletion", {"version": "1"})
    page = await text_of(ann, answer.headers["Location"])
    assert "was not put into the bin" in page
    assert "words from elsewhere" in await text_of(ann, "/")
    assert 'name="version" value="2"' in page
    await ann.post(f"{path}/deletion", {"version": "2"})
    assert "words from elsewhere" not in await text_of(ann, "/")


async def test_deleting_what_is_deleted_does_not_keep_it_longer(ann: Person) -> None:
    path = await ann.writes("words")
    await ann.post(f"{path}/deletion")
    with time_machine.travel(clock.now() + timedelta(minutes=20), tick=False):
        await ann.post(f"{path}/deletion")
    with time_machine.travel(clock.now() + timedelta(days=30, minutes=10), tick=False):
        await housekeeping.sweep()
    assert (await ann.get(path)).status_code == 404


async def test_whatever_order_deleting_and_writing_come_in_the_words_are_there(ann: Person) -> None:
    """DELETE on one device while another one writes on, many times over."""
    for number in range(25):
        path = await ann.writes("words")
        await asyncio.gather(
            ann.client.delete(path),
            ann.put(path, {"body": f"more words {number}", "version": "1", "kind": "auto"}),
        )
        await ann.put(path, {"body": f"more words {number}, and on", "version": "2", "kind": "auto"})
        assert f"more words {number}, and on" in await text_of(ann, "/")


async def test_saving_on_purpose_what_is_in_the_bin_brings_it_back_though_nothing_is_new(ann: Person) -> None:
    path = await ann.writes("words")
    await ann.post(f"{path}/deletion")
    for kind, is_back in (("auto", False), ("leave", False), ("manual", True)):
        answer = await ann.put(path, {"body": "words", "version": "1", "kind": kind})
        assert (answer.headers["X-Save"], answer.headers["X-Version"]) == ("unchanged", "1")
        assert ("words" in await text_of(ann, "/")) is is_back
