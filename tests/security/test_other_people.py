"""Other people: their entries, their accounts and everything about them, by every route that there is."""

import asyncio
import itertools
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from quart import Quart
from werkzeug.routing import Rule

from journal.accounts.models import SecurityEvent, User
from journal.entries.models import Entry, Revision, Save
from tests.security.asking import PASSWORD, Browser, Reply, ask
from tests.security.cases import each
from tests.security.conftest import number
from tests.security.pages import is_public, path_of, rules

pytestmark = pytest.mark.slow_on_postgres

THEME = "Other people's"
DAY = "2024-05-31"
SECRET = "Only-Ann-may-read-this"


async def everything(user_id: int) -> dict[str, Any]:
    """All rows of a person, to compare before and after."""
    found = {"user": await User.filter(id=user_id).values()}
    found["entries"] = await Entry.filter(user_id=user_id).order_by("id").values()
    found["revisions"] = await Revision.filter(entry__user_id=user_id).order_by("id").values()
    found["saves"] = await Save.filter(user_id=user_id).order_by("id").values()
    return found


@pytest.fixture
async def hers(ann: Browser) -> str:
    """The id of an entry of Ann's with a secret in each of its fields."""
    path = await ann.writes(SECRET, title=f"{SECRET} title", tags=f"{SECRET} tag", day=DAY, mood="bad")
    uid = path.rpartition("/")[2]
    form = {"body": f"{SECRET} again", "version": "1", "save": str(uuid.uuid4())}
    assert (await ann.post(path, form)).status == 303
    return uid


def attempts(app: Quart, uid: str) -> Iterator[tuple[str, str, Rule]]:
    """Each method of each route, at the address of that entry."""
    for rule in rules(app):
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            yield method, path_of(rule, uid, DAY), rule


FORM = {"title": "stolen", "body": "stolen", "tags": "stolen", "day": DAY, "mood": "good", "version": "2"}


async def test_every_route_keeps_other_peoples_entries(ann: Browser, bob: Browser, hers: str) -> None:
    """404 wherever the address names what is Ann's, none of it in any answer, and not a row is changed."""
    before = await everything(ann.id)
    tried = 0
    for method, path, _ in attempts(ann.app, hers):
        for extra in ([], [("HX-Request", "true")], [("HX-Request", "true"), ("HX-Boosted", "true")]):
            browser = bob.copied()  # some of them sign him out, or end his sessions
            reply = await browser.ask(method, path, None if method in ("GET", "HEAD") else FORM, extra)
            assert SECRET not in reply.text, (method, path)
            assert reply.status < 500, (method, path)
            if hers in path and not path.endswith("/preview"):  # of words that are sent with it
                assert reply.status == 404, (method, path, reply.status)
                tried += 1
    assert tried > 20
    assert await everything(ann.id) == before


async def test_every_route_keeps_strangers_out(ann: Browser, hers: str) -> None:
    """Signed out on every route that is not public, and none of Ann's words on those that are."""
    before = await everything(ann.id)
    refused = 0
    for method, path, rule in attempts(ann.app, hers):
        for extra in ([], [("HX-Request", "true")]):
            reply = await Browser(ann.app).ask(
                method, path, None if method in ("GET", "HEAD") else FORM, extra
            )
            assert SECRET not in reply.text, (method, path)
            if not is_public(ann.app, rule):
                assert reply.status in (303, 401), (method, path, reply.status)
                refused += 1
    assert refused > 40
    assert await everything(ann.id) == before


PUBLIC = {"accounts.register_page", "accounts.register", "sessions.login_page", "sessions.login"}
PUBLIC |= {"sessions.logout", "entries.timeline"}


async def test_no_other_route_is_public(app: Quart) -> None:
    """Six endpoints, besides the static files and probes."""
    found = {str(rule.endpoint) for rule in rules(app) if is_public(app, rule)}
    assert found == PUBLIC


