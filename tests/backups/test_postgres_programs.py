"""What PostgreSQL's programs are told: where the database is, and the password in a file alone."""

import re
from pathlib import Path

import pytest

from journal.backups import postgres_programs
from journal.backups.manifest import BackupError
from journal.backups.postgres_programs import NoProgram

URLS = {
    "postgres://me@db.example.org/diary": "postgres://me@db.example.org/other",
    "postgres://me:word@one:5432,two:5433/diary?target_session_attrs=read-write&ssl=require": (
        "postgres://me:word@one:5432,two:5433/other?target_session_attrs=read-write&sslmode=require"
    ),
    "postgres:///diary?host=/run/postgresql": "postgres:///other?host=/run/postgresql",
    "postgres://[::1]:5432/diary?ssl=disable": "postgres://[::1]:5432/other?sslmode=disable",
}


@pytest.mark.parametrize("url", URLS)
def test_another_database_of_the_same_server_has_the_same_options(url: str) -> None:
    assert postgres_programs.uri(url, "other") == URLS[url]
    assert postgres_programs.uri(url) == URLS[url].replace("/other", "/diary")


def test_the_password_is_in_a_private_file_and_not_among_the_arguments() -> None:
    with postgres_programs.target(r"postgres://me:a%3Ab%5Cword@db:5433/diary?sslmode=require") as place:
        assert re.sub(r"passfile=[^&]+", "passfile=…", place.uri) == (
            "postgres://me@db:5433/diary?sslmode=require&passfile=…&application_name=journal_backup"
        )
        file = Path(re.findall(r"passfile=([^&]+)", place.uri)[0])
        assert file.read_text() == "*:*:*:*:a\\:b\\\\word\n"
        assert file.stat().st_mode & 0o777 == 0o600
    assert not file.exists()


def test_the_oldest_program_that_is_not_older_than_the_server_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for major in (14, 16, 17):
        program = tmp_path / str(major) / "bin" / "pg_dump"
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {major}.3'\n")
        program.chmod(0o755)
    monkeypatch.setattr(postgres_programs, "DEBIAN", f"{tmp_path}/*/bin/{{}}")
    monkeypatch.setenv("PATH", str(tmp_path / "14" / "bin"))
    assert postgres_programs.find("pg_dump", 15) == str(tmp_path / "16" / "bin" / "pg_dump")
    assert postgres_programs.find("pg_dump", 14) == str(tmp_path / "14" / "bin" / "pg_dump")
    with pytest.raises(NoProgram, match="pg_dump of version 18 or later, and only version 17 is here"):
        postgres_programs.find("pg_dump", 18)
    with pytest.raises(BackupError, match="needs pg_restore of version 18 or later: install"):
        postgres_programs.find("pg_restore", 18)
