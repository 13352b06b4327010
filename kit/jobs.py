"""Jobs: work that is promised inside a transaction and done soon after it, at least once.

`@job("name")` registers an async function of JSON-able keyword arguments. `enqueue()` writes the promise with the
change that asks for it, so both are kept or neither. `kit.worker` does the work in a process of its own. A job that
fails is tried again with growing pauses; one that keeps failing, or that ends its process three times, is held for
an administrator with its error. Because a job may run twice (the process can die between its end and the note of
it), every job is idempotent.

PgQueuer keeps the queue; this module and `kit.worker` are the only ones that know it.
"""

import inspect
import json
import random
from collections.abc import Awaitable, Callable, Collection
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

import asyncpg
from pgqueuer import Queries, RetryRequested
from pgqueuer.models import Job as Row
from pgqueuer.models import TracebackRecord

from kit import changes, db
from kit.changes import Actor
from kit.errors import NotFound

Work = TypeVar("Work", bound=Callable[..., Awaitable[None]])

MAX_STARTS = 3
CHANNEL = "ch_pgqueuer"
_FIRST_PAUSE = timedelta(seconds=5)
# Short enough that the backlog is gone a quarter of an hour after Stripe, the mail server or the network is back.
_LONGEST_PAUSE = timedelta(minutes=10)
_ENDLESS = 2000


@dataclass(frozen=True)
class Job:
    """A kind of work: its name, its function and how patiently it is tried."""

    name: str
    work: Callable[..., Awaitable[None]]
    attempts: int
    timeout: timedelta
    cron: str | None = None


class Run(NamedTuple):
    """The run that this task is in: which job, which try, and whether it is the last one."""

    id: int
    name: str
    attempt: int
    last: bool


class Waiting(NamedTuple):
    """A job that was promised and not begun."""

    id: int
    name: str
    args: dict[str, Any]
    after: timedelta


class EndedItsProcess(Exception):
    """The job was begun three times, and three times its process ended under it."""


_registry: dict[str, Job] = {}
_current: ContextVar[Run | None] = ContextVar("current_job", default=None)


def job(
    name: str, *, attempts: int = 8, timeout: timedelta = timedelta(minutes=10)
) -> Callable[[Work], Work]:
    """Register the function below as the job `name`, tried `attempts` times in all, each for at most `timeout`."""
    return _register(name, attempts, timeout, cron=None)


def every(
    name: str, cron: str, *, attempts: int = 3, timeout: timedelta = timedelta(minutes=10)
) -> Callable[[Work], Work]:
    """Register a job without arguments that is enqueued by the clock: `cron` has five fields, in UTC."""
    return _register(name, attempts, timeout, cron)


def _register(name: str, attempts: int, timeout: timedelta, cron: str | None) -> Callable[[Work], Work]:
    if name in _registry:
        raise ValueError(f"There are two jobs named {name!r}.")

    def keep(work: Work) -> Work:
        _registry[name] = Job(name, work, attempts, timeout, cron)
        return work

    return keep


def registered() -> dict[str, Job]:
    """Every kind of job that this process knows."""
    return dict(_registry)


def current() -> Run | None:
    """The run that this task is in, or None outside a job."""
    return _current.get()


# Promising


async def enqueue(
    name: str,
    args: dict[str, Any] | None = None,
    *,
    after: timedelta | None = None,
    dedupe: str | None = None,
) -> None:
    """Promise a job, kept if and only if the surrounding tx() commits.

    With `dedupe`, a job that already waits under that key does for both; it is locked until we commit, so it
    cannot run before it can see our change, and it comes forward if we want it sooner. A job that has begun
    counts no more: it may have looked before our change.
    """
    args = args or {}
    wanted = _registry.get(name)
    if wanted is None:
        raise LookupError(f"No job is named {name!r}. Is the module that registers it imported?")
    inspect.signature(wanted.work).bind(**args)
    connection = _connection(f"enqueue({name!r})")
    for _ in range(10):
        if dedupe is not None and await _join_waiting(connection, dedupe, after or timedelta(0)):
            return
        [new] = await Queries.from_asyncpg_connection(connection).enqueue(
            name, json.dumps(args).encode(), execute_after=after, dedupe_key=dedupe, on_conflict="skip"
        )
        if new is not None:
            return
    raise RuntimeError(f"The key {dedupe!r} of the job {name!r} was taken ten times over.")


