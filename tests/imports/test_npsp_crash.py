"""R5: an import that is killed has written nothing, or all of it; the next one goes through by itself."""

import asyncio
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from imports import npsp, runs
from kit import config, db
from reports import invariants
from tests import make
from tests.imports import exports

pytestmark = [pytest.mark.commits, pytest.mark.reliability]

ROOT = Path(__file__).resolve().parents[2]
MOMENTS = int(os.environ.get("ALMONER_MOMENTS", "10"))
SCRIPT = """
import asyncio, sys
from pathlib import Path
from imports import npsp
from kit import db

async def main():
    async with db.running():
        print("begins", flush=True)
        await npsp.run(Path(sys.argv[1]))
        print("ends", flush=True)

asyncio.run(main())
"""


def start(folder: Path) -> "subprocess.Popen[bytes]":
    settings = config.settings()
    known = {"DATABASE_URL": settings.database_url, "DATABASE_OWNER_URL": settings.database_owner_url}
    known |= {"SECRET_KEY": "x" * 32, "ALMONER_VAR": str(settings.var), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(folder)], cwd=ROOT, env={**os.environ, **known},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip


async def wait_for(process: "subprocess.Popen[bytes]", word: bytes) -> None:
    assert process.stdout is not None
    line = await asyncio.to_thread(process.stdout.readline)
    assert line.strip() == word, line


async def standing() -> tuple[int, ...]:
    """What there is: all zero, or all of the export."""
    # The killed process's backend may still be ending.
    while await db.value(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'"
    ):
        await asyncio.sleep(0.02)
    row = await db.row(
        """
        SELECT (SELECT count(*) FROM constituents) AS a, (SELECT count(*) FROM gifts) AS b, (SELECT count(*) FROM journals) AS c,
               (SELECT count(*) FROM pledges) AS d, (SELECT count(*) FROM external_ids) > 0 AS e, (SELECT count(*) FROM changes
                WHERE actor_kind = 'import') > 0 AS f
        """
    )
    assert row is not None
    return tuple(int(value) for value in row.values())


async def test_killed_at_any_moment_it_is_all_or_nothing():
    seed = int(os.environ.get("ALMONER_SEED", str(time.time_ns() % 1_000_000)))
    print("seed", seed)  # noqa: T201
    chance = random.Random(seed)
    await make.organisation()
    whole = (269, 294, 294, 34, 1, 1)
    process = start(exports.REAL)
    await wait_for(process, b"begins")
    began = time.monotonic()
    await wait_for(process, b"ends")
    lasts = time.monotonic() - began
    process.wait()
    assert await standing() == whole
    outcomes = set()
    for _moment in range(MOMENTS):
        await _empty()
        process = start(exports.REAL)
        await wait_for(process, b"begins")
        await asyncio.sleep(chance.uniform(0, lasts * 1.1))
        process.kill()
        process.wait()
        there = await standing()
        outcomes.add(there)
        assert there in ((0, 0, 0, 0, 0, 0), whole)
        assert await invariants.check() == []
    print("outcomes", outcomes)  # noqa: T201
    statuses = {run["status"] for run in await runs.listed()}
    assert "running" not in statuses
    assert "checking" not in statuses
    await npsp.run(exports.REAL)
    assert await standing() == whole
    assert await invariants.check() == []


async def _empty() -> None:
    """Back to nothing, as the owner: the app itself may not."""
    import asyncpg

    owner = await asyncpg.connect(config.settings().database_owner_url)
    await owner.execute(
        "TRUNCATE constituents, funds, campaigns, gifts, gift_events, journals, postings, pledges, external_ids, changes,"
        " change_values, timeline_entries CASCADE"
    )
    await owner.close()
