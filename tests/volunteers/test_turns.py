"""Turns: a shift that was changed by itself, or that is over, keeps its turn in its series when the others move."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit import days, db
from kit.changes import Actor
from tests.volunteers import make
from volunteers import previews, recurrence, series, series_changes, shifts, signups
from volunteers.series import SeriesDetails

CORA = Actor("staff", 1, "Cora")
NOW = datetime(2027, 2, 1, 12, tzinfo=ZoneInfo("America/New_York"))
MONDAY = datetime(2027, 2, 8, 9)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)


@pytest.fixture(autouse=True)
def on_the_first_of_february():
    with days.frozen(NOW):
        yield


def weekly(role: int, starts: datetime, ends: str = ";COUNT=4", **values) -> SeriesDetails:
    rule = f"FREQ=WEEKLY;BYDAY={recurrence.DAYS[starts.weekday()]}{ends}"
    return SeriesDetails(
        opportunity=role, starts=starts, ends=starts + 3 * HOUR, rule=rule, **{"maximum": 4, **values}
    )


async def mondays(ends: str = ";COUNT=4") -> tuple[int, list[dict]]:
    role = await make.opportunity()
    id = await series.create(weekly(role.id, MONDAY, ends), by=CORA)
    return id, await of(id)


async def of(series_id: int) -> list[dict]:
    return await db.rows("SELECT * FROM shifts WHERE series = $1 ORDER BY starts_at", series_id)


async def by_itself(shift: dict, later: timedelta, **values) -> None:
    """Change one shift alone: its time, and perhaps more."""
    starts = wall(shift) + later
    details = shifts.ShiftDetails(
        opportunity=shift["opportunity"], starts=starts, ends=starts + 3 * HOUR, **{"maximum": 9, **values}
    )
    await shifts.update(shift["id"], details, version=shift["version"], by=CORA)


async def move_all(shift: dict, starts: datetime, ends: str = ";COUNT=4", **values) -> None:
    confirmed = values.pop("confirmed", False)
    details = weekly(shift["opportunity"], starts, ends, **values)
    await series_changes.change(shift["id"], "all", details, by=CORA, confirmed=confirmed)


def wall(shift: dict) -> datetime:
    return days.wall_clock(shift["starts_at"], shift["zone"])


def said(found: list[dict]) -> list[str]:
    return [f"{wall(shift):%a %d %b %H:%M}" for shift in found]


async def test_a_shift_changed_by_itself_stays_and_its_week_gets_no_second_one():
    id, planned = await mondays()
    await by_itself(planned[1], HOUR)

    await move_all(planned[0], MONDAY + DAY)

    assert said(await of(id)) == [
        "Tue 09 Feb 09:00",
        "Mon 15 Feb 10:00",
        "Tue 23 Feb 09:00",
        "Tue 02 Mar 09:00",
    ]


async def test_an_endless_series_that_moved_does_not_make_it_again_at_night():
    id, planned = await mondays(ends="")
    await by_itself(planned[1], HOUR)
    await move_all(planned[0], MONDAY + DAY, ends="")
    moved = await of(id)

    with days.frozen(NOW + WEEK):
        assert await series.lengthen() == 1
    assert said(await of(id))[:-1] == said(moved)


async def test_what_is_over_keeps_its_turn_when_the_others_move_to_the_next_day():
    id, planned = await mondays()
    with days.frozen(NOW + WEEK):  # noon on Monday, when the first is over
        await move_all(planned[1], MONDAY + WEEK + DAY)
        assert said(await of(id)) == [
            "Mon 08 Feb 09:00", "Tue 16 Feb 09:00", "Tue 23 Feb 09:00", "Tue 02 Mar 09:00",
        ]  # fmt: skip
        await move_all(planned[1], MONDAY + WEEK + DAY, maximum=6)
    assert [shift["maximum"] for shift in await of(id)] == [4, 6, 6, 6]


async def test_a_weekday_more_is_made_in_the_week_of_one_that_is_over():
    id, planned = await mondays()
    more = SeriesDetails(
        opportunity=planned[1]["opportunity"], starts=MONDAY + WEEK, ends=MONDAY + WEEK + 3 * HOUR, maximum=4,
        rule="FREQ=WEEKLY;BYDAY=MO,WE;COUNT=4",
    )  # fmt: skip
    with days.frozen(NOW + WEEK):
        await series_changes.change(planned[1]["id"], "all", more, by=CORA, confirmed=True)
    assert said(await of(id)) == [
        "Mon 08 Feb 09:00",
        "Wed 10 Feb 09:00",
        "Mon 15 Feb 09:00",
        "Wed 17 Feb 09:00",
    ]


async def test_a_change_that_begins_from_a_shift_changed_by_itself_takes_that_one_along():
    id, planned = await mondays()
    await by_itself(planned[1], HOUR)
    changed = (await of(id))[1]

    await move_all(changed, wall(changed), maximum=6)

    assert said(await of(id)) == [
        "Mon 08 Feb 10:00", "Mon 15 Feb 10:00", "Mon 22 Feb 10:00", "Mon 01 Mar 10:00",
    ]  # fmt: skip
    assert {(shift["maximum"], shift["differs"]) for shift in await of(id)} == {(6, False)}


async def test_a_shift_changed_by_itself_that_the_rule_names_no_more_stands_alone():
    """The last was changed by itself; the series begins a week later and ends when it did: its date is another's now."""
    id, planned = await mondays(ends=";UNTIL=20270301T235959")
    vera = await make.person()
    signed = await signups.sign_up(planned[3]["id"], vera, by=CORA)
    await by_itself(planned[3], 5 * HOUR)
    wanted = weekly(planned[0]["opportunity"], MONDAY + WEEK, ";UNTIL=20270301T235959")

    seen = await previews.of_change(planned[0]["id"], "all", wanted, by=CORA)
    await series_changes.change(planned[0]["id"], "all", wanted, by=CORA)

    assert said(await of(id)) == ["Mon 15 Feb 09:00", "Mon 22 Feb 09:00", "Mon 01 Mar 09:00"]
    alone = await shifts.get(planned[3]["id"])
    assert (alone["series"], alone["status"], *said([alone])) == (None, "open", "Mon 01 Mar 14:00")
    assert (await signups.get(signed.id))["status"] == "confirmed"
    assert (seen.gone, said(seen.shifts)[-1]) == ([], "Mon 01 Mar 14:00")


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(
    alone=st.dictionaries(st.integers(0, 5), st.integers(-30, 30), max_size=4),
    moves=st.lists(st.integers(-6, 40), min_size=1, max_size=4),
)
async def test_a_rule_of_six_makes_six_whatever_moves(alone, moves):
    """Some are moved by themselves by some hours, then all others by days, some times over."""
    role = await make.opportunity()
    begins = MONDAY + 6 * WEEK
    id = await series.create(weekly(role.id, begins, ";COUNT=6"), by=CORA)
    planned = await of(id)
    for number, hours in alone.items():
        await by_itself(planned[number], hours * HOUR)
    stand = {planned[number]["id"]: wall(planned[number]) + hours * HOUR for number, hours in alone.items()}
    first = next(shift for number, shift in enumerate(planned) if number not in alone)
    nth = planned.index(first)

    for moved in moves:
        begins += moved * DAY
        await move_all(first, begins + nth * WEEK, ";COUNT=6")

    wanted = {shift["id"]: stand.get(shift["id"], begins + n * WEEK) for n, shift in enumerate(planned)}
    assert {shift["id"]: wall(shift) for shift in await of(id)} == wanted
