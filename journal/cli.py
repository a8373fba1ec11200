"""Command line: serve, migrate, adopt, import, export, doctor, and the accounts of the site."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from getpass import getpass
from typing import TypeVar

import click

from journal import __version__, backup_commands, clock, database, doctor, schema, serving, settings
from journal.accounts import backfill, users
from journal.accounts.forms import HostForm, PasswordForm
from journal.accounts.models import User
from journal.backups import before_migration
from journal.backups.manifest import BackupError
from journal.composition import DERIVED
from journal.forms import Form
from journal.settings import Settings, SettingsError
from journal.transfer.adopt_command import adopt
from journal.transfer.file_commands import export_file, import_file
from journal.transfer.legacy.known_schemas import CannotAdopt

T = TypeVar("T")

# Errors that end with a sentence instead of a traceback.
FORESEEN = (
    *(SettingsError, database.Unavailable, schema.FutureSchema, schema.NotOurs, schema.Damaged),
    *(serving.CannotServe, CannotAdopt, BackupError),
)


def main() -> None:
    try:
        commands(prog_name="journal")
    except FORESEEN as error:
        sys.exit(f"journal: {error}")


@click.group()
@click.version_option(__version__, message="%(prog)s %(version)s")
def commands() -> None:
    """Journal: a journaling site that people keep for decades."""


@commands.command()
@click.option("--bind", metavar="HOST:PORT", help="Listen there instead of where hypercorn.toml says.")
def serve(bind: str | None) -> None:
    """Migrate if needed, with a backup first, then serve."""
    chosen = settings.load()
    config = serving.configuration(bind)
    for note in chosen.notes:
        click.echo(note)
    asyncio.run(bring_up_to_date(chosen))
    serving.serve(config)


@commands.command()
def migrate() -> None:
    """Bring the database to this version's schema, with a backup first."""
    if not asyncio.run(bring_up_to_date(settings.load())):
        click.echo("The database is up to date.")


async def bring_up_to_date(chosen: Settings) -> bool:
    """Migrates, and rebuilds outdated derived data. Returns whether there was anything to do."""
    report = await schema.migrate(chosen.database_url, chosen.data_dir, before_migration.dump)
    say(report, chosen)
    async with database.connected(chosen.database_url):
        try:
            await backfill.complete()
            rebuilt = await rebuild_outdated()
        except database.Corrupt as error:  # the rest can still be read
            click.echo(f"The database is damaged ({error}); `journal doctor` says where.", err=True)
            return bool(report.applied)
    return bool(report.applied or rebuilt)


async def rebuild_outdated() -> bool:
    """Returns whether any derived data was missing or of an older version."""
    is_any = False
    for kind in DERIVED:
        if total := await kind.outdated():
            await kind.rebuild(partial(count, total=total), only_outdated=True)
            is_any = True
    return is_any


def count(done: int, total: int) -> None:
    """Shows progress on one line of a terminal; elsewhere the end alone."""
    is_end, start = done >= total, "\r" if sys.stdout.isatty() else ""
    if is_end or start:
        click.echo(f"{start}Made findable: {done:,} of {total:,} entries", nl=is_end)


def say(report: schema.Report, chosen: Settings) -> None:
    if report.backup:
        click.echo(f"Backup: {report.backup}")
    if report.note:
        click.echo(report.note)
    for name in report.applied:
        click.echo(f"Migrated: {name}")
    if report.is_new:
        click.echo(f"A new, empty database: {database.place(chosen.database_url)}")


for command in (adopt, import_file, export_file):
    commands.add_command(command)


@commands.command("doctor")
@click.option("--repair", is_flag=True, help="Mend what can be mended.")
def examine(repair: bool) -> None:
    """Look for damage: the database, what searching finds, and the files of attachments."""
    try:
        is_well = connected(lambda: doctor.examine(repair, settings.load()))
    except database.DiskFault as error:
        click.echo(f"! {error}. A copy of the database is examined.")
        is_well = False
        asyncio.run(doctor.examine_copy(settings.load().database_url))
    if not is_well:
        sys.exit(1)


commands.add_command(backup_commands.backup)
commands.add_command(backup_commands.restore)


@commands.group()
def user() -> None:
    """The people of this site."""


def connected(work: Callable[[], Awaitable[T]]) -> T:
    """Runs `work` on the migrated database, and returns its result."""
    chosen = settings.load()

    async def run() -> T:
        await schema.migrate(chosen.database_url, chosen.data_dir, before_migration.dump)
        async with database.connected(chosen.database_url):
            return await work()

    return asyncio.run(run())


@user.command("add")
@click.argument("name")
@click.option("--email", default="", help="May be left out.")
@click.option("--zone", default="UTC", help="Like Europe/Berlin.")
def add_user(name: str, email: str, zone: str) -> None:
    """Add a person; the password is asked for, or read from standard input."""
    form = HostForm({"username": name, "email": email, "zone": zone, "password": ask_password()})
    refuse_invalid(form)
    try:
        added = connected(
            lambda: users.create(form.username, form.email or None, form.password, form.zone, clock.now())
        )
    except users.Taken as taken:
        raise click.ClickException(taken.sentence) from None
    click.echo(f"{added.username} can sign in now{', and is the administrator' if added.is_admin else ''}.")


@user.command("password")
@click.argument("name")
def set_password(name: str) -> None:
    """Set a new password and end all sessions of that person."""
    form = PasswordForm({"password": ask_password()})
    refuse_invalid(form)
    connected(lambda: for_person(name, lambda found: users.set_password(found, form.password)))
    click.echo(f"{name} has a new password; every browser has to sign in again.")


@user.command("disable")
@click.argument("name")
def disable_user(name: str) -> None:
    """Let a person in no more; what they wrote stays."""
    connected(lambda: for_person(name, users.disable))
    click.echo(
        f"{name} can't sign in any more; browsers that are signed in are out within one access token's life."
    )


@user.command("list")
def list_users() -> None:
    """Everybody, in the order in which they came."""
    for person in connected(users.all_users):
        marks = ["administrator"] * person.is_admin + ["disabled"] * (not person.is_active)
        marks += ["needs a new password"] * ((person.hash_cost or 0) < 0)
        click.echo("  ".join([person.username, person.email or "-", *marks]))


async def for_person(name: str, work: Callable[[User], Awaitable[None]]) -> None:
    found = await users.find(name)
    if found is None:
        raise click.ClickException(f"Nobody here is called {name}.")
    await work(found)


def ask_password() -> str:
    return getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")


def refuse_invalid(form: Form) -> None:
    if not form.is_valid:
        raise click.ClickException(" ".join(form.errors.values()))
