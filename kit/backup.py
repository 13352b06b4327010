"""One file that holds everything, and reading it back: PostgreSQL's own pg_dump and pg_restore."""

import os
import shutil
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

from kit import postgres
from kit.children import CannotStart


def save(url: str, file: Path) -> int:
    """Write the database into `file`, readable by us alone; the file is there whole or not at all. Its size."""
    part = file.with_name(f"{file.name}.part")
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--file={part}")
        part.replace(file)
    except OSError as problem:
        raise CannotStart(f"{file} cannot be written: {problem.strerror}.") from problem
    finally:
        part.unlink(missing_ok=True)
    return file.stat().st_size


def load(url: str, file: Path, *, replace: bool) -> None:
    """Read `file` into an empty database, all or nothing. With `replace`, whatever is there goes first."""
    if not file.is_file():
        raise CannotStart(f"There is no file {file}.")
    _run("pg_restore", None, "--list", str(file))
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    if int(_run("psql", url, "-XqAt", "-c", tables)) > 0:
        if not replace:
            raise CannotStart(
                "The database is not empty: name an empty one, or say --replace to delete what it holds."
            )
        _run(
            "psql",
            url,
            "-Xq",
            "-v",
            "ON_ERROR_STOP=1",
            "-c",
            "DROP SCHEMA public CASCADE; CREATE SCHEMA public",
        )
    _run(
        "pg_restore",
        url,
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        "--single-transaction",
        str(file),
    )


def _run(program: str, url: str | None, *words: str) -> str:
    """Run one of PostgreSQL's programs; a password goes through the environment, where others cannot read it."""
    environ, where = dict(os.environ), []
    if url is not None:
        parts = urlsplit(url)
        if parts.password:
            environ["PGPASSWORD"] = unquote(parts.password)
            url = url.replace(f":{parts.password}@", "@", 1)
        where = [f"--dbname={url}"]
    done = subprocess.run([_program(program), *where, *words], env=environ, capture_output=True)
    if done.returncode != 0:
        raise CannotStart(f"{program} could not do it: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout.decode(errors="replace").strip()


def _program(name: str) -> str:
    try:
        return postgres.tool(name)
    except postgres.NoServer:
        found = shutil.which(name)
        if found is None:
            raise CannotStart(
                f"{name} is not installed: on Debian, apt-get install postgresql-client."
            ) from None
        return found
