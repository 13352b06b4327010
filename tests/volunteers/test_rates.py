"""No-shows and late withdrawals: by role, by shift and by person, each as its words say."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from kit import days
from kit.changes import Actor
from tests.volunteers import everything, make
from volunteers import attendance, coverage, signups
from volunteers.attendance import Press

LEAD = Actor("staff", 1, "Lea Lead")
START = days.at_wall_clock(datetime(2027, 3, 6, 9), "America/New_York")


@pytest.fixture
async def shift() -> Any:
    """A group of four of which three came, one who did not come, one who withdrew late."""
    role = await make.opportunity(largest_group=9, withdraw_hours=24)
    made = await make.shift(role, starts=datetime(2027, 3, 6, 9), maximum=9)
    with days.frozen(START - timedelta(days=3)):
        made.people = [await make.person(name) for name in ("Greta Group", "Nora Noshow", "Lata Late")]
        group, absent, late = [
            (await signups.sign_up(made.id, person, size=size, by=LEAD)).id
            for person, size in zip(made.people, (4, 1, 1), strict=True)
        ]
    with days.frozen(START - timedelta(hours=2)):
        await signups.withdraw(late, by=LEAD)
    with days.frozen(START):
        await attendance.press(Press("in-of-group", group, "in", START, 3), by=LEAD, came_by="lead")
        await attendance.note_absent(absent, by=LEAD)
    return made


def counted(rows: list[dict[str, Any]]) -> list[tuple[int, int, int]]:
    return [(row["kept"], row["missed"], row["late"]) for row in rows]


async def test_of_a_group_those_are_missing_who_were_not_there(shift):
    since, until = START - timedelta(days=1), START + timedelta(days=1)
    assert counted(await coverage.rates_by_shift(since, until, seen=None)) == [(3, 2, 1)]
    assert counted(await coverage.rates_by_role(since, until, seen=None)) == [(3, 2, 1)]
    assert counted([await coverage.rates_of(shift.id)]) == [(3, 2, 1)]


async def test_the_rates_of_people_name_those_who_missed_or_were_late_and_of_whose_programmes(shift):
    since, until = START - timedelta(days=1), START + timedelta(days=1)
    found = await coverage.rates_by_person(since, until, seen=None)
    assert [(row["name"], *counted([row])[0]) for row in found] == [
        ("Lata Late", 0, 0, 1), ("Nora Noshow", 0, 1, 0),
    ]  # fmt: skip
    other = (await make.programme("Other")).id
    assert await coverage.rates_by_person(since, until, seen=[other]) == []


async def test_the_page_says_the_share_of_those_who_were_to_come(browser, shift):
    with days.frozen(START + timedelta(days=2)):
        member = await browser.sign_in(role="volunteer_coordinator")
        assert "Nora Noshow" not in (await browser.get("/coverage/attendance")).text
        await everything.coordinates(member, shift.programme)
        seen = (await browser.get("/coverage/attendance")).text
    assert "Nora Noshow" in seen and f'href="/volunteers/{shift.people[1]}"' in seen
    assert "(40%)" in seen and "(17%)" in seen  # two of five who were to come; one of six who had promised
