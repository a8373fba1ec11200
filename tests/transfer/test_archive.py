"""Archives as they are brought: what is read of a zip, a folder or a file, and what is refused."""

import io
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from journal.transfer import archive
from journal.transfer.archive import Archive, UnreadableArchive


def zipped(path: Path, **members: bytes | str) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            target.writestr(name, content)
    return path


def hostile(path: Path) -> Path:
    link = zipfile.ZipInfo("link.md")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as target:
        for name in ("../out.md", "/etc/out.md", "a/../../out.md", "..\\out.md", "C:/out.md", "good.md"):
            target.writestr(name, "text")
        target.writestr(link, "/etc/passwd")
        target.writestr("__MACOSX/._good.md", "junk")
    return path


def test_members_that_lead_outside_are_left_out_and_named(tmp_path: Path) -> None:
    with Archive(hostile(tmp_path / "export.zip")) as opened:
        assert opened.names == ["good.md"]
        assert [reason for reason, _ in opened.refused] == [archive.OUTSIDE] * 5 + [archive.LINKS]


def test_a_folder_gives_its_files_but_no_links(tmp_path: Path) -> None:
    (tmp_path / "2024" / "01").mkdir(parents=True)
    (tmp_path / "2024" / "01" / "02.md").write_text("a day")
    (tmp_path / "link.md").symlink_to("/etc/passwd")
    with Archive(tmp_path) as opened:
        assert opened.names == ["2024/01/02.md"]
        assert opened.read("2024/01/02.md") == b"a day"
        assert opened.refused == [(archive.LINKS, "link.md")]


def test_a_single_file_is_its_only_member(tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(b"[]")
    with Archive(tmp_path / "upload", "journal.json") as opened:
        assert opened.is_single_file
        assert opened.read("journal.json") == b"[]"


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-30])


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0x55
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [cut, flip])
def test_a_damaged_zip_is_refused_with_a_sentence(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    path = zipped(tmp_path / "export.zip", **{"a.md": bytes(range(256)) * 200})
    damage(path)
    with pytest.raises(UnreadableArchive, match=r"damaged|cut off"), Archive(path) as opened:
        opened.read("a.md")


def test_a_bomb_is_refused_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "FREE", 100_000)
    path = zipped(tmp_path / "bomb.zip", **{"bomb.json": b"0" * 3_000_000, "good.json": b"[]"})
    with Archive(path) as opened:
        assert opened.read("good.json") == b"[]"
        with opened.open("bomb.json") as stream, pytest.raises(UnreadableArchive, match="grows larger"):
            stream.read(3_000_000)


def test_names_in_utf_8_without_the_flag_are_read_right(tmp_path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("tagebuch-mXrz.md", "x")
    content = target.getvalue().replace(b"mXrz", "mä".encode() + b"z")
    (tmp_path / "export.zip").write_bytes(content)
    with Archive(tmp_path / "export.zip") as opened:
        assert opened.names == ["tagebuch-mäz.md"]


def test_a_member_that_is_too_large_to_be_read_whole_is_refused(tmp_path: Path) -> None:
    with (
        Archive(zipped(tmp_path / "export.zip", **{"a.json": b"1" * 5000})) as opened,
        pytest.raises(UnreadableArchive, match="larger than"),
    ):
        opened.read("a.json", most=1000)
