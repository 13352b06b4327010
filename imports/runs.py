"""Runs: the record of each reading of an export, kept apart from its transaction so that it outlives a failure."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from imports.report import Report
from kit import days, db
from kit.errors import NotFound

_MOST = 200
_ALIVE = 7_239_405


async def begin(source: str, file_name: str, *, started_by: str, answers: Mapping[str, str], file: str | None = None,
                status: str = "checking") -> int:  # fmt: skip
    """A new run. `file` is the stored upload; none from the shell."""
    return await _value(
        """
        INSERT INTO import_runs (source, file_name, file, status, done, of_all, step, counts, report, answers, error,
                                 started_by, created_at)
        VALUES ($1, $2, $3, $4, 0, 0, '', '{}', '{}', $5::jsonb, '', $6, $7) RETURNING id
        """,
        source, file_name[-300:], file, status, encoded(answers), started_by[:200], days.now(),
    )  # fmt: skip


def encoded(answers: Mapping[str, str]) -> str:
    return msgspec.json.encode(dict(answers)).decode()


async def becomes(run: int, status: str, step: str = "") -> None:
    await _value("UPDATE import_runs SET status = $2, step = $3, error = '' WHERE id = $1", run, status, step)


async def progress(run: int, step: str, done: int, of_all: int) -> None:
    """How far it is. On a connection of its own: the import's transaction shows nothing to others until it ends."""
    pool = db.engine().pool
    assert pool is not None
    async with pool.acquire() as connection:
        await connection.execute(
            "UPDATE import_runs SET step = $2, done = $3, of_all = $4 WHERE id = $1",
            run,
            step[:100],
            done,
            of_all,
        )


async def ends(run: int, report: Report) -> None:
    """The run was checked, found faulty or done, as its report says."""
    status = "faulty" if not report.ok else "done" if report.written else "checked"
    await _value(
        """
        UPDATE import_runs SET status = $2::varchar, counts = $3::jsonb, report = $4::jsonb, step = '', error = '', finished_at = $5,
               done = CASE WHEN $2::varchar = 'done' THEN of_all ELSE done END
         WHERE id = $1
        """,
        run, status, msgspec.json.encode(report.counts).decode(), msgspec.json.encode(report).decode(), days.now(),
    )  # fmt: skip


async def fails(run: int, error: str) -> None:
    await _value(
        "UPDATE import_runs SET status = 'failed', error = $2, step = '', finished_at = $3 WHERE id = $1",
        run, error[:2000], days.now(),
    )  # fmt: skip


@asynccontextmanager
async def alive(run: int) -> AsyncIterator[None]:
    """Hold a lock for as long as the process works on the run, so that a killed one is told from a slow one."""
    pool = db.engine().pool
    assert pool is not None
    async with pool.acquire() as connection:
        await connection.fetchval("SELECT pg_advisory_lock($1, $2)", _ALIVE, run)
        try:
            yield
        finally:
            await connection.fetchval("SELECT pg_advisory_unlock($1, $2)", _ALIVE, run)


# Nobody holds the lock of a run that a crash cut short. It wrote nothing; an upload is taken up again by its job.
_STATUS = """
CASE WHEN r.status IN ('checking', 'running') AND NOT EXISTS (
          SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = $1::oid AND l.objid = r.id::oid AND l.objsubid = 2
             AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))
     THEN 'interrupted' ELSE r.status END AS status
"""


async def listed(before: int | None = None) -> list[dict[str, Any]]:
    """Runs, newest first, with what the index shows; `asks` is one that has no fault and only waits for an answer."""
    found = await db.rows(
        f"""
        SELECT r.id, r.source, r.file_name, r.done, r.of_all, r.step, r.counts, r.error, r.started_by, r.created_at,
               r.finished_at, r.report -> 'dry_run' AS dry_run, r.report -> 'gift_totals' AS gift_totals,
               r.status = 'faulty' AND jsonb_array_length(coalesce(r.report -> 'faults', '[]')) = 0 AS asks, {_STATUS}
          FROM import_runs r WHERE $2::integer IS NULL OR r.id < $2 ORDER BY r.id DESC LIMIT $3
        """,  # noqa: S608 - our own words
        _ALIVE, before, _MOST,
    )  # fmt: skip
    for row in found:
        row["counts"] = msgspec.json.decode(row["counts"])
        row["dry_run"] = row["dry_run"] == "true"
        row["gift_totals"] = msgspec.json.decode(row["gift_totals"]) if row["gift_totals"] else {}
    return found


async def one(run: int) -> dict[str, Any]:
    """A run with its report decoded. Raises NotFound."""
    row = await db.row(
        f"SELECT r.*, {_STATUS} FROM import_runs r WHERE r.id = $2",  # noqa: S608 - our own words
        _ALIVE, run,
    )  # fmt: skip
    if row is None:
        raise NotFound(f"import run {run}")
    row["counts"] = msgspec.json.decode(row["counts"])
    row["answers"] = msgspec.json.decode(row["answers"])
    row["report"] = msgspec.json.decode(row["report"], type=Report)
    row["asks"] = row["status"] == "faulty" and not row["report"].faults
    return row


async def _value(sql: str, *values: Any) -> Any:
    """In a transaction of its own unless there is one (a test's)."""
    async with db.tx():
        return await db.value(sql, *values)
