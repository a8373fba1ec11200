"""Imports in a browser: upload, preview, import and undo, with scripts and without; and an upload that is
cancelled."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Windows, join, signed_up
from tests.servers import Server

pytestmark = pytest.mark.slow


def document(count: int) -> bytes:
    """An export of this site, with one entry that can't be read."""
    entries: list[dict[str, Any]] = [
        {
            "uid": str(uuid4()),
            "title": f"Day {number}",
            "body": "We walked along the *river*, and it rained.",
            "day": f"2019-05-{number % 28 + 1:02}",
            "zone": "Europe/Lisbon",
            "written_at": f"2019-05-{number % 28 + 1:02}T20:10:00+00:00",
            "tags": ["walks"],
            "mood": "good",
            "place": {"name": "Lisbon"},
            "weather": "18 °C, rain",
        }
        for number in range(count)
    ]
    return json.dumps(
        {"format": "journal", "format_version": 1, "entries": [*entries, {"title": "Torn page"}]}
    ).encode()


async def chosen(page: Page, content: bytes, name: str = "old diary.json") -> None:
    await page.goto("/imports")
    await page.get_by_label("The file that").set_input_files(
        {"name": name, "mimeType": "application/json", "buffer": content}
    )


async def imports_and_undoes(page: Page) -> None:
    """From the page where a file is chosen."""
    await page.get_by_role("button", name="Upload").click()
    await expect(page.get_by_role("heading", name="3 new entries")).to_be_visible()
    await expect(page.get_by_text("entry 4")).to_be_visible()
    await expect(page.get_by_role("heading", name="Day 0")).to_be_visible()
    await page.get_by_role("button", name="Import 3 entries").click()
    await expect(page.get_by_role("heading", name="3 entries added")).to_be_visible()
    await page.get_by_role("link", name="Read the first day").click()
    await page.get_by_role("link", name="Day 0").click()
    await expect(page.get_by_text("18 °C, rain")).to_be_visible()
    await page.goto("/imports")
    await page.get_by_role("link", name="old diary.json").click()
    await page.get_by_role("button", name="Undo this import").click()
    await expect(page.get_by_role("heading", name="The import is undone")).to_be_visible()
    await page.get_by_role("button", name="Import again").click()
    await expect(page.get_by_role("heading", name="3 entries added")).to_be_visible()


async def test_a_file_is_brought_looked_at_imported_and_taken_back(ann: Page) -> None:
    await ann.goto("/")
    await ann.get_by_role("link", name="Bring your old diary").click()
    await chosen(ann, document(3))
    await imports_and_undoes(ann)


async def test_an_import_needs_no_scripts(windows: Windows, site: Server) -> None:
    page = await windows.open(base_url=site.url, java_script_enabled=False)
    await join(page.context, site)
    await chosen(page, document(3))
    await imports_and_undoes(page)


async def test_the_end_of_an_import_is_read_out(ann: Page) -> None:
    await chosen(ann, document(3))
    await ann.get_by_role("button", name="Upload").click()
    await ann.get_by_role("button", name="Import 3 entries").click()
    await expect(ann.locator("#said")).to_contain_text("3 entries added")


async def test_an_upload_shows_how_far_it_is_and_can_be_cancelled(
    windows: Windows, site: Server, ann: Page
) -> None:
    windows.foresee("ERR_ABORTED", "htmx:xhr")

    async def never(route: Route) -> None:
        if route.request.method != "POST":
            await route.continue_()

    await ann.route("**/imports", never)
    await chosen(ann, document(3))
    await ann.get_by_role("button", name="Upload").click()
    await expect(ann.get_by_role("progressbar")).to_be_visible()
    await expect(ann.get_by_role("button", name="Upload")).to_be_hidden()
    await ann.get_by_role("button", name="Cancel").click()
    await expect(ann.get_by_role("button", name="Upload")).to_be_visible()
    await expect(ann.get_by_role("progressbar")).to_be_hidden()


async def test_a_file_that_is_too_large_is_told_before_it_is_sent(ann: Page) -> None:
    await ann.goto("/imports")
    await ann.locator("form[data-upload]").evaluate("form => form.dataset.room = 10")
    await ann.get_by_label("The file that").set_input_files(
        {"name": "a.json", "mimeType": "application/json", "buffer": document(1)}
    )
    told = await ann.get_by_label("The file that").evaluate("input => input.validationMessage")
    assert told == "This file is larger than this site has room for."


async def test_an_export_is_downloaded(windows: Windows, site: Server) -> None:
    page = await signed_up(windows, site)
    await page.goto("/settings")
    await page.get_by_role("link", name="Export").click()
    async with page.expect_download() as download:
        await page.get_by_role("button", name="JSON, with everything").click()
    file = await (await download.value).path()
    assert json.loads(Path(file).read_text())["entries"] == []