async def _join_waiting(connection: asyncpg.Connection, dedupe: str, after: timedelta) -> bool:
    joined = await connection.fetchval(
        "UPDATE pgqueuer SET execute_after = least(execute_after, now() + $2)"
        " WHERE dedupe_key = $1 AND status = 'queued' RETURNING id",
        dedupe,
        after,
    )
    if joined is None:
        # Picked a moment ago and not yet begun: it gives the key up, as it would itself.
        await connection.execute(
            "UPDATE pgqueuer SET dedupe_key = NULL WHERE dedupe_key = $1 AND status = 'picked'", dedupe
        )
    return joined is not None


async def run_again(job_id: int, *, by: Actor) -> None:
    """Let a held job run once more from its first try. Raises NotFound when it is not held (any more)."""
    async with db.tx() as connection:
        name = await connection.fetchval(
            "UPDATE pgqueuer SET starts = 0 WHERE id = $1 AND status = 'failed' RETURNING entrypoint", job_id
        )
        if name is None:
            raise NotFound(f"Job {job_id} is not held.")
        await Queries.from_asyncpg_connection(connection).requeue_jobs([job_id])  # type: ignore[list-item]
        await wake(connection)
        await changes.note("job.run_again", "job", job_id, by=by, after={"name": name})


async def give_up(job_id: int, *, by: Actor) -> None:
    """Take a held job off the list for good. Raises NotFound when it is not held (any more)."""
    async with db.tx() as connection:
        held = await connection.fetchrow(
            "SELECT * FROM pgqueuer WHERE id = $1 AND status = 'failed' FOR UPDATE", job_id
        )
        if held is None:
            raise NotFound(f"Job {job_id} is not held.")
        await Queries.from_asyncpg_connection(connection).log_jobs([(_row(held), "canceled", None)])
        await changes.note("job.given_up", "job", job_id, by=by, before={"name": held["entrypoint"]})


async def wake(connection: asyncpg.Connection) -> None:
    """Tell the workers to look; the queue's own trigger is silent about updates."""
    await connection.execute(
        "SELECT pg_notify($1, json_build_object('channel', $1::text, 'operation', 'update', 'sent_at', now(),"
        " 'table', 'pgqueuer', 'type', 'table_changed_event')::text)",
        CHANNEL,
    )


def _connection(what: str) -> asyncpg.Connection:
    if not db.in_tx():
        raise RuntimeError(
            f"{what} outside tx(): a promise is made together with the change that asks for it."
        )
    return db.engine().current_transaction.get().connection  # type: ignore[union-attr]


# Doing


async def perform(wanted: Job, row: Row) -> None:
    """Run the job's function with the row's arguments, knowing which try it is."""
    token = _current.set(Run(row.id, wanted.name, row.attempts + 1, row.attempts + 1 >= wanted.attempts))
    try:
        await wanted.work(**json.loads(row.payload or b"{}"))
    finally:
        _current.reset(token)


def verdict(wanted: Job, row: Row, error: Exception) -> RetryRequested | None:
    """When to try again after `error`; None when that was the last time and the job is held."""
    if isinstance(error, EndedItsProcess) or row.attempts + 1 >= wanted.attempts:
        return None
    pause = min(_FIRST_PAUSE * 2 ** min(row.attempts, 20), _LONGEST_PAUSE) * random.uniform(0.8, 1.2)
    return RetryRequested(delay=pause, reason=f"{type(error).__name__}: {error}")


