"""Hands the site to hypercorn, as hypercorn.toml says."""

import errno
import logging
from pathlib import Path

from hypercorn.config import Config
from hypercorn.run import run

PACKAGE = Path(__file__).resolve().parent


class CannotServe(Exception):
    """The message says why the server can't start."""


def configuration(bind: str | None) -> Config:
    """From hypercorn.toml: in the present folder, inside a wheel, or beside the package in a checkout."""
    places = [Path("hypercorn.toml"), PACKAGE / "hypercorn.toml", PACKAGE.parent / "hypercorn.toml"]
    config = Config.from_toml(next(place for place in places if place.is_file()))
    if bind:
        config.bind = [bind]
    return config


def serve(bind: str | None) -> None:
    """Until SIGTERM or SIGINT, after which requests in flight are finished. Raises CannotServe."""
    logging.getLogger("hypercorn.error").setLevel(logging.INFO)
    config = configuration(bind)
    try:
        status = run(config)
    except OSError as error:
        where = ", ".join(config.bind)
        if error.errno == errno.EADDRINUSE:
            raise CannotServe(f"{where} is in use by another program; choose another with --bind") from None
        raise CannotServe(f"can't listen on {where}: {error.strerror or error}") from None
    except ValueError as error:
        raise CannotServe(f"--bind {bind} is not HOST:PORT ({error})") from None
    if status:
        raise CannotServe("the server stopped by itself; the lines above say why")
