"""Browser fixtures for the tests of faults: those of tests/browser, with longer timeouts."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.conftest import ann, brief, chromium, mark_as_browser_test, site, windows

__all__ = ["ann", "brief", "chromium", "site", "windows"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            mark_as_browser_test(item)


@pytest.fixture(autouse=True)
def patient() -> None:
    """Raises the timeouts: browsers that are killed and started keep the machine busy."""
    expect.set_options(timeout=30_000)