IDS: dict[str, Any] = {
    "in capitals": str.upper,
    "without hyphens": lambda uid: uid.replace("-", ""),
    "in braces": lambda uid: f"{{{uid}}}",
    "as a URN": lambda uid: f"urn:uuid:{uid}",
    "with a space": lambda uid: f"{uid}%20",
    "with a NUL": lambda uid: f"{uid}%00",
    "with a line break": lambda uid: f"{uid}%0a",
    "with a slash": lambda uid: f"{uid}/",
    "with dot segments": lambda uid: f"../entries/{uid}",
    "encoded": lambda uid: "".join(f"%{ord(c):02x}" for c in uid),
    "with a percent sign": lambda uid: f"{uid[:-1]}%25",
    "a star": lambda uid: "*",
    "SQL": lambda uid: f"{uid}'%20OR%20'1'='1",
    "its number": lambda uid: "1",
    "nothing": lambda uid: "",
}


@each("written", IDS)
async def test_another_spelling_of_an_id_opens_nothing(bob: Browser, hers: str, written: Any) -> None:
    """404."""
    for tail in ("", "/edit", "/revisions"):
        reply = await bob.get(f"/entries/{written(hers)}{tail}")
        assert reply.status in (404, 405)
        assert SECRET not in reply.text


FORGED: dict[str, dict[str, Any]] = {
    "owner": {"owner": "{ann}"},
    "user_id": {"user_id": "{ann}"},
    "user": {"user": "{ann}"},
    "id": {"id": "{ann}", "sub": "{ann}"},
    "two owners": {"owner": ["{bob}", "{ann}"]},
    "uid": {"uid": "{uid}", "entry_uid": "{uid}"},
    "after": {"after": "{uid}", "save": "{uid}"},
}


@each("extra", FORGED)
async def test_no_field_makes_an_entry_somebody_elses(
    ann: Browser, bob: Browser, hers: str, extra: dict[str, Any]
) -> None:
    """Bob's entry, or 409 where the page was another's: Ann's are what they were."""
    before = await everything(ann.id)
    names = {"{ann}": str(ann.id), "{bob}": str(bob.id), "{uid}": hers}
    filled = {
        key: [names[v] for v in value] if isinstance(value, list) else names[value]
        for key, value in extra.items()
    }
    reply = await bob.post("/entries", {**FORM, **filled})
    assert reply.status in (303, 409)
    assert await everything(ann.id) == before
    assert await Entry.filter(user_id=bob.id).count() == (reply.status == 303)


async def test_the_owner_that_a_page_names_is_held_against_the_session(
    ann: Browser, bob: Browser, hers: str
) -> None:
    """409 other-owner with the text, nothing saved in either journal."""
    before = await everything(ann.id), await everything(bob.id)
    for path in (f"/entries/{uuid.uuid4()}", f"/entries/{hers}"):
        reply = await bob.post(path, {"body": "Ann's words", "version": "0", "owner": str(ann.id)})
        assert (reply.status, reply.headers["X-Save"]) == (409, "other-owner")
        assert "Ann&#39;s words" in reply.text
    assert (await everything(ann.id), await everything(bob.id)) == before


OWNERS = {
    "a word": "me",
    "zero": "0",
    "negative": "-1",
    "a list": "1,2",
    "SQL": "1 OR 1=1",
    "other digits": "١",
}


@each("owner", OWNERS)
async def test_an_owner_that_is_not_exactly_this_person_is_another(bob: Browser, owner: str) -> None:
    """409."""
    form = {"body": "words", "version": "0", "owner": owner}
    assert (await bob.post(f"/entries/{uuid.uuid4()}", form)).status == 409


async def test_a_save_id_of_somebody_else_is_nobodys(ann: Browser, bob: Browser, hers: str) -> None:
    """Bob's own entry: a replay of Ann's save neither shows nor changes anything of hers."""
    save = await Save.filter(user_id=ann.id).order_by("-id").first()
    assert save
    before = await everything(ann.id)
    form = {"body": "Bob's", "version": "0", "save": str(save.save_id), "after": str(save.save_id)}
    reply = await bob.post(f"/entries/{uuid.uuid4()}", form)
    assert (reply.status, reply.headers["X-Save"]) == (303, "saved")
    assert (await bob.post(f"/entries/{hers}", form)).status == 404
    assert await everything(ann.id) == before


