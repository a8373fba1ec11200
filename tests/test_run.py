"""run.py on small projects of its own, the lock files, and the wheel."""

import ast
import hashlib
import json
import os
import re
import runpy
import shutil
import stat
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import playwright
import pytest

import run

pytestmark = pytest.mark.slow

ROOT = Path(run.__file__).parent
WHEEL = "greeting-1.0-py3-none-any.whl"


# .env


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(ROOT / ".env.example", tmp_path)
    monkeypatch.setattr(run, "ROOT", tmp_path)
    return tmp_path


def key(root: Path) -> str:
    (line,) = (line for line in (root / ".env").read_text().splitlines() if line.startswith("SECRET_KEY="))
    return line.removeprefix("SECRET_KEY=")


def test_env_is_the_example_with_a_key(root: Path) -> None:
    run.make_env()
    example = (ROOT / ".env.example").read_text()
    assert (root / ".env").read_text() == example.replace("SECRET_KEY=\n", f"SECRET_KEY={key(root)}\n")
    assert len(key(root)) == 64


def test_env_is_for_its_owner_only(root: Path) -> None:
    run.make_env()
    assert stat.S_IMODE((root / ".env").stat().st_mode) == 0o600


def test_no_two_keys_are_equal(root: Path) -> None:
    run.make_env()
    first = key(root)
    (root / ".env").unlink()
    run.make_env()
    assert key(root) != first


def test_an_env_that_is_there_is_never_touched(root: Path) -> None:
    (root / ".env").write_text("mine")
    run.make_env()
    assert (root / ".env").read_text() == "mine"


def test_an_env_that_points_nowhere_is_never_touched(root: Path) -> None:
    (root / ".env").symlink_to(root / "elsewhere")
    run.make_env()
    assert not (root / "elsewhere").exists()


