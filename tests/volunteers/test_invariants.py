"""What must always hold of shifts and hours is found when it does not: each slip is made behind the verbs' backs."""

from datetime import datetime

import pytest

from kit import days, db
from kit.changes import SYSTEM
from reports import invariants
from tests.reports.test_invariants import found_after
from tests.volunteers import make
from volunteers import hours, signups
from volunteers.hours import HoursDetails

HOLDS = "A shift holds whom its sign-ups say, and no more than its maximum"
TAKES_TIME = "A sign-up takes the time of its shift"
TOTALS = "Totals of hours are the approved hours"


async def lived_in() -> None:
    """Two shifts, one of them with somebody on it and somebody in line, and hours that count."""
    shift = await make.shift(maximum=1)
    vera, walter = await make.person(), await make.person("Walter Waiting")
    await signups.sign_up(shift.id, vera, by=make.STAFF)
    await signups.sign_up(shift.id, walter, by=make.STAFF)
    given = HoursDetails(
        constituent=vera,
        programme=(await make.programme()).id,
        day=days.today("America/Los_Angeles"),
        minutes=120,
    )
    await hours.record(given, by=SYSTEM)


async def test_nothing_is_broken_where_people_sign_up_and_give_hours():
    await lived_in()
    assert await invariants.check() == []


@pytest.mark.parametrize(
    ("slip", "promise"),
    [
        ("UPDATE shifts SET taken = 0", HOLDS),
        ("UPDATE shifts SET waiting = 2", HOLDS),
        ("UPDATE shifts SET waiting = 0", HOLDS),
        ("UPDATE signups SET occupied = tstzrange(now(), now() + interval '1 hour')", TAKES_TIME),
        ("UPDATE signups SET occupied = NULL", TAKES_TIME),
        ("UPDATE volunteer_totals SET minutes = minutes + 1", TOTALS),
        ("UPDATE volunteer_totals SET year = year - 1", TOTALS),
        ("DELETE FROM volunteer_totals", TOTALS),
        ("INSERT INTO volunteer_totals (constituent, year, minutes) SELECT constituent, 2001, 5 FROM hours", TOTALS),
    ],
)  # fmt: skip
async def test_each_slip_is_found(slip, promise):
    await lived_in()
    assert await found_after(slip) == {promise}
    assert await invariants.check() == []


async def test_a_shift_that_is_fuller_than_full_is_found_where_its_own_rule_is_gone():
    """The table refuses it as long as its CHECK stands; a question that trusted it would find nothing."""
    await lived_in()
    question = f"SELECT count(*) FROM ({invariants.QUESTIONS[HOLDS]}) broken"
    over = question.replace("s.maximum", "0")
    assert await db.value(question) == 0 and await db.value(over) == 1


@pytest.mark.usefixtures("clock_of_2026")
async def test_the_clock_of_a_place_changes_nothing_that_was_promised():
    """A shift over the night when clocks go back takes an hour more, for its people too."""
    role = await make.opportunity(zone="Europe/London", rest_minutes=60)
    shift = await make.shift(role, starts=datetime(2027, 10, 31, 0), hours=4)
    await signups.sign_up(shift.id, await make.person(), by=make.STAFF)

    assert await invariants.check() == []
    long = await db.value("SELECT upper(occupied) - lower(occupied) FROM signups")
    assert long.total_seconds() / 3600 == 4 + 1 + 1
