"""Planning in the browser: programmes, places, roles, shifts, the calendar and the board of gaps."""

from datetime import timedelta

import pytest

from kit import days, db
from tests import make as general
from tests.volunteers import make


@pytest.fixture
async def coordinator(browser):
    await general.organisation()
    member = await general.member(role="volunteer_coordinator")
    await browser.sign_in(member)
    return member


async def test_a_month_is_planned_from_nothing(browser, coordinator):
    await browser.submit("/places", name="Hall", zone="America/New_York")
    place = await db.value("SELECT id FROM places")
    made = await browser.submit("/programmes", name="Kitchen", coordinators=str(coordinator.id))
    programme = made.headers["location"].split("/")[-1]
    made = await browser.submit(
        f"/programmes/{programme}/opportunities",
        title="Cook",
        place=str(place),
        largest_group="1",
        remind_hours="48",
    )
    role = made.headers["location"].split("/")[-1]
    tomorrow = days.today("America/New_York") + timedelta(days=1)
    planned = await browser.submit(
        f"/opportunities/{role}/shifts", day=str(tomorrow), starts="09:00", ends="12:00", minimum="2", maximum="4",
        every="day", count="10",
    )  # fmt: skip
    assert planned.status_code == 303
    assert await db.value("SELECT count(*) FROM shifts") == 10
    for path in (
        "/shifts",
        "/shifts?view=week",
        "/shifts?view=day",
        "/shifts?view=list",
        "/coverage",
        f"/opportunities/{role}",
    ):
        assert "Cook" in (await browser.get(f"{path}{'&' if '?' in path else '?'}on={tomorrow}")).text, path
    assert "−2" in (await browser.get("/coverage")).text


async def test_a_coordinator_sees_only_their_own_programmes(browser, coordinator):
    role = await make.opportunity("Secret")
    shift = await make.shift(role, maximum=2)
    for path in (
        f"/programmes/{role.programme}",
        f"/opportunities/{role.id}",
        f"/shifts/{shift.id}",
        f"/shifts/{shift.id}/edit",
    ):
        assert (await browser.get(path)).status_code == 404, path
    assert "Secret" not in (await browser.get("/shifts?view=list")).text
    assert (await browser.submit(f"/shifts/{shift.id}/cancellations", reason="x")).status_code == 404
    assert await db.value("SELECT status FROM shifts WHERE id = $1", shift.id) == "open"


async def test_fewer_places_ask_who_waits_on_the_page(browser):
    from kit.changes import Actor
    from volunteers import signups

    await general.organisation()
    await browser.sign_in(await general.member(role="administrator"))
    shift = await make.shift(maximum=2)
    placed = [
        await signups.sign_up(shift.id, await make.person(f"Person {n}"), by=Actor("staff", 1, "C"))
        for n in "AB"
    ]
    wall = days.wall_clock(shift.starts_at, shift.zone)
    version = await db.value("SELECT version FROM shifts WHERE id = $1", shift.id)
    typed = {"day": str(wall.date()), "starts": f"{wall:%H:%M}", "ends": f"{wall + timedelta(hours=3):%H:%M}", "minimum": "1",
             "maximum": "1", "version": str(version)}  # fmt: skip

    asked = await browser.submit(f"/shifts/{shift.id}", **typed)
    assert (
        asked.status_code == 422 and "Person A" in asked.text and "Who goes to the waiting list" in asked.text
    )
    await browser.submit(f"/shifts/{shift.id}", **typed, to_waiting=str(placed[0].id))
    assert (await signups.get(placed[0].id))["status"] == "waiting"


async def test_what_cannot_be_planned_is_said(browser, coordinator):
    programme = await make.programme("Own", coordinators=[coordinator.id])
    role = await make.opportunity(programme=programme.id)
    good = {"day": "2027-03-06", "starts": "09:00", "ends": "12:00", "minimum": "1", "maximum": "4"}
    for wrong, sentence in (
        ({"starts": "25:00"}, "Type the time like 09:30"), ({"maximum": "0"}, "whole number"),
        ({"minimum": "9"}, "cannot be more than the most"), ({"day": ""}, "Choose the day"),
        ({"every": "week", "count": "3", "until": "2027-05-01"}, "not both"),
        ({"every": "week", "until": "2027-03-01"}, "cannot end before"),
    ):  # fmt: skip
        answer = await browser.submit(f"/opportunities/{role.id}/shifts", **{**good, **wrong})
        assert answer.status_code == 422 and sentence in answer.text, wrong
    assert await db.value("SELECT count(*) FROM shifts") == 0
