"""What a site can be told by its environment and its .env, and how it refuses what it can't use."""

import os
import re
import subprocess
import sys
from dataclasses import FrozenInstanceError, fields
from pathlib import Path
from typing import Any

import pytest

from journal import database, settings
from journal.backup_schedule import Schedule
from journal.settings import Settings, SettingsError
from tests.servers import NAMES, ROOT, environment

KEY = "0123456789abcdef" * 2  # 32 bytes, the least
RECIPIENT = "age1pxp92guxmk2c7qk0c3swcwh5nu729ujhd6dd7nu8fkg3845s9eksfyyg5j"
PRODUCTION = {"SECRET_KEY": KEY, "PUBLIC_URL": "https://journal.example.org"}
DEVELOPMENT = {"FLASK_ENV": "development", "SECRET_KEY": KEY}


def read(**values: str) -> Settings:
    return settings.read(PRODUCTION | values, Path("/srv/journal"))


def refused(**values: str) -> str:
    """The sentence; an empty value takes the name away."""
    given = {name: value for name, value in (PRODUCTION | values).items() if value}
    with pytest.raises(SettingsError) as raised:
        settings.read(given, Path("/srv/journal"))
    return str(raised.value)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for a .env, and an environment that says nothing yet."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, **values: str) -> Path:
    file = folder / ".env"
    file.write_text("".join(f"{name}={value}\n" for name, value in values.items()), encoding="utf-8")
    return file


# Where a value comes from


def test_what_nobody_sets_has_its_default() -> None:
    assert read() == Settings(
        access_token_expiry=1800,
        refresh_token_expiry=1209600,
        development=False,
        secret_keys=(KEY,),
        database_url="sqlite:///srv/journal/data/journal.sqlite3",
        data_dir=Path("/srv/journal/data"),
        public_url="https://journal.example.org",
        trusted_proxies=0,
        registration_open=True,
        backups=Schedule("daily", 14),
        backup_recipient="",
    )


def test_every_setting_can_be_set() -> None:
    told = read(
        ACCESS_TOKEN_EXPIRY="2",
        REFRESH_TOKEN_EXPIRY="3",
        FLASK_ENV="development",
        SECRET_KEY="n" * 40,
        SECRET_KEY_PREVIOUS=f"{'o' * 40}, {'p' * 40},",
        DATABASE_URL="postgresql://me:word@db.example.org:5433/diary?sslmode=require",
        DATA_DIR="elsewhere",
        PUBLIC_URL="http://localhost:9000/",
        TRUSTED_PROXIES="2",
        REGISTRATION="closed",
        BACKUPS="hourly 48",
        BACKUP_RECIPIENT=RECIPIENT,
        PASSWORD_SALT="pepper",
    )
    assert told == Settings(
        access_token_expiry=2,
        refresh_token_expiry=3,
        development=True,
        secret_keys=("n" * 40, "o" * 40, "p" * 40),
        database_url="postgres://me:word@db.example.org:5433/diary?sslmode=require",
        data_dir=Path("/srv/journal/elsewhere"),
        public_url="http://localhost:9000",
        trusted_proxies=2,
        registration_open=False,
        backups=Schedule("hourly", 48),
        backup_recipient=RECIPIENT,
        password_salt="pepper",
    )
    for field in fields(Settings):
        if field.compare:
            assert getattr(told, field.name) != getattr(read(), field.name), f"{field.name} can't be set"


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(site, **DEVELOPMENT, ACCESS_TOKEN_EXPIRY="100", TRUSTED_PROXIES="1")
    monkeypatch.setenv("ACCESS_TOKEN_EXPIRY", "200")
    told = settings.load()
    assert (told.access_token_expiry, told.trusted_proxies, told.refresh_token_expiry) == (200, 1, 1209600)


