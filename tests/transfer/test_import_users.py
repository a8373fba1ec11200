"""Import of people: their names, e-mail addresses and passwords."""

from datetime import UTC, datetime
from typing import Any

import pytest

from journal.accounts import passwords, users
from journal.accounts.models import User
from journal.transfer.adoption import import_users
from journal.transfer.adoption.usernames import Usernames
from tests.transfer.old_apps import OldApp, usual_app
from tests.transfer.sites import NOW, Site, at, everybody, everything, said, snapshot

pytestmark = pytest.mark.slow


async def test_a_person_comes_with_name_address_hash_and_date(old: OldApp, site: Site) -> None:
    await old.person(
        7, "Élodie", email="Elo@Example.org", password_hash="scrypt:odd$x", created_at="2010-01-01 09:00:00"
    )
    report = await site.adopts(old)
    person = (await everybody(site))["7"]
    assert (person.username, person.username_key) == ("Élodie", "élodie")
    assert (person.email, person.email_key) == ("Elo@Example.org", "elo@example.org")
    assert person.password_hash == "scrypt:odd$x"
    assert person.created_at == datetime(2010, 1, 1, 9, tzinfo=UTC)
    assert (person.source, person.zone, person.signed_in_at) == ("flask", "UTC", None)
    assert len(person.session_stamp) == 16
    assert said(report, "People: 1") == "People: 1 came, 0 were updated, 0 are here already."


async def test_hashes_come_verbatim_also_odd_ones_and_none(old: OldApp, site: Site) -> None:
    hashes = {"1": "md5$salt$00", "2": None, "3": "", "4": "plain words", "5": "$2b$12$" + "x" * 53}
    for id, stored in hashes.items():
        await old.person(int(id), f"p{id}", password_hash=stored)
    report = await site.adopts(old)
    assert {id: person.password_hash for id, person in (await everybody(site)).items()} == hashes
    assert said(report, "People who need a new password").endswith("can't be verified here: 3 (p2, p3, p4).")


async def test_the_first_person_becomes_the_administrator_of_a_new_site(old: OldApp, site: Site) -> None:
    for id in (12, 3, 7):
        await old.person(id, f"p{id}")
    await site.adopts(old)
    assert [id for id, person in (await everybody(site)).items() if person.is_admin] == ["3"]


async def test_nobody_who_comes_becomes_the_administrator_of_a_site_that_has_people(
    old: OldApp, site: Site
) -> None:
    async with at(site):
        await users.create("host", None, "correct horse", "UTC", NOW)
    await old.person(1, "ann")
    await site.adopts(old)
    assert not (await everybody(site))["1"].is_admin
    async with at(site):
        await User.filter(source=None).update(is_admin=False)
    await old.person(2, "bob")
    await site.adopts(old)
    assert not (await everybody(site))["2"].is_admin


async def test_the_first_who_can_sign_in_becomes_the_administrator(
    place: str, site: Site, monkeypatch: Any
) -> None:
    monkeypatch.setattr(import_users, "_write", refusing("eve"))
    old = await usual_app(place)
    await old.run('ALTER TABLE "user" ADD COLUMN is_active BOOLEAN')
    await old.run("INSERT INTO \"user\" (id, username, is_active) VALUES (1, 'ann', FALSE)")
    await site.adopts(old)
    await old.run("INSERT INTO \"user\" (id, username, is_active) VALUES (2, 'eve', TRUE), (3, 'bob', TRUE)")
    await site.adopts(old)
    assert {person.username: person.is_admin for person in (await everybody(site)).values()} == {
        "ann": False,
        "bob": True,
    }


def refusing(name: str) -> Any:
    """Fails to store this one person."""
    write = import_users._write

    async def fails(db: Any, plans: Any) -> None:
        if any(plan.person.name == name for plan in plans):
            raise ValueError("whatever is wrong with them")
        await write(db, plans)

    return fails


