"""An import that changes shifts goes about its locks like everybody else: the timetable first."""

import asyncio
from datetime import UTC, datetime

import pytest

from imports import volunteers
from kit import days, db
from tests import make
from tests.imports import volunteer_files as files
from volunteers import waiting

SHIFT = {
    "Shift ID": "S1", "Programme": "Kitchen", "Role": "Cook", "Place": "Town Hall", "Time zone": "America/New_York",
    "Start": "2026-03-07 09:00", "End": "2026-03-07 12:00", "Maximum": "4",
}  # fmt: skip
WAITS = """
    SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted
                      AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
"""


@pytest.mark.commits
async def test_who_is_taking_a_place_does_not_wait_for_an_import_that_waits_for_them(tmp_path):
    with days.frozen(datetime(2026, 3, 1, tzinfo=UTC)):
        await make.organisation()
        assert (await volunteers.run(files.write(tmp_path / "first.csv", [SHIFT]))).ok
        shift = await db.value("SELECT id FROM shifts")
        begun = asyncio.Event()

        async def import_later() -> bool:
            await begun.wait()
            later = {**SHIFT, "Start": "2026-03-07 10:00", "End": "2026-03-07 13:00"}
            return (await volunteers.run(files.write(tmp_path / "later.csv", [later]))).ok

        importing = asyncio.create_task(import_later())
        async with db.tx():
            await waiting.keep_timetable()
            begun.set()
            async with asyncio.timeout(20):
                while not await db.value(WAITS):
                    await asyncio.sleep(0.05)
            await waiting.lock_shift(shift)
        assert await importing
        assert await db.value("SELECT starts_at FROM shifts") == datetime(2026, 3, 7, 15, tzinfo=UTC)
