"""Settings of the site: read from the environment and .env, validated once at the start, immutable."""

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from dotenv.parser import parse_stream

from journal import backup_schedule, database_url, permissions
from journal.backup_schedule import Schedule
from journal.database_url import without_password

KEY_BYTES = 32
USUAL_PORTS = {"http": ":80", "https": ":443"}
HOST = re.compile(r"([a-z0-9_.-]+|\[[0-9a-f:.]+\])(:[0-9]+)?")
# Private addresses and names, which can't be reached from the internet. 100.64.0.0/10 is used by VPNs.
PRIVATE_NETWORKS = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10"]
PRIVATE_NETWORKS += ["fc00::/7", "fe80::/10"]
PRIVATE_NAME = re.compile(r"[a-z][a-z0-9_-]*|[a-z0-9_.-]+\.(local|lan|home\.arpa|internal)")

T = TypeVar("T")


class SettingsError(Exception):
    """A setting is invalid. The message names the setting, its value and the valid values."""


@dataclass(frozen=True)
class Settings:
    access_token_expiry: int  # seconds
    refresh_token_expiry: int  # seconds
    development: bool
    secret_keys: tuple[str, ...] = field(repr=False)  # the first signs, all verify
    database_url: str = field(repr=False)
    data_dir: Path
    public_url: str  # scheme://host[:port], no slash at the end
    trusted_proxies: int
    registration_open: bool
    backups: Schedule | None  # None for `off`
    backup_recipient: str  # an age public key, or empty
    password_salt: str = field(default="", repr=False)  # SECURITY_PASSWORD_SALT of a Flask-Security app
    notes: tuple[str, ...] = field(default=(), compare=False)  # sentences for the log at the start

    @property
    def host(self) -> str:
        return urlsplit(self.public_url).netloc

    @property
    def usual_port(self) -> str:
        return USUAL_PORTS[urlsplit(self.public_url).scheme]

    @property
    def secure(self) -> bool:
        """Whether cookies carry Secure and the __Host- prefix."""
        return not self.development and not self.is_lan

    @property
    def is_lan(self) -> bool:
        """Whether the site is served by plain http in a private network, which FLASK_ENV=lan allows."""
        url = urlsplit(self.public_url)
        return not self.development and url.scheme == "http" and not is_loopback(url.hostname or "")


def load(folder: Path | None = None) -> Settings:
    """Reads `folder`/.env and the environment, which takes precedence. Relative paths start at `folder`.
    Raises SettingsError."""
    folder = folder or _home()
    permissions.make_env_private(folder / ".env")
    values = {**_read_env_file(folder / ".env"), **os.environ}
    # An empty value means the default, as in .env.example.
    return read({name: text.strip() for name, text in values.items() if text.strip()}, folder)


def _read_env_file(file: Path) -> dict[str, str]:
    """The values of .env. An invalid line stops the start; ignored, it would silently mean the default."""
    try:
        if not file.is_file():
            return {}
        with file.open(encoding="utf-8-sig") as text:
            lines = list(parse_stream(text))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} can't be read ({error}); it should hold lines like NAME=value") from None
    for line in lines:
        if line.error or (line.key and line.value is None):
            raise SettingsError(
                f"line {line.original.line} of {file} says nothing; it should be like NAME=value"
            )
    return {line.key: line.value or "" for line in lines if line.key}


def keep(name: str, value: str, folder: Path | None = None) -> Path | None:
    """Appends the setting to .env, where the last line with a name counts. Returns the file, or None if it
    is not there or can't be written."""
    file = (folder or _home()) / ".env"
    quoted = value.replace("\\", r"\\").replace("'", r"\'")
    try:
        if not file.is_file():
            return None
        with file.open("a", encoding="utf-8") as lines:
            lines.write(f"\n{name}='{quoted}'\n")
    except OSError:
        return None
    return file


def _home() -> Path:
    """The folder of .env: the current folder, or else the checkout that contains this code."""
    checkout = Path(__file__).resolve().parent.parent
    if not Path(".env").is_file() and (checkout / ".env").is_file():
        return checkout
    return Path.cwd()


def read(values: Mapping[str, str], folder: Path) -> Settings:
    development = values.get("FLASK_ENV") == "development"
    access = _seconds(values, "ACCESS_TOKEN_EXPIRY", 1800)
    refresh = _seconds(values, "REFRESH_TOKEN_EXPIRY", 1209600)
    if refresh < access:
        raise SettingsError(
            f"REFRESH_TOKEN_EXPIRY is {refresh}; it should be at least ACCESS_TOKEN_EXPIRY, which is {access}"
        )
    database, notes = _database(values, folder)
    return Settings(
        access_token_expiry=access,
        refresh_token_expiry=refresh,
        development=development,
        secret_keys=_keys(values, development),
        database_url=database,
        data_dir=folder / values.get("DATA_DIR", "data"),
        public_url=_public_url(values, development),
        trusted_proxies=_number(values, "TRUSTED_PROXIES", 0, "a number of proxies from 0 to 9", range(10)),
        registration_open=_registration(values),
        backups=_parsed(values, "BACKUPS", backup_schedule.default(database), backup_schedule.parse),
        backup_recipient=_parsed(values, "BACKUP_RECIPIENT", "", backup_schedule.public_key),
        password_salt=values.get("PASSWORD_SALT", ""),
        notes=notes,
    )