def test_an_empty_value_in_the_environment_brings_back_the_default(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(site, **DEVELOPMENT, ACCESS_TOKEN_EXPIRY="100")
    monkeypatch.setenv("ACCESS_TOKEN_EXPIRY", " ")
    assert settings.load().access_token_expiry == 1800


def test_the_file_is_read_as_people_write_it(site: Path) -> None:
    text = (
        f"\ufeff# A comment\n\nexport FLASK_ENV = development\nSECRET_KEY='{KEY} #1'\nDATA_DIR=my $HOME # x\n"
    )
    (site / ".env").write_text(text, encoding="utf-8")
    told = settings.load()
    assert (told.development, told.secret_keys, told.data_dir.name) == (True, (f"{KEY} #1",), "my $HOME")


def test_relative_paths_start_at_the_folder_of_the_file(site: Path) -> None:
    write(site, **DEVELOPMENT)
    told = settings.load()
    assert told.database_url == f"sqlite://{site}/data/journal.sqlite3"
    assert told.data_dir == site / "data"


def test_absolute_paths_stay_as_they_are() -> None:
    told = read(DATABASE_URL="sqlite:///var/lib/journal.db", DATA_DIR="/var/lib/journal")
    assert (told.database_url, told.data_dir) == ("sqlite:///var/lib/journal.db", Path("/var/lib/journal"))


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite://x.db", "{folder}/x.db"),
        ("sqlite:///x.db", "{folder}/x.db"),
        ("sqlite:///instance/x.db", "{folder}/instance/x.db"),
        ("sqlite:///no-such-folder/deep/x.db", "{folder}/no-such-folder/deep/x.db"),
        ("sqlite:////no-such-folder/x.db", "/no-such-folder/x.db"),
        ("sqlite:////{folder}/x.db", "{folder}/x.db"),
        ("sqlite://{folder}/x.db", "{folder}/x.db"),
    ],
)
def test_slashes_before_a_database_mean_what_they_mean_in_flask(tmp_path: Path, url: str, file: str) -> None:
    told = settings.read(DEVELOPMENT | {"DATABASE_URL": url.format(folder=tmp_path)}, tmp_path)
    assert told.database_url == f"sqlite://{file.format(folder=tmp_path)}"


def test_three_slashes_find_a_database_in_the_instance_folder(tmp_path: Path) -> None:
    values = DEVELOPMENT | {"DATABASE_URL": "sqlite:///x.db"}
    instance = tmp_path / "instance" / "x.db"
    instance.parent.mkdir()
    instance.touch()
    told = settings.read(values, tmp_path)
    assert told.database_url == f"sqlite://{instance}"
    missing = tmp_path / "x.db"
    assert told.notes == (f"DATABASE_URL is read as {instance}, as in Flask, because there is no {missing}.",)
    assert (
        settings.read(DEVELOPMENT | {"DATABASE_URL": "sqlite://x.db"}, tmp_path).database_url
        == f"sqlite://{missing}"
    )
    missing.touch()
    assert settings.read(values, tmp_path).database_url == f"sqlite://{missing}"


def test_a_database_that_an_earlier_version_has_made_is_found_where_it_is(tmp_path: Path) -> None:
    """Three slashes began an absolute path there; it is said how to write that now."""
    old = tmp_path / "old" / "journal.sqlite3"
    home = tmp_path / "home"
    values = DEVELOPMENT | {"DATABASE_URL": f"sqlite://{old}"}
    old.parent.mkdir()
    assert settings.read(values, home).database_url == f"sqlite://{old}"
    nested = home / str(old).lstrip("/")
    nested.parent.mkdir(parents=True)
    nested.touch()
    assert settings.read(values, home).database_url == f"sqlite://{nested}"
    old.touch()
    told = settings.read(values, home)
    assert told.database_url == f"sqlite://{old}"
    assert f"sqlite:///{old}" in told.notes[0]
    assert f"{settings.read(values | {'DATABASE_URL': f'sqlite:///{old}'}, home).notes}" == "()"


def test_settings_never_change_while_the_site_runs() -> None:
    told: Any = read()
    for field in fields(Settings):
        with pytest.raises(FrozenInstanceError):
            setattr(told, field.name, None)


# Wrong values