async def test_somebody_disabled_there_is_disabled_here_and_no_administrator(place: str, site: Site) -> None:
    old = await usual_app(place)
    await old.run('ALTER TABLE "user" ADD COLUMN is_active BOOLEAN')
    await old.run("INSERT INTO \"user\" (id, username, is_active) VALUES (1, 'ann', FALSE), (2, 'bob', TRUE)")
    report = await site.adopts(old)
    ann, bob = (await everybody(site)).values()
    assert (ann.is_active, ann.is_admin, bob.is_active, bob.is_admin) == (False, False, True, True)
    assert said(report, "People who are disabled there").endswith("1 (ann).")


async def test_two_names_equal_but_for_case_both_arrive_and_sign_in(old: OldApp, site: Site) -> None:
    for id, name in ((1, "Tom"), (2, "tom"), (3, "TOM")):
        await old.person(id, name, password_hash=f"sha256$salt${id}")
    report = await site.adopts(old)
    found = await everybody(site)
    assert {id: (person.username, person.username_key) for id, person in found.items()} == {
        "1": ("Tom", "tom"),
        "2": ("tom", "tom#2"),
        "3": ("TOM", "tom#3"),
    }
    async with at(site):
        for id, name in ((1, "Tom"), (2, "tom"), (3, "TOM"), (1, "tOm")):
            person = await users.find(name)
            assert person
            assert person.source_id == str(id)
    assert said(report, "People whose name is another's but for its case").endswith("2 (tom, TOM).")
    before = await snapshot(site)
    await site.adopts(old)
    assert await snapshot(site) == before


async def test_a_name_that_somebody_here_has_already_gets_a_suffix(old: OldApp, site: Site) -> None:
    async with at(site):
        await users.create("ann", "ann@example.org", "correct horse", "UTC", NOW)
        await users.create("bob-flask", None, "correct horse", "UTC", NOW)
        await users.create("BOB", None, "correct horse", "UTC", NOW)
    await old.person(1, "Ann")
    await old.person(2, "bob")
    report = await site.adopts(old)
    found = await everybody(site)
    assert (found["1"].username, found["2"].username) == ("Ann-flask", "bob-flask-2")
    assert said(report, "People who are called differently here").endswith(
        "2 (Ann is Ann-flask here, bob is bob-flask-2 here)."
    )
    async with at(site):
        mine = await users.find("ann")
        assert mine
        assert mine.source is None
        await User.filter(username="ann").delete()
    before = await snapshot(site)
    await site.adopts(old)
    assert await snapshot(site) == before, "a name that was told to somebody does not change again"


async def test_missing_and_colliding_addresses_are_named_and_everybody_arrives(
    old: OldApp, site: Site
) -> None:
    async with at(site):
        await users.create("host", "Host@example.org", "correct horse", "UTC", NOW)
    addresses = ["ann@example.org", "ANN@Example.org", None, "", "host@EXAMPLE.org", "x" * 300]
    for id, email in enumerate(addresses, 1):
        await old.insert('"user"', id=id, username=f"p{id}", email=email)
    report = await site.adopts(old)
    emails = {id: person.email for id, person in (await everybody(site)).items() if person.source}
    assert emails == {"1": "ann@example.org", **dict.fromkeys("23456")}
    assert said(report, "People whose e-mail address is another").endswith("2 (p2, p5).")
    assert said(report, "People without an e-mail address").endswith("3 (p3, p4, p6).")


async def test_odd_names_arrive_under_names_that_can_be_stored(old: OldApp, site: Site) -> None:
    names = ["", "  ", " ann ", "ﷺ" * 80, "bob@example.org", "ann"]
    await old.run(
        'DROP TABLE "user"', 'CREATE TABLE "user" (id INTEGER, username TEXT, email TEXT, password TEXT)'
    )
    for id, name in enumerate(names, 1):
        await old.insert('"user"', id=id, username=name, email="eve@example.org" if id == 1 else None)
    report = await site.adopts(old)
    found = await everybody(site)
    assert [person.username for person in found.values() if person.source_id != "4"] == [
        *("eve", "person-2", "ann", "bob@example.org", "ann-flask")
    ]
    assert set(found["4"].username) == {"ﷺ"}
    assert said(report, "People without a name there").endswith("2 (1 is eve here, 2 is person-2 here).")
    assert "ann is ann-flask here" in said(report, "People who are called differently here")


