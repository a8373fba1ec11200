"""Backup of a PostgreSQL database before its migrations, where pg_dump is installed."""

from pathlib import Path

from journal import fsync
from journal.backups import postgres_snapshot
from journal.backups.postgres_programs import NoProgram


async def dump(url: str, target: Path) -> str:
    """Writes a dump for pg_restore. Returns why there is none if pg_dump is missing; raises BackupError if
    it fails, so that nothing is migrated without the backup that is possible."""
    part = target.with_name(f"{target.name}.part")
    try:
        fsync.create(part)
        await postgres_snapshot.dump_to_file(url, part)
        fsync.replace_file(part, target)
    except NoProgram as error:
        return f"No backup was made before the migration. {error}"
    finally:
        part.unlink(missing_ok=True)
    return ""