@pytest.mark.parametrize(
    ("name", "held", "wanted"),
    [
        ("ACCESS_TOKEN_EXPIRY", "30m", "a whole number of seconds"),
        ("ACCESS_TOKEN_EXPIRY", "0", "from 1 to 34560000"),
        ("ACCESS_TOKEN_EXPIRY", "-5", "from 1 to 34560000"),
        ("ACCESS_TOKEN_EXPIRY", "1.5", "a whole number of seconds"),
        ("ACCESS_TOKEN_EXPIRY", "1_800", "a whole number of seconds"),
        ("ACCESS_TOKEN_EXPIRY", "٣٠", "a whole number of seconds"),
        ("ACCESS_TOKEN_EXPIRY", "9" * 5000, "a whole number of seconds"),
        ("REFRESH_TOKEN_EXPIRY", "two weeks", "a whole number of seconds"),
        ("REFRESH_TOKEN_EXPIRY", "34560001", "from 1 to 34560000"),
        ("TRUSTED_PROXIES", "yes", "from 0 to 9"),
        ("TRUSTED_PROXIES", "10", "from 0 to 9"),
        ("REGISTRATION", "Open", "open or closed"),
        ("REGISTRATION", "false", "open or closed"),
        ("BACKUPS", "daily", "daily 14"),
        ("BACKUPS", "daily 0", "daily 14"),
        ("BACKUPS", "monthly 3", "daily 14"),
        ("BACKUP_RECIPIENT", "age1me", "a public key of age"),
        ("BACKUP_RECIPIENT", "AGE-SECRET-KEY-1QQQQ", "a public key of age"),
        ("DATABASE_URL", "journal.sqlite3", "sqlite://path/to/file or postgres://"),
        ("DATABASE_URL", "sqlite://", "sqlite://path/to/file"),
        ("DATABASE_URL", "sqlite://:memory:", "sqlite://path/to/file"),
        ("DATABASE_URL", "mysql://localhost/journal", "postgres://"),
        ("DATABASE_URL", "postgres://localhost", "postgres://user:password@host:port/name"),
        ("DATABASE_URL", "postgres://localhost:port/journal", "postgres://user:password@host:port/name"),
        ("DATABASE_URL", "postgres://localhost:65536/journal", "postgres://user:password@host:port/name"),
        ("DATABASE_URL", "postgres://[::1/journal", "postgres://user:password@host:port/name"),
        ("DATABASE_URL", "postgres://one:1,two:65536/journal", "several host:port may stand"),
        ("DATABASE_URL", "postgres://one,,two/journal", "several host:port may stand"),
        (
            "DATABASE_URL",
            "postgres://one,two/journal?target_session_attrs=any",
            "several host:port may stand",
        ),
        ("PUBLIC_URL", "journal.example.org", "the address that people type"),
        ("PUBLIC_URL", "ftp://journal.example.org", "the address that people type"),
        ("PUBLIC_URL", "https://", "the address that people type"),
        ("PUBLIC_URL", "https://exa mple.org", "the address that people type"),
        ("PUBLIC_URL", "https://journal.example.org:", "the address that people type"),
        ("PUBLIC_URL", "https://journal.example.org:0", "the address that people type"),
        ("PUBLIC_URL", "https://journal.example.org:66000", "the address that people type"),
        ("PUBLIC_URL", "https://journal.example.org/diary", "without a path"),
        ("PUBLIC_URL", "https://journal.example.org/?x=1", "the address that people type"),
        ("PUBLIC_URL", "https://[::1", "the address that people type"),
        ("PUBLIC_URL", "http://journal.example.org", "begin with https://"),
        ("PUBLIC_URL", "http://192.168.1.7:8000", "begin with https://"),
    ],
)
def test_a_wrong_value_is_refused_by_name_with_what_it_holds_and_should_hold(
    name: str, held: str, wanted: str
) -> None:
    sentence = refused(**{name: held})
    assert sentence.startswith(f"{name} is {held.partition('?')[0]!r}"[:-1])
    assert "it should" in sentence
    assert wanted in sentence
    assert "\n" not in sentence


def test_a_refresh_token_may_not_die_before_the_access_token() -> None:
    sentence = refused(ACCESS_TOKEN_EXPIRY="100", REFRESH_TOKEN_EXPIRY="99")
    assert sentence == "REFRESH_TOKEN_EXPIRY is 99; it should be at least ACCESS_TOKEN_EXPIRY, which is 100"


@pytest.mark.parametrize(
    "url",
    [
        "mysql://me:hush@localhost/journal",
        "mysql://me:hu/sh@localhost/journal",
        "mysql://me:hu@sh@localhost/journal",
        "postgres:/me:hush@localhost/journal",
        "postgres//me:hush@localhost/journal",
        "me:hush@localhost/journal",
        "postgres://me:hu/sh@localhost/journal",
        "postgres://localhost/journal?password=hush",
    ],
)
def test_a_wrong_database_url_is_shown_without_its_password(url: str) -> None:
    sentence = refused(DATABASE_URL=url)
    assert sentence.startswith("DATABASE_URL is ")
    assert "localhost" in sentence
    assert not re.search(r"hush|hu/|hu@|sh@", sentence)


def test_secrets_are_not_shown_with_the_other_settings() -> None:
    shown = repr(read(SECRET_KEY="S" * 40, DATABASE_URL="postgres://me:hush@localhost/journal"))
    assert "SSS" not in shown
    assert "hush" not in shown


