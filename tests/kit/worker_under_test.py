"""A worker in a process of its own, with jobs that misbehave; the tests of the worker start and kill it."""

import asyncio
import os
import signal
from datetime import timedelta

from kit import db, jobs, worker


async def mark(what: str) -> None:
    """Leave a trace that survives us."""
    await db.rows("INSERT INTO marks (what) VALUES ($1)", what)


@jobs.job("t mark")
async def quick(what: str) -> None:
    assert not db.in_tx()
    await mark(what)


@jobs.job("t slow")
async def slow(what: str, seconds: float) -> None:
    await mark(f"{what} begins")
    await asyncio.sleep(seconds)
    await mark(f"{what} ends")


@jobs.job("t twice")
async def twice(number: int) -> None:
    """Two marks or none, once: how an idempotent job looks."""
    await asyncio.sleep(0.1)
    async with db.tx():
        await db.rows("SELECT pg_advisory_xact_lock($1)", number)
        if not await db.value("SELECT count(*) FROM marks WHERE what = $1", str(number)):
            await mark(str(number))
            await asyncio.sleep(0.02)
            await mark(str(number))


@jobs.job("t murder")
async def murder() -> None:
    await mark("murder")
    os.kill(os.getpid(), signal.SIGKILL)


@jobs.job("t fail", attempts=1)
async def fail() -> None:
    raise ValueError("it cannot be done")


@jobs.job("t hang", attempts=1, timeout=timedelta(seconds=0.3))
async def hang() -> None:
    await asyncio.sleep(60)


@jobs.every("t tick", "* * * * * */1")
async def tick() -> None:
    await mark("tick")


if __name__ == "__main__":
    asyncio.run(worker.work(grace=timedelta(seconds=float(os.environ.get("GRACE", "1")))))
