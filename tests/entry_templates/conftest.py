"""Ann and Bob with browsers that follow the pages' own forms."""

import pytest
from quart import Quart

from tests.visiting import Browser, registered


@pytest.fixture
async def ann(app: Quart) -> Browser:
    return await registered(app, "Ann")


@pytest.fixture
async def bob(app: Quart, ann: Browser) -> Browser:
    return await registered(app, "Bob")
