"""A coordinator plans a month: from no programme at all to a calendar of shifts, and then what changes about it."""

import re
import time
from datetime import date, timedelta

import pytest

from kit import days
from tests.journeys.visitor import PHONE, Visitor

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]

ZONE = "America/Los_Angeles"  # the demo's


def next_month() -> date:
    return (days.today(ZONE).replace(day=1) + timedelta(days=32)).replace(day=1)


def month_after(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


async def plan_a_month(staff: Visitor, name: str) -> tuple[str, str]:
    """Programme, role, place and shifts on every Tuesday and Saturday of next month; the pages of programme and role."""
    first = next_month()
    await staff.go("/programmes")
    await staff.press("New programme")
    await staff.fill(name=name)
    await staff.press("Make the programme")
    await staff.reads("Now its first role")
    programme = await staff.path()
    await staff.press("New role")
    await staff.fill(
        title=f"{name} mechanic",
        new_place=f"{name} yard",
        new_address="4 Dock Road, Portland",
        minimum_age="16",
    )
    await staff.press("Make the role")
    await staff.reads("Now plan its shifts")
    role = await staff.path()
    await staff.press("Plan shifts")
    await staff.fill(
        day=first.isoformat(), starts="09:00", ends="12:30", minimum="2", maximum="4", every="week",
        until=(month_after(first) - timedelta(days=1)).isoformat(),
    )  # fmt: skip
    for day in ("Tuesday", "Saturday"):
        await staff.page.get_by_label(day, exact=True).check()
    await staff.press("Show the dates first")
    await staff.reads("shifts would stand")
    assert await staff.page.locator(".preview .dates li").count() >= 8
    await staff.press("Plan")
    await staff.reads("shifts are planned.")
    return programme, role


async def of_role(database, role: str) -> list[str]:
    """The open shifts of a role by the clock of its place."""
    rows = await database.fetch(
        "SELECT to_char(starts_at AT TIME ZONE zone, 'YYYY-MM-DD HH24:MI') AS at FROM shifts"
        " WHERE opportunity = $1 AND status = 'open' ORDER BY starts_at",
        int(role.rsplit("/", 1)[1]),
    )
    return [row["at"] for row in rows]


async def test_a_month_is_planned_in_two_minutes_then_changed_skipped_and_copied(arrive, database):
    staff = await arrive()
    await staff.sign_in()
    began = time.monotonic()
    programme, role = await plan_a_month(staff, "Bicycle")
    assert time.monotonic() - began < 120
    first = next_month()
    planned = await of_role(database, role)
    wanted = [
        day
        for n in range(31)
        if (day := first + timedelta(days=n)).month == first.month and day.weekday() in (1, 5)
    ]
    assert {at[-5:] for at in planned} == {"09:00"}
    assert {at[:10] for at in planned} <= {str(day) for day in wanted}, "holidays may be left out"

    await staff.go(f"/shifts?view=month&on={first}&programme={programme.rsplit('/', 1)[1]}")
    assert await staff.page.locator("[data-calendar] li", has_text="Empty: 2 needed").count() == len(planned)

    # from the third on an hour later
    await staff.page.locator("[data-calendar] li a").nth(2).click()
    await staff.page.locator("summary", has_text="More").click()
    await staff.press("Edit")
    await staff.page.get_by_label("This and all later ones").check()
    await staff.fill(starts="10:00", ends="13:30")
    await staff.press("Show the dates first")
    await staff.reads("Nobody has to be told.")
    await staff.press("Save")
    await staff.reads("Saved.")
    assert [at[-5:] for at in await of_role(database, role)] == ["09:00"] * 2 + ["10:00"] * (len(planned) - 2)

    # the last of them is skipped, and put back
    await staff.page.locator("main .list td.lead a").last.click()
    await staff.page.fill("#f-reason", "The yard is flooded")
    await staff.press("Skip it")
    assert len(await of_role(database, role)) == len(planned) - 1
    await staff.press("Put it back")
    await staff.reads("The shift stands again.")
    assert len(await of_role(database, role)) == len(planned)

    # the month once more, by its weekdays
    await staff.go("/shifts")
    await staff.press("Copy a week or month")
    after = month_after(first)
    await staff.fill(
        from_month=f"{first:%Y-%m}", to_month=f"{after:%Y-%m}", programme=programme.rsplit("/", 1)[1]
    )
    await staff.press("Look first")
    await staff.reads("would be made")
    await staff.press("Copy them")
    await staff.page.wait_for_url(re.compile(f"on={after}"))
    copied = [at for at in await of_role(database, role) if at.startswith(f"{after:%Y-%m}")]
    assert len(copied) >= 6
    assert {date.fromisoformat(at[:10]).weekday() for at in copied} == {1, 5}
    assert await staff.refused() == []


async def test_a_gap_is_asked_for_with_one_click_and_the_board_shows_who_was_asked(arrive, database):
    staff = await arrive()
    await staff.sign_in()
    await staff.go("/coverage?weeks=6")
    gap = staff.page.locator(".gaps > li", has_text="Ask who could come").first
    shift = int((await gap.get_attribute("id") or "").removeprefix("gap-"))
    await gap.get_by_role("button").click()
    await staff.settled()
    await staff.reads("asked by mail.")
    row = staff.page.locator(f"#gap-{shift}")
    await row.locator("summary", has_text="asked").click()
    await row.get_by_text("No answer yet").first.wait_for()
    assert await database.fetchval("SELECT count(*) FROM asks WHERE shift = $1", shift) > 0


async def test_a_shift_is_dragged_to_another_day_by_mouse_and_the_days_are_walked_by_key(arrive, database):
    staff = await arrive()
    await staff.sign_in()
    _programme, role = await plan_a_month(staff, "Canoe")
    before = await of_role(database, role)
    first = next_month()
    day = date.fromisoformat(before[0][:10])
    there = day + timedelta(days=1)
    await staff.go(f"/shifts?view=month&on={first}&role={role.rsplit('/', 1)[1]}")

    await staff.page.locator(f"[data-day='{day}'] a.date").focus()
    await staff.page.keyboard.press("ArrowRight")
    assert await staff.page.evaluate("document.activeElement.closest('[data-day]').dataset.day") == str(there)

    await staff.page.locator(f"[data-day='{day}'] [data-move]").drag_to(
        staff.page.locator(f"[data-day='{there}']")
    )
    await staff.page.wait_for_url(re.compile("/moves/new"))
    await staff.reads("Nobody has signed up yet, so nobody is told.")
    assert await staff.page.input_value("main [name=day]") == str(there)
    await staff.press("Move it")
    await staff.reads("The shift is moved.")
    assert (await of_role(database, role))[0] == f"{there} 09:00"


async def test_on_a_phone_without_script_a_month_is_a_list_of_days_and_a_shift_is_moved_by_a_form(
    arrive, database
):
    staff = await arrive(size=PHONE, script=False)
    await staff.sign_in()
    _programme, role = await plan_a_month(staff, "Rowing")
    before = await of_role(database, role)
    await staff.go(f"/shifts?view=month&on={next_month()}&role={role.rsplit('/', 1)[1]}")
    assert await staff.page.locator("[data-calendar] td:not(.bare) .whole-date:visible").count() == len(
        before
    )
    await staff.page.locator("[data-calendar] li a").first.click()
    await staff.page.locator("main summary", has_text="More").click()
    await staff.press("Move to another day")
    there = date.fromisoformat(before[0][:10]) + timedelta(days=1)
    await staff.fill(day=there.isoformat(), starts="08:15")
    await staff.press("Move it")
    assert (await of_role(database, role))[0] == f"{there} 08:15"
