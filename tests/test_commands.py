"""`almoner` at the shell, with a server named by DATABASE_URL: what it makes, and the one sentence when it cannot."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from kit import config
from kit.postgres import APP, OWNER, SUPERUSER
from staff import passwords
from tests.conftest import TEMPLATE, _superuser, _test_server

PASSWORD = "four quiet green words"
ANA = (
    "--organisation",
    "Riverbend Food Bank, Inc.",
    "--country",
    "us",
    "--name",
    "Ana",
    "--email",
    "ana@example.org",
)


class Shell:
    """Somebody at a shell with these settings and no others."""

    def __init__(self, folder: Path, **settings: str) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.folder = folder
        self.environ = {**kept, "ALMONER_VAR": str(folder / "var"), **settings}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(config.ROOT / "cli.py"), *words],
            env=self.environ, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120,
        )  # fmt: skip

    def done(self, *words: str) -> str:
        ended = self.run(*words)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def refused(self, *words: str) -> str:
        """What it says when it does not: one line, and no traceback."""
        ended = self.run(*words)
        assert ended.returncode == 2, ended.stdout + ended.stderr
        assert ended.stderr.startswith("almoner: ") and ended.stderr.count("\n") == 1, ended.stderr
        return ended.stderr

    def init(self) -> tuple[str, ...]:
        (self.folder / "password").write_text(f"{PASSWORD}\n")
        return ("init", *ANA, "--password-file", str(self.folder / "password"))


async def made(name: str, template: str = "template0") -> dict[str, str]:
    """A database of that name on the tests' server, as settings."""
    server = _test_server()
    await _superuser(
        server.url(SUPERUSER, "postgres"),
        f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
        f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE {template} STRATEGY = FILE_COPY",
    )
    return {"DATABASE_URL": server.url(APP, name), "DATABASE_OWNER_URL": server.url(OWNER, name)}


async def asked(url: str, sql: str):
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetch(sql)
    finally:
        await connection.close()


@pytest.fixture
async def empty(tmp_path, database_name):
    return Shell(tmp_path, **await made(f"{database_name}_shell"))


@pytest.fixture
async def migrated(tmp_path, database_name):
    return Shell(tmp_path, **await made(f"{database_name}_shell", TEMPLATE))


# ---------------------------------------------------------------- before anything has begun


@pytest.mark.parametrize("words", [("check",), ("import", "npsp", "/tmp")])
def test_what_needs_tables_says_how_to_make_them(empty, words):
    assert "run bin/almoner migrate" in empty.refused(*words)


def test_an_empty_database_is_not_saved(empty):
    assert "the database is empty" in empty.refused("backup", str(empty.folder / "file"))
    assert not (empty.folder / "file").exists()


@pytest.mark.parametrize("words", [("check",), ("backup", "file")])
def test_where_nothing_has_begun_a_question_begins_nothing(tmp_path, words):
    said = Shell(tmp_path).refused(*words)
    assert "Nothing has begun" in said and "bin/serve" in said
    assert not (tmp_path / "var" / "postgres").exists()


@pytest.mark.parametrize("words", [("migrate",), ("check",)])
def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path, words):
    nobody = {"DATABASE_URL": "postgresql://app:hush@127.0.0.1:1/a", "DATABASE_OWNER_URL": "postgresql://o:hush@127.0.0.1:1/a"}  # fmt: skip
    said = Shell(tmp_path, **nobody).refused(*words)
    assert "DATABASE_URL" in said and "hush" not in said


# ---------------------------------------------------------------- beginning


