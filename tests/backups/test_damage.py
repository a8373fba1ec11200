"""One changed byte, wherever it stands, makes a backup one that is refused with a sentence."""

from collections.abc import Callable
from pathlib import Path

import pyrage
import pytest

from journal import clock
from journal.backups import manifest, verify
from journal.backups.archive import LABEL
from journal.backups.create import Source, create
from journal.backups.manifest import BackupError
from journal.backups.restore import restore
from tests.backups.conftest import Place
from tests.backups.journals import attach, held, rewritten
from tests.conftest import Person

PLACES: dict[str, Callable[[bytes], int]] = {
    "the first byte": lambda whole: 0,
    "the date in the head of a member": lambda whole: 10,
    "the name of the database": lambda whole: whole.index(b"database."),
    "the middle of the database": lambda whole: whole.index(b"attachments/") // 2,
    "an attachment": lambda whole: whole.index(b"a photo") + 3,
    "the sum of an attachment": lambda whole: whole.index(b"a photo") + len(b"a photo") + 5,
    "the manifest": lambda whole: whole.index(b"backup.json") + 40,
    "the directory": lambda whole: whole.rindex(b"PK\x01\x02") + 12,
    "a name in the directory": lambda whole: whole.rindex(b"backup.json") + 1,
    "the end of the directory": lambda whole: whole.rindex(b"PK\x05\x06") + 10,
    "the label": lambda whole: whole.rindex(LABEL) + 2,
    "the checksum": lambda whole: len(whole) - 30,
    "the last byte": lambda whole: len(whole) - 1,
}
# The same for a backup that is encrypted, of which nothing is known but its length.
SHARES = [0.0, 0.001, 0.3, 0.6, 0.99, 1.0]


def flipped(whole: bytes, place: int) -> bytes:
    return whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]


async def is_refused(source: Source, file: Path, work: Path, identity: Path | None = None) -> str:
    with pytest.raises(BackupError) as refused:
        async with verify.decrypted(file, work, identity) as plain:
            await verify.verify(plain, work, source.url)
    return str(refused.value)


@pytest.fixture
async def backup(ann: Person, source: Source, tmp_path: Path) -> Path:
    await ann.writes("A text.")
    attach(source.data_dir, b"a photo")
    return (await create(source, clock.now(), tmp_path / "backup.zip")).file


@pytest.mark.engine("sqlite")
async def test_a_flipped_byte_is_refused_wherever_it_stands(
    backup: Path, source: Source, place: Place, tmp_path: Path
) -> None:
    whole, damaged = backup.read_bytes(), tmp_path / "damaged.zip"
    await verify.verify(backup, tmp_path, source.url)
    for name, position in PLACES.items():
        damaged.write_bytes(flipped(whole, position(whole)))
        assert "damaged" in await is_refused(source, damaged, tmp_path), name
        with pytest.raises(BackupError, match="damaged"):
            await restore(place("restored"), damaged)
    assert not (tmp_path / "restored" / "data" / "journal.sqlite3").exists()
    assert not (tmp_path / "restored" / "data" / "attachments").exists()


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda whole: whole[:-1], "damaged"),
        (lambda whole: whole[: len(whole) // 2], "damaged"),
        (lambda whole: whole + b"\n", "damaged"),
        (lambda whole: b"", "no backup of Journal"),
        (lambda whole: b"Dear diary", "no backup of Journal"),
        (lambda whole: b"PK" + b"\0" * 200, "damaged"),
    ],
)
async def test_a_file_that_is_cut_or_another_is_refused(
    backup: Path, source: Source, tmp_path: Path, change: Callable[[bytes], bytes], sentence: str
) -> None:
    (tmp_path / "other.zip").write_bytes(change(backup.read_bytes()))
    assert sentence in await is_refused(source, tmp_path / "other.zip", tmp_path)


