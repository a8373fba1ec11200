"""The sign-in page carries an interrupted form whose fields only its owner knows."""

from collections.abc import Mapping

import pytest
from quart import Quart, Response

from journal.web.interrupted_form import FormOwner, InterruptedForm
from tests.visiting import PASSWORD, Browser, registered


def select(sent: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in sent.items() if name in ("stanza", "metre")}


async def resume(form: InterruptedForm) -> Response:
    return Response(f"{form.path} {dict(form.fields)}")


async def test_the_sign_in_page_carries_fields_that_only_their_owner_knows(
    app: Quart, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await registered(app, "Ann")
    browser.jar.clear()
    monkeypatch.setattr(app.extensions["gate"], "form_owner", FormOwner("stanza", select, resume))
    page = await browser.post("/templates", {"stanza": "Shall I <compare>", "metre": "5", "other": "x"})
    assert page.status == 401
    assert "Shall I &lt;compare&gt;</textarea>" in page.text
    form = page.form("/login") | {"username": "Ann", "password": "wrong wrong wrong"}
    again = await browser.post("/login", form)
    assert again.status == 422
    answer = await browser.post("/login", again.form("/login") | {"username": "Ann", "password": PASSWORD})
    assert answer.text == "/templates {'stanza': 'Shall I <compare>', 'metre': '5'}"


async def test_a_form_of_which_its_owner_keeps_nothing_is_not_carried(
    app: Quart, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.extensions["gate"], "form_owner", FormOwner("stanza", select, resume))
    page = await Browser(app).post("/templates", {"body": "My words."})
    assert page.status == 401
    assert "My words." not in page.text
