"""Hands the site to hypercorn, as hypercorn.toml says."""

import errno
import logging
import re
from pathlib import Path

from hypercorn.config import Config
from hypercorn.run import run
from hypercorn.utils import LifespanFailureError

PACKAGE = Path(__file__).resolve().parent
ADDRESS = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^:/\[\]]+):(?P<port>[0-9]{1,5})|(unix:|fd://).+")


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
    if bind:
        config.bind = [bind]
    for address in config.bind:
        _check(address)
    return config


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
    form = ADDRESS.fullmatch(address)
    if form is None or int(form["port"] or 0) > 65535:
        raise CannotServe(f"can't listen on {address}: it should be HOST:PORT, like 127.0.0.1:8000")
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