@pytest.mark.engine("postgres")
async def test_a_flipped_byte_in_a_dump_is_refused(backup: Path, source: Source, tmp_path: Path) -> None:
    whole, damaged = backup.read_bytes(), tmp_path / "damaged.zip"
    damaged.write_bytes(flipped(whole, whole.index(b"PGDMP") + 2000))
    assert "damaged" in await is_refused(source, damaged, tmp_path)


def test_a_manifest_that_is_nested_without_end_is_refused_with_a_sentence() -> None:
    with pytest.raises(BackupError, match=r"its backup\.json can't be read"):
        manifest.from_json(b"[" * 200_000)


@pytest.mark.engine("sqlite")
async def test_a_backup_that_is_refused_leaves_no_copy_of_its_database(
    ann: Person, source: Source, place: Place, tmp_path: Path
) -> None:
    made = await create(source, clock.now(), tmp_path / "backup.zip")
    wrong = rewritten(made.file, tmp_path / "wrong.zip", rows={"users": 2})
    restored = place("restored")
    with pytest.raises(BackupError, match="other rows than the backup says"):
        await restore(restored, wrong)
    assert not list(restored.data_dir.glob("*.restoring"))


async def test_a_backup_that_restores_to_other_rows_is_refused(
    ann: Person, source: Source, tmp_path: Path
) -> None:
    made = await create(source, clock.now(), tmp_path / "backup.zip")
    wrong = rewritten(
        made.file, tmp_path / "wrong.zip", rows={**made.verified.manifest.contents.rows, "users": 2}
    )
    assert (await is_refused(source, wrong, tmp_path)).endswith("other rows than the backup says: users.")


# Encrypted


@pytest.fixture
def key(tmp_path: Path) -> tuple[str, Path]:
    """A public key, and the file of the private one as age-keygen writes it."""
    identity = pyrage.x25519.Identity.generate()
    (tmp_path / "key.txt").write_text(f"# created: today\n\n{identity}\n")
    return str(identity.to_public()), tmp_path / "key.txt"


async def test_an_encrypted_backup_restores_with_its_private_key_alone(
    ann: Person, source: Source, place: Place, tmp_path: Path, key: tuple[str, Path]
) -> None:
    await ann.writes("A secret text.")
    attach(source.data_dir, b"a secret photo")
    secret = Source(source.url, source.data_dir, key[0])
    made = await create(secret, clock.now(), tmp_path / "backup.zip.age")
    assert b"secret" not in made.file.read_bytes()
    restored = place("restored")
    with pytest.raises(BackupError, match="--identity"):
        await restore(restored, made.file)
    (tmp_path / "other.txt").write_text(f"{pyrage.x25519.Identity.generate()}\n")
    with pytest.raises(BackupError, match="not encrypted for the key"):
        await restore(restored, made.file, tmp_path / "other.txt")
    with pytest.raises(BackupError, match="holds no private key"):
        await restore(restored, made.file, _empty(tmp_path))
    await restore(restored, made.file, key[1])
    assert await held(restored) == await held(source)
    assert not [path for path in tmp_path.rglob("*") if path.name in ("decrypted.zip", "backup.zip")]


def _empty(folder: Path) -> Path:
    (folder / "empty.txt").write_text("not a key\n")
    return folder / "empty.txt"


@pytest.mark.engine("sqlite")
async def test_a_flipped_byte_in_an_encrypted_backup_is_refused(
    ann: Person, source: Source, tmp_path: Path, key: tuple[str, Path]
) -> None:
    secret = Source(source.url, source.data_dir, key[0])
    whole = (await create(secret, clock.now(), tmp_path / "backup.zip.age")).file.read_bytes()
    damaged = tmp_path / "damaged.zip.age"
    for share in SHARES:
        damaged.write_bytes(flipped(whole, round(share * (len(whole) - 1))))
        told = await is_refused(source, damaged, tmp_path, key[1])
        assert "damaged" in told or "no backup" in told, share
