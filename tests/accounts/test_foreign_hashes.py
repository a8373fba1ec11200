"""Password hashes that other libraries made are verified as they are, and cost no more than they should."""

import json
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import pytest

from journal.accounts import password_hashes, passwords
from journal.accounts.passwords import matches

pytestmark = pytest.mark.engine("sqlite")

SCRIPT = Path(__file__).with_name("foreign_hashes.py")
PASSWORD = "pässword with spaces 🙂, and so on and so on"
FAMILIES = ["werkzeug pbkdf2", "werkzeug scrypt", "flask-bcrypt long passwords"]
FAMILIES += ["flask-bcrypt", "flask-bcrypt str of bytes", "flask-bcrypt bytes in postgres"]
FAMILIES += ["passlib pbkdf2-sha256", "passlib pbkdf2-sha512", "passlib pbkdf2-sha1", "passlib scrypt"]
FAMILIES += ["passlib sha256-crypt", "passlib sha512-crypt", "passlib sha512-crypt of 5000 rounds"]
FAMILIES += ["passlib bcrypt", "passlib bcrypt-sha256", "passlib bcrypt-sha256 version 1", "passlib argon2"]
families = pytest.mark.parametrize("family", FAMILIES)


@cache
def made(password: str) -> dict[str, str]:
    command = [sys.executable, "-W", "ignore", str(SCRIPT), password]
    found: dict[str, str] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


def test_each_family_of_hashes_is_tried() -> None:
    assert sorted(made(PASSWORD)) == sorted(FAMILIES)


@families
def test_the_right_password_fits_what_the_library_made(family: str) -> None:
    stored = made(PASSWORD)[family]
    assert matches(PASSWORD, stored)
    assert password_hashes.is_verifiable(stored)
    assert passwords.is_outdated(stored), "it is replaced at the next sign-in"


@families
def test_a_wrong_password_does_not_fit_what_the_library_made(family: str) -> None:
    stored = made(PASSWORD)[family]
    for wrong in ("", PASSWORD[:-1], PASSWORD.upper(), stored, "\0", "\ud800"):
        assert not matches(wrong, stored)


def test_flask_bcrypt_tells_long_passwords_apart() -> None:
    stored = made(PASSWORD)["flask-bcrypt long passwords"]
    assert not matches(PASSWORD + "x", stored)


DAMAGED = ["$pbkdf2-sha256$0$a$b", "$pbkdf2-sha256$x$a$b", "$pbkdf2-sha256$1000$é$b", "$pbkdf2-md5$1$YQ$YQ"]
DAMAGED += ["$pbkdf2-sha256$1000$YQ", "$pbkdf2$", "$scrypt$ln=0,r=8,p=1$YQ$YQ", "$scrypt$ln=8,r=8$YQ$YQ"]
DAMAGED += ["$scrypt$", "$bcrypt-sha256$", "$bcrypt-sha256$v=2,t=2b,r=4$a$b", "$bcrypt-sha256$2b,4$a"]
DAMAGED += ["$5$", "$6$a", "$5$rounds=0$a$" + "b" * 43, "$5$rounds=x$a$" + "b" * 43, "$6$a$" + "é" * 86]
DAMAGED += ["$5$a$" + "b" * 44, "$6$a$" + "b" * 43, "$5$" + "a" * 17 + "$" + "b" * 43]
DAMAGED += ["b''", "b'$2b$'", "\\x", "\\x24", "\\x2g", "\\xff", "b'\\x24'"]


@pytest.mark.parametrize("stored", DAMAGED)
def test_a_damaged_hash_of_a_library_fits_nothing(stored: str) -> None:
    for password in ("", PASSWORD, stored):
        assert not matches(password, stored)
    assert passwords.cost(stored) >= 0


ABSURD = {
    "pbkdf2 for an hour": f"$pbkdf2-sha256$999999999$YWJj${'A' * 43}",
    "scrypt in 4 GB": f"$scrypt$ln=22,r=8,p=1$YWJj${'A' * 43}",
    "scrypt again and again": f"$scrypt$ln=14,r=8,p=100000$YWJj${'A' * 43}",
    "scrypt by numbers no machine has": f"$scrypt$ln=99,r=8,p=1$YWJj${'A' * 43}",
    "sha-crypt for a minute": f"$6$rounds=100000000$a${'b' * 86}",
    "bcrypt for a minute": f"$bcrypt-sha256$v=2,t=2b,r=20${'a' * 22}${'a' * 31}",
    "bcrypt for a minute in bytes": f"b'$2b$20${'a' * 53}'",
}


@pytest.mark.parametrize("stored", ABSURD.values(), ids=ABSURD)
def test_a_hash_of_a_library_that_takes_minutes_is_refused(stored: str) -> None:
    started = time.process_time()
    assert not matches(PASSWORD, stored)
    assert time.process_time() - started < 1
    assert not password_hashes.is_verifiable(stored)


def test_the_cost_counts_everything_that_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    bcrypt_12, pbkdf2 = "$2b$12$" + "a" * 53, "pbkdf2:sha256:600000$a$00"
    assert (passwords.cost(bcrypt_12), passwords.cost(f"b'{bcrypt_12}'")) == (410, 410)
    monkeypatch.setattr(passwords, "_salt", b"pepper")
    assert passwords.cost(bcrypt_12) == 614
    assert passwords.cost(pbkdf2) == 240
    assert passwords.cost("$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$AAAA") == 275
    assert passwords.cost(passwords.hasher.hash("ours")) == 0