# Production


def test_production_does_not_start_without_a_key() -> None:
    assert refused(SECRET_KEY="") == "SECRET_KEY is empty; it should be a random text of at least 32 bytes"


@pytest.mark.parametrize("mode", ["production", "development"])
@pytest.mark.parametrize("name", ["SECRET_KEY", "SECRET_KEY_PREVIOUS"])
def test_a_key_of_less_than_32_bytes_is_refused_and_not_shown(mode: str, name: str) -> None:
    sentence = refused(FLASK_ENV=mode, **{name: "hushhush" * 3 + "hushhus"})
    assert sentence == f"{name} is 31 bytes long; it should be a random text of at least 32 bytes"


def test_32_bytes_may_be_fewer_letters() -> None:
    assert read(SECRET_KEY="ключ" * 4).secret_keys == ("ключ" * 4,)


def test_a_key_that_is_no_text_is_refused() -> None:
    """As the environment holds bytes that are not UTF-8."""
    assert refused(SECRET_KEY=os.fsdecode(b"\xff" * 40)).startswith("SECRET_KEY is not UTF-8; it should be")


def test_production_does_not_start_without_its_address() -> None:
    assert refused(PUBLIC_URL="").startswith("PUBLIC_URL is empty; it should be the address that people type")


@pytest.mark.parametrize("mode", ["Development", "dev", "testing", "production", "DEVELOPMENT"])
def test_only_the_very_word_development_relaxes_the_cookies(mode: str) -> None:
    assert read(FLASK_ENV=mode).secure
    assert refused(FLASK_ENV=mode, PUBLIC_URL="http://journal.lan").startswith("PUBLIC_URL is")


@pytest.mark.parametrize(
    "url", ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:8000", "http://ann.localhost"]
)
def test_plain_http_is_fine_on_the_own_computer(url: str) -> None:
    told = read(PUBLIC_URL=url)
    assert (told.public_url, told.secure) == (url, True)


AT_HOME = ["192.168.1.7:8000", "10.1.2.3", "172.31.0.1", "169.254.1.1", "100.64.0.7", "[fd00::7]:8000"]
AT_HOME += ["[fe80::1]", "nas", "nas:8000", "nas.local", "NAS.Local:81", "journal.nas.lan", "nas.home.arpa"]
AT_HOME += ["nas.internal"]


@pytest.mark.parametrize("host", AT_HOME)
def test_on_a_network_at_home_plain_http_is_fine_if_the_owner_says_so(host: str) -> None:
    told = read(FLASK_ENV="lan", PUBLIC_URL=f"http://{host}")
    assert (told.secure, told.development, told.is_lan) == (False, False, True)
    sentence = refused(PUBLIC_URL=f"http://{host}")
    assert "begin with https://" in sentence
    assert "FLASK_ENV=lan" in sentence


PUBLIC = ["journal.example.org", "8.8.8.8", "172.32.0.1", "192.169.0.1", "100.128.0.1", "[2001:db8::1]"]
PUBLIC += ["134744072", "0x08080808", "local.example.org", "nas.local.example.org", "nas.local.", "lan.org"]


@pytest.mark.parametrize("host", PUBLIC)
def test_what_strangers_may_reach_needs_tls_at_home_as_well(host: str) -> None:
    sentence = refused(FLASK_ENV="lan", PUBLIC_URL=f"http://{host}")
    assert sentence.startswith("PUBLIC_URL is")
    assert "it should begin with https://" in sentence
    assert "network at home" in sentence


@pytest.mark.parametrize("mode", ["LAN", "Lan", "lan ", "local", "home"])
def test_only_the_very_word_lan_allows_it(mode: str) -> None:
    assert "begin with https://" in refused(FLASK_ENV=mode, PUBLIC_URL="http://nas.local")


def test_at_home_all_else_is_as_in_production() -> None:
    told = read(FLASK_ENV="lan")
    assert (told.secure, told.is_lan) == (True, False)
    assert refused(FLASK_ENV="lan", SECRET_KEY="").startswith("SECRET_KEY is empty")
    assert refused(FLASK_ENV="lan", PUBLIC_URL="").startswith("PUBLIC_URL is empty")