async def test_init_makes_the_organisation_its_administrator_and_a_fund(empty):
    assert "bin/serve" in empty.done(*empty.init())

    url = empty.environ["DATABASE_URL"]
    [ours] = await asked(url, "SELECT legal_name, country FROM organisations")
    assert tuple(ours) == ("Riverbend Food Bank, Inc.", "US")
    [member] = await asked(url, "SELECT email, role, password_hash FROM members")
    assert (member["email"], member["role"]) == ("ana@example.org", "administrator")
    assert await passwords.fits(PASSWORD, member["password_hash"])
    [fund] = await asked(url, "SELECT name, is_general, public FROM funds")
    assert tuple(fund) == ("General fund", True, True)
    assert (
        len(await asked(url, "SELECT FROM changes WHERE object_kind IN ('organisation', 'member', 'fund')"))
        == 3
    )
    assert "Every promise is kept" in empty.done("check")

    assert "has its organisation already" in empty.refused(*empty.init())
    assert len(await asked(url, "SELECT FROM funds")) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("--country", "XX"), "XX is no country"),
        (("--password-file", "/nowhere/at/all"), "--password-file"),
    ],
)
async def test_what_cannot_be_is_said_before_anything_is_made(empty, wrong, said):
    assert said in empty.refused(*empty.init(), *wrong)
    assert (
        await asked(empty.environ["DATABASE_URL"], "SELECT FROM pg_tables WHERE schemaname = 'public'") == []
    )


# ---------------------------------------------------------------- rights


async def test_a_start_killed_between_tables_and_rights_gives_the_rights_at_the_next(migrated):
    app, owner = migrated.environ["DATABASE_URL"], migrated.environ["DATABASE_OWNER_URL"]
    await asked(owner, f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {APP}")
    await asked(owner, "COMMENT ON SCHEMA public IS NULL")

    migrated.done("migrate", "--quietly")

    assert await asked(app, "SELECT FROM gifts") == []
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asked(app, "DELETE FROM postings")
    assert migrated.done("migrate") == "The database is up to date.\n"


# ---------------------------------------------------------------- another server than the embedded one


def _older() -> Path | None:
    """The programs of the oldest PostgreSQL that this machine has beside ours, 15 or later."""
    found = sorted(Path("/usr/lib/postgresql").glob("1[5-7]/bin/postgres"))
    return found[0].parent if found else None


@pytest.fixture
def older():
    """That server, with the roles and the database that docs/operating.md tells to make."""
    programs = _older()
    if programs is None:
        pytest.skip("No PostgreSQL of Debian's is installed here.")
    with tempfile.TemporaryDirectory(prefix="almoner-older-") as name:
        user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        if user:
            shutil.chown(name, "nobody")
        options: dict[str, Any] = {**user, "cwd": "/", "env": {"LC_ALL": "C.UTF-8", "TZ": "UTC"}}
        made = [
            programs / "initdb",
            "-D",
            f"{name}/data",
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "-N",
        ]
        subprocess.run(made, check=True, capture_output=True, **options)
        begun = [programs / "postgres", "-D", f"{name}/data", "-c", "listen_addresses=", "-c", "fsync=off"]
        begun += ["-c", f"unix_socket_directories={name}"]
        with subprocess.Popen(
            begun, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options
        ) as server:
            try:
                yield lambda role, database: f"postgresql:///{database}?host={name}&user={role}"
            finally:
                server.send_signal(signal.SIGINT)


async def _administrators(url: str, *statements: str) -> None:
    for _ in range(100):
        try:
            return await _superuser(url, *statements)
        except (OSError, asyncpg.CannotConnectNowError):
            await asyncio.sleep(0.1)
    raise AssertionError("The server does not answer.")


async def test_an_older_server_takes_the_tables_and_a_backup_of_ours(older, tmp_path):
    """From 15 on: `init`, `check`, `backup`, and back into an empty database."""
    await _administrators(
        older("postgres", "postgres"),
        "CREATE ROLE almoner_owner LOGIN",
        "CREATE ROLE almoner_app LOGIN",
        *(
            f"CREATE DATABASE {name} OWNER almoner_owner ENCODING 'UTF8' TEMPLATE template0"
            for name in ("one", "two")
        ),
    )
    one, two = (
        Shell(tmp_path, DATABASE_URL=older(APP, name), DATABASE_OWNER_URL=older(OWNER, name))
        for name in ("one", "two")
    )
    one.done(*one.init())
    one.done("backup", str(tmp_path / "file"))

    two.done("restore", str(tmp_path / "file"))

    assert "Every promise is kept" in two.done("check")
    assert len(await asked(older(APP, "two"), "SELECT FROM members")) == 1
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asked(older(APP, "two"), "DELETE FROM postings")
