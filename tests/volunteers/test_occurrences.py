"""Which shifts of a series are made: far ahead, once a year, on skipped dates put back, and in an hour that never is."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kit import days, db
from kit.changes import Actor
from tests.volunteers import make
from volunteers import copies, holidays, opportunities, series, shifts
from volunteers.series import SeriesDetails

CORA = Actor("staff", 1, "Cora")
NOW = datetime(2027, 2, 1, 12, tzinfo=ZoneInfo("America/New_York"))
MONDAY = datetime(2027, 2, 8, 9)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)


@pytest.fixture(autouse=True)
def on_the_first_of_february():
    with days.frozen(NOW):
        yield


async def plan(starts: datetime, rule: str, *, hours: int = 3, **values) -> int:
    role = (await make.opportunity()).id
    details = SeriesDetails(
        opportunity=role, starts=starts, ends=starts + hours * HOUR, rule=rule, maximum=4, **values
    )
    return await series.create(details, by=CORA)


async def said(series_id: int) -> list[str]:
    found = await db.rows(
        "SELECT * FROM shifts WHERE series = $1 AND status = 'open' ORDER BY starts_at", series_id
    )
    return [f"{days.wall_clock(shift['starts_at'], shift['zone']):%d %b %Y}" for shift in found]


async def test_an_endless_series_that_begins_in_ten_months_has_its_first_weeks_now_and_more_when_it_comes_near():
    id = await plan(MONDAY + 40 * WEEK, "FREQ=WEEKLY;BYDAY=MO")
    assert (await said(id))[0] == "15 Nov 2027" and len(await said(id)) == 9

    assert await series.lengthen() == 0
    with days.frozen(NOW + 30 * WEEK):
        assert await series.lengthen() > 0


async def test_what_comes_once_a_year_has_its_next_shift_at_all_times():
    id = await plan(datetime(2027, 11, 25, 9), "FREQ=YEARLY")
    assert await said(id) == ["25 Nov 2027"]
    with days.frozen(NOW + 43 * WEEK):
        assert await series.lengthen() == 1
    assert await said(id) == ["25 Nov 2027", "25 Nov 2028"]


async def test_a_closed_role_gets_no_more_shifts_at_night():
    id = await plan(MONDAY, "FREQ=DAILY;INTERVAL=99")
    role = (await series.get(id))["opportunity"]
    for shift in await db.rows("SELECT id FROM shifts WHERE series = $1", id):
        await shifts.cancel(shift["id"], reason="", by=CORA)
    await opportunities.close(role, by=CORA)

    with days.frozen(NOW + 30 * WEEK):
        assert await series.lengthen() == 0
        await opportunities.reopen(role, by=CORA)
        assert await series.lengthen() > 0


async def test_a_series_that_has_ended_puts_no_skipped_date_back():
    id = await plan(MONDAY, "FREQ=WEEKLY;BYDAY=MO;COUNT=6")
    planned = await db.rows("SELECT * FROM shifts WHERE series = $1 ORDER BY starts_at", id)
    for skipped in (1, 4):
        await shifts.cancel(planned[skipped]["id"], reason="", by=CORA)
    await series.end(planned[2]["id"], reason="", by=CORA)

    [row] = await series.of_opportunity(planned[0]["opportunity"])
    assert row["skipped"] == [planned[1]["occurrence"]]
    await series.put_back(id, planned[4]["occurrence"], by=CORA)
    assert await said(id) == ["08 Feb 2027"]


async def test_a_skipped_date_that_is_closed_by_now_is_refused_in_words():
    id = await plan(MONDAY, "FREQ=WEEKLY;BYDAY=MO;COUNT=4", skips_holidays=True)
    second = await db.row("SELECT * FROM shifts WHERE series = $1 ORDER BY starts_at OFFSET 1", id)
    assert second is not None
    await shifts.cancel(second["id"], reason="", by=CORA)
    await holidays.close(second["occurrence"].date(), "Stocktaking", by=CORA)

    with pytest.raises(series.NotPutBack, match="closed"):
        await series.put_back(id, second["occurrence"], by=CORA)
    with days.frozen(NOW + 3 * WEEK), pytest.raises(series.NotPutBack, match="over"):
        await series.put_back(id, second["occurrence"], by=CORA)
    assert (await series.of_opportunity(second["opportunity"]))[0]["skipped"] == [second["occurrence"]]


async def test_an_hour_that_clocks_skip_is_as_long_as_it_was_written_in_series_and_copies_too():
    role = await make.opportunity()
    night = datetime(2027, 3, 14, 2)  # there is no 02:00 on this Sunday
    one = shifts.ShiftDetails(opportunity=role.id, starts=night, ends=night + HOUR, maximum=1)
    await shifts.create(one, by=CORA)
    await plan(night - 7 * DAY, "FREQ=WEEKLY;BYDAY=SU;COUNT=2", hours=1)
    before = await make.shift(await make.opportunity("Guard"), starts=night - 7 * DAY, hours=0.75)
    pairs = copies.of_week(before.starts_at.date(), night.date(), night.date())
    assert await copies.make([before.opportunity], pairs, skips_holidays=False, by=CORA) == 1

    stand = await db.rows(
        "SELECT starts_at, ends_at FROM shifts WHERE starts_at > $1",
        days.at_wall_clock(night - DAY, role.zone),
    )
    assert [f"{row['starts_at']:%H:%M} {row['ends_at'] - row['starts_at']}" for row in stand] == [
        "07:00 1:00:00", "07:00 1:00:00", "07:00 0:45:00",
    ]  # fmt: skip