def _number(values: Mapping[str, str], name: str, default: int, wanted: str, allowed: range) -> int:
    text = values.get(name, str(default))
    if not re.fullmatch(r"[0-9]{1,10}", text) or int(text) not in allowed:
        raise SettingsError(f"{name} is {text!r}; it should be {wanted}")
    return int(text)


def _seconds(values: Mapping[str, str], name: str, default: int) -> int:
    # Browsers keep no cookie longer than 400 days.
    return _number(
        values, name, default, "a whole number of seconds from 1 to 34560000", range(1, 34_560_001)
    )


def _keys(values: Mapping[str, str], development: bool) -> tuple[str, ...]:
    key = values.get("SECRET_KEY", "")
    if not key and development:
        key = secrets.token_urlsafe(KEY_BYTES)  # sessions end with this process
    previous = [k.strip() for k in values.get("SECRET_KEY_PREVIOUS", "").split(",") if k.strip()]
    for name, text in [("SECRET_KEY", key), *(("SECRET_KEY_PREVIOUS", k) for k in previous)]:
        size = len(text.encode(errors="surrogateescape"))
        is_text = not re.search("[\ud800-\udfff]", text)  # surrogates stand for bytes that are not UTF-8
        if size < KEY_BYTES or not is_text:
            held = (f"{size} bytes long" if is_text else "not UTF-8") if text else "empty"
            raise SettingsError(f"{name} is {held}; it should be a random text of at least {KEY_BYTES} bytes")
    return (key, *previous)


def _database(values: Mapping[str, str], folder: Path) -> tuple[str, tuple[str, ...]]:
    """The URL with an absolute path, and notes for the log."""
    try:
        return database_url.parse(values.get("DATABASE_URL", "sqlite://data/journal.sqlite3"), folder)
    except ValueError as error:
        raise SettingsError(f"DATABASE_URL is {error}") from None


def _public_url(values: Mapping[str, str], development: bool) -> str:
    text = values.get("PUBLIC_URL", "http://localhost:8000" if development else "")
    wanted = "it should be the address that people type, without a path, like https://journal.example.org"
    if not text:
        raise SettingsError(f"PUBLIC_URL is empty; {wanted}")
    try:
        url = urlsplit(text)
        # The host as browsers send it: in lower case and ASCII, without the scheme's default port.
        host = url.netloc.lower().encode("idna").decode().removesuffix(USUAL_PORTS[url.scheme])
        whole = bool(HOST.fullmatch(host)) and url.port != 0
    except (ValueError, KeyError):
        whole = False
    if not whole or url.path.strip("/") or url.query or url.fragment:
        raise SettingsError(f"PUBLIC_URL is {without_password(text)}; {wanted}")
    if not development and url.scheme == "http":
        _check_plain(text, url.hostname or "", is_lan=values.get("FLASK_ENV") == "lan")
    return f"{url.scheme}://{host}"


def _check_plain(text: str, hostname: str, is_lan: bool) -> None:
    """Refuses plain http except on this machine and, with FLASK_ENV=lan, in a private network."""
    if is_loopback(hostname) or (is_lan and is_private(hostname)):
        return
    wanted = f"PUBLIC_URL is {text!r}; it should begin with https://, because "
    if is_lan:
        raise SettingsError(
            f"{wanted}FLASK_ENV=lan allows http:// only with an address or a name of a network at home, "
            "like http://192.168.1.7:8000 or http://nas.local"
        )
    raise SettingsError(
        f"{wanted}browsers drop the sign-in cookies on plain http and nobody could sign in"
        + ("; for a network at home, docs/deploying.md says what FLASK_ENV=lan does" * is_private(hostname))
    )


def is_private(hostname: str) -> bool:
    try:
        address = ip_address(hostname)
    except ValueError:
        return bool(PRIVATE_NAME.fullmatch(hostname))
    return any(address in ip_network(network) for network in PRIVATE_NETWORKS)


def is_loopback(hostname: str) -> bool:
    if hostname == "localhost" or hostname.endswith(".localhost"):
        return True
    try:
        return ip_address(hostname).is_loopback
    except ValueError:
        return False


def _parsed(values: Mapping[str, str], name: str, default: str, parse: Callable[[str], T]) -> T:
    """`parse` raises ValueError, whose message says what the setting should be."""
    try:
        return parse(values.get(name, default))
    except ValueError as error:
        raise SettingsError(f"{name} is {values[name]!r}; it should be {error}") from None


def _registration(values: Mapping[str, str]) -> bool:
    text = values.get("REGISTRATION", "open")
    if text not in ("open", "closed"):
        raise SettingsError(f"REGISTRATION is {text!r}; it should be open or closed")
    return text == "open"
