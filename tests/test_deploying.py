"""docs/deploying.md as it is written: its blocks run in the real nginx and the real Caddy, with TLS."""

import os
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import textwrap
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from journal.web.body_limit import MAX_BODY
from tests.postgres import free_port
from tests.servers import PASSWORD, ROOT, Server, serving

pytestmark = pytest.mark.slow

GUIDE = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")
NAME = "journal.example.org"
VISITOR = "127.0.0.2"  # not the proxy's own address
LONG = "Слова " * 80_000  # 880 kB of text, which a form encodes as 2.5 MB


def blocks(language: str) -> list[str]:
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", GUIDE, re.MULTILINE | re.DOTALL)
    return [textwrap.dedent(text) for _, text in found]


def replaced(text: str, **changes: tuple[str, str]) -> str:
    """Replaces texts of the guide; each has to be there, or the guide was changed and this test was not."""
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new)
    return text


@dataclass
class Certificates:
    authority: Path
    chain: Path
    key: Path


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    """A certificate authority of our own, and a certificate of it for the site."""
    folder = tmp_path_factory.mktemp("tls")

    def openssl(command: str) -> None:
        subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)

    new = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
    openssl(f"req -x509 {new} -keyout ca.key -out ca.pem -days 2 -subj /CN=Tests")
    openssl(f"req {new} -keyout site.key -out site.csr -subj /CN={NAME}")
    (folder / "names").write_text(f"subjectAltName=DNS:{NAME}\n")
    openssl(
        "x509 -req -in site.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out site.pem -extfile names"
    )
    return Certificates(folder / "ca.pem", folder / "site.pem", folder / "site.key")


@dataclass
class Proxy:
    """`port` speaks TLS; `plain` answers http with a redirect."""

    port: int
    plain: int
    authority: Path
    name: str = NAME

    def browser(self) -> httpx.Client:
        """A client at an address of its own that trusts the authority and verifies the host name."""
        context = ssl.create_default_context(cafile=str(self.authority))
        browser = httpx.Client(
            base_url=f"https://{self.name}:{self.port}",
            transport=Resolving(self.name, verify=context, local_address=VISITOR),
            timeout=120,
            headers={"Origin": f"https://{self.name}:{self.port}"},
        )
        return browser


class Resolving(httpx.HTTPTransport):
    """A resolver that finds that name on this machine."""

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(**options)
        self.name = name

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert request.url.host == self.name
        url = request.url.copy_with(host="127.0.0.1")
        extensions = {**request.extensions, "sni_hostname": self.name}
        return super().handle_request(
            httpx.Request(
                request.method, url, headers=request.headers, stream=request.stream, extensions=extensions
            )
        )


