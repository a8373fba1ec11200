"""Saving: every answer there is, what it leaves behind, and that no word is lost on the way to it."""

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from quart import Quart
from quart.datastructures import FileStorage

from journal.accounts import users
from journal.database import rows
from journal.entries.forms import SaveForm
from journal.entries.models import Entry, Save
from journal.text import plain
from tests.visiting import Answer, Browser, registered, sent

START = datetime(2024, 5, 31, 12, tzinfo=UTC)
FIRST = "The first text of this entry."


@pytest.fixture
async def ann(app: Quart) -> Browser:
    return await registered(app, "Ann")


@pytest.fixture
async def bob(app: Quart, ann: Browser) -> Browser:
    return await registered(app, "Bob")


@pytest.fixture
def moment() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def fields(body: str = FIRST, version: int = 0, **others: str) -> dict[str, str]:
    """What the editor sends."""
    words = {"title": "", "body": body, "day": "2024-05-31", "tags": "", "mood": ""}
    return {**words, "version": str(version), "save": str(uuid4()), "kind": "manual", **others}


def new_path() -> str:
    return f"/entries/{uuid4()}"


async def begun(browser: Browser, **others: str) -> str:
    """An entry at version 1; its path."""
    path = new_path()
    assert said(await browser.put(path, fields(**others))) == (200, "saved", "1")
    return path


def said(answer: Answer) -> tuple[int, str | None, str | None]:
    return answer.status, answer.headers.get("X-Save"), answer.headers.get("X-Version")


async def stored(path: str) -> Any:
    return await Entry.get(uid=UUID(path.removeprefix("/entries/")))


async def kept(path: str) -> list[tuple[str, str]]:
    """Kind and text of each revision, the oldest first."""
    found = await rows(
        "SELECT r.kind, r.body FROM revisions r JOIN entries e ON e.id = r.entry_id WHERE e.uid = ? "
        "ORDER BY r.number",
        path.removeprefix("/entries/"),
    )
    return [(row["kind"], row["body"]) for row in found]


async def count(table: str) -> int:
    return int((await rows(f"SELECT count(*) AS n FROM {table}"))[0]["n"])


# Saved


async def test_a_first_save_makes_the_entry(ann: Browser) -> None:
    path = new_path()
    form = fields(title="A title", tags="one, two", mood="good")
    assert said(await ann.put(path, form)) == (200, "saved", "1")
    entry = await stored(path)
    assert (entry.title, entry.body, entry.tags, entry.mood) == ("A title", FIRST, ["one", "two"], "good")
    assert (entry.day, entry.version, entry.words) == (date(2024, 5, 31), 1, 6)
    assert await kept(path) == [("start", FIRST)]


async def test_a_later_save_changes_it(ann: Browser) -> None:
    path = await begun(ann)
    assert said(await ann.put(path, fields("Changed.", 1))) == (200, "saved", "2")
    assert said(await ann.put(path, fields("Changed again.", 2))) == (200, "saved", "3")
    entry = await stored(path)
    assert (entry.body, entry.words, entry.version) == ("Changed again.", 2, 3)


async def test_htmx_gets_a_status_line_that_holds_no_inputs(ann: Browser) -> None:
    """A fragment with inputs, swapped in, would swallow the version."""
    path = new_path()
    for form in (
        fields(),
        fields("Changed.", 1),
        fields("Changed.", 2),
        fields("Lost.", 1),
        fields("", 2, day="x"),
    ):
        answer = await ann.put(path, form)
        assert not re.search(r"<(html|form|input|textarea|select)\b", answer.text)
    assert "1 word" in (await ann.put(path, fields("Word.", 2))).text


async def test_a_plain_form_is_led_to_the_entry(ann: Browser) -> None:
    path = new_path()
    answer = await ann.post(path, fields())
    assert (answer.headers["Location"], *said(answer)) == (path, 303, "saved", "1")
    assert FIRST in (await ann.get(path)).text


async def test_post_to_the_list_makes_an_entry_of_today(ann: Browser, moment: time_machine.Traveller) -> None:
    await ann.post("/login", {"username": "Ann", "password": "correct horse battery"})
    answer = await ann.post("/entries", {"title": "T", "body": "B", "tags": "a,b", "mood": "great"})
    assert answer.status == 303
    entry = await stored(answer.headers["Location"])
    assert (entry.title, entry.body, entry.tags, entry.mood) == ("T", "B", ["a", "b"], "great")
    assert (entry.day, entry.written_at) == (START.date(), START)


async def test_post_to_the_list_ignores_a_version(ann: Browser) -> None:
    for version in ("7", "x", "-1"):
        answer = await ann.post("/entries", {"body": "words", "version": version})
        assert said(answer) == (303, "saved", "1")


async def test_what_is_absent_stays_and_what_is_empty_goes(ann: Browser) -> None:
    path = await begun(ann, title="T", tags="a, b", mood="good")
    await ann.put(path, {"body": "Changed.", "version": "1"})
    entry = await stored(path)
    assert (entry.title, entry.tags, entry.mood, entry.day) == ("T", ["a", "b"], "good", date(2024, 5, 31))
    await ann.put(path, {"title": "", "tags": "", "mood": "", "day": "", "version": "2"})
    entry = await stored(path)
    assert (entry.title, entry.tags, entry.mood) == ("", [], "")
    assert (entry.body, entry.day) == ("Changed.", date(2024, 5, 31))