async def test_a_person_who_can_not_be_stored_does_not_keep_out_the_others(
    old: OldApp, site: Site, monkeypatch: Any
) -> None:
    monkeypatch.setattr(import_users, "_write", refusing("bob"))
    for id, name in enumerate(("ann", "bob", "eve"), 1):
        await old.person(id, name)
        await old.entry(id, id)
    report = await site.adopts(old)
    assert sorted(await everybody(site)) == ["1", "3"]
    assert sorted(await everything(site)) == ["1", "3"]
    assert said(report, "People who can't be stored").endswith("1 (bob: ValueError).")
    assert said(report, "Entries of an owner who is not among the people").endswith("1 (2).")


async def test_a_name_that_somebody_takes_at_the_same_moment_gets_a_suffix(
    old: OldApp, site: Site, monkeypatch: Any
) -> None:
    store = import_users.UserImport._store

    async def late(self: Any, plans: Any) -> None:
        if not await User.all().exists():
            await users.create("ann", None, "correct horse", "UTC", NOW)
        await store(self, plans)

    monkeypatch.setattr(import_users.UserImport, "_store", late)
    for id, name in enumerate(("ann", "bob"), 1):
        await old.person(id, name)
    report = await site.adopts(old)
    found = await everybody(site)
    assert (found["1"].username, found["2"].username) == ("ann-flask", "bob")
    assert not found["1"].is_admin
    assert said(report, "People who are called differently here").endswith("1 (ann is ann-flask here).")


async def test_a_changed_hash_there_is_taken_over_by_who_has_never_signed_in_here(
    old: OldApp, site: Site
) -> None:
    await old.person(1, "ann", password_hash="sha256$a$00")
    await site.adopts(old)
    stamp = (await everybody(site))["1"].session_stamp
    await old.run(
        "UPDATE \"user\" SET password_hash = 'sha256$b$11', username = 'Anna', email = 'a@example.com'"
    )
    report = await site.adopts(old)
    ann = (await everybody(site))["1"]
    assert (ann.password_hash, ann.username, ann.email_key) == ("sha256$b$11", "Anna", "a@example.com")
    assert ann.session_stamp != stamp
    assert said(report, "People: 0") == "People: 0 came, 1 were updated, 0 are here already."


async def test_who_has_signed_in_here_keeps_the_password_they_have_here(old: OldApp, site: Site) -> None:
    secret = "correct horse"
    await old.person(1, "ann", password_hash="sha256$a$7d31d3ed")
    await site.adopts(old)
    ann = (await everybody(site))["1"]
    async with at(site):
        await users.record_sign_in(ann, secret, NOW)
    await old.run("UPDATE \"user\" SET password_hash = 'sha256$b$11', username = 'Anna'")
    report = await site.adopts(old)
    assert said(report, "People: 0") == "People: 0 came, 0 were updated, 1 is here already."
    ann = (await everybody(site))["1"]
    assert ann.username == "ann"
    assert await passwords.verify(secret, ann.password_hash)


async def test_a_password_that_the_host_has_set_here_stays(old: OldApp, site: Site) -> None:
    await old.person(1, "ann", password_hash=None)
    await site.adopts(old)
    ann = (await everybody(site))["1"]
    async with at(site):
        await users.set_password(ann, "correct horse")
    await site.adopts(old)
    assert await passwords.verify("correct horse", (await everybody(site))["1"].password_hash)


def test_a_long_name_gets_a_suffix_that_fits() -> None:
    directory = Usernames()
    name = "ann" * 60
    for number in range(3):
        given = directory.name(name, ("flask", f"{number:064}"))
        assert len(given.username) <= 200
        directory.add(
            ("", str(number)), {"username": given.username, "username_key": given.key, "email_key": None}
        )
    assert len(directory.names) == 3
