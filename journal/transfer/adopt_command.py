"""Command `journal adopt`: people and entries of an old Flask app come into this site."""

import asyncio
from pathlib import Path

import click

from journal import clock, settings
from journal.transfer import adopt as adoption
from journal.transfer.legacy.known_schemas import Hints


def columns(_context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]) -> dict[str, str]:
    """Parses options like `entries.body=texte`."""
    for text in texts:
        if "=" not in text:
            raise click.BadParameter(f"{text!r} should look like entries.body=texte.")
    return dict(text.split("=", 1) for text in texts)


@click.command()
@click.argument("old", metavar="SOURCE")
@click.option("--dry-run", is_flag=True, help="Say what would come, and write nothing.")
@click.option("--stored-in", metavar="ZONE", help="Of times there that don't say theirs; UTC if not given.")
@click.option("--timezone", hidden=True)  # what --stored-in was called before
@click.option(
    "--people-in", default="", metavar="ZONE", help="Where people wrote; as --stored-in if not given."
)
@click.option("--password-salt", default="", metavar="SALT", help="Flask-Security's SECURITY_PASSWORD_SALT.")
@click.option("--source", default="flask", metavar="NAME", help="A name of its own for a second old app.")
@click.option("--people", default="", metavar="TABLE", help="Where it can't be recognised.")
@click.option("--entries", default="", metavar="TABLE", help="Where it can't be recognised.")
@click.option(
    "--column", multiple=True, callback=columns, help="Like entries.body=texte; for none, entries.mood="
)
@click.option("--owner", default="", metavar="NAME", help="Who gets entries that don't say whose they are.")
@click.option("--date-format", default="", metavar="F", help="Of dates that are texts, like %d/%m/%Y.")
@click.option("--files", type=click.Path(path_type=Path), help="A folder with the images that texts name.")
def adopt(
    old: str,
    dry_run: bool,
    stored_in: str | None,
    timezone: str | None,
    people_in: str,
    password_salt: str,
    source: str,
    people: str,
    entries: str,
    column: dict[str, str],
    owner: str,
    date_format: str,
    files: Path | None,
) -> None:
    """Bring people and entries over from the old app's database, which is only read.

    SOURCE is a SQLite file or dump, sqlite://…, postgres://… or mysql://….
    """
    chosen = settings.load()
    hints = Hints(people, entries, column, owner, date_format)
    zone, salt = stored_in or timezone or "UTC", password_salt or chosen.password_salt
    options = adoption.Options(zone, people_in, salt, source, dry_run, hints, files)
    report = asyncio.run(adoption.adopt(chosen.database_url, chosen.data_dir, old, options, clock.now()))
    click.echo("\n".join(report.lines()))
    if password_salt and password_salt != chosen.password_salt and not dry_run:
        click.echo(keep_salt(password_salt, chosen.password_salt))


def keep_salt(salt: str, present: str) -> str:
    """Stores the salt for the site, and returns what the host should do."""
    file = None if present else settings.keep("PASSWORD_SALT", salt)
    if file:
        return f"PASSWORD_SALT stands in {file} now: start the site again, so that people can sign in."
    return "Set PASSWORD_SALT to that salt and start the site again, or the people can't sign in."