@contextmanager
def running(command: list[str], port: int, folder: Path) -> Iterator[None]:
    env = {**os.environ, "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "HOME": str(folder)}
    with (folder / "proxy.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log)
    try:
        wait_for(lambda: answers(port) or process.poll() is not None)
        assert process.poll() is None, (folder / "proxy.log").read_text(errors="replace")
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def answers(port: int) -> bool:
    with closing(socket.socket()) as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def wait_for(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@contextmanager
def nginx(folder: Path, site: int, port: int, tls: Certificates) -> Iterator[Proxy]:
    (block,) = blocks("nginx")
    plain = free_port()
    text = replaced(
        block,
        port=("443 ssl", f"{port} ssl"),
        plain=("80;", f"{plain};"),
        site=("127.0.0.1:8000", f"127.0.0.1:{site}"),
        chain=(f"/etc/letsencrypt/live/{NAME}/fullchain.pem", str(tls.chain)),
        key=(f"/etc/letsencrypt/live/{NAME}/privkey.pem", str(tls.key)),
    )
    (folder / "site.conf").write_text(text)
    parts = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"{part}_temp_path {folder}/{part};" for part in parts)
    user = "user root;" if os.geteuid() == 0 else ""  # who may read the test's folder
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; pid {folder}/pid; events {{}}\n"
        f"http {{ access_log off; {temporary} include {folder}/site.conf; }}\n"
    )
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, "`python3 run.py test` brings it"
    with running([program, "-e", "stderr", "-c", str(folder / "nginx.conf")], port, folder):
        yield Proxy(port, plain, tls.authority)


@contextmanager
def caddy(folder: Path, site: int, port: int, tls: Certificates) -> Iterator[Proxy]:
    block, _ = blocks("caddyfile")
    text = replaced(
        block,
        name=(f"{NAME} {{", f"{NAME}:{port} {{\n\ttls {tls.chain} {tls.key}"),
        site=("127.0.0.1:8000", f"127.0.0.1:{site}"),
    )
    with caddy_running(folder, text, port) as plain:
        yield Proxy(port, plain, tls.authority)


@contextmanager
def caddy_at_home(folder: Path, site: int, port: int, tls: Certificates) -> Iterator[Proxy]:
    """Caddy has an authority of its own, which devices are told to trust."""
    _, block = blocks("caddyfile")
    text = replaced(
        block, name=("nas.local {", f"nas.local:{port} {{"), site=("127.0.0.1:8000", f"127.0.0.1:{site}")
    )
    where = re.search(r"`/var/lib/caddy/.local/share(/caddy/pki/\S+root.crt)`", GUIDE)
    assert where
    authority = Path(f"{folder}{where[1]}")
    with caddy_running(folder, text, port) as plain:
        wait_for(authority.exists)
        yield Proxy(port, plain, authority, "nas.local")


@contextmanager
def caddy_running(folder: Path, text: str, port: int) -> Iterator[int]:
    program, plain = shutil.which("caddy"), free_port()
    assert program, "`python3 run.py test` brings it"
    options = f"{{\n\tadmin off\n\tskip_install_trust\n\thttp_port {plain}\n\thttps_port {port}\n}}\n"
    (folder / "Caddyfile").write_text(options + text)
    with running([program, "run", "--config", "Caddyfile", "--adapter", "caddyfile"], port, folder):
        yield plain


@dataclass
class Deployed:
    site: Server
    proxy: Proxy


@pytest.fixture(scope="module", params=[nginx, caddy, caddy_at_home], ids=lambda proxy: proxy.__name__)
def deployed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, certificates: Certificates
) -> Iterator[Deployed]:
    """The settings of the guide, but for the name, the port and REGISTRATION."""
    settings = dict(re.findall(r"^(\w+)=(\S+)$", blocks("sh")[1], re.MULTILINE))
    assert settings.keys() == {"FLASK_ENV", "PUBLIC_URL", "TRUSTED_PROXIES", "REGISTRATION"}
    folder = tmp_path_factory.mktemp("deployed")
    site, port = free_port(), free_port()
    with request.param(folder, site, port, certificates) as proxy:
        settings |= {"PUBLIC_URL": f"https://{proxy.name}:{port}", "REGISTRATION": "open"}
        with serving(folder, port=site, **settings) as server:
            yield Deployed(server, proxy)


@pytest.fixture
def ann(deployed: Deployed) -> Iterator[httpx.Client]:
    """Signed up through the proxy as a browser does it."""
    with deployed.proxy.browser() as browser:
        name = f"Ann {uuid.uuid4().hex[:8]}"
        form = {"username": name, "email": f"{name.replace(' ', '')}@example.org", "password": PASSWORD}
        answer = browser.post("/register", data=form)
        assert answer.status_code == 303, answer.text
        arrival = browser.get(answer.headers["Location"])
        assert (arrival.status_code, arrival.headers["Location"]) == (303, "/entries/new?welcome=1")
        browser.headers["X-Name"] = name
        yield browser


def test_people_sign_in_through_the_proxy_with_cookies_that_are_locked_to_the_site(
    deployed: Deployed, ann: httpx.Client
) -> None:
    ann.cookies.clear()
    answer = ann.post(
        "/login", data={"username": ann.headers["X-Name"], "password": PASSWORD, "next": "/bin"}
    )
    arrival = ann.get(answer.headers["Location"])
    assert (arrival.status_code, arrival.headers["Location"]) == (303, "/bin")
    assert ann.get("/bin").status_code == 200
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    written = answer.headers.get_list("Set-Cookie")
    assert len(written) == 3
    assert all("; Secure;" in line and "; HttpOnly;" in line for line in written)
    assert sum(line.startswith("__Host-") for line in written) == 2


def test_a_session_is_renewed_through_the_proxy(ann: httpx.Client) -> None:
    (access,) = [name for name in ann.cookies if "access_token" in name]
    ann.cookies.delete(access)
    answer = ann.get("/bin")
    assert answer.status_code == 200
    assert access in answer.cookies


def test_a_long_entry_is_saved_through_the_proxy(ann: httpx.Client) -> None:
    path = f"/entries/{uuid.uuid4()}"
    data = {"body": LONG, "version": "0", "save": str(uuid.uuid4())}
    answer = ann.put(path, data=data, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers.get("X-Version")) == (200, "1"), answer.text[:200]
    assert ann.get(f"{path}/edit").text.count("Слова") >= 80_000


