"""Names that can't be told from another's by looking: refused when one signs up, is added or renamed."""

from typing import Any

import pytest
from quart import Quart

from journal import clock
from journal.accounts import backfill, hash_costs, users
from journal.accounts.lookalikes import is_hidden, is_mixed, skeleton
from journal.accounts.models import User
from journal.database import committed, rows
from tests.visiting import PASSWORD, Browser, registered

HIDDEN = {
    "zero width space": "an\u200bn",
    "soft hyphen": "an\xadn",
    "grapheme joiner": "an\u034fn",
    "Arabic letter mark": "ann\u061c",
    "Hangul filler": "ann\u3164",
    "Hangul choseong filler": "ann\u115f",
    "Hangul jungseong filler": "ann\u1160",
    "halfwidth Hangul filler": "ann\uffa0",
    "braille blank": "ann\u2800",
    "Khmer inherent vowel": "ann\u17b4",
    "Mongolian separator": "ann\u180e",
    "variation selector": "ann\ufe0f",
    "variation selector 17": "ann\U000e0100",
    "tag": "ann\U000e0061",
    "invisible times": "an\u2062n",
    "musical blank": "ann\U0001d159",
    "shorthand control": "ann\U0001bca0",
    "interlinear anchor": "ann\ufff9",
    "unassigned ignorable": "ann\u2065",
    "private use": "ann\ue000",
    "line separator": "an\u2028n",
    "Ogham space": "ann\u1680b",
}
MIXED = {
    "Cyrillic a": "аnn",
    "Greek alpha": "αnn",
    "Armenian": "aոո",
    "Cherokee": "Ꭺnn",
    "Cyrillic among Greek": "Αнна",
    "Arabic digit": "ann1٢",
    "Hebrew": "annס",
}
ALIKE = {
    "Cyrillic": ("Coco", "Сосо"),
    "Cyrillic capitals": ("coco", "СОСО"),
    "Greek": ("Bob", "ΒΟΒ"),
    "Lisu": ("ann", "ꓮꓠꓠ"),
    "a capital I for an l": ("alice", "aIice"),
    "one for an l": ("Alice", "A1ice"),
    "nought for an o": ("bob", "b0b"),
    "a bar for an l": ("alice", "a|ice"),
    "rn for m": ("Tom", "Torn"),
    "full width": ("ann", "ａｎｎ"),
    "mathematical": ("ann", "𝐚𝐧𝐧"),
    "small capitals": ("ann", "ᴀɴɴ"),
    "an alpha of Latin": ("ann", "ɑnn"),
    "a line under it": ("ann", "a̲nn"),
    "a wide space": ("Ann Lee", "Ann\u3000Lee"),
    "two spaces": ("Ann Lee", "Ann  Lee"),
}
FINE = [
    "Anna",
    "Müller",
    "Олена Ґудзь",
    "Марʼяна",
    "Мар'яна",
    "Nguyễn Văn A",
    "O'Neil",
    "山田 太郎",
    "やまだ",
    "ヤマダー々",
]
FINE += [
    "김철수 Kim",
    "李明",
    "Ann ❤️",
    "😀",
    "שרה",
    "فاطمة",
    "R2D2",
    "Ἀθηνᾶ",
    "หนูนา",
    "नेहा",
    "ẹ́ Bọ́lá",
    "Dvořák 2",
]


@pytest.mark.parametrize("name", HIDDEN.values(), ids=HIDDEN)
def test_what_can_not_be_seen_is_found(name: str) -> None:
    assert is_hidden(name)


@pytest.mark.parametrize("name", MIXED.values(), ids=MIXED)
def test_letters_that_nobody_writes_together_are_found(name: str) -> None:
    assert is_mixed(name)


@pytest.mark.parametrize("name", FINE)
def test_names_of_people_are_neither(name: str) -> None:
    assert not is_hidden(name)
    assert not is_mixed(name)


def test_names_of_different_people_are_not_alike() -> None:
    names = [*FINE, "Muller", "José", "Jose", "Ева", "Иван", "Ann", "Bob", "Charlie"]
    assert len({skeleton(name) for name in names}) == len(names) - 1  # of the two apostrophes


async def sign_up(app: Quart, name: str) -> Any:
    form = {"username": name, "email": "other@example.org", "password": PASSWORD}
    return await Browser(app).post("/register", form)


@pytest.mark.parametrize(("known", "name"), ALIKE.values(), ids=ALIKE)
async def test_nobody_signs_up_by_a_name_that_looks_like_anothers(app: Quart, known: str, name: str) -> None:
    await users.create(known, None, PASSWORD, "UTC", clock.now())
    answer = await sign_up(app, name)
    assert answer.status == 422
    assert ("looks too much like" in answer.text) or ("has this name already" in answer.text)


@pytest.mark.parametrize(
    ("name", "sentence"), [(HIDDEN["Hangul filler"], "invisible"), (MIXED["Cyrillic a"], "different scripts")]
)
async def test_one_sentence_says_what_is_wrong_with_a_name(app: Quart, name: str, sentence: str) -> None:
    answer = await sign_up(app, name)
    assert answer.status == 422
    assert sentence in answer.text


async def test_nobody_renames_themselves_to_look_like_another(app: Quart) -> None:
    await registered(app, "Ann")
    bob = await registered(app, "Bob")
    form = {"username": "Αηη", "email": "bob@example.org", "password": PASSWORD}
    answer = await bob.post("/settings/account", form)
    assert answer.status == 422
    assert "looks too much like" in answer.text


async def test_who_has_an_odd_name_signs_in_and_keeps_it_when_the_address_changes(app: Quart) -> None:
    await registered(app, "ann")
    bob = await registered(app, "Bob")
    odd = {"username": "аnn\u3164", "username_key": "аnn\u1160", "username_skeleton": None}
    await committed(lambda db: User.filter(username="Bob").using_db(db).update(**odd))
    await backfill.complete()
    assert (
        await Browser(app).post("/login", {"username": odd["username"], "password": PASSWORD})
    ).status == 303
    form = {"username": odd["username"], "email": "new@example.org", "password": PASSWORD}
    assert (await bob.post("/settings/account", form)).status == 303
    assert (await rows("SELECT email FROM users WHERE username_key = ?", odd["username_key"]))[0][0] == form[
        "email"
    ]


async def test_accounts_of_the_version_before_are_compared_as_well(db: None) -> None:
    ann = await users.create("Ann", None, PASSWORD, "UTC", clock.now())
    adopted = {"hash_cost": None, "username_skeleton": None, "password_hash": "pbkdf2:sha256:600000$a$b"}
    await users.change(ann.id, **adopted)
    await backfill.complete()
    with pytest.raises(users.Taken):
        await users.create("ΑΝΝ", None, PASSWORD, "UTC", clock.now())
    assert [row[0] for row in await rows(hash_costs.COSTLIEST)] == [adopted["password_hash"]]


async def test_a_hash_that_is_never_verified_is_not_the_costliest(db: None) -> None:
    for name, stored in {"Ann": "pbkdf2:sha256:99000000$a$b", "Bob": "pbkdf2:sha256:1000$a$b"}.items():
        user = await users.create(name, None, PASSWORD, "UTC", clock.now())
        await users.change(user.id, hash_cost=None, password_hash=stored)
    await backfill.complete()
    assert [row[0] for row in await rows(hash_costs.COSTLIEST)] == []
