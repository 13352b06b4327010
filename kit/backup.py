"""One file that holds everything, and reading it back: PostgreSQL's own pg_dump and pg_restore."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit

from kit import postgres
from kit.children import CannotStart

# Without rights, and without the comment that says which were given: `migrations.grant()` gives them to the roles of the place.
_FORMAT = ("--format=custom", "--no-owner", "--no-privileges", "--no-comments")


def save(url: str, file: Path) -> int:
    """Write the database into `file`, readable by us alone; the file is there whole or not at all. Its size."""
    if not _is_full(url):
        raise CannotStart("There is nothing to save: the database is empty.")
    part = file.with_name(f"{file.name}.part")
    try:
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        _run("pg_dump", url, *_FORMAT, f"--file={part}")
        part.replace(file)
    except OSError as problem:
        raise CannotStart(f"{file} cannot be written: {problem.strerror}.") from problem
    finally:
        part.unlink(missing_ok=True)
    return file.stat().st_size


def load(url: str, file: Path, *, replace: bool) -> None:
    """Read `file` into an empty database, all or nothing. With `replace`, what it holds goes, in the same breath."""
    if not file.is_file():
        raise CannotStart(f"There is no file {file}.")
    full = _is_full(url)
    if full and not replace:
        raise CannotStart(
            "The database is not empty: name an empty one, or say --replace to delete what it holds."
        )
    begin = "BEGIN; DROP SCHEMA public CASCADE; CREATE SCHEMA public;" if full else "BEGIN;"
    where, environ = _address(url)
    with tempfile.TemporaryFile() as said:
        reading = subprocess.Popen(
            [_program("pg_restore"), "--no-owner", "--no-privileges", "--file=-", file],
            stdout=subprocess.PIPE,
            stderr=said,
            stdin=subprocess.DEVNULL,
        )
        writing = subprocess.Popen(
            [_program("psql"), where, "-Xq", "-v", "ON_ERROR_STOP=1", "-f", "-"],
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        assert reading.stdout is not None
        assert writing.stdin is not None
        with suppress(BrokenPipeError):  # psql has said why
            writing.stdin.write(f"{begin}\n".encode())
            for part in for_older_servers(reading.stdout):
                writing.stdin.write(part)
            # Only a file that was whole to its end is committed.
            if reading.wait() == 0:
                writing.stdin.write(b"COMMIT;\n")
        reading.stdout.close()
        with suppress(BrokenPipeError):
            writing.stdin.close()
        if reading.wait() != 0 or writing.wait() != 0:
            writing.wait()
            said.seek(0)
            reason = said.read().decode(errors="replace").strip()
            raise CannotStart(f"{file} could not be read back, and nothing has changed: {reason}")


def for_older_servers(sql: IO[bytes]) -> Iterator[bytes]:
    """What pg_restore says, piece by piece, without the setting at its head that servers before 17 do not know."""
    yield sql.read(1 << 16).replace(b"SET transaction_timeout = 0;\n", b"", 1)
    while part := sql.read(1 << 20):
        yield part


def _is_full(url: str) -> bool:
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    return int(_run("psql", url, "-XqAt", "-c", tables)) > 0


def _run(program: str, url: str, *words: str) -> str:
    where, environ = _address(url)
    done = subprocess.run([_program(program), where, *words], env=environ, capture_output=True)
    if done.returncode != 0:
        raise CannotStart(f"{program} could not do it: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout.decode(errors="replace").strip()


def _address(url: str) -> tuple[str, dict[str, str]]:
    """The database for a command line, and the environment; a password goes there, where others cannot read it."""
    parts = urlsplit(url)
    if not parts.password:
        return f"--dbname={url}", dict(os.environ)
    bare = url.replace(f":{parts.password}@", "@", 1)
    return f"--dbname={bare}", {**os.environ, "PGPASSWORD": unquote(parts.password)}


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