# Pythons


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 10, 13), (3, 16, 0)])
def test_another_python_gets_a_sentence(
    version: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    sentence = rf"^Journal needs Python 3\.11 to 3\.15, and this is 3\.{version[1]}\.$"
    with pytest.raises(SystemExit, match=sentence):
        runpy.run_path(run.__file__)


def test_an_old_python_can_read_as_far_as_the_sentence() -> None:
    ast.parse(Path(run.__file__).read_text(), feature_version=(3, 6))


def test_run_needs_nothing_but_the_standard_library() -> None:
    tree = ast.walk(ast.parse(Path(run.__file__).read_text()))
    names = {name for node in tree for name in imported(node)}
    assert names <= sys.stdlib_module_names


def imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    return [str(node.module).partition(".")[0]] if isinstance(node, ast.ImportFrom) else []


# The stamp


@pytest.mark.parametrize(
    ("home", "locks"),
    [(run.HOME, {run.SITE_LOCK.name: "of another lock"}), ("elsewhere", {run.SITE_LOCK.name: "right"})],
)
def test_a_stamp_of_something_else_does_not_count(
    home: str, locks: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr(run, "digest", lambda lock: "right")
    run.STAMP.write_text(json.dumps({"home": home, "locks": locks}))
    assert not run.is_installed(run.SITE_LOCK)


@pytest.mark.parametrize("stamp", ["", "[]", "{}", "null", '{"home": "', "\0"])
def test_a_broken_stamp_does_not_count(stamp: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "STAMP", tmp_path / "stamp")
    run.STAMP.write_text(stamp)
    assert run.installed() == {}


# run.py test


def test_the_tests_of_both_engines_are_one_pytest_whose_last_arguments_win(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Being pytest, it ends by Ctrl-C as pytest does, and with its exit code."""
    became: list[Any] = []
    monkeypatch.setattr(os, "execve", lambda *told: became.extend(told))
    monkeypatch.setattr(os, "chdir", became.append)
    monkeypatch.delenv("JOURNAL_TEST_ENGINE", raising=False)
    run.test(["-m", "not slow"])
    folder, python, command, env = became
    assert (folder, python, env["JOURNAL_TEST_ENGINE"]) == (run.ROOT, run.PYTHON, "both")
    assert command[:3] == [str(run.PYTHON), "-m", "pytest"]
    assert command[-2:] == ["-m", "not slow"]


def test_one_engine_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    environments: list[dict[str, str]] = []
    monkeypatch.setattr(os, "execve", lambda _python, _command, env: environments.append(env))
    monkeypatch.setenv("JOURNAL_TEST_ENGINE", "postgres")
    run.test([])
    assert environments[0]["JOURNAL_TEST_ENGINE"] == "postgres"


def test_every_library_that_playwright_needs_is_brought_or_part_of_every_debian() -> None:
    """On a bare machine its Node ended with "libatomic.so.1: cannot open shared object file"."""
    (node,) = Path(playwright.__file__).parent.glob("driver/node")
    told = subprocess.check_output(["ldd", node], text=True)
    linked = re.findall(r"^\s*(?:/\S*/)?([^\s/]+\.so[.\d]*)", told, re.M)
    # Python and apt themselves are linked to these.
    always = {"linux-vdso.so.1", "libstdc++.so.6", "libgcc_s.so.1"}
    glibc = re.compile(r"ld-linux.*|lib(c|m|dl|rt|pthread)\.so\.\d")
    others = {name for name in linked if name not in always and not glibc.fullmatch(name)}
    assert others <= {name.rpartition("/")[2] for name in run.PROGRAMS}


def test_a_program_is_found_by_its_name_and_a_library_by_its_path(tmp_path: Path) -> None:
    assert run.is_here("sh")
    assert not run.is_here("no-such-program")
    (tmp_path / "lib.so.1").touch()
    assert run.is_here(f"{tmp_path}/*.so.1")
    assert not run.is_here(f"{tmp_path}/*.so.2")


# The lock files


def pins(lock: Path) -> list[str]:
    """name==version of each pin that has hashes."""
    return re.findall(r"^([\w.-]+==\S+).*(?:\n    --hash=sha256:[0-9a-f]{64}.*)+", lock.read_text(), re.M)


@pytest.mark.parametrize("lock", [run.SITE_LOCK, run.TEST_LOCK], ids=lambda lock: lock.name)
def test_a_lock_is_pins_with_hashes_and_nothing_else(lock: Path) -> None:
    lines = [
        line for line in lock.read_text().splitlines() if not line.startswith(("#", "    --hash=sha256:"))
    ]
    assert [line.split()[0] for line in lines] == list(pins(lock))
    assert "://" not in lock.read_text()


@pytest.mark.parametrize("lock", [run.SITE_LOCK, run.TEST_LOCK], ids=lambda lock: lock.name)
def test_htmx_is_locked_without_django(lock: Path) -> None:
    assert [pin for pin in pins(lock) if "django" in pin] == ["django-htmx==1.29.0"]


def test_the_tests_have_every_pin_of_the_site() -> None:
    assert set(pins(run.SITE_LOCK)) <= set(pins(run.TEST_LOCK))


# Starts


@dataclass
class Project:
    """A checkout whose one dependency is a wheel in a folder beside it, so that no network is needed."""

    root: Path
    wheels: Path

    def start(self, *args: str, **env: str) -> "subprocess.CompletedProcess[str]":
        process = self.popen(*args, **env)
        out, err = process.communicate(timeout=120)
        return subprocess.CompletedProcess(args, process.returncode, out, err)

    def popen(self, *args: str, **env: str) -> "subprocess.Popen[str]":
        pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.wheels), "PIP_CONFIG_FILE": os.devnull}
        return subprocess.Popen(
            [sys.executable, self.root / "run.py", *args],
            env={**os.environ, **pip, **env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def lock(self, digest: str) -> None:
        (self.root / "requirements.lock").write_text(f"greeting==1.0 \\\n    --hash=sha256:{digest}\n")


def project(folder: Path) -> Project:
    made = Project(folder / "Ann's jöurnal", folder / "wheels")
    (made.root / "journal").mkdir(parents=True)
    cli = "import sys\n\nimport greeting\n\ndef main():\n    print(greeting.WORD, *sys.argv[1:])\n"
    (made.root / "journal" / "cli.py").write_text(cli)
    for name in ("run.py", ".env.example"):
        shutil.copy(ROOT / name, made.root)
    made.wheels.mkdir()
    made.lock(write_wheel(made.wheels / WHEEL))
    return made


def write_wheel(file: Path) -> str:
    """A wheel of one line; its digest."""
    info = "greeting-1.0.dist-info"
    with zipfile.ZipFile(file, "w") as wheel:
        wheel.writestr("greeting.py", "WORD = 'hello'\n")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(
            f"{info}/RECORD", f"greeting.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n"
        )
    return hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Project:
    made = project(tmp_path_factory.mktemp("started"))
    first = made.start()
    assert (first.stdout, first.returncode) == ("hello serve\n", 0), first.stderr
    return made


def test_the_second_start_installs_nothing_and_is_quick(started: Project) -> None:
    begun = time.monotonic()
    second = started.start("user", "add", "Ann B.", PIP_FIND_LINKS="/nowhere")
    assert (second.stdout, second.stderr) == ("hello user add Ann B.\n", "")
    assert time.monotonic() - begun < 15


def test_the_command_runs_from_anywhere(started: Project, tmp_path: Path) -> None:
    command = started.root / ".venv" / "bin" / "journal"
    assert subprocess.check_output([command, "doctor"], cwd=tmp_path, text=True) == "hello doctor\n"


def test_a_changed_lock_is_installed(started: Project) -> None:
    with open(started.root / "requirements.lock", "a") as lock:
        lock.write("# changed\n")
    assert "Installing" in started.start().stderr
    assert started.start().stderr == ""


def test_an_installation_that_broke_off_is_made_anew(started: Project) -> None:
    (started.root / ".venv" / "installed.json").unlink()
    (module,) = started.root.glob(".venv/lib/*/site-packages/greeting.py")
    module.write_text("half a li")
    assert started.start().stdout == "hello serve\n"


def test_a_folder_that_was_moved_is_set_up_anew(started: Project) -> None:
    started.root = started.root.rename(started.root.with_name("moved"))
    assert started.start().stdout == "hello serve\n"


def test_two_first_starts_at_once_get_along(tmp_path: Path) -> None:
    made = project(tmp_path)
    starts = [made.popen(), made.popen()]
    results = [start.communicate(timeout=120) for start in starts]
    assert [out for out, _ in results] == ["hello serve\n"] * 2
    assert sorted(err.count("Installing") for _, err in results) == [0, 1]


def test_a_failed_installation_ends_in_a_sentence_and_the_next_start_repairs_it(tmp_path: Path) -> None:
    made = project(tmp_path)
    digest = hashlib.sha256((made.wheels / WHEEL).read_bytes()).hexdigest()
    made.lock("0" * 64)
    failed = made.start()
    assert failed.returncode == 1
    assert failed.stderr.endswith("requirements.lock could not be installed: is the network there?\n")
    assert "Traceback" not in failed.stderr
    made.lock(digest)
    assert made.start().stdout == "hello serve\n"


def test_an_environment_that_cannot_be_made_ends_in_a_sentence(tmp_path: Path) -> None:
    made = project(tmp_path)
    (made.root / ".venv").write_text("a file")
    failed = made.start()
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[-1].startswith("Cannot ")
    assert "Traceback" not in failed.stderr


# The wheel


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built with what the test lock holds; without build's check, which would miss Django."""
    built, unpacked = tmp_path_factory.mktemp("built"), tmp_path_factory.mktemp("unpacked")
    flags = ["--wheel", "--no-isolation", "--skip-dependency-check", "--outdir", str(built)]
    subprocess.run([sys.executable, "-m", "build", *flags, ROOT], check=True, stdout=subprocess.DEVNULL)
    (wheel,) = built.iterdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(unpacked)
    return unpacked


def files(folder: Path) -> set[str]:
    return {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}


def test_the_wheel_holds_all_that_the_site_reads(unpacked: Path) -> None:
    assert files(ROOT / "templates") == files(unpacked / "journal" / "templates")
    assert files(ROOT / "static") | {"vendor/htmx-2.0.10.min.js"} == files(unpacked / "journal" / "static")
    assert (unpacked / "journal" / "hypercorn.toml").read_text() == (ROOT / "hypercorn.toml").read_text()


def test_the_wheel_holds_nothing_but_the_site(unpacked: Path) -> None:
    assert {folder.name.partition("-")[0] for folder in unpacked.iterdir()} == {"journal"}
    assert not list(unpacked.rglob(".env*"))


def test_the_htmx_in_the_wheel_is_the_one_it_says(unpacked: Path) -> None:
    htmx = unpacked / "journal" / "static" / "vendor" / "htmx-2.0.10.min.js"
    assert 'version:"2.0.10"' in htmx.read_text(encoding="utf-8")


def test_the_command_runs_from_the_wheel(unpacked: Path) -> None:
    show = "import journal.cli; print(journal.cli.__file__)"
    shown = subprocess.check_output([sys.executable, "-c", show], cwd=unpacked, text=True)
    assert Path(shown.strip()) == unpacked / "journal" / "cli.py"
    subprocess.check_output([sys.executable, "-m", "journal", "--help"], cwd=unpacked)
