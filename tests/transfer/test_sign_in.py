"""People who came over sign in with the password that they had, or are named in the report."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from journal.accounts import passwords, users
from journal.app import create_app
from journal.settings import Settings, keep, load
from tests.test_cli import invoked
from tests.transfer.old_apps import OldApp, usual_app
from tests.transfer.sites import NOW, Site, at, everybody, said, snapshot
from tests.visiting import Browser

pytestmark = [pytest.mark.slow, pytest.mark.engine("sqlite")]

SCRIPT = Path(__file__).with_name("flask_security_app.py")
PASSWORD = "pässword with spaces"
SALT = "it's a \\pepper"


def flask_security_app(file: Path, method: str) -> OldApp:
    """The database of a real app with Flask-Security, whose two people have this password."""
    command = [sys.executable, "-W", "ignore", str(SCRIPT), str(file), SALT, method, PASSWORD]
    subprocess.run(command, check=True, capture_output=True)
    return OldApp(file)


async def statuses(settings: Settings, *attempts: tuple[str, str]) -> list[int]:
    app = create_app(settings)
    async with app.test_app():
        forms = [{"username": name, "password": password} for name, password in attempts]
        return [(await Browser(app).post("/login", form)).status for form in forms]


@pytest.mark.parametrize("method", ["bcrypt", "argon2"])
async def test_people_of_flask_security_sign_in_with_its_salt(
    method: str, site: Site, settings: Settings, tmp_path: Path
) -> None:
    old = flask_security_app(tmp_path / "old.db", method)
    report = await site.adopts(old)
    assert said(report, "People who can't sign in yet").endswith(
        "adopt again with `--password-salt` and its SECURITY_PASSWORD_SALT: 2 (ann, bob)."
    )
    assert await statuses(settings, ("ann", PASSWORD)) == [422]

    report = await site.adopts(old, password_salt=SALT)
    assert not [line for line in report.lines() if "sign in" in line]
    salted = replace(settings, password_salt=SALT)
    attempts = (("ann", PASSWORD + "x"), ("ann", PASSWORD), ("bob", PASSWORD))
    assert await statuses(salted, *attempts) == [422, 303, 303]
    for person in (await everybody(site)).values():
        passwords.use_salt("")
        assert passwords.matches(PASSWORD, person.password_hash), "the hash was replaced"


async def test_a_hash_without_its_salt_marks_the_account_until_it_can_be_verified(
    old: OldApp, site: Site
) -> None:
    await old.run('ALTER TABLE "user" ADD COLUMN fs_uniquifier TEXT')
    for id, stored in enumerate(("$2b$12$" + "x" * 53, "whirlpool$x", "sha256$salt$00", None), 1):
        await old.person(id, f"p{id}", password_hash=stored)
    report = await site.adopts(old)
    assert [person.hash_cost for person in (await everybody(site)).values()] == [-410, -1, 0, -1]
    assert said(report, "People who can't sign in yet").endswith(": 1 (p1).")
    assert said(report, "People who need a new password").endswith(": 2 (p2, p4).")
    assert invoked(site.url, "user", "list").output.count("  needs a new password\n") == 3
    report = await site.adopts(old, password_salt="pepper")
    assert "1 were updated" in said(report, "People: 0")
    people = (await everybody(site)).values()
    assert [person.hash_cost for person in people] == [614, -1, 0, -1]
    before = await snapshot(site)
    await site.adopts(old, password_salt="pepper")
    assert await snapshot(site) == before


async def test_a_password_that_the_host_has_set_stays_and_is_no_trouble(old: OldApp, site: Site) -> None:
    foreign = "$argon2id$v=19$m=65536,t=3,p=4$qFUKIUQIYWwNwXhPyZlTKg$NTyWlKja4B31U2Cjoi6EgLfXBkzP"
    await old.run('ALTER TABLE "user" ADD COLUMN fs_uniquifier TEXT')
    for id, stored in ((1, foreign), (2, None)):
        await old.person(id, f"p{id}", password_hash=stored)
    await site.adopts(old)
    async with at(site):
        for name in ("p1", "p2"):
            found = await users.find(name)
            assert found
            await users.set_password(found, PASSWORD)
    before = await snapshot(site)
    report = await site.adopts(old, password_salt="pepper")
    assert await snapshot(site) == before
    assert not [line for line in report.lines() if "need a new password" in line]


async def test_roles_of_flask_security_are_recognised_without_its_uniquifier(
    tmp_path: Path, site: Site
) -> None:
    old = await usual_app(tmp_path / "old.db")
    await old.run("CREATE TABLE roles_users (user_id INTEGER, role_id INTEGER)")
    await old.person(1, "ann", password_hash="$2b$12$" + "x" * 53)
    assert said(await site.adopts(old), "People who can't sign in yet").endswith(": 1 (ann).")


async def test_an_active_that_says_nothing_keeps_nobody_out(place: str, site: Site) -> None:
    old = await usual_app(place)
    await old.run('ALTER TABLE "user" ADD COLUMN active BOOLEAN')
    await old.person(1, "ann")
    await old.person(2, "bob", active=0)
    assert [person.is_active for person in (await everybody_of(site, old))] == [True, False]


async def everybody_of(site: Site, old: OldApp) -> list[Any]:
    await site.adopts(old)
    return list((await everybody(site)).values())


@pytest.mark.parametrize("salt", [SALT, "x", "#$ {a}\"'\\", "146585145368132386173505678016728509634"])
def test_a_salt_that_is_kept_reads_the_same(salt: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.delenv("PASSWORD_SALT", raising=False)
    file = tmp_path / ".env"
    assert keep("PASSWORD_SALT", salt, tmp_path) is None, "there is no file"
    file.write_text(f"FLASK_ENV=development\nSECRET_KEY={'k' * 40}\nPASSWORD_SALT=")
    assert keep("PASSWORD_SALT", salt, tmp_path) == file
    assert load(tmp_path).password_salt == salt


def test_no_salt_is_asked_of_our_own_hashes(monkeypatch: Any) -> None:
    ours = passwords.hasher.hash(PASSWORD)
    monkeypatch.setattr(passwords, "_salt", b"pepper")
    assert passwords.matches(PASSWORD, ours)
    assert passwords._salt_for(ours) == b""


async def test_the_first_sign_in_takes_the_zone_of_the_browser(
    old: OldApp, site: Site, settings: Settings
) -> None:
    for id, name in enumerate(("ann", "bob", "charlie"), 1):
        await old.person(id, name, password_hash=passwords.hasher.hash(PASSWORD))
    await site.adopts(old, stored_in="UTC", people_in="Europe/Berlin")
    app = create_app(settings)
    async with app.test_app():
        for name, zones in {"ann": ("Asia/Tokyo", "America/New_York"), "bob": ("Mars/Base",)}.items():
            for zone in zones:
                browser = Browser(app)
                await browser.post("/login", {"username": name, "password": PASSWORD, "zone": zone})
        assert "zone=Mars" not in browser.jar["preferences"]
    zones = [person.zone for person in (await everybody(site)).values()]
    assert zones == ["Asia/Tokyo", "Europe/Berlin", "Europe/Berlin"]


async def test_somebody_who_signed_up_here_keeps_their_zone(site: Site, settings: Settings) -> None:
    async with at(site):
        user = await users.create("Ann", None, PASSWORD, "Europe/Berlin", NOW)
        await users.change(user.id, signed_in_at=None)
    app = create_app(settings)
    async with app.test_app():
        form = {"username": "Ann", "password": PASSWORD, "zone": "Asia/Tokyo"}
        assert (await Browser(app).post("/login", form)).status == 303
    assert [person.zone for person in (await everybody(site)).values()] == ["Europe/Berlin"]
