"""Serving: runs the site by the ASGI server hypercorn, configured by hypercorn.toml."""

import errno
import logging
import re
from ipaddress import IPv6Address
from pathlib import Path

from hypercorn.config import Config
from hypercorn.run import run
from hypercorn.utils import LifespanFailureError

PACKAGE = Path(__file__).resolve().parent
ADDRESS = re.compile(r"((?P<host>.*):)?(?P<port>[0-9]{1,5})")
HOST_NAME = re.compile(r"[A-Za-z0-9_.-]+")
EVERY_INTERFACE = ("", "*")


class CannotServe(Exception):
    """The message says why the server can't start."""


def configuration(bind: str | None) -> Config:
    """The configuration of hypercorn.toml, with its addresses checked. Raises CannotServe."""
    config = _read()
    if config.workers:
        raise CannotServe(
            f"hypercorn.toml should say workers = 0 and means {config.workers}: workers of its own would be "
            "ended in the middle of a save; for more processes start several units, on PostgreSQL"
        )
    config.bind = [_address(written) for written in ([bind] if bind else config.bind)]
    for address in config.bind:
        _check(address)
    return config


def _address(written: str) -> str:
    """Returns the address as hypercorn reads it.

    A port alone means the loopback interface, as in Django; `:8000` and `*:8000` mean all interfaces, as in
    gunicorn and nginx. An IPv6 address may lack its brackets: the port follows the last colon.
    """
    if re.fullmatch(r"(unix:|fd://).+", written):
        return written
    form = ADDRESS.fullmatch(written)
    if form is None or int(form["port"]) > 65535:
        raise _not_an_address(written)
    host = "127.0.0.1" if form["host"] is None else form["host"].strip("[]")
    host = "0.0.0.0" if host in EVERY_INTERFACE else host  # noqa: S104 - the administrator has asked for it
    if ":" in host and _is_ipv6(host):
        return f"[{host}]:{form['port']}"
    if not HOST_NAME.fullmatch(host):
        raise _not_an_address(written)
    return f"{host}:{form['port']}"


def _is_ipv6(text: str) -> bool:
    try:
        return bool(IPv6Address(text))
    except ValueError:
        return False


def _not_an_address(written: str) -> CannotServe:
    return CannotServe(f"can't listen on {written}: it should be HOST:PORT, like 127.0.0.1:8000")


def _read() -> Config:
    """Reads hypercorn.toml from the current folder, the wheel or the checkout."""
    places = [Path("hypercorn.toml"), PACKAGE / "hypercorn.toml", PACKAGE.parent / "hypercorn.toml"]
    file = next(place for place in places if place.is_file())
    try:
        return Config.from_toml(file)
    except (OSError, ValueError) as error:
        raise CannotServe(f"{file} can't be used ({error})") from None


def _check(address: str) -> None:
    """Listens for a moment, so that an address in use is found before anything else starts."""
    if address.startswith("fd://"):  # an inherited socket can't be opened again
        return
    config = Config()
    config.bind = [address]
    try:
        for socket in config.create_sockets().insecure_sockets:
            socket.close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotServe(f"{address} is in use by another program; choose another with --bind") from None
        raise CannotServe(f"can't listen on {address}: {error.strerror or error}") from None


def serve(config: Config) -> None:
    """Serves until SIGTERM or SIGINT, then finishes the requests in flight. Raises CannotServe."""
    logging.getLogger("hypercorn.error").setLevel(logging.INFO)
    try:
        status = run(config)
    except LifespanFailureError:
        raise CannotServe("the site could not start; the lines above say why") from None
    if status:
        raise CannotServe("the server stopped by itself; the lines above say why")
