"""Today: what a coordinator sees of the shifts of today and tomorrow, of gaps and of what waits, and of whose programmes."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from kit import days, db
from tests import make as general
from tests.make import STAFF
from tests.volunteers import everything, make
from volunteers import hours, opportunities, profiles, signups, today
from volunteers.hours import HoursDetails

# A Friday noon in New York; in Los Angeles, where the organisation is, nine in the morning.
NOON = days.at_wall_clock(datetime(2027, 3, 5, 12), "America/New_York")


@pytest.fixture(autouse=True)
def at_noon():
    with days.frozen(NOON):
        yield


async def shift(day: int, hour: int, title: str = "Soup", **values: Any) -> Any:
    """A shift in March in New York."""
    known = await db.value("SELECT id FROM opportunities WHERE title = $1", title)
    rules = values.pop("role", {})
    role = (
        SimpleNamespace(**await opportunities.get(known)) if known else await make.opportunity(title, **rules)
    )
    return await make.shift(role, starts=datetime(2027, 3, day, hour), **{"maximum": 3, **values})


async def panel(browser: Any) -> str:
    return (await browser.part("/shifts/today")).text


async def test_the_first_page_after_sign_in_brings_the_panel_in_by_itself(browser):
    await make.programme()
    await browser.sign_in(role="volunteer_coordinator")
    assert 'hx-get="/shifts/today"' in (await browser.get("/")).text
    await browser.sign_in(role="gift_entry")
    assert "/shifts/today" not in (await browser.get("/")).text


async def test_shifts_of_today_and_tomorrow_by_the_clock_of_their_place_and_how_they_stand():
    over, on, ahead, tomorrow = [await shift(*at) for at in ((5, 7), (5, 11), (5, 21), (6, 23))]
    night = await shift(4, 22, hours=16)
    for outside in ((4, 9), (7, 0)):
        await shift(*outside)
    cancelled = await shift(5, 15)
    await db.row("UPDATE shifts SET status = 'cancelled' WHERE id = $1", cancelled.id)

    found = await today.shifts(None, 20)

    assert [(one["id"], one["today"], one["stands"]) for one in found] == [
        (night.id, True, "on"), (over.id, True, "over"), (on.id, True, "on"), (ahead.id, True, "ahead"),
        (tomorrow.id, False, "ahead"),
    ]  # fmt: skip


async def test_the_panel_leads_to_the_door_of_today_and_to_what_waits(browser):
    now, tomorrow = await shift(5, 11), await shift(6, 9, minimum=2)
    approved = await shift(8, 9, "Driving", role={"needs_approval": True})
    with days.frozen(NOON - timedelta(days=3)):
        vera, ada = await make.person("Vera Vance"), await make.person("Ada Ames")
        for person in (vera, ada):
            await profiles.ensure(person, by=STAFF)
        await signups.sign_up(now.id, vera, by=STAFF)
        waits = await signups.sign_up(approved.id, ada, by=STAFF)
    await hours.propose(
        HoursDetails(constituent=vera, programme=now.programme, day=days.today("UTC"), minutes=60),
        came_by="self", by=STAFF,
    )  # fmt: skip
    await browser.sign_in(role="administrator")

    seen = await panel(browser)

    assert f'href="/shifts/{now.id}/door"' in seen and "1 of 3" in seen and "On now" in seen
    assert f'href="/shifts/{tomorrow.id}"' in seen and "Empty: 2 needed" in seen
    assert '"/coverage?weeks=1"><b>2 shifts lack people' not in seen and "1 shift lacks people" in seen
    assert f'href="/sign-ups/{waits.id}"' in seen and "Ada Ames waits for your approval" in seen
    assert 'href="/hours"' in seen and "1 entry of hours waits" in seen


async def test_who_only_reads_is_not_led_where_only_others_may_decide(browser):
    now = await shift(5, 11)
    approved = await shift(8, 9, "Driving", role={"needs_approval": True})
    with days.frozen(NOON - timedelta(days=3)):
        await signups.sign_up(approved.id, await make.person("Ada Ames"), by=STAFF)
    await browser.sign_in(role="fundraiser")

    seen = await panel(browser)

    assert f'href="/shifts/{now.id}"' in seen and "/door" not in seen and "Ada Ames" not in seen


async def test_a_coordinator_sees_their_own_programmes_and_nothing_of_others(browser):
    other = (await make.programme("Other")).id
    theirs, not_theirs = await shift(5, 11, "Soup"), await shift(5, 12, "Driving", role={"programme": other})
    gap = await shift(8, 9, "Driving", minimum=2)
    person = await make.person("Ada Ames")
    await hours.propose(
        HoursDetails(constituent=person, programme=other, day=days.today("UTC"), minutes=60),
        came_by="self",
        by=STAFF,
    )
    member = await browser.sign_in(role="volunteer_coordinator")
    await everything.coordinates(member, theirs.programme)

    seen = await panel(browser)

    assert f"/shifts/{theirs.id}/" in seen and f"/shifts/{not_theirs.id}/" not in seen
    assert "lacks people" not in seen and "entry of hours" not in seen and f"/shifts/{gap.id}" not in seen
    assert (await today.waiting(None, "America/Los_Angeles", 5)).gaps == 1


async def test_gaps_are_those_of_the_coverage_board_of_one_week(browser):
    for at in ((5, 9), (5, 18), (11, 18), (12, 6)):
        await shift(*at, minimum=2)
    await browser.sign_in(role="administrator")
    assert "2 shifts lack people" in await panel(browser)
    assert "on 2 shifts" in (await browser.get("/coverage?weeks=1")).text


async def test_an_empty_panel_says_how_to_begin_or_is_not_there(browser):
    await general.organisation()
    await browser.sign_in(role="administrator")
    assert "Begin with a programme" in await panel(browser)
    await browser.sign_in(role="volunteer_coordinator")
    assert "You coordinate no programme yet" in await panel(browser)
    await browser.sign_in(role="fundraiser")
    assert "hidden" in await panel(browser) and "<h2>" not in await panel(browser)
    await make.programme()
    await browser.sign_in(role="administrator")
    assert "Plan shifts from a role" in await panel(browser)


async def test_more_than_the_panel_holds_stands_on_the_page(browser):
    made = [await shift(5, 13, f"Role {n}") for n in range(10)]
    await browser.sign_in(role="administrator")
    assert "And more" in await panel(browser)
    whole = (await browser.get("/shifts/today")).text
    assert all(f"/shifts/{one.id}/door" in whole for one in made) and "And more" not in whole


async def test_the_board_shows_a_shift_whose_place_is_still_on_yesterday(browser):
    """Half past midnight in Los Angeles is half past ten in Honolulu: 5 March there, 6 March here."""
    with days.frozen(days.at_wall_clock(datetime(2027, 3, 6, 0, 30), "America/Los_Angeles")):
        await browser.sign_in(role="administrator")
        await make.shift(
            await make.opportunity("Night watch", zone="Pacific/Honolulu"),
            starts=datetime(2027, 3, 5, 23), minimum=2, maximum=3,
        )  # fmt: skip
        board = (await browser.get("/coverage?weeks=1")).text
    assert "on 1 shift" in board and '<span class="num">5 Mar</span>' in board and "−2<span" in board
