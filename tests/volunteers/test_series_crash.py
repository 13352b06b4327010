"""R5: a process killed in the middle of changing a series of hundreds of shifts has changed all of them, or none."""

import asyncio
import os
import random
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from kit import config, days, db
from kit.changes import Actor
from reports import invariants
from tests.volunteers import make
from volunteers import series, signups
from volunteers.series import SeriesDetails

pytestmark = [pytest.mark.commits, pytest.mark.reliability]

ROOT = Path(__file__).resolve().parents[2]
MOMENTS = int(os.environ.get("ALMONER_MOMENTS", "10"))
CORA = Actor("staff", 1, "Cora")
SHIFTS = 300
# Every shift an hour later and longer, from the tenth on, as a coordinator would do it.
SCRIPT = """
import asyncio, sys
from datetime import datetime, timedelta
import volunteers.jobs
from kit import db, facts
from kit.changes import Actor
from volunteers import series_changes
from volunteers.series import SeriesDetails

async def main():
    shift, role, starts = int(sys.argv[1]), int(sys.argv[2]), datetime.fromisoformat(sys.argv[3])
    facts.verify()
    async with db.running():
        print("begins", flush=True)
        await series_changes.change(
            shift, "later",
            SeriesDetails(opportunity=role, starts=starts, ends=starts + timedelta(hours=4), rule=sys.argv[4], maximum=7),
            by=Actor("staff", 1, "Cora"),
        )
        print("ends", flush=True)

asyncio.run(main())
"""


def change(shift: dict, role: int, rule: str) -> "subprocess.Popen[bytes]":
    settings = config.settings()
    known = {"DATABASE_URL": settings.database_url, "DATABASE_OWNER_URL": settings.database_owner_url}
    known |= {"SECRET_KEY": "x" * 32, "ALMONER_VAR": str(settings.var), "PYTHONPATH": str(ROOT)}
    starts = days.wall_clock(shift["starts_at"], shift["zone"]) + timedelta(hours=1)
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(shift["id"]), str(role), starts.isoformat(), rule], cwd=ROOT,
        env={**os.environ, **known}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip


async def wait_for(process: "subprocess.Popen[bytes]", word: bytes) -> None:
    assert process.stdout is not None
    line = await asyncio.to_thread(process.stdout.readline)
    assert line.strip() == word, line


async def standing() -> tuple[int, ...]:
    """How many series, shifts an hour later, shifts as they were, with the new maximum, changes noted, mails to be told."""
    # The killed process's backend may still be ending.
    while await db.value(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
    ):
        await asyncio.sleep(0.02)
    row = await db.row(
        """
        SELECT (SELECT count(*) FROM shift_series) AS a,
               count(*) FILTER (WHERE (starts_at AT TIME ZONE zone)::time = '10:00' AND ends_at - starts_at = '4 hours') AS b,
               count(*) FILTER (WHERE (starts_at AT TIME ZONE zone)::time = '09:00' AND ends_at - starts_at = '3 hours') AS c,
               count(*) FILTER (WHERE maximum = 7) AS d,
               (SELECT count(*) FROM changes WHERE action = 'series.changed') AS e,
               (SELECT count(*) FROM pgqueuer WHERE convert_from(payload, 'UTF8') LIKE '%shift.changed%'
                    OR entrypoint LIKE '%shift.changed%') AS f
          FROM shifts
        """
    )
    assert row is not None
    return tuple(int(value) for value in row.values())


async def planned(role: int) -> list[dict]:
    """A daily series of hundreds of shifts, with a person on every tenth."""
    begins = days.wall_clock(days.now(), "America/New_York").replace(
        hour=9, minute=0, second=0, microsecond=0
    )
    starts = begins + timedelta(days=1)
    id = await series.create(
        SeriesDetails(
            opportunity=role, starts=starts, ends=starts + timedelta(hours=3), rule=f"FREQ=DAILY;COUNT={SHIFTS}",
            maximum=5,
        ),
        by=CORA,
    )  # fmt: skip
    return await db.rows("SELECT * FROM shifts WHERE series = $1 ORDER BY starts_at", id)


async def _empty() -> None:
    """Back to nothing, as the owner: the app itself may not."""
    import asyncpg

    owner = await asyncpg.connect(config.settings().database_owner_url)
    await owner.execute(
        "TRUNCATE signups, shifts, shift_series, series_exceptions, changes, change_values, timeline_entries, pgqueuer CASCADE"
    )
    await owner.close()


async def test_killed_at_any_moment_it_is_all_or_nothing():
    seed = int(os.environ.get("ALMONER_SEED", str(time.time_ns() % 1_000_000)))
    print("seed", seed)  # noqa: T201
    chance = random.Random(seed)
    role = (await make.opportunity("Cook")).id
    people = [await make.person(f"Person{n} Volunteer") for n in range(SHIFTS // 10)]
    rule = f"FREQ=DAILY;COUNT={SHIFTS}"

    async def afresh() -> list[dict]:
        await _empty()
        shifts = await planned(role)
        for person, shift in zip(people, shifts[::10], strict=True):
            await signups.sign_up(shift["id"], person, by=CORA)
        await db.row("DELETE FROM pgqueuer")
        return shifts

    shifts = await afresh()
    process = change(shifts[9], role, rule)
    await wait_for(process, b"begins")
    began = time.monotonic()
    await wait_for(process, b"ends")
    lasts = time.monotonic() - began
    process.wait()
    there = after = await standing()
    assert after[:5] == (2, SHIFTS - 9, 9, SHIFTS - 9, 1)

    outcomes: set[tuple[int, ...]] = set()
    for _moment in range(MOMENTS):
        if there == after:
            shifts = await afresh()
        process = change(shifts[9], role, rule)
        await wait_for(process, b"begins")
        await asyncio.sleep(chance.uniform(0, lasts * 1.1))
        process.kill()
        process.wait()
        there = await standing()
        outcomes.add(there)
        assert there in ((1, 0, SHIFTS, 0, 0, 0), after)
        assert await invariants.check() == []
    print("outcomes", outcomes)  # noqa: T201