def test_more_than_the_site_takes_is_refused_by_the_site_with_its_sentence(ann: httpx.Client) -> None:
    answer = ann.post("/entries", data={"body": "x" * (MAX_BODY + 1)})
    assert (answer.status_code, "more than the site takes at once" in answer.text) == (413, True)


@pytest.mark.parametrize("claimed", ["", "203.0.113.9", "203.0.113.9, 10.0.0.1"])
def test_the_address_of_whoever_asks_is_the_visitors_and_not_the_proxys(
    deployed: Deployed, ann: httpx.Client, claimed: str
) -> None:
    with sqlite3.connect(deployed.site.folder / "data" / "journal.sqlite3") as db:
        newest = "SELECT address FROM security_events ORDER BY id DESC LIMIT 1"
        headers = {"X-Forwarded-For": claimed} if claimed else {}
        form = {"username": ann.headers["X-Name"], "password": "wrong wrong"}
        assert ann.post("/login", data=form, headers=headers).status_code == 422
        assert db.execute(newest).fetchone() == (VISITOR,)
    db.close()


def test_a_page_that_is_asked_for_without_tls_leads_to_the_one_with_it(deployed: Deployed) -> None:
    answer = httpx.get(f"http://127.0.0.1:{deployed.proxy.plain}/bin", headers={"Host": deployed.proxy.name})
    assert answer.status_code in (301, 308)
    assert re.fullmatch(rf"https://{deployed.proxy.name}(:\d+)?/bin", answer.headers["Location"])


# What is around it


def test_the_unit_runs_as_the_user_and_in_the_folder_that_the_guide_makes() -> None:
    (unit,) = blocks("ini")
    install = blocks("sh")[0]
    told = dict(re.findall(r"^(\w+)=(.*)$", unit, re.MULTILINE))
    assert f"useradd --system --home-dir {told['WorkingDirectory']} " in install
    assert f" {told['User']}\n" in install
    assert f"chown -R {told['User']}: {told['WorkingDirectory']}\n" in install
    assert told["Group"] == told["User"]
    assert told["ExecStart"] == f"{told['WorkingDirectory']}/.venv/bin/journal serve"
    assert (told["ProtectSystem"], told["ReadWritePaths"]) == ("strict", f"{told['WorkingDirectory']}/data")
    assert told["UMask"] == "0077"


def command(text: str, folder: Path, **options: Any) -> "subprocess.CompletedProcess[str]":
    """A block of the guide as the shell runs it, in that folder and as whoever runs the tests."""
    text = text.replace("/srv/journal", str(folder)).replace("runuser -u journal -- ", "")
    text = text.replace(".venv/bin/", f"{ROOT}/.venv/bin/")
    env = {"PATH": os.environ["PATH"], "FLASK_ENV": "development", "SECRET_KEY": "k" * 40, "LC_ALL": "C"}
    return subprocess.run(["sh", "-ec", text], cwd=folder, env=env, capture_output=True, text=True, **options)


def test_the_first_account_by_the_guide_is_the_administrators_and_the_backup_restores_it(
    tmp_path: Path,
) -> None:
    (tmp_path / ".env").touch()
    (adding,) = (block for block in blocks("sh") if "user add" in block)
    told = command(adding, tmp_path, input=f"{PASSWORD}\n")
    assert told.stdout.endswith("Ann can sign in now, and is the administrator.\n"), told.stderr
    (by_hand,) = (block for block in blocks("sh") if "journal backup" in block)
    done = command(by_hand, tmp_path)
    assert "It was verified by a restore into a temporary place." in done.stdout, done.stderr
    (copy,) = (tmp_path / "data" / "backups").glob("journal-*.zip")
    assert copy.stat().st_mode & 0o777 == 0o600
    (restoring,) = (block for block in blocks("sh") if "journal restore" in block)
    done = command(re.sub(r"systemctl .*", "", restoring), tmp_path)
    assert done.stdout.startswith("Restored: 0 entries and 0 attachments on SQLite"), done.stderr
    with closing(sqlite3.connect(tmp_path / "data" / "journal.sqlite3")) as db:
        assert db.execute("SELECT username, is_admin FROM users").fetchall() == [("Ann", 1)]
    assert (tmp_path / "data.before" / "journal.sqlite3").exists()
