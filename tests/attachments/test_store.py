"""Files are stored once, privately, whole or not at all."""

import errno
import io
import os
import signal
import subprocess
import sys
import tracemalloc
from hashlib import sha256
from pathlib import Path

import pytest

from journal.attachments import store
from journal.database import DiskFault, NoSpace
from tests.attachments.attaching import PAGE, PNG, files, stored
from tests.servers import ROOT, environment


async def test_a_file_is_named_by_its_content_and_typed_by_it(tmp_path: Path) -> None:
    found = await stored(tmp_path, PNG)
    digest = sha256(PNG).hexdigest()
    assert found == (digest, len(PNG), "image/png")
    assert (tmp_path / "attachments" / digest[:2] / digest[2:]).read_bytes() == PNG


async def test_the_same_content_is_stored_once(tmp_path: Path) -> None:
    assert await stored(tmp_path, PNG) == await stored(tmp_path, PNG)
    await stored(tmp_path, PAGE)
    assert len(files(tmp_path)) == 2


async def test_nobody_else_on_the_computer_reads_attachments(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        await stored(tmp_path, PNG)
    finally:
        os.umask(before)
    for place in (tmp_path / "attachments").rglob("*"):
        assert place.stat().st_mode & 0o077 == 0, place
    assert (tmp_path / "attachments").stat().st_mode & 0o777 == 0o700


async def test_a_damaged_file_is_mended_by_storing_its_content_again(tmp_path: Path) -> None:
    await stored(tmp_path, PNG)
    files(tmp_path)[0].write_bytes(b"damaged")
    await stored(tmp_path, PNG)
    assert [file.read_bytes() for file in files(tmp_path)] == [PNG]


class Broken(io.BytesIO):
    """A member of a damaged archive."""

    def read(self, size: int | None = -1) -> bytes:
        if self.tell():
            raise OSError(errno.EIO, "the archive is damaged")
        return super().read(size)


async def test_a_stream_that_fails_half_way_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="the archive is damaged"):
        store.store_file(store.folder_in(tmp_path), Broken(PNG * 1000))
    assert files(tmp_path) == []


class Zeros(io.BytesIO):
    """64 MB that are nowhere."""

    left = 64_000_000

    def read(self, size: int | None = -1) -> bytes:
        assert size
        assert size > 0
        size = min(size, self.left)
        self.left -= size
        return bytes(size)


async def test_a_large_file_takes_little_memory(tmp_path: Path) -> None:
    tracemalloc.start()
    try:
        found = store.store_file(store.folder_in(tmp_path), Zeros())
        assert tracemalloc.get_traced_memory()[1] < 2_000_000
    finally:
        tracemalloc.stop()
    assert found.size == files(tmp_path)[0].stat().st_size == 64_000_000


async def test_a_full_disk_is_told_apart_and_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if subprocess.run(["mount", *options], capture_output=True).returncode:
        pytest.skip("only root may mount a small disk")
    try:
        with pytest.raises(NoSpace):
            store.store_file(store.folder_in(folder), Zeros())
        assert files(folder) == []
    finally:
        subprocess.run(["umount", str(folder)], check=True)


async def test_a_folder_that_can_not_be_made_is_a_fault_of_the_disk(tmp_path: Path) -> None:
    (tmp_path / "attachments").write_text("in the way")
    with pytest.raises(DiskFault, match="attachments"):
        await stored(tmp_path, PNG)


@pytest.mark.parametrize("is_again", [False, True])
async def test_the_file_and_its_folders_are_on_disk_before_it_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_again: bool
) -> None:
    """Also if another process has made the folders, but not synced them yet."""
    synced, fsync = [], os.fsync

    def noted(handle: int) -> None:
        synced.append(Path(os.readlink(f"/proc/self/fd/{handle}")))
        fsync(handle)

    if is_again:
        await stored(tmp_path, PNG)
    monkeypatch.setattr(os, "fsync", noted)
    await stored(tmp_path, PNG)
    part = next(n for n, place in enumerate(synced) if place.name.startswith(store.PART))
    assert {files(tmp_path)[0].parent, store.folder_in(tmp_path)} <= set(synced[part + 1 :])
    assert is_again or tmp_path in synced


WRITER = """
import sys
from pathlib import Path
from journal.attachments import store

class Endless:
    def read(self, size):
        print("read", flush=True)
        return bytes(size)

store.store_file(Path(sys.argv[1]), Endless())
"""


def test_a_writer_that_is_killed_leaves_no_file_under_a_final_name(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(store.folder_in(tmp_path))]
    with subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE) as writer:
        assert writer.stdout
        for _ in range(20):
            writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
    assert [file.name.startswith(store.PART) for file in files(tmp_path)] == [True]


NAMES = {
    "a folder": ("photos/2024/cat.jpg", "cat.jpg"),
    "a folder of Windows": ("C:\\photos\\cat.jpg", "cat.jpg"),
    "a way out": ("../../etc/passwd", "passwd"),
    "a line break": ("cat\r\nX: y.jpg", "catX: y.jpg"),
    "a NUL": ("cat\0.jpg", "cat.jpg"),
    "half a surrogate pair": ("cat\ud800.jpg", "cat.jpg"),
    "a right-to-left override": ("cat\u202egpj.exe", "catgpj.exe"),
    "other letters": ("猫 été.jpg", "猫 été.jpg"),
    "too many letters": ("x" * 300 + ".jpeg", "x" * 250 + ".jpeg"),
    "an ending that is too long": ("a." + "x" * 300, "a." + "x" * 233 + "." + "x" * 19),
    "nothing": ("", "file"),
    "a slash": ("/", "file"),
}


@pytest.mark.parametrize(("given", "tidy"), NAMES.values(), ids=NAMES)
def test_a_name_is_one_that_a_file_can_have(given: str, tidy: str) -> None:
    assert store.tidy_name(given) == tidy
