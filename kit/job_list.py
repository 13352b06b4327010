"""The list of jobs, as an administrator sees it: what is held, runs, waits, and how the last ones ended."""

import json
from typing import Any

from kit import db, jobs


async def counts() -> dict[str, int]:
    """How many jobs are held, run and wait."""
    found = await db.rows("SELECT status::text AS status, count(*) AS count FROM pgqueuer GROUP BY 1")
    by_status = {x["status"]: x["count"] for x in found}
    return {name: by_status.get(status, 0) for name, status in _WORDS.items()}


async def held(limit: int = 100) -> list[dict[str, Any]]:
    """Jobs that failed for good, the longest held first, with the last error of each."""
    return await _in_state(["failed"], limit)


async def unfinished(limit: int = 100) -> list[dict[str, Any]]:
    """Jobs that run, then those that wait, soonest first; one that failed before carries that error."""
    return await _in_state(["picked", "queued"], limit)


async def ended(limit: int = 50) -> list[dict[str, Any]]:
    """How the last jobs ended: successful, failed or canceled (given up)."""
    return await db.rows(
        "SELECT job_id AS id, entrypoint AS name, status::text AS status, created AS at FROM pgqueuer_log"
        " WHERE status IN ('successful', 'canceled', 'failed') ORDER BY pgqueuer_log.id DESC LIMIT $1",
        limit,
    )


_WORDS = {"held": "failed", "running": "picked", "waiting": "queued"}


async def _in_state(states: list[str], limit: int) -> list[dict[str, Any]]:
    found = await db.rows(
        """
        SELECT j.id, j.entrypoint AS name, j.status::text AS status, j.payload, j.attempts, j.created, j.updated,
               j.execute_after AS due, error.traceback->>'exception_type' AS error_type,
               error.traceback->>'exception_message' AS error, error.traceback->>'traceback' AS traceback
          FROM pgqueuer j
          LEFT JOIN LATERAL (
               SELECT traceback FROM pgqueuer_log
                WHERE job_id = j.id AND traceback IS NOT NULL ORDER BY id DESC LIMIT 1
               ) error ON true
         WHERE j.status = ANY($1::text[]::pgqueuer_status[])
      ORDER BY j.status DESC, j.execute_after, j.id
         LIMIT $2
        """,
        states,
        limit,
    )
    return [
        {**x, "args": json.loads(x["payload"] or b"{}"), "known": x["name"] in jobs.registered()}
        for x in found
    ]
