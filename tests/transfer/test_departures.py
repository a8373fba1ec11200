"""Entries and accounts that were deleted here for good are not imported again."""

from datetime import timedelta

import pytest

from journal.accounts import users
from journal.entries.bin import moving
from tests.transfer.old_apps import OldApp
from tests.transfer.sites import NOW, Site, at, everybody, everything, said

pytestmark = pytest.mark.slow


async def test_an_entry_that_went_out_of_the_bin_does_not_come_back(old: OldApp, site: Site) -> None:
    await old.person(1, "ann")
    await old.entry(1)
    await old.entry(2)
    await site.adopts(old)
    entry = (await everything(site))["1"]
    async with at(site):
        await moving.delete(entry.user_id, entry.uid, NOW)
        await moving.empty(entry.user_id)
    report = await site.adopts(old)
    assert list(await everything(site)) == ["2"]
    assert said(report, "Entries that were deleted here").endswith("1 (1).")


async def test_an_entry_that_was_swept_out_of_the_bin_does_not_come_back(old: OldApp, site: Site) -> None:
    await old.person(1, "ann")
    await old.entry(1)
    await site.adopts(old)
    entry = (await everything(site))["1"]
    async with at(site):
        await moving.delete(entry.user_id, entry.uid, NOW)
        await moving.sweep(NOW + timedelta(days=31))
    await site.adopts(old)
    assert await everything(site) == {}


async def test_an_account_that_was_deleted_here_does_not_come_back_with_its_entries(
    old: OldApp, site: Site
) -> None:
    await old.person(1, "ann")
    await old.person(2, "bob")
    await old.entry(1, 1)
    await old.entry(2, 2)
    await site.adopts(old)
    leaving = (await everybody(site))["1"]
    async with at(site):
        await users.delete(leaving.id)
    report = await site.adopts(old)
    assert list(await everybody(site)) == ["2"]
    assert list(await everything(site)) == ["2"]
    assert said(report, "People whose account was deleted here").endswith("1 (ann).")


async def test_a_second_old_app_is_another_source(old: OldApp, site: Site) -> None:
    await old.person(1, "ann")
    await old.entry(1)
    await site.adopts(old)
    leaving = (await everybody(site))["1"]
    async with at(site):
        await users.delete(leaving.id)
    await site.adopts(old, source="second")
    assert list(await everything(site)) == ["1"]


async def test_a_name_equal_to_anothers_but_for_case_keeps_its_key_when_the_address_changes(
    old: OldApp, site: Site
) -> None:
    await old.person(1, "Tom")
    await old.person(2, "tom")
    await site.adopts(old)
    second = (await everybody(site))["2"]
    async with at(site):
        await users.rename(second.id, "tom", "new@example.org")
    renamed = (await everybody(site))["2"]
    assert (renamed.username, renamed.email, renamed.username_key) == (
        "tom",
        "new@example.org",
        second.username_key,
    )
