"""No shift moves while somebody takes a place, and nobody takes one while shifts move."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from kit import days, db
from kit.changes import Actor
from tests.volunteers import make
from volunteers import series, series_changes, shifts, signups, waiting

pytestmark = pytest.mark.commits
CORA = Actor("staff", 1, "Cora")
_WAITS = """
    SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                      AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
"""


async def waits_while(held: Any, deed: Coroutine[Any, Any, Any]) -> bool:
    """Whether a deed waits until whoever `held` the timetable is done; it is done then."""
    begins = asyncio.Event()

    async def later() -> None:
        await begins.wait()
        await deed

    doing = asyncio.create_task(later())
    async with db.tx():
        await held()
        begins.set()
        waited = False
        for _try in range(400):
            if doing.done() or (waited := await db.value(_WAITS)):
                break
            await asyncio.sleep(0.05)
    await doing
    return waited


async def moved_by_a_day(shift: SimpleNamespace) -> None:
    starts = days.wall_clock(shift.starts_at, shift.zone) + timedelta(days=1)
    await shifts.move(shift.id, starts, version=shift.version, by=CORA)


async def a_later_series(shift: SimpleNamespace) -> None:
    starts = days.wall_clock(shift.starts_at, shift.zone) + timedelta(hours=1)
    wanted = series.SeriesDetails(
        opportunity=shift.opportunity, starts=starts, ends=starts + timedelta(hours=3), rule="FREQ=DAILY;COUNT=3",
        maximum=4,
    )  # fmt: skip
    await series_changes.change(shift.id, "all", wanted, by=CORA)


async def in_series() -> SimpleNamespace:
    role = await make.opportunity()
    starts = days.wall_clock(days.now() + timedelta(days=9), role.zone).replace(microsecond=0)
    id = await series.create(
        series.SeriesDetails(
            opportunity=role.id,
            starts=starts,
            ends=starts + timedelta(hours=3),
            rule="FREQ=DAILY;COUNT=3",
            maximum=4,
        ),
        by=CORA,
    )
    first = await db.value("SELECT id FROM shifts WHERE series = $1 ORDER BY starts_at LIMIT 1", id)
    return SimpleNamespace(**await shifts.get(first))


async def test_a_shift_is_not_moved_while_somebody_takes_a_place():
    assert await waits_while(waiting.keep_timetable, moved_by_a_day(await make.shift()))


async def test_a_series_is_not_changed_while_somebody_takes_a_place():
    assert await waits_while(waiting.keep_timetable, a_later_series(await in_series()))


async def test_nobody_takes_a_place_while_shifts_move():
    shift, vera = await make.shift(), await make.person()
    assert await waits_while(waiting.change_timetable, signups.sign_up(shift.id, vera, by=CORA))


async def test_any_number_take_places_at_once():
    shift, vera = await make.shift(), await make.person()
    assert not await waits_while(waiting.keep_timetable, signups.sign_up(shift.id, vera, by=CORA))