async def test_the_id_of_a_purged_entry_shows_nothing_of_it(ann: Browser, bob: Browser, hers: str) -> None:
    """Bob's own words under the same id, on the timeline too: nothing remembered of the one before."""
    assert SECRET in (await ann.get("/")).text
    await Entry.filter(user_id=ann.id).delete()
    form = {"body": "Bob's own", "version": "0"}
    assert (await bob.post(f"/entries/{hers}", form)).status == 303
    for path in ("/", f"/entries/{hers}", f"/entries/{hers}/revisions", f"/days/{DAY}"):
        reply = await bob.get(path)
        assert SECRET not in reply.text
    assert (await ann.get(f"/entries/{hers}")).status == 404


async def test_a_cursor_of_somebody_else_shows_ones_own(ann: Browser, bob: Browser, hers: str) -> None:
    """200 with Bob's entries: the id in a link to older ones opens nothing."""
    await bob.writes("Bob's own", day="2020-01-01")
    reply = await bob.get(f"/?before={DAY}.{hers}")
    assert reply.status == 200
    assert "Bob&#39;s own" in reply.text or "Bob's own" in reply.text
    assert SECRET not in reply.text


async def test_the_link_to_undo_names_nobodys_entry(ann: Browser, bob: Browser, hers: str) -> None:
    """404 when it is followed: ?deleted= is an id and no right."""
    page = await bob.get(f"/?deleted={hers}")
    assert SECRET not in page.text
    assert (await bob.post(f"/entries/{hers}/restoration")).status == 404


# Mass assignment


RISE: dict[str, Any] = {
    "is_admin": "1",
    "is_active": "0",
    "id": "1",
    "user_id": "1",
    "sub": "1",
    "session_stamp": "A" * 16,
    "password_hash": "x",
    "username_key": "x",
    "email_key": "x",
    "created_at": "2001-01-01",
    "signed_in_at": "2001-01-01",
    "source": "x",
    "source_id": "x",
    "role": "admin",
}


async def fixed(name: str) -> dict[str, Any]:
    user = await User.get(username=name)
    names = ("id", "is_admin", "is_active", "session_stamp", "created_at", "source", "source_id")
    return {name: getattr(user, name) for name in names}


@each("field", {field: field for field in RISE})
async def test_no_field_of_a_form_makes_somebody_more_than_they_are(ann: Browser, field: str) -> None:
    """Nothing of the account changes but what the form is for, at registration and in the settings."""
    name = f"Rise{next(number)}"
    form = {"username": name, "email": f"{name}@example.org", "password": PASSWORD, field: RISE[field]}
    assert (await Browser(ann.app).post("/register", form)).status == 303
    made = await fixed(name)
    assert (made["is_admin"], made["is_active"], made["source"], made["source_id"]) == (
        False,
        True,
        None,
        None,
    )
    assert made["session_stamp"] != RISE["session_stamp"]
    assert made["created_at"].year > 2001
    before = await fixed(ann.name)
    await ann.post("/settings", {"zone": "UTC", "theme": "dark", field: RISE[field]})
    account = {"username": ann.name, "email": f"{ann.name}@example.org", "password": PASSWORD}
    await ann.post("/settings/account", {**account, field: RISE[field]})
    assert await fixed(ann.name) == before


ENTRY: dict[str, Any] = {
    "html": "<script>alert(1)</script>",
    "words": "999999",
    "version": "999",
    "written_at": "2001-01-01T00:00:00",
    "updated_at": "2001-01-01T00:00:00",
    "deleted_at": "2001-01-01T00:00:00",
    "source": "x",
    "source_id": "x",
    "source_version": "9",
    "id": "1",
}


@each("field", {field: field for field in ENTRY})
async def test_no_field_of_a_form_writes_what_the_site_itself_keeps(ann: Browser, field: str) -> None:
    """The entry has what was typed, and its html, words, times and version are the site's."""
    path = (await ann.post("/entries", {"body": "two words", field: ENTRY[field]})).location
    await ann.post(path, {"body": "three more words", "version": "1", field: ENTRY[field]})
    entry = await Entry.get(uid=path.rpartition("/")[2])
    assert "<script>" not in entry.html
    assert entry.words in (2, 3)
    assert entry.version in (1, 2)
    assert entry.written_at.year > 2001
    assert (entry.deleted_at, entry.source, entry.source_id, entry.zone) == (None, None, None, "UTC")
    assert entry.user_id == ann.id


