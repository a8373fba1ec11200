"""Reading: the timeline page by page, neighbours, the bin - and that nobody reads what is not theirs."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from quart import Quart

from journal.accounts import users
from journal.database import Connection, committed, rows
from journal.entries import importing, reading
from journal.entries.imported import ImportedEntry
from journal.entries.models import Entry, EntryMetadata, Revision
from journal.entries.values import EntryFields
from journal.entries.versions import queries as versions
from tests.visiting import PASSWORD, Answer, Browser, registered

NOW = datetime(2024, 5, 31, 12, tzinfo=UTC)
HTMX = {"HX_Request": "true"}


@pytest.fixture
async def ann(app: Quart) -> Browser:
    return await registered(app, "Ann")


@pytest.fixture
async def bob(app: Quart, ann: Browser) -> Browser:
    return await registered(app, "Bob")


async def id_of(name: str) -> int:
    user = await users.find(name)
    assert user
    return int(user.id)


async def add(name: str, days: Sequence[date], prefix: str = "entry") -> None:
    """An entry for each of these days, called `<prefix> <number>`, in this order."""
    user_id = await id_of(name)
    arrivals = [
        ImportedEntry(
            EntryFields(
                title=f"{prefix} {number}", body=f"{prefix} {number}", day=day, zone="UTC", tags=[], mood=""
            ),
            *(NOW, NOW, prefix, str(number)),
        )
        for number, day in enumerate(days)
    ]

    async def work(db: Connection) -> None:
        await importing.add(db, user_id, prepared, NOW)

    prepared = [importing.prepared(user_id, arrival) for arrival in arrivals]
    await committed(work)


def shown(answer: Answer) -> list[str]:
    """The titles of the entries on a page, from its top."""
    assert answer.status == 200, answer.text
    return re.findall(r'<a href="/entries/[0-9a-f-]{36}">\s*([^<]*?)\s*</a></h2>', answer.text)


def onward(answer: Answer) -> str | None:
    """The address of the next page."""
    link = re.search(r'<a href="(/\?before=[^"]*)" rel="next"', answer.text)
    return link[1] if link else None


async def walked(browser: Browser, **headers: str) -> list[list[str]]:
    pages, path = [], "/"
    while path:
        answer = await browser.get(path, **headers)
        pages.append(shown(answer))
        path = onward(answer) or ""
        assert len(pages) < 50
    return pages


def days_back(count: int, each: int = 1) -> list[date]:
    return [date.fromordinal(date(2024, 5, 31).toordinal() - number // each) for number in range(count)]


# The timeline


async def test_an_empty_journal_offers_to_write(ann: Browser) -> None:
    answer = await ann.get("/")
    assert shown(answer) == []
    assert 'href="/entries/new"' in answer.text.split("<main", 1)[1]


async def test_the_newest_day_comes_first_and_on_one_day_what_was_written_last(ann: Browser) -> None:
    await add(
        "Ann", [date(2024, 1, 2), date(2024, 1, 3), date(2024, 1, 1), date(2024, 1, 2), date(1999, 12, 31)]
    )
    assert shown(await ann.get("/")) == ["entry 1", "entry 3", "entry 0", "entry 2", "entry 4"]


@pytest.mark.parametrize("each", [1, 7, 65], ids=["a day each", "seven a day", "one day"])
async def test_page_by_page_each_entry_comes_once(ann: Browser, each: int) -> None:
    await add("Ann", days_back(65, each))
    number = lambda title: int(title.removeprefix("entry "))  # noqa: E731
    # Days go down while numbers go up, but for those of one day.
    expected = [
        f"entry {n}"
        for day in range(0, 65, each)
        for n in sorted(range(day, min(day + each, 65)), reverse=True)
    ]
    for headers in ({}, HTMX):
        pages = await walked(ann, **headers)
        assert [len(page) for page in pages] == [20, 20, 20, 5]
        titles = [title for page in pages for title in page]
        assert sorted(titles, key=number) == [f"entry {n}" for n in range(65)]
        assert titles == expected


@pytest.mark.parametrize(
    ("count", "sizes"), [(1, [1]), (19, [19]), (20, [20]), (21, [20, 1]), (40, [20, 20])]
)
async def test_a_full_last_page_has_no_empty_one_behind_it(
    ann: Browser, count: int, sizes: list[int]
) -> None:
    await add("Ann", days_back(count))
    assert [len(page) for page in await walked(ann)] == sizes


async def test_htmx_gets_the_entries_alone_and_others_the_whole_page(ann: Browser) -> None:
    await add("Ann", days_back(45))
    path = "/"
    while path:
        fragment, page = await ann.get(path, **HTMX), await ann.get(path)
        assert "<html" not in fragment.text
        assert "<h1" not in fragment.text
        assert "<html" in page.text
        assert shown(fragment) == shown(page)
        assert onward(fragment) == onward(page)
        if onward(page):
            assert f'hx-get="{onward(page)}"' in fragment.text
        last, path = page, onward(page) or ""
    assert "This is where it begins." in last.text
    assert 'href="/"' in last.text.split("<main", 1)[1]


async def test_a_boosted_link_and_a_page_out_of_the_history_are_whole_pages(ann: Browser) -> None:
    for header in ("HX_Boosted", "HX_History_Restore_Request"):
        assert "<html" in (await ann.get("/", **HTMX, **{header: "true"})).text


async def test_what_is_written_meanwhile_neither_repeats_nor_hides_anything(ann: Browser) -> None:
    await add("Ann", days_back(45, 3))
    first = await ann.get("/")
    await add("Ann", [date(2024, 5, 31), date(2024, 6, 1), date(2030, 1, 1)], "new")
    second = await ann.get(str(onward(first)))
    third = await ann.get(str(onward(second)))
    titles = [title for page in (first, second, third) for title in shown(page)]
    assert len(titles) == len(set(titles)) == 45


async def test_days_before_1900_and_at_the_calendars_ends_take_part(ann: Browser) -> None:
    old = [date(1899, 12, 31), date(1, 1, 1), date(9999, 12, 31), date(1582, 10, 10), date(999, 2, 28)]
    await add("Ann", old)
    await add("Ann", [date(1, 1, 1)] * 40, "first day")
    pages = await walked(ann)
    titles = [title for page in pages for title in page]
    assert titles[:4] == ["entry 2", "entry 0", "entry 3", "entry 4"]
    assert len(titles) == len(set(titles)) == 45
    answer = await ann.get("/")
    assert "Friday, 31 December 9999" in answer.text
    assert 'href="/days/0999-02-28"' in answer.text


DAMAGED = [
    "x",
    ".",
    "2024-05-31",
    "2024-05-31.",
    "2024-02-30.{uid}",
    ".{uid}",
    "2024-05-31.x",
    "{uid}",
    "0.0",
]
DAMAGED += [
    "2024-05-31.{uid}.x",
    "2024-05-31,{uid}",
    "99999-01-01.{uid}",
    "%00",
    "2024-05-31.%00",
    "-1",
    "null",
]
DAMAGED += ["' OR 1=1 --", "2024-05-31.{uid}'", "2024-05-31.{uid}%20x", "٢٠٢٤-٠٥-٣١.{uid}", "x" * 5000]


async def test_a_damaged_link_to_older_entries_says_so(ann: Browser) -> None:
    await add("Ann", days_back(3))
    for damaged in DAMAGED:
        path = "/?before=" + damaged.replace("{uid}", str(uuid4())).replace(" ", "%20")
        for headers in ({}, HTMX):
            answer = await ann.get(path, **headers)
            assert answer.status == 400, damaged
            assert "damaged" in answer.text
            assert "entry" not in answer.text


async def test_a_link_behind_an_entry_that_went_for_good_leaves_nothing_out(ann: Browser) -> None:
    await add("Ann", days_back(45, 15))
    answer = await ann.get("/")
    uid = str(onward(answer)).rpartition(".")[2]
    await Entry.filter(uid=UUID(uid)).delete()
    rest, path = list[str](), str(onward(answer))
    while path:
        answer_then = await ann.get(path)
        rest += shown(answer_then)
        path = onward(answer_then) or ""
    assert set(shown(answer)) | set(rest) >= {f"entry {n}" for n in range(45)} - {shown(answer)[-1]}
    assert len(rest) == len(set(rest))


async def test_a_link_behind_an_entry_in_the_bin_goes_on_behind_it(ann: Browser) -> None:
    await add("Ann", days_back(45, 15))
    answer = await ann.get("/")
    uid = str(onward(answer)).rpartition(".")[2]
    await ann.post(f"/entries/{uid}/deletion")
    second = await ann.get(str(onward(answer)))
    assert not set(shown(answer)) & set(shown(second))
    assert len(shown(second)) == 20


async def test_a_page_of_the_timeline_is_one_query_however_long_the_journal(ann: Browser) -> None:
    from journal.engines.query_counter import counted

    await add("Ann", days_back(65))
    with counted() as queries:
        page = await reading.timeline(await id_of("Ann"))
        before = queries.count
        await reading.timeline(1, page.cursor)
    assert queries.count - before == 1


async def test_a_text_that_was_saved_anew_is_shown_anew(ann: Browser) -> None:
    path = await begun(ann, "first words")
    assert "first words" in (await ann.get("/")).text
    await ann.put(path, {"body": "second words", "version": "1"})
    page = (await ann.get("/")).text
    assert "second words" in page
    assert "first words" not in page


async def test_an_entry_never_shows_what_another_that_went_for_good_has_said(
    ann: Browser, bob: Browser
) -> None:
    """Whatever is remembered of rendered entries, and whichever of their numbers are used again."""
    for _ in range(3):
        path = await begun(ann, "a secret of Ann's")
        assert "a secret of Ann" in (await ann.get("/")).text
        await ann.post(f"{path}/deletion")
        await ann.post("/bin/deletion")
        await begun(bob, "nothing much")
        assert "secret" not in (await bob.get("/")).text


async def begun(browser: Browser, body: str, **fields: str) -> str:
    path = f"/entries/{uuid4()}"
    answer = await browser.put(path, {"body": body, "version": "0", **fields})
    assert answer.headers["X-Save"] == "saved"
    return path


# Neighbours


def beside(answer: Answer) -> dict[str, str]:
    found = re.findall(r'<a rel="(prev|next)" href="(/entries/[^"]+)">', answer.text)
    return dict(found)


async def test_an_entry_leads_to_the_ones_before_and_after_it(ann: Browser) -> None:
    days = ["2024-01-01", "2024-01-03", "2024-01-02", "2024-01-02"]
    first, last, second, third = [await begun(ann, day, day=day) for day in days]
    order = [first, second, third, last]
    for at, path in enumerate(order):
        expected = {"prev": order[at - 1]} if at else {}
        expected |= {"next": order[at + 1]} if at < 3 else {}
        assert beside(await ann.get(path)) == expected


async def test_what_is_in_the_bin_is_nobodys_neighbour(ann: Browser) -> None:
    first, second, third = [await begun(ann, "words", day=f"2024-01-0{n}") for n in (1, 2, 3)]
    await ann.post(f"{second}/deletion")
    assert beside(await ann.get(first)) == {"next": third}
    assert beside(await ann.get(third)) == {"prev": first}
    assert beside(await ann.get(second)) == {"prev": first, "next": third}


async def test_neighbours_are_ones_own(ann: Browser, bob: Browser) -> None:
    await begun(bob, "of Bob", day="2024-01-01")
    path = await begun(ann, "of Ann", day="2024-01-02")
    await begun(bob, "of Bob", day="2024-01-03")
    assert beside(await ann.get(path)) == {}


# The bin


async def test_a_deleted_entry_is_in_the_bin_and_comes_back_by_undo(ann: Browser) -> None:
    path = await begun(ann, "words that went", title="Gone")
    answer = await ann.post(f"{path}/deletion")
    assert answer.status == 303
    page = await ann.get(answer.headers["Location"])
    assert shown(page) == []
    assert f'action="{path}/restoration"' in page.text
    assert shown(await ann.get("/bin")) == ["Gone"]
    assert f'action="{path}/restoration"' in (await ann.get(path)).text
    answer = await ann.post(f"{path}/restoration")
    assert (answer.status, answer.headers["Location"]) == (303, path)
    assert shown(await ann.get("/")) == ["Gone"]
    assert shown(await ann.get("/bin")) == []


async def test_htmx_gets_the_line_that_undoes_a_deletion(ann: Browser) -> None:
    path = await begun(ann, "words")
    answer = await ann.ask(path, "DELETE", **HTMX)
    assert answer.status == 200
    assert "<html" not in answer.text
    assert f'action="{path}/restoration"' in answer.text
    answer = await ann.post(f"{path}/restoration", **HTMX)
    assert (answer.status, answer.headers["HX-Redirect"]) == (204, path)
    assert "words" in (await ann.get("/")).text


async def test_deleting_and_putting_back_twice_is_no_error(ann: Browser) -> None:
    path = await begun(ann, "words")
    for action in ("deletion", "deletion", "restoration", "restoration"):
        assert (await ann.post(f"{path}/{action}")).status == 303
    assert "words" in (await ann.get("/")).text


async def test_the_day_does_not_show_what_is_in_the_bin(ann: Browser) -> None:
    path = await begun(ann, "words", day="2024-05-31")
    await ann.post(f"{path}/deletion")
    assert "Nothing is written about this day." in (await ann.get("/days/2024-05-31")).text


async def test_a_strange_entry_to_undo_is_not_offered(ann: Browser) -> None:
    for strange in ("x", "<script>alert(1)</script>", "%00", "1", "x" * 5000, "{}"):
        answer = await ann.get(f"/?deleted={strange}")
        assert answer.status == 200
        assert "restoration" not in answer.text
        assert "<script>alert" not in answer.text


# Nothing of Bob's


async def test_place_and_weather_stand_on_the_page_of_an_entry_alone(ann: Browser) -> None:
    path = await begun(ann, "Some words")
    entry = await Entry.get(uid=path[9:])
    await EntryMetadata.create(entry_id=entry.id, place="Lisbon <b>", weather="12 °C, fog")
    assert re.search("<bdi>Lisbon &lt;b&gt;</bdi>.*<bdi>12 °C, fog</bdi>", (await ann.get(path)).text)
    for other in ("/", f"/days/{entry.day}", f"{path}/edit"):
        assert "Lisbon" not in (await ann.get(other)).text


SECRET = "Bob's secret words"


async def test_nothing_of_bobs_is_within_anns_reach(ann: Browser, bob: Browser, app: Quart) -> None:
    """Every route there is, with Bob's ids in it wherever it takes one."""
    path = await begun(bob, SECRET, title=SECRET, tags=SECRET, day="2024-05-31", mood="good")
    await bob.put(path, {"body": f"{SECRET} again", "version": "1"})
    gone = await begun(bob, SECRET, title=SECRET, day="2024-05-31")
    await bob.post(f"{gone}/deletion")
    mine = await begun(ann, "of Ann", day="2024-05-31")
    before = await everything_of("Bob")
    form = {"body": "Ann was here", "title": "Ann was here", "version": "2", "password": "wrong"}
    tried = 0
    for rule in app.url_map.iter_rules():
        for uid in (path[9:], gone[9:]):
            sample = {"uid": uid, "day": "2024-05-31", "number": "1", "name": "css", "tag": "home"}
            sample |= {"year": "2024", "month": "05", "date": "05-31", "format": "json"}
            address = re.sub(r"<(?:[^>]*:)?(\w+)>", lambda found: sample[found[1]], rule.rule)  # noqa: B023
            query = f"?before=2024-05-31.{uid}&deleted={uid}&show=1&day=2024-05-31"
            for method in (rule.methods or set()) - {"OPTIONS"}:
                if address in ("/register", "/logout", "/settings/sessions/deletion"):
                    continue
                for headers in ({}, HTMX):
                    asked = dict(form) if method in ("POST", "PUT") else None
                    answer = await ann.ask(address + query, method, asked, **headers)
                    assert SECRET not in answer.text, (method, address)
                    if "uid" in rule.arguments and rule.endpoint != "previews.preview":  # it reads no entry
                        assert answer.status == 404, (method, address)
                        tried += 1
    assert tried > 20
    assert await everything_of("Bob") == before
    assert "of Ann" in (await ann.get(mine)).text


