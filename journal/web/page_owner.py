"""Page owner check: refuses forms of a page that was rendered for another account, after somebody else signed
in in the same browser."""

from quart import Quart, Response, g, request

from journal.web.errors import error_page

HEADER = "X-Owner"  # the account of the page, sent by its script
SENTENCE = "Another account is signed in here now. Nothing was saved."


def install(app: Quart) -> None:
    app.before_request(refuse_other_owners)


async def refuse_other_owners() -> Response | None:
    owner = request.headers.get(HEADER)
    if not owner or g.get("user") is None or owner == str(g.user.id):
        return None
    answer = error_page(409, SENTENCE)
    answer.headers["X-Save"] = "other-owner"
    return answer
