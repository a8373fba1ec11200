"""Security headers: the content security policy, and Cache-Control: no-store for every personal page."""

from quart import Quart, Response

from journal.web import htmx

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
TRANSPORT = ("Strict-Transport-Security", "max-age=31536000")
VARY = f"Cookie, {htmx.REQUEST}"  # of every private response
IMMUTABLE = "public, max-age=31536000, immutable"


def every(secure: bool) -> dict[str, str]:
    return ALWAYS | dict([TRANSPORT]) if secure else ALWAYS


def install(app: Quart, secure: bool) -> None:
    headers = every(secure)

    async def write(response: Response) -> Response:
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
            response.headers["Vary"] = VARY
        return response

    app.after_request(write)
