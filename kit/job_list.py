"""The list of jobs, as an administrator sees it: what is held, fails, runs, waits, and how the last ones ended."""

import json
from datetime import timedelta
from typing import Any

from kit import db, jobs
from kit.errors import NotFound

# What a job was told and no list may show.
_NOT_SHOWN = ("secrets",)


async def counts() -> dict[str, int]:
    """How many jobs are held, fail and will be tried again, run, wait, and wait though they are due."""
    found = await db.row(
        """
        SELECT count(*) FILTER (WHERE status = 'failed') AS held,
               count(*) FILTER (WHERE status = 'queued' AND attempts > 0) AS failing,
               count(*) FILTER (WHERE status = 'picked') AS running,
               count(*) FILTER (WHERE status = 'queued' AND attempts = 0) AS waiting,
               count(*) FILTER (WHERE status = 'queued' AND execute_after < clock_timestamp()) AS due
          FROM pgqueuer
        """
    )
    return found or {}


async def held(limit: int = 100) -> list[dict[str, Any]]:
    """Jobs that failed for good, the longest held first, with the last error of each."""
    return await _listed("j.status = 'failed'", limit)


async def failing(limit: int = 100) -> list[dict[str, Any]]:
    """Jobs that failed and will be tried again, soonest first."""
    return await _listed("j.status = 'queued' AND j.attempts > 0", limit)


async def unfinished(limit: int = 100) -> list[dict[str, Any]]:
    """Jobs that run, then those that wait for their first try, soonest first."""
    return await _listed("j.status = 'picked' OR j.status = 'queued' AND j.attempts = 0", limit)


async def one(job_id: int) -> dict[str, Any]:
    """One job that is held, waits or runs. Raises NotFound, also for one that has ended."""
    found = await _listed("j.id = $2", 1, job_id)
    if not found:
        raise NotFound(f"There is no job {job_id}, or it has ended.")
    return found[0]


async def ended(limit: int = 50) -> list[dict[str, Any]]:
    """How the last jobs ended: successful, failed or canceled (given up)."""
    return await db.rows(
        "SELECT job_id AS id, entrypoint AS name, status::text AS status, created AS at FROM pgqueuer_log"
        " WHERE status IN ('successful', 'canceled', 'failed') ORDER BY pgqueuer_log.id DESC LIMIT $1",
        limit,
    )


async def oldest_due() -> timedelta | None:
    """How long the job that should have begun first has waited; None when nothing is late. For /healthz and alarms."""
    return await db.value(
        "SELECT clock_timestamp() - min(execute_after) FROM pgqueuer"
        " WHERE status = 'queued' AND execute_after < clock_timestamp()"
    )


_LIST = """
    SELECT j.id, j.entrypoint AS name, j.status::text AS status, j.payload, j.attempts, j.created, j.updated,
           j.execute_after AS due, error.traceback->>'exception_type' AS error_type,
           error.traceback->>'exception_message' AS error, error.traceback->>'traceback' AS traceback
      FROM pgqueuer j
      LEFT JOIN LATERAL (
           SELECT traceback FROM pgqueuer_log
            WHERE job_id = j.id AND traceback IS NOT NULL ORDER BY id DESC LIMIT 1
           ) error ON true
     WHERE {which}
  ORDER BY j.status DESC, j.execute_after, j.id
     LIMIT $1
"""


async def _listed(which: str, limit: int, *values: Any) -> list[dict[str, Any]]:
    """`which` is one of the conditions above, never anything from outside."""
    kinds = jobs.registered()
    found = await db.rows(_LIST.format(which=which), limit, *values)
    for row in found:
        row["args"] = _args(row.pop("payload"))
        row["known"] = row["name"] in kinds
        row["words"] = _first_sentence(kinds[row["name"]]) if row["known"] else ""
    return found


def _first_sentence(kind: jobs.Job) -> str:
    """What the job does, as its function says it."""
    return (kind.work.__doc__ or "").strip().partition("\n")[0]


def _args(payload: bytes | None) -> dict[str, Any]:
    return {name: value for name, value in json.loads(payload or b"{}").items() if name not in _NOT_SHOWN}
