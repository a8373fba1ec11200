"""Entries that were rendered by earlier rules are rendered anew, and all that follows with them."""

import pytest
from quart import Quart

from journal import clock, doctor
from journal.database import committed, rows, statement
from journal.entries import day_counts, rendering_sweep, store
from journal.entries.models import Entry
from journal.text.analysis import Source, analyse
from tests.conftest import Person
from tests.tags import listing

OLD_HTML = "<p>earlier</p>"


async def aged() -> None:
    """As if all entries had been saved by a program that read `#book/fiction` as #book."""

    async def work(db: object) -> None:
        await statement(db, "UPDATE entries SET html = ?, rendering = 0", OLD_HTML)  # type: ignore[arg-type]
        await statement(db, "UPDATE entry_tags SET key = 'book', name = 'book' WHERE name LIKE 'book/%'")  # type: ignore[arg-type]
        await statement(db, "UPDATE tags SET key = 'book', name = 'book' WHERE name LIKE 'book/%'")  # type: ignore[arg-type]

    await committed(work)


async def test_after_a_change_of_the_rules_the_sweep_renders_each_entry_anew(app: Quart, ann: Person) -> None:
    for n in range(rendering_sweep.BATCH + 3):
        await ann.writes(f"**{n}** #book/fiction", day="2024-05-31")
    await ann.post(f"{await ann.writes('*binned* #book/fiction')}/deletion")
    before = await rows("SELECT id, body, version, updated_at FROM entries ORDER BY id")
    await aged()
    assert await listing.held() != await listing.owed()
    await rendering_sweep.sweep(clock.now())
    assert await rendering_sweep.outdated() == 0
    for entry in await Entry.all():
        assert "<strong>" in entry.html or "<em>" in entry.html
    after = await rows("SELECT id, body, version, updated_at FROM entries ORDER BY id")
    assert [tuple(row) for row in after] == [tuple(row) for row in before]
    assert await listing.held() == await listing.owed()
    assert await doctor.examine(repair=False)


async def test_an_entry_that_is_saved_before_the_sweep_comes_has_the_tags_of_the_present_rules(
    app: Quart, ann: Person
) -> None:
    path = await ann.writes("a #book/fiction")
    await aged()
    await ann.post(path, {"body": "b #book/fiction", "version": "1"})
    assert await listing.held() == await listing.owed()
    assert await rendering_sweep.outdated() == 0


async def test_an_entry_whose_mood_alone_is_saved_is_rendered_anew_all_the_same(
    app: Quart, ann: Person
) -> None:
    path = await ann.writes("a #book/fiction")
    await aged()
    await ann.post(f"{path}/star")
    await ann.post(path, {"mood": "good", "version": "1"})
    await rendering_sweep.sweep(clock.now())
    assert (await Entry.get()).html != OLD_HTML
    assert await listing.held() == await listing.owed()


async def test_a_text_that_is_saved_while_it_is_rendered_anew_keeps_its_own_page(
    app: Quart, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await ann.writes("old")
    await aged()
    made = [(await Entry.get(), analyse(Source("", "old", []), ""))]
    await ann.post(path, {"body": "new", "version": "1"})
    await committed(lambda db: store.rerender(db, made))
    assert "new" in (await Entry.get()).html


async def test_two_processes_that_render_the_same_entry_anew_count_its_words_once(
    app: Quart, ann: Person
) -> None:
    await ann.writes("three words here")
    await aged()
    source = Source("", "three words here", [])
    more = analyse(source, "")._replace(word_count=5)
    both = [await Entry.get(), await Entry.get()]
    for entry in both:
        await committed(lambda db, entry=entry: store.rerender(db, [(entry, more)]))  # type: ignore[misc]
    assert await day_counts.wrong() == []


async def test_an_entry_without_a_text_is_rendered_by_the_present_rules(app: Quart, ann: Person) -> None:
    assert (await ann.post("/entries", {"title": "A title alone"})).status_code == 303
    assert await rendering_sweep.outdated() == 0


async def test_the_doctor_says_how_many_are_yet_to_be_rendered_and_does_it_if_asked(
    app: Quart, ann: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    await ann.writes("a #book/fiction")
    await aged()
    assert await doctor.examine(repair=False)  # no fault: the site does it by itself
    assert "1 entries are shown by earlier rules" in capsys.readouterr().out
    assert await doctor.examine(repair=True)
    assert await rendering_sweep.outdated() == 0
    assert await doctor.examine(repair=False)
