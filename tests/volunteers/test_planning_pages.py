"""Planning in the browser: programmes, places, roles, shifts, the calendar and the board of gaps."""

from datetime import timedelta

import pytest

from kit import days, db
from kit.changes import Actor
from tests import make as general
from tests.volunteers import make
from volunteers import signups

CORA = Actor("staff", 1, "Cora")


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
    # whoever begins at the calendar gets to planning from there
    for path in ("/shifts", f"/shifts?role={role}"):
        assert f"/opportunities/{role}/shifts/new" in (await browser.get(path)).text


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


async def test_a_shift_is_not_planned_in_the_past_nor_moved_there(browser, coordinator):
    role = await make.opportunity(programme=(await make.programme("Own", coordinators=[coordinator.id])).id)
    shift = await make.shift(role)
    yesterday = days.today(role.zone) - timedelta(days=1)
    typed = {"day": str(yesterday), "starts": "09:00", "ends": "10:00", "minimum": "1", "maximum": "4"}

    planned = await browser.submit(f"/opportunities/{role.id}/shifts", **typed)
    moved = await browser.submit(f"/shifts/{shift.id}/moves", day=str(yesterday), starts="09:00", version="1")

    assert (planned.status_code, moved.status_code) == (422, 422)
    assert "over already" in planned.text and "over already" in moved.text
    assert await db.rows("SELECT starts_at FROM shifts") == [{"starts_at": shift.starts_at}]


async def test_a_series_that_loses_shifts_and_places_asks_both_and_takes_both_answers(browser, coordinator):
    role = await make.opportunity(programme=(await make.programme("Own", coordinators=[coordinator.id])).id)
    monday = days.today(role.zone) + timedelta(days=14 - days.today(role.zone).weekday())
    typed = {"day": str(monday), "starts": "09:00", "ends": "12:00", "minimum": "1", "every": "week"}
    await browser.submit(f"/opportunities/{role.id}/shifts", **typed, maximum="4", count="4")
    planned = await db.rows("SELECT id, version FROM shifts ORDER BY starts_at")
    for shift in (planned[0], planned[3]):
        for name in ("Ada Ames", "Ben Bell"):
            await signups.sign_up(shift["id"], await make.person(name), by=CORA)
    typed |= {"maximum": "1", "count": "3", "scope": "all", "version": str(planned[0]["version"])}

    first = await browser.submit(f"/shifts/{planned[0]['id']}", **typed)
    assert first.status_code == 422 and 'name="confirmed"' in first.text
    second = await browser.submit(f"/shifts/{planned[0]['id']}", **typed, confirmed="yes")
    assert second.status_code == 422 and 'name="last_come_wait"' in second.text
    assert 'name="confirmed" value="yes" checked' in second.text
    third = await browser.submit(
        f"/shifts/{planned[0]['id']}", **typed, confirmed="yes", last_come_wait="yes"
    )
    assert third.status_code == 303
    assert await db.rows("SELECT maximum, taken, waiting, status FROM shifts ORDER BY starts_at") == [
        {"maximum": 1, "taken": 1, "waiting": 1, "status": "open"},
        {"maximum": 1, "taken": 0, "waiting": 0, "status": "open"},
        {"maximum": 1, "taken": 0, "waiting": 0, "status": "open"},
        {"maximum": 4, "taken": 0, "waiting": 0, "status": "cancelled"},
    ]


async def test_of_two_windows_on_a_series_the_second_is_told(browser, coordinator):
    role = await make.opportunity(programme=(await make.programme("Own", coordinators=[coordinator.id])).id)
    typed = {"day": str(days.today(role.zone) + timedelta(days=7)), "starts": "09:00", "ends": "12:00", "minimum": "1",
             "every": "week", "count": "3"}  # fmt: skip
    await browser.submit(f"/opportunities/{role.id}/shifts", **typed, maximum="4")
    [shift] = await db.rows("SELECT id, version FROM shifts ORDER BY starts_at LIMIT 1")
    typed |= {"scope": "all", "version": str(shift["version"])}

    one = await browser.submit(f"/shifts/{shift['id']}", **typed, maximum="5")
    other = await browser.submit(f"/shifts/{shift['id']}", **typed, maximum="6")

    assert (one.status_code, other.status_code) == (303, 422)
    assert "Somebody else changed" in other.text
    assert {row["maximum"] for row in await db.rows("SELECT maximum FROM shifts")} == {5}


async def test_a_saved_shift_says_whether_somebody_is_told(browser, coordinator):
    role = await make.opportunity(programme=(await make.programme("Own", coordinators=[coordinator.id])).id)
    shift = await make.shift(role, maximum=3)
    await signups.sign_up(shift.id, await make.person(), by=CORA)
    wall = days.wall_clock(shift.starts_at, shift.zone)
    for hours, maximum, told in ((3, 4, False), (4, 4, True)):
        version = await db.value("SELECT version FROM shifts")
        answer = await browser.submit(
            f"/shifts/{shift.id}", day=str(wall.date()), starts=f"{wall:%H:%M}", minimum="1",
            ends=f"{wall + timedelta(hours=hours):%H:%M}", maximum=str(maximum), version=str(version),
        )  # fmt: skip
        assert answer.headers["location"] == f"/shifts/{shift.id}"
        page = await browser.get(f"/shifts/{shift.id}")
        assert "The shift is saved." in page.text
        assert ("1 person is told by mail" in page.text) == told


async def test_a_look_at_the_dates_never_saves_not_even_of_one_shift(browser, coordinator):
    role = await make.opportunity(programme=(await make.programme("Own", coordinators=[coordinator.id])).id)
    day = days.today("America/New_York") + timedelta(days=7)
    typed = {"day": str(day), "starts": "09:00", "ends": "12:00", "minimum": "1", "maximum": "4"}

    looked = await browser.submit(f"/opportunities/{role.id}/shifts", **typed, look="yes")
    assert looked.status_code == 422 and "no other dates to show" in looked.text
    assert await db.value("SELECT count(*) FROM shifts") == 0

    await browser.submit(f"/opportunities/{role.id}/shifts", **typed, every="week", count="3")
    first = await db.row("SELECT id, version FROM shifts ORDER BY starts_at LIMIT 1")
    assert first
    changed = {**typed, "starts": "10:00", "version": str(first["version"]), "scope": "one", "look": "yes"}
    looked = await browser.submit(f"/shifts/{first['id']}", **changed)
    assert looked.status_code == 422 and "no other dates to show" in looked.text
    assert await db.value("SELECT version FROM shifts WHERE id = $1", first["id"]) == first["version"]


async def test_the_history_of_a_role_tells_of_its_series_in_words(browser):
    await general.organisation()
    await browser.sign_in(await general.member(role="administrator"))
    role = await make.opportunity()
    monday = days.today(role.zone) + timedelta(days=14 - days.today(role.zone).weekday())
    typed = {"day": str(monday), "starts": "22:00", "ends": "06:00", "minimum": "1", "every": "week"}
    await browser.submit(f"/opportunities/{role.id}/shifts", **typed, maximum="4", count="4")
    [shift] = await db.rows("SELECT id, version FROM shifts ORDER BY starts_at LIMIT 1")
    await browser.submit(
        f"/shifts/{shift['id']}", **typed, maximum="5", scope="all", version=str(shift["version"])
    )

    page = (await browser.get(f"/opportunities/{role.id}")).text
    assert "series made" in page and "series changed" in page and "opportunity made" not in page
    assert "<del>Every week on Monday, 4 times</del>" in page and "<ins>8:00 h</ins>" in page
