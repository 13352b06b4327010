"""R17 for volunteers: a shift, and the hours of it, are of the day of the place, wherever the organisation is."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

import pytest

from kit import days, db
from kit.changes import Actor
from tests import make as general
from tests.make import STAFF
from tests.volunteers import make
from volunteers import attendance, gates, hours, links, recurrence, signups
from volunteers.attendance import Press
from volunteers.hours import HoursDetails
from volunteers.recurrence import Repeat

YEAR_ENDS, YEAR_BEGINS = datetime(2027, 12, 31, 23, 30), datetime(2028, 1, 1, 0, 15)
# All ahead of, at, and behind the organisation, which is in Los Angeles.
ZONES = ("Pacific/Auckland", "Europe/London", "America/Los_Angeles", "Pacific/Honolulu")


async def came(zone: str, starts: datetime, length: float = 1) -> Any:
    """Somebody who was on a shift from its first minute to its last: their sign-up, with the person's id."""
    await general.organisation(zone="America/Los_Angeles")
    shift = await make.shift(await make.opportunity(zone=zone), starts=starts, hours=length)
    person = await make.person()
    with days.frozen(shift.starts_at - timedelta(days=3)):
        done = await signups.sign_up(shift.id, person, by=STAFF)
    presses: list[tuple[Literal["in", "out"], datetime]] = [("in", shift.starts_at), ("out", shift.ends_at)]
    for what, at in presses:
        with days.frozen(at):
            await attendance.press(
                Press(f"{what}-at-the-door", done.id, what, at, None), by=STAFF, came_by="lead"
            )
    return shift, person


@pytest.mark.reliability
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("starts", [YEAR_ENDS, YEAR_BEGINS, datetime(2028, 2, 29, 23, 45)])
async def test_hours_around_midnight_are_of_the_day_and_year_of_the_place(browser, zone, starts):
    shift, _person = await came(zone, starts)
    member = await browser.sign_in(role="administrator")
    by = Actor("staff", member.id, member.name)
    with days.frozen(shift.ends_at):
        assert await hours.approve([await db.value("SELECT id FROM hours")], by=by) == 1
        await hours.adjust(await db.value("SELECT id FROM hours"), 55, note="", by=by)

    day = starts.date()
    assert await db.value("SELECT day FROM hours") == day
    [total] = await db.rows("SELECT year, minutes, first_on, last_on FROM volunteer_totals WHERE minutes > 0")
    assert total == {"year": day.year, "minutes": 55, "first_on": day, "last_on": day}
    told = await db.rows("SELECT kind, happened_on FROM timeline_entries WHERE kind IN ('shift', 'hours')")
    assert {(row["kind"], row["happened_on"]) for row in told} == {("shift", day), ("hours", day)}

    with days.frozen(shift.ends_at + timedelta(days=2)):
        await browser.sign_in(member)
        for on, there in ((day, True), (day - timedelta(days=1), False), (day + timedelta(days=1), False)):
            text = (await browser.get("/shifts", params={"view": "day", "on": str(on)})).text
            assert (f'href="/shifts/{shift.id}"' in text) == there, on
        spans = (
            {"first": str(day), "last": str(day)},
            {"first": f"{day.year}-01-01", "last": f"{day.year}-12-31"},
        )
        for span in spans:
            text = (await browser.get("/hours/totals", params={"by": "month", "status": "any", **span})).text
            assert f"{day:%Y-%m}" in text and "55 min" in text


@pytest.mark.reliability
@pytest.mark.parametrize(
    ("zone", "night", "minutes"),
    [
        ("America/New_York", date(2027, 3, 14), 120), ("America/New_York", date(2027, 11, 7), 240),
        ("Europe/London", date(2027, 3, 28), 120), ("Europe/London", date(2027, 10, 31), 240),
        ("Pacific/Auckland", date(2027, 9, 26), 120), ("Pacific/Auckland", date(2027, 4, 4), 240),
    ],
)  # fmt: skip
async def test_hours_of_a_night_in_which_clocks_change_are_those_that_went_by(zone, night, minutes):
    shift, _person = await came(
        zone, datetime.combine(night, datetime.min.time()).replace(hour=0, minute=30), 3
    )

    assert (shift.ends_at - shift.starts_at).total_seconds() == minutes * 60
    assert await db.rows("SELECT day, minutes FROM hours") == [{"day": night, "minutes": minutes}]


@pytest.mark.reliability
async def test_hours_of_today_can_be_told_where_it_is_tomorrow_already(browser):
    shift, person = await came("Pacific/Auckland", YEAR_BEGINS)
    programme = await db.value("SELECT programme FROM opportunities")
    with days.frozen(shift.ends_at):
        assert days.today("America/Los_Angeles") == date(2027, 12, 31)
        token = await links.new_for(person)
        fields = {"programme": str(programme), "hours": "1", "minutes": "0", "note": ""}
        answers = [
            (await browser.submit(f"/volunteer/mine/{token}/hours", **fields, day=day)).status_code
            for day in ("2028-01-01", "2028-01-02")
        ]
    assert answers == [303, 422]


async def test_no_place_ahead_of_the_organisation_makes_a_day_come_earlier():
    await general.organisation(zone="America/Los_Angeles")
    here = await make.programme()
    await make.place("Beach", "Pacific/Honolulu")
    details = HoursDetails(
        constituent=await make.person(), programme=here.id, day=date(2028, 1, 1), minutes=60
    )
    with (
        days.frozen(datetime(2028, 1, 1, 7, 59, tzinfo=UTC)),
        pytest.raises(hours.NotHours, match="still to come"),
    ):
        await hours.propose(details, came_by="self", by=STAFF)
    with days.frozen(datetime(2028, 1, 1, 8, 0, tzinfo=UTC)):
        assert await hours.propose(details, came_by="self", by=STAFF)


@pytest.mark.parametrize(
    ("day", "age"),
    [(date(2026, 2, 28), 17), (date(2026, 3, 1), 18), (date(2028, 2, 28), 19), (date(2028, 2, 29), 20)],
)
def test_who_was_born_on_a_leap_day_grows_older_once_a_year(day: date, age: int):
    assert gates.age_on(date(2008, 2, 29), day) == age


@pytest.mark.parametrize(
    ("every", "first", "found"),
    [
        ("month_day", date(2028, 1, 31), ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30"]),
        ("month_day", date(2027, 1, 31), ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]),
        ("day", date(2028, 2, 28), ["2028-02-28", "2028-02-29", "2028-03-01", "2028-03-02"]),
        ("week", date(2028, 2, 22), ["2028-02-22", "2028-02-29", "2028-03-07", "2028-03-14"]),
    ],
)
def test_a_series_meets_the_leap_day_and_the_last_of_each_month(every: Any, first: date, found: list[str]):
    begins = datetime.combine(first, datetime.min.time())
    starts = recurrence.starts(
        begins, recurrence.rule_of(Repeat(every=every, count=4), begins), until=date(2030, 1, 1)
    )
    assert [f"{start:%Y-%m-%d}" for start in starts] == found
