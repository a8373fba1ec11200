"""A page of the site hangs for ever: the server stops all the same, by itself or by what systemd does."""

import contextlib
import re
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from journal import database
from tests.postgres import free_port
from tests.servers import ROOT, Server, joined, listening

pytestmark = pytest.mark.slow

HANGING = """
import asyncio, sys, time
from journal import app, cli

create, how = app.create_app, sys.argv.pop(1)

async def hang():
    await asyncio.Event().wait() if how == "waiting" else time.sleep(1_000_000)

def create_app():
    site = create()
    assert "bin.confirm_emptying" in site.view_functions
    site.view_functions["bin.confirm_emptying"] = hang
    return site

app.create_app = create_app
cli.main()
"""


@contextmanager
def hanging(folder: Path, url: str, how: str) -> Iterator[Server]:
    """Its page /bin/deletion hangs; it gives requests a second at the stop, and not half a minute."""
    config = (ROOT / "hypercorn.toml").read_text(encoding="utf-8")
    config, count = re.subn(r"^graceful_timeout = \d+$", "graceful_timeout = 1", config, flags=re.MULTILINE)
    assert count == 1
    (folder / "hypercorn.toml").write_text(config, encoding="utf-8")
    port = free_port()
    command = [sys.executable, "-c", HANGING, how, "serve", "--bind", f"127.0.0.1:{port}"]
    with listening(folder, port, command, DATABASE_URL=url) as server:
        yield server


def visit_what_hangs(browser: httpx.Client) -> threading.Thread:
    def visit() -> None:
        with contextlib.suppress(httpx.TransportError):
            browser.get("/bin/deletion", timeout=60)

    visiting = threading.Thread(target=visit)
    visiting.start()
    return visiting


def keep_asking(server: Server) -> None:
    """For a while, as what hangs the server may come a little later."""
    for _ in range(1000):
        httpx.get(f"http://127.0.0.1:{server.port}/healthz", timeout=1)


def test_a_page_that_waits_for_ever_does_not_hold_up_the_stop(tmp_path: Path, database_url: str) -> None:
    with hanging(tmp_path, database_url, "waiting") as server, joined(server) as ann:
        ann.post("/entries", data={"body": "Before it hung."})
        visiting = visit_what_hangs(ann)
        time.sleep(1)
        assert visiting.is_alive()
        assert httpx.get(f"http://127.0.0.1:{server.port}/healthz").status_code == 200
        assert server.stop() == 0
        visiting.join()
        server.start()
        assert "Before it hung." in ann.get("/").text


def test_a_server_that_hangs_as_a_whole_is_ended_and_has_lost_nothing(
    tmp_path: Path, database_url: str
) -> None:
    with hanging(tmp_path, database_url, "blocking") as server, joined(server) as ann:
        ann.post("/entries", data={"body": "Before it hung."})
        visiting = visit_what_hangs(ann)
        with pytest.raises(httpx.TransportError):
            keep_asking(server)
        server.process.terminate()
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(3)
        server.kill()  # as systemd does after TimeoutStopSec
        visiting.join()
        server.start()
        assert "Before it hung." in ann.get("/").text


def test_the_unit_waits_longer_than_the_server_and_then_ends_it() -> None:
    unit = dict(re.findall(r"^(\w+)=(.+)$", (ROOT / "docs/deploying.md").read_text("utf-8"), re.MULTILINE))
    config = tomllib.loads((ROOT / "hypercorn.toml").read_text(encoding="utf-8"))
    assert int(unit["TimeoutStopSec"]) > config["graceful_timeout"] + database.DRAIN_SECONDS
    assert (unit["KillMode"], unit["Restart"]) == ("mixed", "on-failure")
    assert unit["MemoryMax"]
    assert int(unit["LimitNOFILE"]) > 4096
    assert config["workers"] == 0
