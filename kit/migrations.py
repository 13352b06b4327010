"""Migrating as the owner, and what the app's role may do afterwards.

Piccolo runs its migrations through the app's engine; for their time it is pointed at the owner's URL. An advisory
lock lets one process migrate and the others wait.
"""

import contextlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
from piccolo.apps.migrations.commands.forwards import run_forwards
from piccolo.conf.apps import Finder
from piccolo.table import Table

from kit import config, rights
from kit.db import engine
from kit.errors import Refused

ROOT = Path(__file__).resolve().parent.parent
_LOCK = 7_239_401
_OLDEST = 15


class NotMigrated(Refused):
    """The database lacks tables of this version."""


class Unreachable(Refused):
    """The database cannot be used as it is; the text says why, and no password."""


async def run_sql(path: str) -> None:
    """Run a file of SQL inside the migration that calls this."""
    transaction = engine().current_transaction.get()
    if transaction is None:
        raise RuntimeError("run_sql() belongs inside a migration.")
    await transaction.connection.execute((ROOT / path).read_text())


async def migrate() -> list[str]:
    """Bring the database up to the code and grant the app's role its rights; returns the migrations that ran."""
    owner = config.settings().database_owner_url
    connection = await asyncpg.connect(owner)
    try:
        await connection.execute(f"SELECT pg_advisory_lock({_LOCK})")
        before = await _ran(connection)
        if before >= set(_known()):
            if not await connection.fetchval(rights.ARE_GIVEN):
                await _grant(connection)
            return []
        with _engine_of(owner):
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                result = await run_forwards(app_name="all")
            if not result.success:
                raise RuntimeError(f"A migration failed: {result.message}\n{said.getvalue()[-2000:]}")
        await _grant(connection)
        return sorted(await _ran(connection) - before)
    finally:
        await connection.close()


async def grant() -> None:
    """Give the app's role its rights once more: a backup comes back without any."""
    connection = await asyncpg.connect(config.settings().database_owner_url)
    try:
        await _grant(connection)
    finally:
        await connection.close()


async def pending() -> list[str]:
    """Migrations that this code has and the database has not run."""
    connection = await asyncpg.connect(config.settings().database_url)
    try:
        return sorted(set(_known()) - await _ran(connection))
    finally:
        await connection.close()


async def try_out(*, migrated: bool) -> None:
    """Whether both roles come in. Raises Unreachable, and NotMigrated when it must be `migrated` and is not."""
    for name, url in (
        ("DATABASE_URL", config.settings().database_url),
        ("DATABASE_OWNER_URL", config.settings().database_owner_url),
    ):
        try:
            connection = await asyncpg.connect(url, timeout=20)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as problem:
            raise Unreachable(
                f"The database that {name} names lets nobody in: {str(problem) or 'no answer in 20 seconds'}."
            ) from problem
        version = connection.get_server_version().major
        await connection.close()
        if version < _OLDEST:
            raise Unreachable(f"{name} names PostgreSQL {version}: version {_OLDEST} or later is needed.")
    if migrated and await pending():
        raise NotMigrated("The database is not brought up to this version: run bin/almoner migrate first.")


def tables() -> list[type[Table]]:
    """Every table of every app, in the order of their dependencies."""
    return [table for app in Finder().get_app_registry().app_configs.values() for table in app.table_classes]


def _known() -> Iterator[str]:
    for app in Finder().get_app_registry().app_configs.values():
        for path in Path(app.resolved_migrations_folder_path).glob("*.py"):
            if path.stem != "__init__":
                yield f"{app.app_name}:{path.stem}"


async def _ran(connection: asyncpg.Connection) -> set[str]:
    if await connection.fetchval("SELECT to_regclass('migration')") is None:
        return set()
    rows = await connection.fetch("SELECT app_name, name FROM migration")
    # Piccolo keeps an id with the time in it; a file is named after it, signs replaced.
    return {f"{row['app_name']}:{row['app_name']}_{_file_name(row['name'])}" for row in rows}


def _file_name(migration_id: str) -> str:
    return migration_id.replace("-", "_").replace(":", "_").lower()


@contextmanager
def _engine_of(url: str) -> Iterator[None]:
    here = engine()
    saved, saved_pool = here.config, here.pool
    here.config, here.pool = {"dsn": url}, None
    try:
        yield
    finally:
        here.config, here.pool = saved, saved_pool


async def _grant(connection: asyncpg.Connection) -> None:
    role = config.role_of(config.settings().database_url)
    assert role is not None  # settings without one do not come this far
    await rights.give(connection, role, tables())
