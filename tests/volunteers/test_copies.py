"""Copies of a plan: weeks onto weeks, months by their weekdays, and what is left out."""

import asyncio
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import days, db
from kit.changes import Actor
from kit.errors import Refused
from tests.volunteers import make
from volunteers import copies, holidays, places, programmes, shifts, signups

CORA = Actor("staff", 1, "Cora")
NOW = datetime(2027, 2, 1, 12, tzinfo=ZoneInfo("America/New_York"))


@pytest.fixture(autouse=True)
def in_february():
    with days.frozen(NOW):
        yield


async def standing() -> list[str]:
    """The open shifts by the clock of their place."""
    rows = await db.rows("SELECT starts_at, zone FROM shifts WHERE status = 'open' ORDER BY starts_at, id")
    return [f"{days.wall_clock(row['starts_at'], row['zone']):%a %d %b %H:%M}" for row in rows]


async def plan(role, *starts: datetime) -> None:
    for start in starts:
        await make.shift(role, starts=start, minimum=2, maximum=5)


async def copy(role, pairs: copies.Pairs, skips_holidays: bool = False) -> int:
    return await copies.make([role.id], pairs, skips_holidays=skips_holidays, by=CORA)


async def test_a_week_is_copied_onto_others_at_the_same_time_of_the_clock():
    role = await make.opportunity()
    await plan(role, datetime(2027, 3, 9, 9), datetime(2027, 3, 13, 22))

    pairs = copies.of_week(date(2027, 3, 10), date(2027, 3, 16), date(2027, 3, 22))
    assert await copy(role, pairs) == 4

    # The clocks went forward on 14 March, and nobody comes an hour later for it.
    assert (await standing())[2:] == [
        "Tue 16 Mar 09:00",
        "Sat 20 Mar 22:00",
        "Tue 23 Mar 09:00",
        "Sat 27 Mar 22:00",
    ]
    new = await db.rows("SELECT minimum, maximum, taken FROM shifts ORDER BY starts_at")
    assert {tuple(row.values()) for row in new} == {(2, 5, 0)}


async def test_a_month_is_copied_by_its_weekdays_not_by_its_dates():
    role = await make.opportunity()
    # first Saturday, second Tuesday, and a fifth Monday that April has not
    await plan(role, datetime(2027, 3, 6, 9), datetime(2027, 3, 9, 18), datetime(2027, 3, 29, 9))

    assert await copy(role, copies.of_month(date(2027, 3, 1), date(2027, 4, 1))) == 2
    assert (await standing())[3:] == ["Sat 03 Apr 09:00", "Tue 13 Apr 18:00"]


async def test_copying_twice_is_copying_once():
    role = await make.opportunity()
    await plan(role, datetime(2027, 3, 6, 9))
    pairs = copies.of_month(date(2027, 3, 1), date(2027, 4, 1))
    assert await copy(role, pairs) == 1
    assert (await copies.planned([role.id], pairs, skips_holidays=False)).standing == 1
    with pytest.raises(copies.NothingToCopy):
        await copy(role, pairs)


async def test_holidays_closed_days_and_the_past_are_left_out_and_said():
    role = await make.opportunity()
    await plan(role, datetime(2027, 2, 6, 9), datetime(2027, 2, 7, 9))
    await holidays.close(date(2027, 2, 14), "Stocktaking", by=CORA)
    onto = copies.of_week(date(2027, 2, 6), date(2027, 2, 8), date(2027, 2, 8))
    back = copies.of_week(date(2027, 2, 6), date(2027, 1, 25), date(2027, 1, 25))

    before = await copies.planned([role.id], onto, skips_holidays=True)
    assert [f"{one['starts_at']:%d %b}" for one in before.made] == ["13 Feb"]
    assert before.closed == [(date(2027, 2, 14), "Stocktaking")]
    assert (await copies.planned([role.id], back, skips_holidays=True)).past == 2
    assert len(await standing()) == 2, "looking makes nothing"

    assert await copy(role, onto, skips_holidays=True) == 1
    assert await copy(role, onto) == 1


