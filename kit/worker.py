"""The worker: the process that does jobs.

One connection of its own listens and keeps the queue's books; the jobs themselves use the pool. Each job runs in an
asyncio task with an empty context, never inside a transaction. Told to stop (SIGTERM, SIGINT), it takes no new job,
gives the running ones a few seconds, and hands back what is not done by then.
"""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext, suppress
from contextvars import Context
from datetime import timedelta
from functools import partial

import asyncpg
import pgqueuer
from pgqueuer import PgQueuer, RetryRequested
from pgqueuer.models import Job as Row
from pgqueuer.models import Schedule

from kit import db, jobs, pdf

# Any number; workers hold it shared for as long as they live.
_ALIVE = 7_305_113
# A job whose worker no longer says that it is alive begins again elsewhere after this.
_SILENCE = timedelta(seconds=30)
# PDFs made at once, one on each processor; a child has some 75 MB.
_MOST_PRESSES = 4
# How soon a lost connection is noticed; otherwise the queue says itself when there is work.
_POLL = timedelta(seconds=2)


async def work(*, concurrency: int = 8, grace: timedelta = timedelta(seconds=5)) -> None:
    """Do jobs until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    pdf.use(children=min(os.cpu_count() or 1, _MOST_PRESSES))  # a year's end is ten thousand letters
    async with db.running():
        try:
            await Worker(stop, concurrency, grace).run()
        finally:
            await pdf.stop()


def _without_values(record: logging.LogRecord) -> bool:
    """A job's error can quote what people gave us. It is on the jobs page; the log says its kind and no more."""
    if record.exc_info and record.exc_info[0] is not None and record.levelno >= logging.ERROR:
        record.msg = f"{record.getMessage()} ({record.exc_info[0].__name__})"
        record.args, record.exc_info, record.exc_text = (), None, None
    return True


class Worker:
    """One worker of this process."""

    def __init__(self, stop: asyncio.Event, concurrency: int, grace: timedelta) -> None:
        self._stop = stop
        self._concurrency = concurrency
        self._grace = grace
        self._hurried = False
        self._running: set[asyncio.Task[None]] = set()
        self._suspects = asyncio.Lock()

    async def run(self) -> None:
        hurry = asyncio.create_task(self._hurry_at_the_end())
        try:
            await pgqueuer.run(
                self._manager,
                shutdown=self._stop,
                dequeue_timeout=_POLL,
                batch_size=self._concurrency // 2,
                max_concurrent_tasks=self._concurrency,
                heartbeat_timeout=_SILENCE,
                # Without these two a lost connection would end the worker, or leave it deaf.
                restart_on_failure=True,
                shutdown_on_listener_failure=True,
                restart_delay=timedelta(seconds=1),
            )
        finally:
            hurry.cancel()

    async def _hurry_at_the_end(self) -> None:
        await self._stop.wait()
        await asyncio.sleep(self._grace.total_seconds())
        self._hurried = True
        for task in self._running:
            task.cancel()

    @asynccontextmanager
    async def _manager(self) -> AsyncIterator[PgQueuer]:
        config = db.engine().config
        connection = await asyncpg.connect(
            **{
                **config,
                "server_settings": {
                    **config.get("server_settings", {}),
                    "application_name": "almoner worker",
                },
            }
        )
        try:
            await _take_over(connection)
            manager = PgQueuer.from_asyncpg_connection(connection)
            for kind in jobs.registered().values():
                manager.entrypoint(kind.name, on_failure="hold")(partial(self._do, kind))
                if kind.cron is not None:
                    manager.schedule(kind.name, kind.cron)(partial(_enqueue_by_clock, kind))
            yield manager
        finally:
            with suppress(Exception):
                await connection.close(timeout=2)

    async def _do(self, kind: jobs.Job, row: Row) -> None:
        """One try of one job: it ends well, or in a retry, or raises and is held."""
        try:
            await self._begin(kind, row)
        except asyncio.CancelledError:
            if not (self._hurried or _being_cancelled()):
                raise RetryRequested(
                    delay=timedelta(seconds=5), reason="The job was cancelled from within."
                ) from None
            # Not its fault: handed back as if it had not been tried. Raising the cancellation would delete the job.
            await _note("UPDATE pgqueuer SET attempts = attempts - 1, starts = 0 WHERE id = $1", row.id)
            raise RetryRequested(delay=timedelta(0), reason="The worker stopped.") from None
        except Exception as error:
            await _note("UPDATE pgqueuer SET starts = 0 WHERE id = $1", row.id)
            retry = jobs.verdict(kind, row, error)
            if retry is None:
                raise
            raise retry from error

    async def _begin(self, kind: jobs.Job, row: Row) -> None:
        """Count the start, so that a job that ends its process is known; such suspects run one at a time.

        Otherwise eight innocent neighbours would be counted, and in the end held, with the one that kills.
        """
        suspect = await db.value("SELECT starts > 0 FROM pgqueuer WHERE id = $1", row.id)
        async with self._suspects if suspect else nullcontext():
            starts = await db.value(
                "UPDATE pgqueuer SET starts = starts + 1, dedupe_key = NULL WHERE id = $1 RETURNING starts",
                row.id,
            )
            if starts is None:
                return
            if starts > jobs.MAX_STARTS:
                raise jobs.EndedItsProcess(
                    f"The job was begun {jobs.MAX_STARTS} times, and each time its process ended before the job did."
                )
            await self._in_own_task(kind, row)
            if suspect:
                # Written down before the next suspect begins: the books are kept in batches, and it may end us first.
                await jobs.note_success(row)

    async def _in_own_task(self, kind: jobs.Job, row: Row) -> None:
        async def bounded() -> None:
            async with asyncio.timeout(kind.timeout.total_seconds()):
                await jobs.perform(kind, row)

        task = asyncio.create_task(bounded(), name=f"job {row.id} {kind.name}", context=Context())
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        await task


def _being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _take_over(connection: asyncpg.Connection) -> None:
    """Let jobs of dead workers begin again at once, if no other worker is alive.

    Living workers share a lock that ends with their connection; who gets it alone knows that every job marked as
    begun is an orphan. With other workers alive, the silence of the dead one tells, half a minute later.
    """
    if await connection.fetchval("SELECT pg_try_advisory_lock($1)", _ALIVE):
        await connection.execute("UPDATE pgqueuer SET heartbeat = '-infinity' WHERE status = 'picked'")
        await connection.execute("SELECT pg_advisory_lock_shared($1)", _ALIVE)
        await connection.execute("SELECT pg_advisory_unlock($1)", _ALIVE)
    else:
        await connection.execute("SELECT pg_advisory_lock_shared($1)", _ALIVE)


async def _enqueue_by_clock(kind: jobs.Job, _schedule: Schedule) -> None:
    """The clock only promises; the job then has retries and a place on the administrator's page like any other."""
    async with db.tx():
        await jobs.enqueue(kind.name, dedupe=f"every {kind.name}")


async def _note(sql: str, job_id: int) -> None:
    """Book-keeping that must not hide how the job itself ended."""
    with suppress(Exception):
        await db.value(sql, job_id)
