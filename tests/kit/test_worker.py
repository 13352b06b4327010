"""The worker as a real process: killed, cut off, stopped, and never losing a job."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from kit import config, db, job_list, jobs, worker
from kit.changes import SYSTEM
from tests.kit import worker_under_test  # noqa: F401  registers its jobs here, too

pytestmark = pytest.mark.commits

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
async def workers() -> AsyncIterator[Callable[..., "subprocess.Popen[bytes]"]]:
    """Start workers; none is left behind."""
    owner = await asyncpg.connect(config.settings().database_owner_url)
    await owner.execute("CREATE TABLE marks (what text, at timestamptz DEFAULT clock_timestamp())")
    await owner.execute("GRANT SELECT, INSERT ON marks TO PUBLIC")
    await owner.close()
    started: list[subprocess.Popen[bytes]] = []

    def start(**environ: str) -> "subprocess.Popen[bytes]":
        settings = config.settings()
        known = {"DATABASE_URL": settings.database_url, "DATABASE_OWNER_URL": settings.database_owner_url}
        known |= {"SECRET_KEY": "x" * 32, "ALMONER_VAR": str(settings.var), "PYTHONPATH": str(ROOT)}
        worker = subprocess.Popen(
            [sys.executable, "-m", "tests.kit.worker_under_test"],
            cwd=ROOT,
            env={**os.environ, **known, **environ},
        )
        started.append(worker)
        return worker

    yield start
    for process in started:
        process.kill()
        process.wait()


async def enqueue(name: str, **args: Any) -> None:
    async with db.tx():
        await jobs.enqueue(name, args)


async def marks() -> list[str]:
    return [x["what"] for x in await db.rows("SELECT what FROM marks WHERE what <> 'tick' ORDER BY at")]


async def eventually(true: Callable[[], Awaitable[Any]], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not await true():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s; marks: {await marks()}")
        await asyncio.sleep(0.05)


async def is_empty() -> bool:
    counts = await job_list.counts()
    return counts["waiting"] + counts["running"] == 0


async def test_jobs_are_done_as_they_come(workers):
    await enqueue("t mark", what="before")
    workers()
    await eventually(is_empty)
    await enqueue("t mark", what="after")
    await eventually(is_empty, seconds=3)
    assert await marks() == ["before", "after"]


@pytest.mark.reliability
async def test_several_jobs_run_at_once(workers):
    for number in range(6):
        await enqueue("t slow", what=str(number), seconds=0.5)
    workers()
    await eventually(is_empty)
    assert [x.split()[1] for x in await marks()] == ["begins"] * 6 + ["ends"] * 6


async def test_a_job_whose_worker_is_killed_runs_again_at_once(workers):
    await enqueue("t slow", what="a", seconds=3)
    first = workers()
    await eventually(marks)
    first.kill()
    first.wait()
    workers()
    await eventually(is_empty)
    assert await marks() == ["a begins", "a begins", "a ends"]


async def test_a_job_that_kills_its_process_is_held_after_three_starts_and_spares_its_neighbours(workers):
    await enqueue("t slow", what="neighbour", seconds=0.4)
    await enqueue("t murder")
    for _ in range(3):
        assert workers().wait(20) == -signal.SIGKILL
    workers()

    await eventually(is_empty)

    assert (await marks()).count("murder") == 3
    [held] = await job_list.held()
    assert held["name"] == "t murder"
    assert held["error_type"] == "EndedItsProcess"
    assert (await marks()).count("neighbour ends") == 1


@pytest.mark.reliability
async def test_a_held_job_runs_again_when_asked_for_without_delay(workers):
    await enqueue("t fail")
    workers()
    await eventually(job_list.held)
    [held] = await job_list.held()
    assert held["error"] == "it cannot be done"
    log = await db.value("SELECT count(*) FROM pgqueuer_log WHERE status = 'failed'")

    await jobs.run_again(held["id"], by=SYSTEM)

    async def failed_again() -> bool:
        return await db.value("SELECT count(*) FROM pgqueuer_log WHERE status = 'failed'") > log

    await eventually(failed_again, seconds=2)


@pytest.mark.reliability
async def test_a_job_that_hangs_is_ended_and_held(workers):
    await enqueue("t hang")
    workers()
    await eventually(job_list.held)
    assert (await job_list.held())[0]["error_type"] == "TimeoutError"


def test_the_log_says_the_kind_of_an_error_and_not_its_values():
    try:
        raise ValueError("rosa@example.org")
    except ValueError:
        record = logging.getLogger("x").makeRecord("x", logging.ERROR, "", 1, "job %s", (7,), sys.exc_info())
    assert worker._without_values(record)
    assert logging.Formatter().format(record) == "job 7 (ValueError)"


async def test_a_worker_that_is_stopped_finishes_what_it_can_and_hands_back_the_rest(workers):
    await enqueue("t slow", what="short", seconds=0.5)
    await enqueue("t slow", what="long", seconds=30)
    worker = workers(GRACE="1.5")

    async def both_began() -> bool:
        return len(await marks()) == 2

    await eventually(both_began)

    worker.terminate()

    assert worker.wait(10) == 0
    assert "short ends" in await marks()
    [left] = await jobs.waiting()
    assert left.args["what"] == "long"
    assert await db.value("SELECT attempts FROM pgqueuer WHERE id = $1", left.id) == 0
    assert (await job_list.counts())["running"] == 0


@pytest.mark.reliability
async def test_a_worker_whose_connection_is_cut_goes_on(workers):
    workers()
    await enqueue("t mark", what="before")
    await eventually(is_empty)

    cut = await db.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'almoner worker'"
    )

    assert len(cut) == 1
    await enqueue("t mark", what="after")
    await eventually(is_empty)
    assert await marks() == ["before", "after"]


@pytest.mark.reliability
async def test_a_job_that_is_running_when_the_connection_is_cut_still_ends_well(workers):
    workers()
    await enqueue("t slow", what="a", seconds=2)
    await eventually(marks)
    await db.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'almoner worker'"
    )
    await eventually(is_empty)
    assert (await marks())[-1] == "a ends"
    assert await job_list.held() == []


@pytest.mark.reliability
async def test_the_clock_promises_jobs(workers):
    workers()

    async def ticked() -> bool:
        return await db.value("SELECT count(*) FROM marks WHERE what = 'tick'") >= 2

    await eventually(ticked)


@pytest.mark.reliability
async def test_two_workers_share_the_work_and_do_it_once(workers):
    for number in range(100):
        await enqueue("t mark", what=str(number))
    workers()
    workers()
    await eventually(is_empty)
    assert sorted(await marks(), key=int) == [str(number) for number in range(100)]