async def test_an_entry_may_be_emptied_once_it_is_there(ann: Browser) -> None:
    path = await begun(ann)
    assert said(await ann.put(path, fields("", 1))) == (200, "saved", "2")
    assert ("before", FIRST) in await kept(path) or ("start", FIRST) in await kept(path)


async def test_the_rendering_is_made_at_the_save_and_not_at_the_reading(
    ann: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await begun(ann, body="**bold** [x](https://a.example)")
    assert "<strong>bold</strong>" in (await stored(path)).html
    monkeypatch.setattr(plain, "to_html", None)
    assert "<strong>bold</strong>" in (await ann.get(path)).text
    await Entry.filter(uid=UUID(path[9:])).update(html="<p>as it was stored</p>")
    for page in (path, "/", "/days/2024-05-31"):
        assert "<p>as it was stored</p>" in (await ann.get(page)).text


async def test_a_title_alone_does_not_render_the_text_again(
    ann: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = await begun(ann, body="**bold**")
    monkeypatch.setattr(plain, "to_html", None)
    assert said(await ann.put(path, {"title": "T", "version": "1"})) == (200, "saved", "2")
    assert "<strong>bold</strong>" in (await stored(path)).html


# Replay


async def test_the_same_save_again_is_a_replay(ann: Browser) -> None:
    path, form = new_path(), fields()
    assert said(await ann.put(path, form)) == (200, "saved", "1")
    for _ in range(3):
        assert said(await ann.put(path, form)) == (200, "replay", "1")
    answer = await ann.post(path, form)
    assert (answer.headers["Location"], *said(answer)) == (path, 303, "replay", "1")
    assert (await count("entries"), await kept(path)) == (1, [("start", FIRST)])


async def test_a_replay_answers_with_the_version_of_then(ann: Browser) -> None:
    """Else a page that was overtaken would save over what it has never seen."""
    path, form = new_path(), fields()
    await ann.put(path, form)
    await ann.put(path, fields("From elsewhere.", 1))
    assert said(await ann.put(path, form)) == (200, "replay", "1")
    assert (await stored(path)).body == "From elsewhere."
    assert said(await ann.put(path, fields("Typed on.", 1)))[1] == "conflict"


async def test_a_save_that_was_unchanged_is_a_replay_too(ann: Browser) -> None:
    path = await begun(ann)
    form = fields(version=1)
    assert said(await ann.put(path, form)) == (200, "unchanged", "1")
    assert said(await ann.put(path, form)) == (200, "replay", "1")


async def test_twenty_at_once_of_one_first_save_make_one_entry_with_one_text(ann: Browser) -> None:
    path, form = new_path(), fields()
    answers = await asyncio.gather(*(ann.put(path, form) for _ in range(20)))
    assert sorted(answer.headers["X-Save"] for answer in answers) == ["replay"] * 19 + ["saved"]
    assert {answer.headers["X-Version"] for answer in answers} == {"1"}
    assert (await count("entries"), await count("saves"), await kept(path)) == (1, 1, [("start", FIRST)])


async def test_twenty_at_once_of_one_later_save_make_one_version(ann: Browser) -> None:
    path, form = await begun(ann), fields("Changed.", 1)
    answers = await asyncio.gather(*(ann.put(path, form) for _ in range(20)))
    assert sorted(answer.headers["X-Save"] for answer in answers) == ["replay"] * 19 + ["saved"]
    assert {answer.headers["X-Version"] for answer in answers} == {"2"}
    assert await kept(path) == [("start", FIRST), ("manual", "Changed.")]


async def test_twenty_at_once_of_one_conflicting_save_keep_its_text_once(ann: Browser) -> None:
    path = await begun(ann)
    await ann.put(path, fields("Second.", 1))
    form = fields("Late.", 1)
    answers = await asyncio.gather(*(ann.put(path, form) for _ in range(20)))
    assert {said(answer) for answer in answers} == {(409, "conflict", "2")}
    assert [words for kind, words in await kept(path) if kind == "conflict"] == ["Late."]


async def test_after_midnight_and_from_elsewhere_it_is_the_same_save(
    ann: Browser, moment: time_machine.Traveller
) -> None:
    await ann.post("/login", {"username": "Ann", "password": "correct horse battery"})
    path, form = new_path(), {"body": FIRST, "version": "0", "save": str(uuid4())}
    assert said(await ann.put(path, form)) == (200, "saved", "1")
    moment.shift(timedelta(hours=13))
    assert said(await ann.put(path, form)) == (200, "replay", "1")
    await ann.post("/settings", {"zone": "Pacific/Kiritimati", "theme": "dark"})
    assert said(await ann.put(path, form)) == (200, "replay", "1")
    assert said(await ann.put(path, form | {"save": str(uuid4())})) == (200, "unchanged", "1")
    dated = form | {"day": "2024-05-31", "save": str(uuid4()), "version": "1"}
    assert said(await ann.put(path, dated)) == (200, "unchanged", "1")


async def test_one_save_sent_twice_to_the_list_makes_one_entry(ann: Browser) -> None:
    form = {"body": "from a script", "save": str(uuid4())}
    answers = [await ann.post("/entries", form) for _ in range(3)]
    assert [answer.headers["X-Save"] for answer in answers] == ["saved", "replay", "replay"]
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert "from a script" in (await ann.get(answers[2].headers["Location"])).text
    assert await count("entries") == 1


async def test_without_a_save_id_each_is_a_save_of_its_own(ann: Browser) -> None:
    answers = [await ann.post("/entries", {"body": "from a script"}) for _ in range(2)]
    assert len({answer.headers["Location"] for answer in answers}) == 2


async def test_a_save_id_with_other_words_is_judged_by_its_version(ann: Browser) -> None:
    """A plain form, Back, edited, sent again."""
    path, form = new_path(), fields()
    await ann.put(path, form)
    assert said(await ann.put(path, form | {"body": "Edited, stale."})) == (409, "conflict", "1")
    edited = form | {"body": "Edited.", "version": "1"}
    assert said(await ann.put(path, edited)) == (200, "saved", "2")
    assert said(await ann.put(path, edited)) == (200, "replay", "2")
    assert (await stored(path)).body == "Edited."
    assert ("conflict", "Edited, stale.") in await kept(path)


async def test_a_leaving_page_and_the_copy_it_left_a_moment_before_are_no_conflict(ann: Browser) -> None:
    path, form = new_path(), fields(kind="leave", body="Fine words.")
    assert said(await ann.put(path, form)) == (200, "saved", "1")
    assert said(await ann.put(path, form | {"body": "Fi"})) == (200, "unchanged", "1")
    assert (await stored(path)).body == "Fine words."
    more = form | {"body": "Fine words. And more."}
    assert said(await ann.put(path, more)) == (200, "saved", "2")
    assert said(await ann.put(path, more)) == (200, "replay", "2")
    assert "conflict" not in [kind for kind, _ in await kept(path)]
    assert said(await ann.put(path, fields(body="From the phone.", version="2"))) == (200, "saved", "3")
    assert said(await ann.put(path, form | {"body": "Fi"})) == (409, "conflict", "3")
    assert (await stored(path)).body == "From the phone."


@pytest.mark.parametrize(
    "other",
    [{"tags": "secret, plan"}, {"mood": "great"}, {"day": "2020-02-02"}, {"body": "F", "mood": "bad"}],
)
async def test_what_overtakes_a_leaving_page_with_other_fields_is_among_the_versions(
    ann: Browser, other: dict[str, str]
) -> None:
    path, form = new_path(), fields(kind="leave", body="Fine words.", tags="", mood="", day="2024-05-31")
    assert said(await ann.put(path, form)) == (200, "saved", "1")
    assert said(await ann.put(path, form | other)) == (200, "unchanged", "1")
    assert (await stored(path)).body == "Fine words."
    lost = [row for row in await rows("SELECT * FROM revisions") if row["kind"] == "conflict"]
    assert len(lost) == 1
    (name, value), *_ = reversed(other.items())
    assert value.split(", ")[0] in str(lost[0][name])


async def test_a_save_id_that_was_used_for_another_entry_saves_this_one(ann: Browser) -> None:
    form = fields()
    paths = [new_path(), new_path()]
    for path in paths:
        assert said(await ann.put(path, form)) == (200, "saved", "1")
    assert [(await stored(path)).body for path in paths] == [FIRST, FIRST]
    assert said(await ann.put(paths[1], form)) == (200, "replay", "1")


async def test_two_people_may_use_one_save_id(ann: Browser, bob: Browser) -> None:
    form = fields()
    for browser in (ann, bob):
        assert said(await browser.put(new_path(), form)) == (200, "saved", "1")
    assert await count("entries") == 2


# Unchanged


async def test_what_is_there_already_makes_no_version(ann: Browser) -> None:
    path = await begun(ann, title="T", tags="a, b", mood="good")
    form = fields(version=1, title="T", tags="a, b", mood="good")
    assert said(await ann.put(path, form)) == (200, "unchanged", "1")
    answer = await ann.post(path, form | {"save": str(uuid4())})
    assert said(answer) == (303, "unchanged", "1")
    assert await kept(path) == [("start", FIRST)]


@pytest.mark.parametrize(
    "changed", [{"title": "U"}, {"day": "2024-06-01"}, {"tags": "a"}, {"mood": "bad"}, {"body": "B"}]
)
async def test_each_field_counts_as_a_change(ann: Browser, changed: dict[str, str]) -> None:
    path = await begun(ann, title="T", tags="a, b", mood="good")
    form = fields(version=1, title="T", tags="a, b", mood="good") | changed
    assert said(await ann.put(path, form)) == (200, "saved", "2")


async def test_the_same_text_from_two_tabs_is_no_conflict(ann: Browser) -> None:
    path = await begun(ann)
    await ann.put(path, fields("Second.", 1))
    assert said(await ann.put(path, fields("Second.", 1))) == (200, "unchanged", "2")
    assert said(await ann.put(path, fields("Second.", 0))) == (200, "unchanged", "2")


async def test_other_line_ends_are_no_change(ann: Browser) -> None:
    path = await begun(ann, body="one\ntwo\n")
    assert said(await ann.post(path, fields("one\r\ntwo\r\n", 1))) == (303, "unchanged", "1")


# Conflict


async def test_a_stale_version_overwrites_nothing_and_loses_nothing(ann: Browser) -> None:
    path = await begun(ann)
    await ann.put(path, fields("Second.", 1))
    assert said(await ann.put(path, fields("Late.", 1))) == (409, "conflict", "2")
    entry = await stored(path)
    assert (entry.body, entry.version) == ("Second.", 2)
    assert await kept(path) == [("start", FIRST), ("manual", "Second."), ("conflict", "Late.")]


async def test_a_version_from_the_future_is_stale_as_well(ann: Browser) -> None:
    path = await begun(ann)
    assert said(await ann.put(path, fields("Late.", 999999999))) == (409, "conflict", "1")
    assert ("conflict", "Late.") in await kept(path)


async def test_version_0_of_an_entry_that_is_there_is_a_conflict(ann: Browser) -> None:
    path = await begun(ann)
    assert said(await ann.put(path, fields("Other."))) == (409, "conflict", "1")
    assert said(await ann.put(path, {"body": "No version at all."})) == (409, "conflict", "1")
    assert (await stored(path)).body == FIRST
    assert [words for kind, words in await kept(path) if kind == "conflict"] == [
        "Other.",
        "No version at all.",
    ]


async def test_the_losing_text_keeps_all_its_fields_and_takes_over_what_it_left_alone(ann: Browser) -> None:
    path = await begun(ann, title="T", tags="a", mood="good")
    await ann.put(path, fields("Second.", 1, title="T2", tags="b", mood="bad", day="2024-06-02"))
    await ann.put(path, {"body": "Late.", "tags": "c", "version": "1"})
    (losing,) = await rows("SELECT title, tags, mood, day, version FROM revisions WHERE kind = 'conflict'")
    assert (losing["title"], losing["tags"], losing["mood"]) == ("T2", ["c"], "bad")
    assert (losing["day"], losing["version"]) == (date(2024, 6, 2), 1)


async def test_a_conflict_sent_again_is_one_conflict(ann: Browser) -> None:
    path = await begun(ann)
    await ann.put(path, fields("Second.", 1))
    form = fields("Late.", 1)
    for _ in range(3):
        assert said(await ann.put(path, form)) == (409, "conflict", "2")
    assert [words for kind, words in await kept(path) if kind == "conflict"] == ["Late."]


async def test_a_plain_form_sees_both_texts_and_can_go_on_with_its_own(ann: Browser) -> None:
    path = await begun(ann, title="T", tags="a, b", mood="good")
    await ann.put(path, fields("The other text.", 1, title="The other title"))
    late = "\nMine & <b>mine</b>\n</textarea>\r\n"
    page = await ann.post(path, sent(fields(late, 1, title='"Mine"', tags="a, b", mood="good")))
    assert said(page) == (409, "conflict", "2")
    assert "The other text." in page.text
    assert "The other title" in page.text
    form = page.form(path)
    assert form["body"] == late.replace("\r\n", "\n")
    assert (form["title"], form["tags"], form["mood"], form["version"]) == ('"Mine"', "a, b", "good", "2")
    assert said(await ann.post(path, sent(form))) == (303, "saved", "3")
    assert (await stored(path)).body == late.replace("\r\n", "\n")
    assert [words for _, words in await kept(path)][:2] == [FIRST, "The other text."]


async def test_htmx_is_told_of_the_conflict_in_a_fragment(ann: Browser) -> None:
    path = await begun(ann)
    await ann.put(path, fields("Second.", 1))
    answer = await ann.put(path, fields("Late.", 1))
    assert "Nothing was overwritten" in answer.text
    assert "<html" not in answer.text


async def test_of_twenty_writers_on_one_version_one_saves_and_twenty_texts_are_kept(ann: Browser) -> None:
    path = await begun(ann)
    texts = [f"The text of writer {number}." for number in range(20)]
    answers = await asyncio.gather(*(ann.put(path, fields(words, 1)) for words in texts))
    assert sorted(answer.headers["X-Save"] for answer in answers) == ["conflict"] * 19 + ["saved"]
    assert {answer.headers["X-Version"] for answer in answers} == {"2"}
    assert sorted(words for _, words in await kept(path)) == sorted([FIRST, *texts])
    winner = [words for words, answer in zip(texts, answers, strict=True) if answer.status == 200]
    assert [(await stored(path)).body] == winner
    assert [words for kind, words in await kept(path) if kind == "manual"] == winner


async def test_of_twenty_who_begin_one_entry_one_begins_it_and_twenty_texts_are_kept(ann: Browser) -> None:
    path = new_path()
    texts = [f"The text of writer {number}." for number in range(20)]
    answers = await asyncio.gather(*(ann.put(path, fields(words)) for words in texts))
    assert sorted(answer.headers["X-Save"] for answer in answers) == ["conflict"] * 19 + ["saved"]
    assert sorted(words for _, words in await kept(path)) == sorted(texts)


async def test_writers_of_different_entries_do_not_disturb_each_other(ann: Browser, bob: Browser) -> None:
    paths = [new_path() for _ in range(20)]
    for version in range(3):
        answers = await asyncio.gather(
            *(
                (ann if number % 2 else bob).put(path, fields(f"{number}.{version}", version))
                for number, path in enumerate(paths)
            )
        )
        assert {said(answer) for answer in answers} == {(200, "saved", str(version + 1))}


# After an unanswered save


async def test_a_save_after_one_whose_answer_was_lost_is_no_conflict_with_oneself(ann: Browser) -> None:
    path, lost = await begun(ann), fields("Lost answer.", 1)
    await ann.put(path, lost)
    assert said(await ann.put(path, fields("Typed on.", 1, after=lost["save"]))) == (200, "saved", "3")


async def test_a_new_entry_goes_on_after_an_unanswered_first_save(ann: Browser) -> None:
    path, lost = new_path(), fields()
    await ann.put(path, lost)
    assert said(await ann.put(path, fields("Typed on.", 0, after=lost["save"]))) == (200, "saved", "2")


async def test_a_save_after_one_that_never_arrived_is_judged_by_its_version(ann: Browser) -> None:
    path = await begun(ann)
    assert said(await ann.put(path, fields("Typed on.", 1, after=str(uuid4())))) == (200, "saved", "2")
    assert said(await ann.put(path, fields("Late.", 1, after=str(uuid4())))) == (409, "conflict", "2")


async def test_what_others_saved_after_the_unanswered_one_still_conflicts(ann: Browser) -> None:
    path, lost = await begun(ann), fields("Lost answer.", 1)
    await ann.put(path, lost)
    await ann.put(path, fields("From elsewhere.", 2))
    assert said(await ann.put(path, fields("Typed on.", 1, after=lost["save"]))) == (409, "conflict", "3")


async def test_a_save_after_a_conflict_is_a_conflict(ann: Browser) -> None:
    path = await begun(ann)
    await ann.put(path, fields("From elsewhere.", 1))
    late = fields("Late.", 1)
    assert said(await ann.put(path, late)) == (409, "conflict", "2")
    assert said(await ann.put(path, fields("Typed on.", 1, after=late["save"]))) == (409, "conflict", "2")


async def test_a_save_of_another_entry_or_person_does_not_count(ann: Browser, bob: Browser) -> None:
    path, other, bobs = await begun(ann), fields("Of another entry."), fields("Of Bob.")
    await ann.put(path, fields("Second.", 1))
    elsewhere = new_path()
    for version in range(2):  # its version is then that of the entry
        await ann.put(elsewhere, other | {"body": f"{version}", "version": str(version)})
    await bob.put(new_path(), bobs)
    for after in (other["save"], bobs["save"]):
        assert said(await ann.put(path, fields("Late.", 1, after=after))) == (409, "conflict", "2")


async def test_a_leaving_page_and_its_last_autosave_arrive_in_any_order(ann: Browser) -> None:
    for _ in range(5):
        path = await begun(ann)
        auto = fields("Typed", 1, kind="auto")
        leave = fields("Typed on.", 1, kind="leave", after=auto["save"])
        await asyncio.gather(ann.put(path, auto), ann.put(path, leave))
        texts = [words for _, words in await kept(path)] + [(await stored(path)).body]
        assert "Typed on." in texts
        assert "Typed" in texts or (await stored(path)).body == "Typed on."


# The bin


async def test_an_edit_beats_a_deletion(ann: Browser) -> None:
    path = await begun(ann)
    await ann.post(f"{path}/deletion")
    assert FIRST not in (await ann.get("/")).text
    assert said(await ann.put(path, fields("Written on elsewhere.", 1))) == (200, "saved", "2")
    assert "Written on elsewhere." in (await ann.get("/")).text


async def test_an_entry_that_went_for_good_may_begin_again(ann: Browser) -> None:
    path = await begun(ann)
    await ann.put(path, fields("Second.", 1))
    await ann.post(f"{path}/deletion")
    await ann.post("/bin/deletion")
    assert (await ann.get(path)).status == 404
    assert said(await ann.put(path, fields("From a page that was open.", 2))) == (200, "saved", "1")
    assert "From a page that was open." in (await ann.get(path)).text


async def test_a_page_that_was_open_for_long_begins_it_on_the_writers_own_day(
    app: Quart, moment: time_machine.Traveller
) -> None:
    """The server no longer knows the day, and in Kiritimati it is tomorrow already."""
    browser, path = await registered(app, "Ann", zone="Pacific/Kiritimati"), new_path()
    assert said(await browser.put(path, {"body": "words", "version": "3"})) == (200, "saved", "1")
    entry = await stored(path)
    assert (entry.day, entry.zone) == (date(2024, 6, 1), "Pacific/Kiritimati")


# Whose it is


async def test_an_entry_of_somebody_else_is_not_found_whatever_the_version(
    ann: Browser, bob: Browser
) -> None:
    path = await begun(ann)
    before = await count("saves")
    for version in (0, 1, 2):
        for sending in (bob.put, bob.post):
            answer = await sending(path, fields("Bob was here.", version))
            assert (answer.status, answer.headers.get("X-Save")) == (404, None)
    assert (await stored(path)).body == FIRST
    assert await kept(path) == [("start", FIRST)]
    assert await count("saves") == before


async def test_an_entry_of_somebody_else_in_the_bin_is_not_found_either(ann: Browser, bob: Browser) -> None:
    path = await begun(ann)
    await ann.post(f"{path}/deletion")
    assert (await bob.put(path, fields("Bob was here.", 0))).status == 404


async def test_of_two_people_who_begin_one_entry_at_once_one_gets_it(ann: Browser, bob: Browser) -> None:
    path = new_path()
    answers = await asyncio.gather(
        *(browser.put(path, fields(f"{n}")) for n in range(5) for browser in (ann, bob))
    )
    assert [answer.status for answer in answers].count(404) == 5
    assert [answer.headers.get("X-Save") for answer in answers].count("saved") == 1
    assert len(await kept(path)) == 5


async def test_another_owner_is_409_and_nothing_is_saved(ann: Browser, bob: Browser) -> None:
    path = await begun(ann)
    user = await users.find("Bob")
    assert user
    for owner in (str(user.id), "0", "x", "\0", " ", "9" * 5000):
        answer = await ann.put(path, fields("Bob's words", 1, owner=owner))
        assert said(answer) == (409, "other-owner", None)
    assert await kept(path) == [("start", FIRST)]


async def test_the_right_owner_and_none_are_fine(ann: Browser) -> None:
    user = await users.find("Ann")
    assert user
    path = await begun(ann, owner=str(user.id))
    assert said(await ann.put(path, fields("Second.", 1, owner=""))) == (200, "saved", "2")


# What can't be saved


WRONG = [
    {"title": "x" * 301},
    {"title": "🙂" * 301},
    {"body": "x" * 1_000_001},
    {"tags": "x" * 61},
    {"tags": ",".join(f"tag{number}" for number in range(51))},
    {"tags": "," * 30_000},
    {"day": "2024-02-30"},
    {"day": "31.05.2024"},
    {"day": "20240531"},
    {"day": "2024-W22-5"},
    {"day": "2024-5-31"},
    {"day": "0000-01-01"},
    {"day": "10000-01-01"},
    {"day": "-001-01-01"},
    {"day": "2024-05-31T00:00"},
    {"day": "٢٠٢٤-٠٥-٣١"},
    {"day": "today"},
    {"day": "\0"},
    {"mood": "splendid"},
    {"mood": "good,bad"},
    {"mood": "\0"},
    {"version": "-1"},
    {"version": "1.5"},
    {"version": "x"},
    {"version": "1e3"},
    {"version": " 1"},
    {"version": "٣"},
    {"version": "9999999999"},
    {"version": "\0"},
    {"save": "x"},
    {"save": "1234"},
    {"save": "\0"},
    {"save": "' OR 1=1 --"},
    {"after": "x"},
]


async def test_what_can_not_be_saved_is_said_and_stays_on_the_page(ann: Browser) -> None:
    path = await begun(ann)
    for wrong in WRONG:
        form = fields("The words that were typed.", 1, title="The title") | wrong
        answer = await ann.put(path, form)
        assert answer.status == 422, wrong
        assert 'class="error"' in answer.text
        assert answer.headers.get("X-Save") is None
        page = await ann.post(path, form)
        assert page.status == 422
        shown = page.form(path)
        assert (shown["body"], shown["title"], shown["tags"]) == (form["body"], form["title"], form["tags"])
    assert (await stored(path)).version == 1
    assert await kept(path) == [("start", FIRST)]


@pytest.mark.parametrize("body", ["", " ", "\n\r\n\t", "\u3000\u2003"])
async def test_a_new_entry_is_not_empty(ann: Browser, body: str) -> None:
    path = new_path()
    assert (await ann.put(path, fields(body))).status == 422
    page = await ann.post("/entries", {"body": body, "title": " "})
    assert page.status == 422
    assert "Write something first." in page.text
    assert await count("entries") == 0


@pytest.mark.parametrize("given", [{"tags": "a walk"}, {"mood": "good"}, {"title": "Home"}])
async def test_a_tag_a_mood_or_a_title_alone_is_an_entry(ann: Browser, given: dict[str, str]) -> None:
    path = new_path()
    assert (await ann.put(path, fields("", **given))).status == 200
    shown = (await ann.get(path)).text
    assert next(iter(given.values())).title() in shown.title()
    assert (await ann.get("/")).text.count("<article") == 1


async def test_nothing_at_all_is_empty_too(ann: Browser) -> None:
    assert (await ann.post("/entries", {})).status == 422
    assert (await ann.put(new_path(), {})).status == 422
    assert (await ann.ask("/entries", "POST", Content_Type="application/json")).status == 422


async def test_a_title_alone_is_an_entry(ann: Browser) -> None:
    assert said(await ann.put(new_path(), fields("", title="A title"))) == (200, "saved", "1")


async def test_limits_are_reached_and_not_only_approached(ann: Browser) -> None:
    tags = ", ".join(f"tag{number}" for number in range(50))
    for number, full in enumerate(
        (
            {"title": "🙂" * 300},
            {"body": "x" * 1_000_000},
            {"tags": tags},
            {"tags": "x" * 60},
            {"day": "9999-12-31"},
        )
    ):
        path = new_path()
        form = fields(f"words {number}") | full
        assert said(await ann.put(path, form)) == (200, "saved", "1")
        shown = (await ann.get(f"{path}/edit")).form(path)
        assert {name: shown[name] for name in full} == full


async def test_an_address_that_is_no_uid_is_not_found(ann: Browser) -> None:
    for uid in (
        "1",
        "x",
        "0" * 32,
        str(uuid4())[:-1],
        f"{uuid4()}0",
        f"{{{uuid4()}}}",
        "%00",
        "..",
        "-" * 36,
    ):
        assert (await ann.put(f"/entries/{uid}", fields())).status in (404, 405)
    assert await count("entries") == 0


async def test_the_letters_of_a_uid_may_be_large(ann: Browser) -> None:
    path = await begun(ann)
    assert said(await ann.put("/entries/" + path[9:].upper(), fields("Second.", 1))) == (200, "saved", "2")


# Strange texts, byte for byte


BREAKS = "\u202eright to left\u2028line\u2029paragraph\x85\x0b\x0c"
ROUND = {
    "\r\n line\r ends\n\n": "\n line\n ends\n\n",
    "a\0b\0": "a\ufffdb\ufffd",
    "  spaces \t and tabs  \n": "  spaces \t and tabs  \n",
    "\ufeffbyte order mark": "\ufeffbyte order mark",
    BREAKS: BREAKS,
    "e\u0301 \u00e9 ﬁ Å ｆ": "e\u0301 \u00e9 ﬁ Å ｆ",
    "👩‍👩‍👧‍👦🏳️‍🌈🇩🇪\U0010ffff\ufffe": "👩‍👩‍👧‍👦🏳️‍🌈🇩🇪\U0010ffff\ufffe",
    "</textarea><script>alert(1)</script>&amp;&#10;": "</textarea><script>alert(1)</script>&amp;&#10;",
    "'; DROP TABLE entries; -- ? $1 %s \\ \\0": "'; DROP TABLE entries; -- ? $1 %s \\ \\0",
    "{{ 7 * 7 }}{% raw %}{# #}": "{{ 7 * 7 }}{% raw %}{# #}",
}


async def test_strange_texts_come_back_byte_for_byte(ann: Browser) -> None:
    for typed, expected in ROUND.items():
        path = new_path()
        assert said(await ann.put(path, fields(typed))) == (200, "saved", "1"), ascii(typed)
        assert (await stored(path)).body == expected
        assert said(await ann.put(path, fields(typed, 1))) == (200, "unchanged", "1")
        assert (await ann.get(path)).status == 200


async def test_strange_titles_and_tags_are_kept_on_one_line(ann: Browser) -> None:
    path = await begun(ann, title=" a\r\n b\0c\td ", tags="x\0y, \x01, a\nb, # sharp")
    entry = await stored(path)
    assert entry.title == "a b\ufffdc d"
    assert entry.tags == ["xy", "a b", "sharp"]


def test_lone_surrogates_become_marks_of_replacement() -> None:
    form = SaveForm({"title": "a\ud800b", "body": "\udfff\ud83d\ude00\ud83d", "tags": "x\ud800"})
    assert form.is_valid
    assert (form.title, form.body) == ("a\ufffdb", "\ufffd😀\ufffd")
    assert form.tags == ["x"]


async def test_bytes_that_are_no_text_are_no_error(ann: Browser) -> None:
    """As a broken client sends them: lone surrogates and cut letters in UTF-8."""
    for raw in (b"body=%ED%A0%80x&title=%C3", b"body=\xff\xfex&title=\xed\xa0\x80", b"body=%zz%&title=%"):
        answer = await ann.client.post(
            new_path(),
            data=raw,
            headers={
                "Host": ann.host,
                "Content-Type": "application/x-www-form-urlencoded",
                "Cookie": "; ".join(f"{name}={value}" for name, value in ann.jar.items()),
            },
        )
        assert answer.status_code in (303, 422)


async def test_a_megabyte_of_emoji_comes_back_byte_for_byte(ann: Browser) -> None:
    path, body = new_path(), "🙂" * 250_000
    assert len(body.encode()) == 1_000_000
    assert said(await ann.put(path, fields(body))) == (200, "saved", "1")
    assert (await stored(path)).body == body
    assert (await ann.put(path, fields(body + "x", 1))).status == 422


async def multipart(browser: Browser, path: str, form: dict[str, str], **files: FileStorage) -> Any:
    cookie = "; ".join(f"{name}={value}" for name, value in browser.jar.items())
    files = files or {"nothing": FileStorage(BytesIO(b""), "nothing.txt")}
    return await browser.client.post(
        path, form=form, files=files, headers={"Host": browser.host, "Cookie": cookie}
    )


async def test_a_long_text_passes_by_both_ways_of_sending(ann: Browser) -> None:
    """Quart alone would refuse fields over 500 kB in the one, and take them in the other."""
    body = "x" * 999_999
    path = new_path()
    assert (await multipart(ann, path, fields(body))).status_code == 303
    assert (await stored(path)).body == body
    assert said(await ann.post(path, fields(body + "y", 1))) == (303, "saved", "2")


async def test_two_megabytes_of_emoji_are_refused_with_the_text_kept(ann: Browser) -> None:
    path, body = new_path(), "🙂" * 500_000
    answer = await multipart(ann, path, fields(body))
    assert answer.status_code == 422
    page = await answer.get_data(as_text=True)
    assert "1 MB" in page
    assert page.count("🙂" * 1000) == 500
    assert (await ann.put(path, fields(body))).status == 413  # three bytes for each of its two million


async def test_more_than_four_megabytes_are_413_however_they_are_sent(ann: Browser) -> None:
    path, body = new_path(), "x" * 4_300_000
    answer = await ann.put(path, fields(body))
    assert answer.status == 413
    assert "more than the site takes" in answer.text
    assert (await multipart(ann, path, fields(body))).status_code == 413
    big = FileStorage(BytesIO(b"x" * 4_300_000), "big.bin")
    assert (await multipart(ann, path, fields(), file=big)).status_code == 413
    assert await count("entries") == 0
    assert said(await ann.put(path, fields())) == (200, "saved", "1")


# History


LONG = "".join(f"Sentence {number:04}. " for number in range(100))  # 1,900 characters


async def writes(browser: Browser, path: str, *texts: str, kind: str = "auto") -> None:
    for body in texts:
        entry = await Entry.get_or_none(uid=UUID(path[9:]))
        form = fields(body, entry.version if entry else 0, kind=kind)
        assert (await browser.put(path, form)).headers["X-Save"] == "saved"


@pytest.fixture
async def diarist(app: Quart, moment: time_machine.Traveller) -> Browser:
    """Signed in at an hour that can be moved."""
    return await registered(app, "Ann")


async def test_a_sitting_keeps_its_start_and_a_text_every_ten_minutes(
    diarist: Browser, moment: time_machine.Traveller
) -> None:
    path, body = new_path(), "0"
    await writes(diarist, path, body)
    for minute in range(1, 26):
        moment.shift(60)
        body += f" {minute}"
        await writes(diarist, path, body)
    starts = [(kind, words.split()[-1]) for kind, words in await kept(path)]
    assert starts == [("start", "0"), ("auto", "10"), ("auto", "20")]


async def test_a_new_sitting_keeps_its_first_text(diarist: Browser, moment: time_machine.Traveller) -> None:
    path = new_path()
    await writes(diarist, path, "one", "one two", "one two three")
    moment.shift(timedelta(days=1))
    await writes(diarist, path, "one two three four", "one two three four five")
    assert await kept(path) == [("start", "one"), ("auto", "one two three four")]


@pytest.mark.parametrize("kind", ["manual", "leave", "restore"])
async def test_each_save_that_was_asked_for_is_kept(diarist: Browser, kind: str) -> None:
    path = new_path()
    await writes(diarist, path, "one")
    await writes(diarist, path, "one two", "one two three", kind=kind)
    assert [words for found, words in await kept(path) if found == kind] == ["one two", "one two three"]


async def test_a_save_that_does_not_say_what_it_is_was_asked_for(diarist: Browser) -> None:
    path = new_path()
    await writes(diarist, path, "one")
    await writes(diarist, path, "one two", kind="")
    await writes(diarist, path, "one two three", kind="nonsense")
    assert [kind for kind, _ in await kept(path)] == ["start", "manual", "manual"]


async def test_before_a_restored_text_the_present_one_is_kept(diarist: Browser) -> None:
    path = new_path()
    await writes(diarist, path, "one", "one two")
    await writes(diarist, path, "one two three", kind="restore")
    assert await kept(path) == [("start", "one"), ("before", "one two"), ("restore", "one two three")]


REMOVALS = {
    "201 of 1,900": (LONG, LONG[201:], True),
    "200 of 1,900": (LONG, LONG[200:], False),
    "201 in the middle": (LONG, LONG[:700] + LONG[901:], True),
    "200 in the middle": (LONG, LONG[:700] + LONG[900:], False),
    "3 of 10": ("0123456789", "0123456", True),
    "2 of 10": ("0123456789", "01234567", False),
    "all": ("words", "", True),
    "all, for as much else": (LONG, LONG.replace("e", "a").replace("S", "T"), True),
    "half, for more": (LONG, LONG[:900] + "other " * 500, True),
    "201 replaced": (LONG, LONG[:700] + "*" * 300 + LONG[901:], True),
    "nothing": (LONG, LONG + "more", False),
    "nothing, something put in": (LONG, LONG[:500] + "more" + LONG[500:], False),
    "nothing, something put before": (LONG, "more" + LONG, False),
    "nothing, the same again": (LONG, LONG + LONG, False),
    "a letter for a letter": (LONG, LONG[:-1] + "!", False),
}


@pytest.mark.parametrize(("old", "new", "is_kept"), REMOVALS.values(), ids=REMOVALS)
async def test_before_much_goes_the_present_text_is_kept(
    diarist: Browser, old: str, new: str, is_kept: bool
) -> None:
    path = new_path()
    await writes(diarist, path, "begun", old, new)
    # What came before `old` went as well, where the two have nothing in common.
    assert [words for kind, words in await kept(path) if kind == "before"] == ([old] if is_kept else [])


async def test_a_text_is_kept_once_a_version(diarist: Browser) -> None:
    path = new_path()
    await writes(diarist, path, "one")
    await writes(diarist, path, LONG, "", kind="manual")
    assert [kind for kind, _ in await kept(path)] == ["start", "manual", "manual"]


async def test_a_lost_conflict_does_not_put_off_the_next_text_that_is_kept(
    diarist: Browser, moment: time_machine.Traveller
) -> None:
    path = new_path()
    await writes(diarist, path, "one")
    moment.shift(timedelta(minutes=9))
    await diarist.put(path, fields("late", 0))
    moment.shift(timedelta(minutes=1))
    await writes(diarist, path, "one two")
    assert await kept(path) == [("start", "one"), ("conflict", "late"), ("auto", "one two")]


async def test_what_changes_nothing_keeps_nothing(diarist: Browser, moment: time_machine.Traveller) -> None:
    path = new_path()
    await writes(diarist, path, "one")
    moment.shift(timedelta(days=1))
    for kind in ("auto", "manual", "leave", "restore"):
        assert said(await diarist.put(path, fields("one", 1, kind=kind)))[1] == "unchanged"
    assert await kept(path) == [("start", "one")]


async def test_revisions_are_counted_without_gaps_and_hold_all_fields(diarist: Browser) -> None:
    path = new_path()
    await diarist.put(path, fields("one", title="T", tags="a, b", mood="bad", day="2020-02-29"))
    await writes(diarist, path, "two", "three", kind="manual")
    found = await rows("SELECT number, version, title, tags, mood, day FROM revisions ORDER BY number")
    assert [(row["number"], row["version"]) for row in found] == [(1, 1), (2, 2), (3, 3)]
    first = found[0]
    assert (first["title"], first["tags"], first["mood"]) == ("T", ["a", "b"], "bad")
    assert first["day"] == date(2020, 2, 29)


async def test_answers_are_remembered_for_sixty_days(
    diarist: Browser, moment: time_machine.Traveller
) -> None:
    from journal import clock
    from journal.entries import idempotency

    await begun(diarist)
    moment.shift(timedelta(days=60))
    await idempotency.sweep(clock.now())
    assert await Save.all().count() == 1
    moment.shift(1)
    await idempotency.sweep(clock.now())
    assert await Save.all().count() == 0
