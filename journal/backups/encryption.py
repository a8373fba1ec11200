"""Encryption of backups to an age public key, by the package pyrage, which is installed by the extra
`backup`."""

from pathlib import Path

from journal.backups.manifest import BackupError

try:
    import pyrage
except ImportError:  # the extra is not installed
    pyrage = None

ENDING = ".age"
INSTALL = "BACKUP_RECIPIENT needs the package pyrage: install `journal[backup]`, or pyrage into .venv."


def is_installed() -> bool:
    return pyrage is not None


def encrypt(file: Path, target: Path, recipient: str) -> None:
    """Writes `file`, encrypted to the public key `recipient`, to `target`. Raises BackupError."""
    if not is_installed():
        raise BackupError(INSTALL)
    try:
        key = pyrage.x25519.Recipient.from_str(recipient)
    except Exception as error:  # pyrage's RecipientError has no public base class
        raise BackupError(f"BACKUP_RECIPIENT is no public key of age ({error}).") from None
    with file.open("rb") as plain, target.open("wb") as encrypted:
        pyrage.encrypt_io(plain, encrypted, [key])


def decrypt(file: Path, target: Path, identity: Path) -> None:
    """Decrypts `file` by a key of the file `identity`, as age-keygen writes it. Raises BackupError."""
    if not is_installed():
        raise BackupError(INSTALL.replace("BACKUP_RECIPIENT", "An encrypted backup"))
    keys = _identities(identity)
    try:
        with file.open("rb") as encrypted, target.open("wb") as plain:
            pyrage.decrypt_io(encrypted, plain, keys)
    except OSError as error:
        if error.errno:
            raise
        raise _refused(file, identity, error) from None
    except Exception as error:
        raise _refused(file, identity, error) from None


def _refused(file: Path, identity: Path, error: Exception) -> BackupError:
    return BackupError(f"{file} is damaged, or was not encrypted for the key in {identity} ({error}).")


def _identities(file: Path) -> list[object]:
    try:
        lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
        return [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except OSError as error:
        raise BackupError(f"{file} can't be read ({error.strerror}).") from None
    except Exception:
        raise BackupError(f"{file} holds no private key of age, like AGE-SECRET-KEY-1….") from None
