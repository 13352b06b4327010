"""The lead's list says how many came: before a shift, during it, and when it is over."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from kit import days
from kit.changes import Actor
from tests.volunteers import make
from volunteers import attendance, signups
from volunteers.attendance import Press

LEAD = Actor("staff", 1, "Lea Lead")


@pytest.fixture
async def shift():
    """A shift at nine on 6 March 2027 in New York, with a group of three and two people."""
    made = await make.shift(
        await make.opportunity(largest_group=9), starts=datetime(2027, 3, 6, 9), maximum=9
    )
    with days.frozen(made.starts_at - timedelta(days=3)):
        made.ids = [
            (await signups.sign_up(made.id, await make.person(name), size=size, by=LEAD)).id
            for name, size in (("Greta Group", 3), ("Vera Vance", 1), ("Ada Ames", 1))
        ]
    return made


async def press(shift: Any, which: int, what: Any, minutes: int, people: int | None = None) -> None:
    at = shift.starts_at + timedelta(minutes=minutes)
    with days.frozen(at):
        pressed = Press(f"{which}-{what}-{minutes}", shift.ids[which], what, at, people)
        await attendance.press(pressed, by=LEAD, came_by="lead")


async def page(browser: Any, shift: Any, **later: float) -> str:
    with days.frozen(shift.starts_at + timedelta(**later)):
        await browser.sign_in(role="administrator")
        return (await browser.get(f"/shifts/{shift.id}/door")).text


async def test_before_anybody_came_it_says_whom_to_expect_and_when_check_in_opens(browser, shift):
    seen = await page(browser, shift, days=-1)
    assert "5 people are expected" in seen and "Check-in opens Sat 6 Mar 2027, 05:00" in seen
    assert "Somebody who is not on the list" not in seen
    assert "Check-in opens" not in await page(browser, shift, hours=-1)


async def test_during_a_shift_it_counts_people_and_who_left_is_not_expected_any_more(browser, shift):
    await press(shift, 0, "in", 5, people=2)
    await press(shift, 1, "in", 5)
    await press(shift, 1, "out", 30)
    assert "2 here, 1 left already, 1 did not come, 1 still expected" in await page(browser, shift, hours=1)


async def test_a_shift_that_is_over_says_how_many_came_and_whose_end_is_estimated(browser, shift):
    await press(shift, 0, "in", 5)
    await press(shift, 1, "in", 5)
    await press(shift, 1, "out", 170)
    seen = await page(browser, shift, hours=4)
    assert "4 came, of 1 nothing is noted, 3 not checked out yet" in seen
    with days.frozen(shift.ends_at + timedelta(hours=3, minutes=1)):
        await attendance.close_forgotten()
    seen = await page(browser, shift, hours=7)
    assert "4 came, 1 did not come, the end of 3 people’s time is estimated" in seen
    assert "expected" not in seen.partition("data-tally")[2].partition("</p>")[0]
    assert "its list is closed" not in seen and "Somebody who is not on the list" in seen


async def test_a_list_that_nobody_kept_leads_to_the_hours_when_it_is_closed(browser, shift):
    seen = await page(browser, shift, days=2)
    assert "5 people had a place, nobody was checked in" in seen
    assert "its list is closed" in seen and 'href="/hours/new"' in seen
    assert "Somebody who is not on the list" not in seen
