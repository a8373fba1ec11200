"""Checks of the machine around the database: settings, clock, free disk and file modes."""

from journal import clock, clock_guard, database, database_url, housekeeping, permissions
from journal.backups import manifest, workspace
from journal.database import rows
from journal.doctor.finding import Finding
from journal.settings import Settings


async def settings(chosen: Settings, _repair: bool) -> list[Finding]:
    """All settings that are no secrets."""
    mode = "development" if chosen.development else "lan" if chosen.is_lan else "production"
    registration = "open" if chosen.registration_open else "closed"
    encrypted = " (encrypted)" if chosen.backup_recipient else ""
    return [
        Finding(
            f"Settings: {mode}, {chosen.public_url}, {chosen.trusted_proxies} proxies, "
            f"registration {registration}, database {database_url.place(chosen.database_url)}, "
            f"data {chosen.data_dir}, backups {chosen.backups or 'off'}{encrypted}, "
            f"tokens {chosen.access_token_expiry} and {chosen.refresh_token_expiry} s."
        )
    ]


async def clock_readings(chosen: Settings, _repair: bool) -> list[Finding]:
    readings = clock_guard.load(chosen.data_dir / housekeeping.READINGS)
    now = clock.now()
    if readings is None:
        return [Finding("The clock has not been watched yet; the site does it while it runs.")]
    if readings.last - now > clock_guard.JUMP:
        return [
            Finding(
                f"The clock says {now:%Y-%m-%d %H:%M} UTC, and the site has run at "
                f"{readings.last:%Y-%m-%d %H:%M} already: set the clock of this machine.",
                True,
            )
        ]
    if readings.is_trusted:
        return [Finding(f"The clock has run without a jump since {readings.since:%Y-%m-%d}.")]
    until = readings.since + clock_guard.PAUSE
    return [Finding(f"Nothing is deleted for good before {until:%Y-%m-%d}: the clock is watched until then.")]


async def free_disk(chosen: Settings, _repair: bool) -> list[Finding]:
    """A backup needs about twice the database's size."""
    attached = workspace.tree_size(chosen.data_dir / manifest.ATTACHMENTS)
    needed = 2 * await _database_size(chosen.database_url) + attached + workspace.SPARE
    folder = next(path for path in (chosen.data_dir, *chosen.data_dir.parents) if path.exists())
    free = workspace.free_bytes(folder)
    room = workspace.megabytes(needed)
    told = f"{workspace.megabytes(free)} are free in {folder}; a backup needs about {room}"
    if free < needed:
        return [Finding(f"{told}: make room, or move DATA_DIR to a larger disk.", True)]
    return [Finding(f"{told}.")]


async def _database_size(url: str) -> int:
    if not database.is_sqlite(url):
        return int((await rows("SELECT pg_database_size(current_database()) AS size"))[0]["size"])
    file = database.sqlite_file(url)
    return sum(path.stat().st_size for path in (file, file.with_name(f"{file.name}-wal")) if path.exists())


async def file_modes(chosen: Settings, repair: bool) -> list[Finding]:
    url = chosen.database_url
    file = database.sqlite_file(url) if database.is_sqlite(url) else None
    exposed = permissions.exposed(chosen.data_dir, file)
    if repair:
        for path in exposed:
            permissions.restrict(path)
        mended, exposed = exposed, permissions.exposed(chosen.data_dir, file)
        if mended and not exposed:
            return [Finding(f"{len(mended):,} files were open to others and are private now.")]
    if not exposed:
        return [Finding("Nobody else on this machine can read the data.")]
    first = f"{len(exposed):,} files are open to others, like {permissions.described(exposed[0])}"
    who = "their owner should run" if repair else "`journal doctor --repair` mends it, or"
    return [Finding(f"{first}: {who}: chmod -R go= {chosen.data_dir}", True)]