def test_development_needs_neither_a_key_nor_an_address() -> None:
    first = settings.read({"FLASK_ENV": "development"}, Path())
    second = settings.read({"FLASK_ENV": "development"}, Path())
    assert first.public_url == "http://localhost:8000"
    assert not first.secure
    assert len(first.secret_keys[0]) >= 32
    assert first.secret_keys != second.secret_keys


@pytest.mark.parametrize(
    ("typed", "held"),
    [
        ("HTTPS://Journal.Example.ORG/", "https://journal.example.org"),
        ("https://journal.example.org:443", "https://journal.example.org"),
        ("http://localhost:80", "http://localhost"),
        ("https://journal.example.org:8443", "https://journal.example.org:8443"),
        ("https://tagebücher.example", "https://xn--tagebcher-u9a.example"),
    ],
)
def test_the_address_is_held_as_browsers_send_it(typed: str, held: str) -> None:
    assert read(PUBLIC_URL=typed).public_url == held


# A .env that can't be read


def load_fails(folder: Path) -> str:
    with pytest.raises(SettingsError) as raised:
        settings.load(folder)
    return str(raised.value)


def test_a_file_of_bytes_is_refused(site: Path) -> None:
    (site / ".env").write_bytes(b"SECRET_KEY=hush\xff\xfe\x00\x80\n")
    sentence = load_fails(site)
    assert re.match(r".*/\.env can't be read \(.*\); it should hold lines like NAME=value$", sentence)
    assert "hush" not in sentence


@pytest.mark.parametrize("line", ["SECRET_KEY='hush", "SECRET KEY=hush", "SECRET_KEY", "=hush"])
def test_a_line_that_says_nothing_is_refused_by_its_number(site: Path, line: str) -> None:
    """It must not pass for a setting that nobody has set."""
    (site / ".env").write_text(f"# Mine\nREGISTRATION=open\n{line}\nFLASK_ENV=development\n")
    sentence = load_fails(site)
    assert sentence == f"line 3 of {site}/.env says nothing; it should be like NAME=value"


def test_a_file_that_may_not_be_read_is_refused(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(site, **DEVELOPMENT)

    def denied(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    assert "can't be read ([Errno 13] Permission denied)" in load_fails(site)


def test_a_folder_without_a_file_has_the_defaults(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_ENV", "development")
    assert settings.load(site).data_dir == site / "data"


def test_the_example_is_a_file_that_the_site_starts_with(site: Path) -> None:
    (site / ".env").write_bytes((ROOT / ".env.example").read_bytes())
    told = settings.load()
    assert told.development
    assert replaced(told) == replaced(settings.read({"FLASK_ENV": "development"}, site))


def replaced(told: Settings) -> dict[str, Any]:
    return {f.name: getattr(told, f.name) for f in fields(told) if f.name != "secret_keys"}


def test_a_start_with_a_wrong_setting_is_one_sentence(site: Path) -> None:
    write(site, **PRODUCTION, ACCESS_TOKEN_EXPIRY="soon")
    command = [sys.executable, "-m", "journal", "user", "list"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, cwd=site)
    assert done.returncode != 0
    assert (
        done.stderr == "journal: ACCESS_TOKEN_EXPIRY is 'soon'; "
        "it should be a whole number of seconds from 1 to 34560000\n"
    )
    assert done.stdout == ""
    assert not (site / "data").exists()


@pytest.mark.parametrize(
    ("hosts", "found"),
    [
        ("one", [("one", 5432)]),
        ("one:1,two:2", [("one", 1), ("two", 2)]),
        ("one,[::1]:2,10.0.0.1", [("one", 5432), ("::1", 2), ("10.0.0.1", 5432)]),
    ],
)
def test_a_database_may_have_several_hosts(hosts: str, found: list[tuple[str, int]]) -> None:
    url = read(
        DATABASE_URL=f"postgres://me:hu@sh,@{hosts}/diary?target_session_attrs=read-write"
    ).database_url
    made = database.config(url)["connections"]["default"]["credentials"]
    assert made["hosts"] == found
    assert (made["user"], made["password"], made["database"]) == ("me", "hu@sh,", "diary")
    assert made["must_write"]


@pytest.mark.parametrize(("options", "found"), [("", None), ("?host=/run/one,/run/two", "/run/one")])
def test_a_database_may_be_reached_by_its_socket(options: str, found: str | None) -> None:
    url = read(DATABASE_URL=f"postgres:///diary{options}").database_url
    made = database.config(url)["connections"]["default"]["credentials"]
    assert made["hosts"][0] == (found, 5432)
    assert made["must_write"] == bool(options)