async def test_only_the_roles_named_are_copied_and_cancelled_shifts_are_not():
    ours, theirs = await make.opportunity("Cook"), await make.opportunity("Drive")
    await plan(ours, datetime(2027, 3, 6, 9))
    await plan(theirs, datetime(2027, 3, 6, 9))
    await make.person()
    gone = await make.shift(ours, starts=datetime(2027, 3, 13, 9))
    await db.row("UPDATE shifts SET status = 'cancelled' WHERE id = $1", gone.id)
    assert await copy(ours, copies.of_month(date(2027, 3, 1), date(2027, 4, 1))) == 1


async def test_nothing_is_copied_to_a_place_or_into_a_programme_that_was_closed_since():
    role, barn = await make.opportunity(), await make.place("Barn")
    await make.shift(role, starts=datetime(2027, 2, 8, 9), place=barn.id)
    await make.shift(role, starts=datetime(2027, 2, 9, 9))
    onto = copies.of_week(date(2027, 2, 8), date(2027, 3, 1), date(2027, 3, 1))
    with days.frozen(NOW + timedelta(days=14)):
        await places.close(barn.id, by=CORA)
        plan = await copies.planned([role.id], onto, skips_holidays=False)
        assert (len(plan.made), plan.nowhere) == (1, 1)
        assert await copy(role, onto) == 1
    with days.frozen(NOW + timedelta(days=60)):
        assert await programmes.opportunities_of(None, None) == [role.id]
        await programmes.close(role.programme, by=CORA)
        assert await programmes.opportunities_of(None, None) == []


@pytest.mark.commits
async def test_two_clicks_at_once_make_no_shift_twice():
    role = await make.opportunity()
    await plan(role, datetime(2027, 3, 6, 9), datetime(2027, 3, 7, 9))
    pairs = copies.of_month(date(2027, 3, 1), date(2027, 4, 1))

    done = await asyncio.gather(*(copy(role, pairs) for _ in range(8)), return_exceptions=True)

    assert sorted(str(one) for one in done if not isinstance(one, copies.NothingToCopy)) == ["2"]
    assert await db.value("SELECT count(*) FROM shifts") == 4


@given(st.dates(date(2026, 1, 1), date(2030, 12, 1)), st.dates(date(2026, 1, 1), date(2030, 12, 1)))
def test_each_day_of_a_month_goes_to_one_of_its_own_weekday(source: date, target: date):
    pairs = copies.of_month(source, target)
    assert len(pairs) >= 28
    assert len({day for day, _there in pairs}) == len({there for _day, there in pairs}) == len(pairs)
    for day, there in pairs:
        assert day.weekday() == there.weekday()
        assert (day.day - 1) // 7 == (there.day - 1) // 7
        assert (there.year, there.month) == (target.year, target.month)


async def test_a_shift_is_moved_as_long_as_before():
    shift = await make.shift(starts=datetime(2027, 3, 13, 20), hours=4, minimum=1, maximum=3)
    await shifts.move(shift.id, datetime(2027, 3, 14, 20), version=shift.version, by=CORA)
    moved = await shifts.get(shift.id)
    wall = [days.wall_clock(moved[name], moved["zone"]) for name in ("starts_at", "ends_at")]
    assert [f"{one:%d %b %H:%M}" for one in wall] == ["14 Mar 20:00", "15 Mar 00:00"]
    assert (moved["maximum"], moved["sequence"]) == (3, 1)


async def test_who_was_counted_on_a_shift_was_there_and_not_next_week():
    shift = await make.shift()
    signed = await signups.sign_up(shift.id, await make.person(), by=CORA)
    next_week = days.wall_clock(shift.starts_at, shift.zone) + timedelta(days=7)
    with days.frozen(shift.ends_at):
        await db.row("UPDATE signups SET attendance = 'present' WHERE id = $1", signed.id)
        with pytest.raises(Refused, match="counted on this shift already"):
            await shifts.move(shift.id, next_week, version=1, by=CORA)
    assert (await shifts.get(shift.id))["starts_at"] == shift.starts_at
