"""A backup is one file, and reading it back gives the same database, whole or not at all."""

import io
import subprocess

import asyncpg
import pytest

from kit import backup, config, migrations, postgres
from kit.children import CannotStart
from kit.postgres import APP, OWNER, SUPERUSER
from tests.conftest import TEMPLATE, _superuser, _test_server


@pytest.fixture
async def urls(database_name):
    """Two databases of our own, by the owner's address: a full one, and an empty one."""
    server, full, empty = _test_server(), f"{database_name}_full", f"{database_name}_empty"
    await _superuser(
        server.url(SUPERUSER, "postgres"),
        *(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)" for name in (full, empty)),
        f"CREATE DATABASE {full} OWNER {OWNER} TEMPLATE {TEMPLATE} STRATEGY = FILE_COPY",
        f"CREATE DATABASE {empty} OWNER {OWNER}",
    )
    await _superuser(
        server.url(OWNER, full),
        "INSERT INTO changes (action, object_kind, object_id, actor_kind, actor_label, at)"
        " VALUES ('gift.settled', 'gift', 7, 'system', 'test', '2026-01-01Z')",
    )
    yield server.url(OWNER, full), server.url(OWNER, empty)
    await _superuser(
        server.url(SUPERUSER, "postgres"), *(f"DROP DATABASE {name} WITH (FORCE)" for name in (full, empty))
    )


async def actions(url: str) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        return [row["action"] for row in await connection.fetch("SELECT action FROM changes")]
    finally:
        await connection.close()


async def test_what_was_saved_comes_back_with_rules_and_rights(urls, tmp_path, settings):
    full, empty = urls
    file = tmp_path / "backup"
    assert backup.save(full, file) == file.stat().st_size
    assert file.stat().st_mode & 0o077 == 0
    backup.load(empty, file, replace=False)
    assert await actions(empty) == ["gift.settled"]

    app = empty.replace(OWNER, APP)
    config.use(config.msgspec.structs.replace(settings, database_url=app, database_owner_url=empty))
    try:
        assert await migrations.migrate() == []
        await migrations.grant()
    finally:
        config.use(settings)
    assert await actions(app) == ["gift.settled"]
    connection = await asyncpg.connect(app)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("DELETE FROM changes")
    await connection.close()


def test_servers_before_17_are_told_nothing_that_they_do_not_know(urls, tmp_path):
    """pg_restore 17 begins with a setting of version 17, on which the whole restore fails in an older server."""
    backup.save(urls[0], tmp_path / "backup")
    written = subprocess.run(
        [postgres.tool("pg_restore"), "--no-owner", "--file=-", tmp_path / "backup"],
        capture_output=True,
        check=True,
    ).stdout

    told = b"".join(backup.for_older_servers(io.BytesIO(written)))

    assert b"transaction_timeout" in written and b"transaction_timeout" not in told
    assert told == written.replace(b"SET transaction_timeout = 0;\n", b"") and len(told) > 1 << 17


def test_an_empty_database_is_not_saved(urls, tmp_path):
    with pytest.raises(CannotStart, match="empty"):
        backup.save(urls[1], tmp_path / "backup")


async def test_a_database_that_holds_something_is_left_alone_unless_told(urls, tmp_path):
    full, _ = urls
    backup.save(full, tmp_path / "backup")
    await _superuser(full, "ALTER TABLE changes DISABLE TRIGGER USER", "DELETE FROM changes")
    with pytest.raises(CannotStart, match="not empty"):
        backup.load(full, tmp_path / "backup", replace=False)
    assert await actions(full) == []
    backup.load(full, tmp_path / "backup", replace=True)
    assert await actions(full) == ["gift.settled"]
    # And what was read back can be saved and read back again.
    backup.save(full, tmp_path / "again")
    backup.load(full, tmp_path / "again", replace=True)
    assert await actions(full) == ["gift.settled"]


async def test_a_broken_file_changes_nothing(urls, tmp_path):
    full, _ = urls
    backup.save(full, tmp_path / "backup")
    whole = (tmp_path / "backup").read_bytes()
    (tmp_path / "broken").write_bytes(whole[: len(whole) * 2 // 3])
    (tmp_path / "cut").write_bytes(whole[:-40])
    (tmp_path / "other").write_text("no backup at all")
    for name in ("broken", "cut", "other", "absent"):
        with pytest.raises(CannotStart):
            backup.load(full, tmp_path / name, replace=True)
        assert await actions(full) == ["gift.settled"]


def test_a_place_that_cannot_be_written_is_said(urls, tmp_path):
    with pytest.raises(CannotStart, match="cannot be written"):
        backup.save(urls[0], tmp_path / "nowhere" / "backup")
