"""The page of an entry's earlier texts, and putting one back."""

import re

from journal.entries.models import Revision
from tests.conftest import Person

OLD = "The first text, as it was."
NEW = "The second text, which is quite another."


async def rewritten(person: Person) -> str:
    """An entry that was saved twice; its path."""
    path = await person.writes(OLD, title="First")
    await person.put(path, {"title": "Second", "body": NEW, "version": "1"})
    return path


async def text_of(person: Person, path: str) -> str:
    answer = await person.get(path)
    assert answer.status_code == 200
    return str(await answer.get_data(as_text=True))


async def test_each_saved_text_can_be_read(ann: Person) -> None:
    path = await rewritten(ann)
    assert NEW in await text_of(ann, f"{path}/revisions")
    assert OLD in await text_of(ann, f"{path}/revisions?show=1")


async def test_an_entry_that_was_adopted_and_never_changed_has_a_page_of_versions(ann: Person) -> None:
    path = await ann.writes("As it came from the old app.")
    await Revision.filter(entry__uid=path.removeprefix("/entries/")).delete()
    for headers in ({}, {"HX-Request": "true"}):
        answer = await ann.get(f"{path}/revisions", headers=headers)
        assert answer.status_code == 200
        assert "No earlier versions yet." in await answer.get_data(as_text=True)
    for part in ("show=1", "before=1"):
        assert (await ann.get(f"{path}/revisions?{part}")).status_code == 404
    await ann.put(path, {"body": NEW, "version": "1"})
    assert "No earlier versions yet." not in await text_of(ann, f"{path}/revisions")


async def test_what_changed_since_is_marked_by_word(ann: Person) -> None:
    page = await text_of(ann, f"{await rewritten(ann)}/revisions?show=1")
    assert "<del>first </del><ins>second </ins>" in page


async def test_htmx_gets_the_one_version_alone(ann: Person) -> None:
    path = await rewritten(ann)
    answer = await ann.get(f"{path}/revisions?show=1", headers={"HX-Request": "true"})
    page = await answer.get_data(as_text=True)
    assert OLD in page
    assert "<html" not in page


async def test_an_earlier_text_comes_back_as_a_new_version_and_can_be_undone(ann: Person) -> None:
    path = await rewritten(ann)
    answer = await ann.post(f"{path}/revisions/1/restoration")
    assert answer.status_code == 303
    page = await text_of(ann, answer.headers["Location"])
    assert OLD in page
    assert re.search(r"<h[12][^>]*>\s*(<bdi[^>]*>)?First", page)
    undo = re.search(r'action="(/entries/[^"]+/revisions/\d+/restoration)"', page)
    assert undo
    await ann.post(undo[1])
    assert NEW in await text_of(ann, path)
    kinds = re.findall(r'class="hint">([^<]+)</span>', await text_of(ann, f"{path}/revisions"))
    assert kinds[0] == kinds[1] == "Put back"


async def test_putting_back_what_was_deleted_takes_it_out_of_the_bin(ann: Person) -> None:
    path = await rewritten(ann)
    await ann.post(f"{path}/deletion")
    await ann.post(f"{path}/revisions/1/restoration")
    assert OLD in await text_of(ann, "/")


async def test_a_page_that_was_open_meanwhile_is_told_of_the_conflict(ann: Person) -> None:
    path = await rewritten(ann)
    await ann.post(f"{path}/revisions/1/restoration")
    answer = await ann.put(path, {"body": "typed elsewhere", "version": "2"})
    assert answer.headers["X-Save"] == "conflict"


async def test_a_version_that_is_not_there_is_not_found(ann: Person) -> None:
    path = await rewritten(ann)
    for number in ("99", "0", "-1", "99999999999999999999"):
        assert (await ann.get(f"{path}/revisions?show={number}")).status_code == 404
        assert (await ann.post(f"{path}/revisions/{number}/restoration")).status_code == 404


async def test_a_stranger_sees_and_changes_nothing(ann: Person, bob: Person) -> None:
    path = await rewritten(ann)
    assert (await bob.get(f"{path}/revisions")).status_code == 404
    assert (await bob.post(f"{path}/revisions/1/restoration")).status_code == 404
    assert NEW in await text_of(ann, path)


async def test_what_changed_besides_the_text_is_shown_as_well(ann: Person) -> None:
    path = await ann.writes(
        OLD, title="First", day="2024-05-31", time="21:04", zone="UTC", tags="a", mood="bad"
    )
    changed = {"title": "Second", "day": "2020-02-29", "time": "09:00", "tags": "a, b", "mood": "good"}
    await ann.put(path, {**changed, "version": "1"})
    page = await text_of(ann, f"{path}/revisions?show=1")
    for removed, added in (
        ("First", "Second"),
        ("Friday, 31 May 2024", "Saturday, 29 February 2020"),
        ("21:04, UTC", "09:00, UTC"),
        ("Bad", "Good"),
        ("a", "a, b"),
    ):
        assert f"<del>{removed}</del> <ins>{added}</ins>" in page
    assert "The text is the same." in page


async def test_a_text_that_lost_is_marked_in_the_list_and_above_itself(ann: Person) -> None:
    path = await rewritten(ann)
    await ann.put(path, {"body": "late words", "version": "1"})
    page = await text_of(ann, f"{path}/revisions?show=3")
    assert page.count('class="conflict"') == 1
    assert "written at the same time as another one" in page
    assert "written at the same time" not in await text_of(ann, f"{path}/revisions?show=1")


async def test_thousands_of_versions_are_listed_page_by_page(ann: Person) -> None:
    path = await ann.writes("version 0")
    for number in range(1, 120):
        await ann.put(path, {"body": f"version {number}", "version": str(number)})
    page, seen = f"{path}/revisions", list[int]()
    while page:
        text = await text_of(ann, page)
        found = [int(n) for n in re.findall(r'href="[^"]*show=(\d+)"', text)]
        assert len(found) <= 50
        seen += found
        older = re.search(r'href="([^"]+)" rel="next"', text)
        page = older[1] if older else ""
    assert seen == list(range(120, 0, -1))
    for wrong in ("before=1", "before=0", "before=-1", "before=99999999999999", "before=x&show=999"):
        assert (await ann.get(f"{path}/revisions?{wrong}")).status_code == 404