async def note_success(row: Row) -> None:
    """Strike a job off the queue."""
    async with db.tx() as connection:
        await Queries.from_asyncpg_connection(connection).log_jobs([(row, "successful", None)])


async def work() -> None:
    """Do jobs until the process is told to stop; see `kit.worker`."""
    from kit import worker

    await worker.work()


# Looking


async def waiting() -> list[Waiting]:
    """What was promised and not begun, soonest first."""
    found = await db.rows(
        "SELECT id, entrypoint, payload, execute_after - created AS after FROM pgqueuer"
        " WHERE status = 'queued' ORDER BY execute_after, id"
    )
    return [Waiting(x["id"], x["entrypoint"], json.loads(x["payload"] or b"{}"), x["after"]) for x in found]


async def promised(name: str) -> list[dict[str, Any]]:
    """The arguments of each job of this name that waits or runs."""
    found = await db.rows(
        "SELECT payload FROM pgqueuer WHERE entrypoint = $1 AND status IN ('queued', 'picked')", name
    )
    return [json.loads(x["payload"] or b"{}") for x in found]


async def drain(
    *, until: timedelta | None = None, only: Collection[str] | None = None, expect_failures: bool = False
) -> list[str]:
    """Run what waits, here and now, in the order it is due, with what those jobs promise in turn; names what ran.

    Pauses are skipped, or kept from `until` on; with `only`, jobs of other names stay. For tests: in a transaction that is rolled back the clock of the
    database stands still and a worker would find nothing. A failing job raises; with `expect_failures` it is tried
    as often as a worker would and then held.
    """
    ran: list[str] = []
    while (row := await _pick(until, only)) is not None:
        wanted = _registry.get(row.entrypoint)
        if wanted is None:
            raise LookupError(f"A job named {row.entrypoint!r} waits, and nobody registered it.")
        ran.append(wanted.name)
        if len(ran) > _ENDLESS:
            raise RuntimeError(f"Jobs keep promising jobs; the last was {wanted.name!r}.")
        error = await _try(wanted, row)
        await _settle(wanted, row, error)
        if error is not None and not expect_failures:
            error.add_note(f"in the job {wanted.name!r} with {json.loads(row.payload or b'{}')}")
            raise error
    return ran


async def _try(wanted: Job, row: Row) -> Exception | None:
    try:
        await perform(wanted, row)
    except Exception as error:
        return error
    return None


async def _pick(until: timedelta | None = None, only: Collection[str] | None = None) -> Row | None:
    async with db.tx() as connection:
        picked = await connection.fetchrow(
            "UPDATE pgqueuer SET status = 'picked', dedupe_key = NULL WHERE id = ("
            "  SELECT id FROM pgqueuer WHERE status = 'queued' AND ($1::interval IS NULL OR execute_after <= now() + $1)"
            "  AND ($2::text[] IS NULL OR entrypoint = ANY($2))"
            "  ORDER BY execute_after, id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING *",
            until,
            None if only is None else list(only),
        )
        return _row(picked) if picked is not None else None


async def _settle(wanted: Job, row: Row, error: Exception | None) -> None:
    async with db.tx() as connection:
        queries = Queries.from_asyncpg_connection(connection)
        record = TracebackRecord.from_exception(error, row.id) if error is not None else None
        retry = verdict(wanted, row, error) if error is not None else None
        if retry is not None:
            await queries.retry_job(row, retry.delay, record)
        else:
            await queries.log_jobs([(row, "failed" if error is not None else "successful", record)])


def _row(record: asyncpg.Record) -> Row:
    return Row.model_validate(dict(record))


@every("prune the job log", "17 3 * * *")
async def prune() -> None:
    """Forget how jobs went after two weeks: the queue writes three lines for each."""
    async with db.tx() as connection:
        await connection.execute("DELETE FROM pgqueuer_log WHERE created < now() - interval '14 days'")
        await connection.execute("DELETE FROM pgqueuer_statistics WHERE created < now() - interval '14 days'")
