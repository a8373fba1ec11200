"""Hands the site to hypercorn, as hypercorn.toml says."""

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
    """Where to listen and how, by hypercorn.toml; raises CannotServe where that is not possible."""
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

    A port alone means this machine, as in Django; `:8000` and `*:8000` mean every interface, as in gunicorn
    and nginx. An IPv6 address may come without its brackets: what stands behind the last colon is the port.
    """
    if re.fullmatch(r"(unix:|fd://).+", written):
        return written
    form = ADDRESS.fullmatch(written)
    if form is None or int(form["port"]) > 65535:
        raise _not_an_address(written)
    host = "127.0.0.1" if form["host"] is None else form["host"].strip("[]")
    host = "0.0.0.0" if host in EVERY_INTERFACE else host  # noqa: S104 - the host has asked for it
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
    """From the present folder, inside a wheel, or beside the package in a checkout."""
    places = [Path("hypercorn.toml"), PACKAGE / "hypercorn.toml", PACKAGE.parent / "hypercorn.toml"]
    file = next(place for place in places if place.is_file())
    try:
        return Config.from_toml(file)
    except (OSError, ValueError) as error:
        raise CannotServe(f"{file} can't be used ({error})") from None


def _check(address: str) -> None:
    """Listens there for a moment, so that nothing else is begun in vain."""
    if address.startswith("fd://"):  # closing it would be for good
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
    """Until SIGTERM or SIGINT, after which requests in flight are finished. Raises CannotServe."""
    logging.getLogger("hypercorn.error").setLevel(logging.INFO)
    try:
        status = run(config)
    except LifespanFailureError:
        raise CannotServe("the site could not start; the lines above say why") from None
    if status:
        raise CannotServe("the server stopped by itself; the lines above say why")
