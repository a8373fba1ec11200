"""The doctor compares attachments with their files."""

from collections.abc import Callable
from pathlib import Path

import pytest

from journal import doctor
from journal.settings import Settings
from tests.attachments.attaching import PAGE, PNG, attached, files
from tests.conftest import Person

DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "missing": (Path.unlink, "Files of attachments that are missing: 1"),
    "cut off": (lambda file: file.write_bytes(PNG[:-1]), "have another size than they had: 1"),
    "changed": (lambda file: file.write_bytes(PNG[::-1]), "have another content than they had: 1"),
}


@pytest.mark.parametrize(("damage", "sentence"), DAMAGES.values(), ids=DAMAGES)
async def test_the_doctor_says_which_file_is_damaged_and_what_to_do(
    settings: Settings,
    ann: Person,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[Path], object],
    sentence: str,
) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda _: "0" * 64)  # else a sample begins anywhere
    entry = await ann.writes("words")
    for content in (PNG, PNG, PAGE):
        await attached(settings.data_dir, entry, content)
    assert await doctor.examine(False, settings)
    assert "Every attachment has its file: 2.\n" in capsys.readouterr().out
    file = next(file for file in files(settings.data_dir) if file.read_bytes() == PNG)
    damage(file)
    for repair in (False, True):
        assert not await doctor.examine(repair, settings)
        told = capsys.readouterr().out
        assert told.count("! ") == 1
        assert f"{sentence}, the first {file.parent.name}/{file.name}. Copy them back from a backup" in told
