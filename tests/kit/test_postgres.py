"""The embedded PostgreSQL: it starts where it is put, ends with its owner, and recovers from what kill -9 leaves."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import asyncpg
import pytest

from kit import postgres
from kit.config import ROOT
from kit.postgres import APP, OWNER, NoServer, Server

OWNING = """
import sys, time
from pathlib import Path
from kit.postgres import Server
server = Server(Path(sys.argv[1]), durable=False).start()
print(server.process.pid if server.process else 0, flush=True)
time.sleep(600)
"""


@pytest.fixture
def folder():
    """An open folder with a short name, as a clone in /srv or a home folder is."""
    with tempfile.TemporaryDirectory(prefix="almoner-pg-") as name:
        Path(name).chmod(0o755)
        yield Path(name) / "postgres"


@pytest.fixture(scope="module")
def blank():
    """A server's folder made once; copying it is ten times faster than initdb."""
    with tempfile.TemporaryDirectory(prefix="almoner-pg-") as name:
        Path(name).chmod(0o755)
        Server(Path(name) / "blank", durable=False).start().stop()
        yield Path(name) / "blank"


@pytest.fixture
def server(folder, blank):
    subprocess.run(["cp", "-a", blank, folder], check=True)
    server = Server(folder, durable=False)
    yield server
    server.destroy()


def owner(folder: Path, **how) -> tuple[subprocess.Popen, int]:
    """Another process that starts the server of this folder; it, and its server's number (0: it found one running)."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNING, folder],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **how,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    line = process.stdout.readline()
    assert line, process.stderr.read().decode()
    return process, int(line)


def runs(pid: int) -> bool:
    try:
        return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def eventually(condition, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


async def value(server: Server, role: str, sql: str):
    connection = await asyncpg.connect(server.url(role))
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_the_owner_makes_tables_and_the_app_may_not(server):
    server.start()
    await value(server, OWNER, "CREATE TABLE mine ()")
    await value(server, OWNER, "CREATE EXTENSION pg_trgm")
    assert await value(server, APP, "SELECT current_user") == APP
    for forbidden in ("CREATE TABLE other ()", "DROP TABLE mine", "CREATE SCHEMA s", "CREATE ROLE r"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await value(server, APP, forbidden)


async def test_what_was_written_is_there_after_the_next_start(server):
    server.start()
    await value(server, OWNER, "CREATE TABLE kept AS SELECT 7 AS n")
    server.stop()
    server.start()
    assert await value(server, OWNER, "SELECT n FROM kept") == 7


async def test_the_log_has_errors_without_statements_or_values(server):
    server.start()
    await value(server, OWNER, "CREATE TABLE person AS SELECT 'ann@x.org'::text AS email")
    await value(server, OWNER, "ALTER TABLE person ADD UNIQUE (email)")
    with pytest.raises(asyncpg.UniqueViolationError):
        await value(server, OWNER, "INSERT INTO person VALUES ('ann@x.org')")
    assert "duplicate key" in server.log.read_text()
    assert "ann@x.org" not in server.log.read_text()


async def test_a_second_process_uses_the_running_server_and_leaves_it_running(server):
    server.start()
    second, started = owner(server.folder)
    assert started == 0
    second.terminate()
    second.wait()
    assert await value(server, APP, "SELECT 1") == 1


def test_the_server_ends_when_its_owner_is_killed_and_the_next_start_recovers(server):
    first, pid = owner(server.folder)
    assert runs(pid)
    first.kill()
    first.wait()
    assert eventually(lambda: not runs(pid))
    server.start()


def test_a_start_right_after_kill_does_not_meet_the_dying_server(server):
    first, pid = owner(server.folder)
    first.kill()
    first.wait()
    server.start()
    assert server.owned
    assert not runs(pid)
    assert server.ended() is None


async def test_a_busy_backend_of_a_killed_server_is_waited_for(server):
    server.start()
    connection = await asyncpg.connect(server.url(OWNER))
    backend = connection.get_server_pid()
    busy = subprocess.Popen(
        [postgres.tool("psql"), server.url(OWNER), "-c", "SELECT count(*) FROM generate_series(1, 20000000)"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert eventually(lambda: len(_children(_pid(server))) > 6)
    os.kill(_pid(server), signal.SIGKILL)
    server.start()
    busy.wait()
    assert not runs(backend)
    assert await value(server, APP, "SELECT 1") == 1


def _pid(server: Server) -> int:
    assert server.process is not None
    return server.process.pid


def _children(pid: int) -> list[int]:
    return [int(n) for n in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize("what", ["a zombie", "another program", "nobody"])
def test_a_left_over_number_that_is_no_server_is_no_obstacle(server, what):
    server.start()
    server.stop()
    stranger = subprocess.Popen(
        ["true"] if what == "a zombie" else ["sleep", "60"], **(postgres._user() if os.geteuid() == 0 else {})
    )
    if what == "nobody":
        stranger.kill()
        stranger.wait()
    time.sleep(0.1)
    (server.data / "postmaster.pid").write_text(
        f"{stranger.pid}\n{server.data}\n1\n5432\n/tmp\n\n 0 0\nready\n"
    )
    try:
        server.start()
    finally:
        stranger.kill()
        stranger.wait()
    assert server.ended() is None


def test_data_that_was_cut_short_while_it_was_made_is_made_again(server):
    server.data.rename(server.folder / "data.new")
    (server.folder / "data.new" / "PG_VERSION").unlink()
    server.start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
async def test_root_in_a_closed_folder_keeps_the_data_where_nobody_can_pass(tmp_path):
    tmp_path.chmod(0o700)
    server = Server(tmp_path / "postgres", durable=False).start()
    try:
        assert server.home != server.folder
        assert Server(tmp_path / "postgres").data == server.data
        assert await value(server, APP, "SELECT 1") == 1
    finally:
        server.destroy()
    assert not server.home.exists()


async def test_a_path_too_long_for_a_socket(folder):
    server = Server(folder / ("long" * 30), durable=False).start()
    try:
        assert len(bytes(server.socket_folder)) < 93
        assert server.socket_folder.stat().st_mode & 0o777 == 0o700
        assert await value(server, APP, "SELECT 1") == 1
    finally:
        server.destroy()


async def test_a_path_with_blanks_commas_and_accents(folder):
    server = Server(folder / "Été, à l'ombre", durable=False).start()
    try:
        assert await value(server, APP, "SELECT 1") == 1
    finally:
        server.destroy()


def test_a_folder_that_is_not_writable_is_said_in_one_sentence(folder):
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("a file, where a folder should be")
    with pytest.raises(NoServer, match="cannot be written"):
        Server(folder).start()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_user_without_a_name_is_told_what_to_do(folder):
    code = "import sys; sys.path.insert(0, '.'); from kit import postgres; postgres._user()"
    if subprocess.run(["test", "-x", sys.executable], user=54321, group=54321, extra_groups=[]).returncode:
        pytest.skip("Python is closed to others")
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, user=54321, group=54321, extra_groups=[], capture_output=True
    )
    assert b"DATABASE_URL" in done.stderr