async def everything_of(name: str) -> list[Any]:
    user_id = await id_of(name)
    entries = await Entry.filter(user_id=user_id).order_by("id").values()
    revisions = await Revision.filter(entry__user_id=user_id).order_by("id").values()
    return [entries, revisions]


async def test_charlie_who_owns_nothing_finds_nothing(ann: Browser, bob: Browser, app: Quart) -> None:
    path = await begun(bob, SECRET, day="2024-05-31")
    charlie = await registered(app, "Charlie")
    for page in ("/", "/bin", "/days/2024-05-31", "/settings", "/settings/security"):
        assert SECRET not in (await charlie.get(page)).text
    assert (await charlie.get(path)).status == 404


async def test_a_link_with_bobs_entry_in_it_pages_through_anns_own(ann: Browser, bob: Browser) -> None:
    await add("Ann", days_back(25))
    path = await begun(bob, SECRET, day="2024-05-31")
    answer = await ann.get(f"/?before=2024-05-31.{path[9:]}")
    assert shown(answer)[0] == "entry 0"
    assert SECRET not in answer.text


async def test_what_nobody_has_and_what_is_anothers_look_alike(ann: Browser, bob: Browser) -> None:
    path = await begun(bob, SECRET)
    nowhere = f"/entries/{uuid4()}"
    for suffix in ("", "/edit", "/revisions"):
        answers = [await ann.get(address + suffix) for address in (path, nowhere)]
        assert answers[0].status == answers[1].status == 404
        assert answers[0].text == answers[1].text


async def test_the_owner_is_asked_for_in_every_query(ann: Browser, bob: Browser) -> None:
    path = await begun(bob, SECRET, day="2024-05-31")
    uid, stranger = UUID(path[9:]), await id_of("Ann")
    entry = await reading.one(await id_of("Bob"), uid)
    assert entry
    assert await reading.one(stranger, uid) is None
    assert (await reading.of_day(stranger, date(2024, 5, 31))).entries == []
    assert list((await reading.in_bin(stranger)).entries) == []
    assert await reading.version(stranger, uid) is None
    assert list(await reading.chosen(stranger, [entry["id"]])) == []
    assert list((await versions.page(stranger, uid)).revisions) == []
    assert await versions.one(stranger, uid, 1) is None
    assert await reading.neighbours(stranger, entry) == {}
    assert list((await reading.timeline(stranger)).entries) == []


async def test_after_another_has_signed_in_the_page_is_theirs(ann: Browser, bob: Browser) -> None:
    await begun(ann, "of Ann")
    assert "of Ann" in (await ann.get("/")).text
    await ann.post("/login", {"username": "Bob", "password": PASSWORD})
    assert "of Ann" not in (await ann.get("/")).text
    assert len(await rows("SELECT id FROM entries")) == 1
