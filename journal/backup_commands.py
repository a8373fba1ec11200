"""Commands `journal backup` and `journal restore`."""

import asyncio
from pathlib import Path

import click

from journal import clock, settings
from journal.backups import restore as restoring
from journal.backups import scheduled, verify, workspace
from journal.backups.create import Source, create
from journal.backups.manifest import TITLES, Manifest
from journal.settings import Settings

IDENTITY = click.option(
    "--identity",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The private key of an encrypted backup.",
)


def source(chosen: Settings) -> Source:
    return Source(chosen.database_url, chosen.data_dir, chosen.backup_recipient)


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--verify", "is_check", is_flag=True, help="Check FILE by a restore into a temporary place.")
@IDENTITY
def backup(file: Path | None, is_check: bool, identity: Path | None) -> None:
    """Back up the database and the attachments into one file, while people write.

    FILE is by default a new one in the folder backups of DATA_DIR.
    """
    chosen = source(settings.load())
    if is_check:
        if file is None:
            raise click.UsageError("--verify needs the FILE of a backup.")
        checked = asyncio.run(_verify(chosen, file, identity))
        click.echo(f"{file} is whole: {describe(checked.manifest)}. {checked.note}".strip())
        return
    made = asyncio.run(create(chosen, clock.now(), file))
    size = workspace.megabytes(made.file.stat().st_size)
    click.echo(f"Backup: {made.file} ({size}, {describe(made.verified.manifest)}).")
    click.echo(made.verified.note or "It was verified by a restore into a temporary place.")


async def _verify(chosen: Source, file: Path, identity: Path | None) -> verify.Verified:
    with workspace.opened(chosen.data_dir) as work:
        async with verify.decrypted(file, work, identity) as plain:
            return await verify.verify(plain, work, chosen.url)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@IDENTITY
def restore(file: Path, identity: Path | None) -> None:
    """Restore a backup into an empty place: no database or tables, no attachments."""
    found = asyncio.run(restoring.restore(source(settings.load()), file, identity))
    click.echo(f"Restored: {describe(found)}. Start the site by `journal serve`.")


def describe(found: Manifest) -> str:
    made = scheduled.minute(found.created)
    attached = len(found.members) - 1
    return f"{found.entries:,} entries and {attached:,} attachments on {TITLES[found.engine]}, made {made}"
