"""The simulation can fail: each of these mistakes makes it find prompts, or words that are gone."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from quart import Response

from journal.accounts import users
from journal.entries import saving
from journal.entries.values import SaveRequest, SaveResult
from journal.sessions import tokens
from journal.sessions.gate import Gate
from journal.sessions.tokens import Claims, InvalidToken, Keys, Kind
from tests.simulation.life import Life, Plan, begun
from tests.simulation.test_simulation import SEED
from tests.simulation.world import Faults

SPAN = Plan(61, stops_at_prompt=True)
FORTNIGHT = 14 * 24 * 3600
# Mistakes of ours are the same on any engine.
pytestmark = [pytest.mark.engine("sqlite"), pytest.mark.slow]
Mistake = Callable[[pytest.MonkeyPatch], None]


async def lived(
    database_url: str, folder: Path, plan: Plan, faults: Faults | None = None
) -> tuple[Life, list[str]]:
    async with begun(database_url, folder, SEED, plan, faults=faults) as life:
        await life.live()
        return life, await life.problems()


# Sessions


def refresh_does_not_slide(patch: pytest.MonkeyPatch) -> None:
    mint = tokens.mint

    def minted(keys: Keys, kind: Kind, claims: Claims) -> str:
        end = claims.auth_time + FORTNIGHT if kind == "refresh" else claims.expires_at
        return mint(keys, kind, replace(claims, expires_at=end))

    patch.setattr(tokens, "mint", minted)


def refresh_tokens_are_for_one_use(patch: pytest.MonkeyPatch) -> None:
    refresh, used = Gate._refresh, set[Claims]()

    async def refreshed(self: Gate, found: Iterable[Claims], now: int) -> None:
        unused = [claims for claims in found if claims not in used]
        used.update(unused)
        await refresh(self, unused, now)

    patch.setattr(Gate, "_refresh", refreshed)


def new_hash_new_stamp(patch: pytest.MonkeyPatch) -> None:
    signed_in = users.record_sign_in

    async def noted(user: Any, *others: Any) -> None:
        await signed_in(user, *others)
        await users.end_sessions(user.id)

    patch.setattr(users, "record_sign_in", noted)


def refresh_tokens_from_the_future_are_refused(patch: pytest.MonkeyPatch) -> None:
    read = tokens.read

    def checked(keys: Keys, kind: Kind, token: str, now: int | None) -> Claims:
        claims = read(keys, kind, token, now)
        if now is not None and claims.issued_at > now:
            raise InvalidToken("from the future")
        return claims

    patch.setattr(tokens, "read", checked)


def cookies_end_with_the_browser(patch: pytest.MonkeyPatch) -> None:
    _rewrite_cookies(patch, r"; (Expires|Max-Age)=[^;]*", "")


def cookies_stay_behind_at_links(patch: pytest.MonkeyPatch) -> None:
    _rewrite_cookies(patch, "SameSite=Lax", "SameSite=Strict")


def _rewrite_cookies(patch: pytest.MonkeyPatch, pattern: str, by: str) -> None:
    write = Gate.write_cookies

    async def written(self: Gate, response: Response) -> Response:
        response = await write(self, response)
        lines = [re.sub(pattern, by, line) for line in response.headers.getlist("Set-Cookie")]
        response.headers.setlist("Set-Cookie", lines)
        return response

    patch.setattr(Gate, "write_cookies", written)


MISTAKES: list[Mistake] = [
    refresh_does_not_slide,
    refresh_tokens_are_for_one_use,
    new_hash_new_stamp,
    refresh_tokens_from_the_future_are_refused,
    cookies_end_with_the_browser,
    cookies_stay_behind_at_links,
]


@pytest.mark.parametrize("mistake", MISTAKES)
async def test_a_mistake_in_the_gate_shows_as_a_prompt(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mistake: Mistake
) -> None:
    mistake(monkeypatch)
    life, _ = await lived(database_url, tmp_path, SPAN)
    assert life.world.tally.prompts


async def test_an_old_key_that_is_not_kept_shows_as_a_prompt(database_url: str, tmp_path: Path) -> None:
    life, _ = await lived(database_url, tmp_path, replace(SPAN, keeps_old_key=False))
    assert life.world.tally.counts["new keys"] == 1
    assert life.world.tally.prompts


# Writing


def one_save_in_twenty_is_only_acknowledged(patch: pytest.MonkeyPatch) -> None:
    save, number = saving.save, count(1)

    async def saved(user_id: int, uid: Any, attempt: SaveRequest, now: Any) -> SaveResult:
        if next(number) % 20 or not attempt.version:
            return await save(user_id, uid, attempt, now)
        return SaveResult("saved", attempt.version + 1, 0)

    patch.setattr(saving, "save", saved)


def a_save_sent_again_is_taken_for_another(patch: pytest.MonkeyPatch) -> None:
    save = saving.save

    async def saved(user_id: int, uid: Any, attempt: SaveRequest, now: Any) -> SaveResult:
        return await save(user_id, uid, replace(attempt, save_id=uuid4()), now)

    patch.setattr(saving, "save", saved)


@pytest.mark.parametrize(
    "mistake", [one_save_in_twenty_is_only_acknowledged, a_save_sent_again_is_taken_for_another]
)
async def test_a_mistake_in_writing_shows_in_the_ledger(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mistake: Mistake
) -> None:
    mistake(monkeypatch)
    life, problems = await lived(database_url, tmp_path, Plan(30), Faults(lost=0.1))
    assert problems
    assert not life.world.tally.prompts