VERSIONS = {
    "negative": "-1",
    "a plus": "+1",
    "a decimal": "1.0",
    "an exponent": "1e0",
    "10 digits": "9999999999",
}
VERSIONS |= {
    "5,000 digits": "9" * 5000,
    "other digits": "１",
    "SQL": "1 OR 1=1",
    "a word": "new",
    "a NUL": "1\0",
}


@each("version", VERSIONS)
async def test_a_version_that_is_none_is_refused(ann: Browser, version: str) -> None:
    """422, and the entry is as it was."""
    path = await ann.writes("words")
    assert (await ann.post(path, {"body": "other", "version": version})).status == 422
    assert (await Entry.get(uid=path.rpartition("/")[2])).body == "words"


async def test_a_version_of_the_future_is_a_conflict(ann: Browser) -> None:
    """409: nothing is overwritten by a number that is high enough."""
    path = await ann.writes("words")
    reply = await ann.post(path, {"body": "other", "version": "999999999"})
    assert (reply.status, reply.headers["X-Save"]) == (409, "conflict")
    assert (await Entry.get(uid=path.rpartition("/")[2])).body == "words"


NUMBERS = {
    "of nobody": "99",
    "zero": "0",
    "negative": "-1",
    "too large": "99999999999",
    "5,000 digits": "9" * 5000,
}
NUMBERS |= {"a word": "x", "SQL": "1%20OR%201=1", "a decimal": "1.0", "nothing": ""}


@each("revision", NUMBERS)
async def test_a_revision_that_is_none_is_not_found(ann: Browser, hers: str, revision: str) -> None:
    """404 to put back; to show, 404 or the newest one."""
    reply: Reply = await ann.post(f"/entries/{hers}/revisions/{revision}/restoration")
    assert reply.status in (404, 405)
    assert (await ann.get(f"/entries/{hers}/revisions?show={revision}")).status in (200, 404)


async def test_the_first_account_alone_is_the_administrator(app: Quart) -> None:
    """One of all: the host, who came first."""
    assert await User.filter(is_admin=True).count() == 1


async def test_nobody_deletes_an_account_but_its_owner(ann: Browser, bob: Browser) -> None:
    """Bob's own is gone, with everything in it; Ann's is whole, whatever the form named."""
    await ann.writes("words")
    await bob.writes("words")
    before, bobs = await everything(ann.id), bob.id
    form = {"password": PASSWORD, "user_id": str(ann.id), "id": str(ann.id), "username": ann.name}
    assert (await bob.post("/settings/account/deletion", form)).status == 303
    assert await everything(ann.id) == before
    assert not any((await everything(bobs)).values())
    assert not await SecurityEvent.filter(user_id=bobs).exists()


async def test_twenty_people_at_once_see_their_own(app: Quart, ann: Browser, bob: Browser) -> None:
    """Each their own words: nothing of one request is left for the next."""
    await ann.writes("Ann's very own")
    await bob.writes("Bob's very own")

    async def is_own(browser: Browser, own: str, others: str) -> bool:
        text = (await browser.get("/")).text
        return own in text and others not in text

    pairs = [(ann, "Ann's", "Bob's"), (bob, "Bob's", "Ann's")]
    found = await asyncio.gather(*(is_own(*pair) for pair in itertools.islice(itertools.cycle(pairs), 20)))
    assert all(found)


async def test_who_is_asked_for_is_never_taken_from_the_address(
    ann: Browser, bob: Browser, hers: str
) -> None:
    """Bob's own pages, whoever a parameter names."""
    for name in ("user", "user_id", "owner", "sub", "id", "as", "impersonate"):
        for path in ("/", "/bin", "/settings", "/settings/security", f"/days/{DAY}"):
            reply = await bob.get(f"{path}?{name}={ann.id}")
            assert reply.status == 200
            assert SECRET not in reply.text
            assert ann.name not in reply.text


async def test_a_request_without_anything_is_no_person(app: Quart) -> None:
    """Signed out: not the account number 0, not number None."""
    for cookie in ("access_token=", "access_token=null", "access_token=undefined", "access_token=0"):
        assert (await ask(app, "GET", "/settings", [("Host", "localhost"), ("Cookie", cookie)])).is_sign_in
