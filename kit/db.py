"""The database: one engine, one way to open a transaction, migrations and grants.

`tx()` stands directly on asyncpg's pool. Piccolo's own `DB.transaction()` leaks its connection and leaves its
context set when COMMIT fails or the task is cancelled, after which "transactions" silently autocommit.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, Literal, TypeVar

import asyncpg
from piccolo.engine.postgres import PostgresEngine

from kit import config

T = TypeVar("T")
Isolation = Literal["serializable", "repeatable_read", "read_committed"]

# A statement that runs longer than this is a mistake in a page; jobs and imports lift it for themselves.
_SERVER_SETTINGS = {
    "timezone": "UTC",
    "statement_timeout": "30s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
    "application_name": "almoner",
    "jit": "off",
}
_ATTEMPTS = 5


class Joined:
    """The transaction that this task is in; Piccolo's queries find the connection here.

    A connection serves one task. A task started inside a transaction inherits the context variable and would
    speak on the same connection at the same time, so it is refused here, loudly. Tests pass `task=None`: their
    fixtures run in tasks of their own.
    """

    def __init__(self, connection: asyncpg.Connection, task: asyncio.Task[Any] | None) -> None:
        self._connection = connection
        self._task = task

    @property
    def connection(self) -> asyncpg.Connection:
        if self._task is not None and asyncio.current_task() is not self._task:
            raise RuntimeError(
                "A task started inside tx() may not use its transaction: await it there instead."
            )
        return self._connection


@cache
def engine() -> PostgresEngine:
    """The engine of the app's role, made once from the settings; `piccolo_conf.DB`."""
    return PostgresEngine(
        config={"dsn": config.settings().database_url, "server_settings": _SERVER_SETTINGS}, extensions=()
    )


async def start_pool(min_size: int = 2, max_size: int = 12) -> None:
    """Open the pool of this process."""
    here = engine()
    here.config = {"dsn": config.settings().database_url, "server_settings": _SERVER_SETTINGS}
    await here.start_connection_pool(
        min_size=min_size, max_size=max_size, max_inactive_connection_lifetime=300, reset=_as_it_came
    )


async def _as_it_came(_connection: asyncpg.Connection) -> None:
    """A connection goes back without asyncpg's four statements that reset it, which doubled the round trips of a page.

    Nothing is left on it: settings are SET LOCAL and locks and cursors end with their tx(); `locked()` lets go itself.
    """


@asynccontextmanager
async def running(min_size: int = 2, max_size: int = 12) -> AsyncIterator[None]:
    """A pool of connections for as long as a process needs one."""
    await start_pool(min_size, max_size)
    try:
        yield
    finally:
        pool, engine().pool = engine().pool, None
        if pool is not None:
            await _close(pool)


async def _close(pool: asyncpg.Pool) -> None:
    try:
        await asyncio.wait_for(pool.close(), timeout=5)
    except TimeoutError:
        pool.terminate()


@asynccontextmanager
async def tx(isolation: Isolation | None = None) -> AsyncIterator[asyncpg.Connection]:
    """All or nothing. Inside another tx(), all or nothing of this inner part (a savepoint).

    The inner part ends by trying the deferred rules, so that a rule bites where it is broken and bites in
    rolled-back tests too. `isolation` counts outermost only.
    """
    outer: Any = engine().current_transaction.get()
    if outer is not None:
        async with outer.connection.transaction():
            yield outer.connection
            await outer.connection.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        return
    async with _pool().acquire() as pooled, pooled.transaction(isolation=isolation):
        # The pool's proxy is a Connection in all but its type, and Joined is a transaction as far as Piccolo looks.
        connection: Any = pooled
        joined: Any = Joined(connection, asyncio.current_task())
        token = engine().current_transaction.set(joined)
        try:
            yield connection
        finally:
            engine().current_transaction.reset(token)


@asynccontextmanager
async def locked(name: str) -> AsyncIterator[None]:
    """One process at a time inside, across network calls, on a connection of its own; gone with the connection.

    For work that reads another system and then writes: without it an older answer could overwrite a newer one.
    """
    async with _pool().acquire() as connection:
        await connection.execute("SELECT pg_advisory_lock(hashtextextended($1, 1))", name)
        try:
            yield
        finally:
            try:
                await connection.execute("SELECT pg_advisory_unlock(hashtextextended($1, 1))", name)
            except BaseException:
                connection.terminate()  # cancelled just now: the lock goes with the connection
                raise


def in_tx() -> bool:
    """Whether this task is inside a tx()."""
    return engine().current_transaction.get() is not None


async def serializable(work: Callable[[], Awaitable[T]]) -> T:
    """Run `work` in a serializable tx(), again when PostgreSQL says that it raced with another; outermost only.

    Raises the last SerializationError or DeadlockDetectedError after five tries.
    """
    for attempt in range(_ATTEMPTS):
        try:
            async with tx("serializable"):
                return await work()
        except (asyncpg.SerializationError, asyncpg.DeadlockDetectedError):
            if in_tx() or attempt == _ATTEMPTS - 1:
                raise
            await asyncio.sleep(random.uniform(0, 0.02 * 2**attempt))
    raise AssertionError("unreachable")


async def rows(sql: str, *values: Any) -> list[dict[str, Any]]:
    """Rows of a question in SQL with `$1` places, in the current transaction if there is one."""
    found = await _fetch(sql, values)
    names = tuple(found[0].keys()) if found else ()
    return [dict(zip(names, row, strict=True)) for row in found]


async def row(sql: str, *values: Any) -> dict[str, Any] | None:
    """The first row of a question, or None."""
    found = await _fetch(sql, values)
    return dict(found[0]) if found else None


async def value(sql: str, *values: Any) -> Any:
    """The first column of the first row, or None."""
    found = await _fetch(sql, values)
    return found[0][0] if found else None


async def _fetch(sql: str, values: tuple[Any, ...]) -> list[asyncpg.Record]:
    joined = engine().current_transaction.get()
    if joined is not None:
        return await joined.connection.fetch(sql, *values)
    async with _pool().acquire() as connection:
        return await connection.fetch(sql, *values)


def _pool() -> asyncpg.Pool:
    pool = engine().pool
    if pool is None:
        raise RuntimeError("No database pool: wrap the process in `async with db.running():`.")
    return pool
