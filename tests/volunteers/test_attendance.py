"""Who came, for how long, and what counts of it."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Literal

import pytest

from kit import days, db, jobs
from kit.changes import Actor
from tests import make as general
from tests.volunteers import make
from volunteers import attendance, gates, hours, milestones, profiles, shifts, signups
from volunteers.attendance import NotToday, Press
from volunteers.hours import HoursDetails, NotHours

LEAD = Actor("staff", 1, "Lea Lead")


async def signed(minutes: int = 180, size: int = 1) -> SimpleNamespace:
    """A confirmed sign-up on a shift at nine on 6 March 2027 in New York."""
    role = await make.opportunity(largest_group=9)
    shift = await make.shift(role, starts=datetime(2027, 3, 6, 9), hours=minutes / 60, maximum=9)
    with days.frozen(shift.starts_at - timedelta(days=3)):
        done = await signups.sign_up(shift.id, await make.person(), size=size, by=LEAD)
    return SimpleNamespace(
        id=done.id, shift=shift, at=lambda minutes: shift.starts_at + timedelta(minutes=minutes)
    )


async def press(
    signup: Any, what: Any, minutes: int, key: str = "", people: int | None = None
) -> dict[str, Any]:
    """A press at the door, `minutes` after the start."""
    with days.frozen(signup.at(minutes)):
        pressed = Press(key or f"{signup.id}-{what}-{minutes}", signup.id, what, signup.at(minutes), people)
        return await attendance.press(pressed, by=LEAD, came_by="lead")


async def proposed() -> list[dict[str, Any]]:
    return await db.rows("SELECT minutes, status, is_estimated, day FROM hours ORDER BY id")


async def test_hours_come_from_check_in_and_check_out():
    signup = await signed()
    await press(signup, "in", -10)
    await press(signup, "out", 182)

    assert await proposed() == [
        {"minutes": 182, "status": "proposed", "is_estimated": False, "day": date(2027, 3, 6)}
    ]


def test_hours_are_to_the_minute_as_a_clock_shows_them():
    nine = datetime(2027, 3, 6, 9, 0, 50)
    assert hours.between(nine, nine.replace(hour=11, minute=59, second=3)) == 179
    assert hours.between(nine, nine.replace(second=59)) == hours.between(nine, nine.replace(hour=8)) == 0


async def test_a_group_gives_everybodys_hours():
    signup = await signed(minutes=60, size=4)
    await press(signup, "in", 0)
    await press(signup, "out", 60)
    assert [row["minutes"] for row in await proposed()] == [240]


async def test_of_a_group_those_count_who_came():
    signup = await signed(minutes=60, size=4)
    await press(signup, "in", 0, people=3)
    await press(signup, "in", 5, people=5)
    await press(signup, "out", 60)

    assert [row["minutes"] for row in await proposed()] == [300]
    assert (await signups.get(signup.id))["size"] == 4


async def test_a_press_that_was_sent_late_takes_nothing_back_that_came_after_it():
    signup = await signed()
    await press(signup, "in", 20)
    await press(signup, "out", 100)
    with days.frozen(signup.at(120)):
        late: tuple[tuple[Literal["in", "undo"], int], ...] = (("in", 5), ("undo", 6))
        for what, minutes in late:
            await attendance.press(Press(what, signup.id, what, signup.at(minutes)), by=LEAD, came_by="kiosk")
    now = await signups.get(signup.id)
    assert (now["arrived_at"], now["left_at"]) == (signup.at(20), signup.at(100))


async def test_who_was_noted_as_absent_by_mistake_is_open_again():
    signup = await signed()
    with days.frozen(signup.at(30)):
        await attendance.note_absent(signup.id, by=LEAD)
    await press(signup, "undo", 31)
    assert (await signups.get(signup.id))["attendance"] == "unknown"


async def test_sending_again_after_the_net_was_gone_changes_nothing():
    signup = await signed()
    for _ in range(3):
        await press(signup, "in", 1, key="tablet-1")
    await press(signup, "out", 100, key="tablet-2")
    state = await press(signup, "in", 1, key="tablet-1")

    assert state["left_at"] == signup.at(100)
    assert await db.value("SELECT count(*) FROM check_ins") == 2


async def test_a_press_that_is_sent_later_counts_at_its_own_time():
    signup = await signed()
    with days.frozen(signup.at(200)):
        presses: tuple[tuple[Literal["in", "out"], int], ...] = (("in", 5), ("out", 170))
        for what, minutes in presses:
            await attendance.press(Press(what, signup.id, what, signup.at(minutes)), by=LEAD, came_by="kiosk")
    assert (await signups.get(signup.id))["arrived_at"] == signup.at(5)
    assert [row["minutes"] for row in await proposed()] == [165]


async def test_a_clock_that_is_wrong_is_not_believed():
    signup = await signed()
    with days.frozen(signup.at(2)):
        await attendance.press(
            Press("k", signup.id, "in", signup.at(-60 * 24 * 365)), by=LEAD, came_by="kiosk"
        )
    assert (await signups.get(signup.id))["arrived_at"] == signup.at(2)


async def test_nobody_checks_in_the_day_before():
    signup = await signed()
    with pytest.raises(NotToday):
        await press(signup, "in", -60 * 24)


async def test_a_press_by_mistake_is_taken_back_with_its_hours():
    signup = await signed()
    await press(signup, "in", 0)
    await press(signup, "out", 60)
    await press(signup, "undo", 61)
    assert await proposed() == [] and (await signups.get(signup.id))["left_at"] is None
    await press(signup, "undo", 62)
    assert (await signups.get(signup.id))["attendance"] == "unknown"


async def test_who_forgot_to_check_out_left_at_the_end_and_it_says_estimated():
    signup = await signed()
    await press(signup, "in", 0)
    with days.frozen(signup.at(180 + 170)):
        assert await attendance.close_forgotten() == 0
    with days.frozen(signup.at(180 + 181)):
        assert await attendance.close_forgotten() == 1
        assert await attendance.close_forgotten() == 0
    assert await proposed() == [
        {"minutes": 180, "status": "proposed", "is_estimated": True, "day": date(2027, 3, 6)}
    ]


async def test_who_did_not_come_is_absent_when_others_checked_in():
    signup = await signed()
    with days.frozen(signup.at(-1000)):
        missing = await signups.sign_up(signup.shift.id, await make.person(), by=LEAD)
    await press(signup, "in", 0)
    await press(signup, "out", 180)
    with days.frozen(signup.at(180 + 181)):
        await attendance.close_forgotten()
    assert (await signups.get(missing.id))["attendance"] == "absent"


async def test_a_walk_in_is_added_even_when_the_shift_is_full_and_once():
    shift = await make.shift(starts=datetime(2027, 3, 6, 9), maximum=1)
    with days.frozen(shift.starts_at - timedelta(days=1)):
        await signups.sign_up(shift.id, await make.person(), by=LEAD)
    walker = await make.person("Walt Walker")
    with days.frozen(shift.starts_at + timedelta(minutes=5)):
        ids = {
            await attendance.walk_in(shift.id, walker, at=days.now(), device_key="t", by=LEAD)
            for _ in range(2)
        }
    assert len(ids) == 1
    row = await shifts.get(shift.id)
    assert (row["taken"], row["maximum"]) == (2, 2)


async def test_a_group_in_line_that_comes_all_the_same_has_room():
    role = await make.opportunity(largest_group=4)
    shift = await make.shift(role, starts=datetime(2027, 3, 6, 9), maximum=2)
    group = await make.person("Greta Group")
    with days.frozen(shift.starts_at - timedelta(days=1)):
        await signups.sign_up(shift.id, await make.person(), by=LEAD)
        assert (await signups.sign_up(shift.id, group, size=3, by=LEAD)).status == "waiting"
    with days.frozen(shift.starts_at + timedelta(minutes=5)):
        await attendance.walk_in(shift.id, group, at=days.now(), device_key="t", by=LEAD)

    row = await shifts.get(shift.id)
    assert (row["taken"], row["maximum"], row["waiting"]) == (4, 4, 0)


async def test_a_walk_in_who_waited_has_the_place_and_a_group_gets_room():
    shift = await make.shift(
        await make.opportunity(largest_group=9), starts=datetime(2027, 3, 6, 9), maximum=1
    )
    waiter = await make.person("Willa Waiter")
    with days.frozen(shift.starts_at - timedelta(days=1)):
        await signups.sign_up(shift.id, await make.person(), by=LEAD)
        standing = await signups.sign_up(shift.id, waiter, size=3, by=LEAD)
    with days.frozen(shift.starts_at):
        assert standing.status == "waiting"
        came = await attendance.walk_in(shift.id, waiter, size=2, at=days.now(), device_key="t", by=LEAD)
    row, signup = await shifts.get(shift.id), await signups.get(came)
    assert (came, signup["status"], signup["came"]) == (standing.id, "confirmed", 2)
    assert (row["taken"], row["maximum"], row["waiting"]) == (4, 4, 0)


async def test_a_walk_in_is_asked_for_what_the_shift_asks_for_unless_the_lead_knows_better():
    shift = await make.shift(await make.opportunity(minimum_age=18), starts=datetime(2027, 3, 6, 9))
    walker = await make.person("Walt Walker")
    with days.frozen(shift.starts_at):
        with pytest.raises(gates.Lacks):
            await attendance.walk_in(shift.id, walker, at=days.now(), device_key="t", by=LEAD, overrule=False)
        assert await attendance.walk_in(shift.id, walker, at=days.now(), device_key="t", by=LEAD)


async def a_coordinator() -> Actor:
    return Actor("staff", (await general.member()).id, "Cora")


async def test_only_approved_hours_count_and_approving_twice_is_once():
    lead = await a_coordinator()
    signup = await signed()
    await press(signup, "in", 0)
    await press(signup, "out", 180)
    [row] = await db.rows("SELECT * FROM hours")
    assert (await hours.total_of(row["constituent"]))["minutes"] == 0

    assert [await hours.approve([row["id"]], by=lead) for _ in range(2)] == [1, 0]
    assert (await hours.total_of(row["constituent"]))["minutes"] == 180
    with days.frozen(signup.at(24 * 60)):
        await hours.adjust(row["id"], 120, note="Left early", by=lead)
    assert (await hours.total_of(row["constituent"]))["minutes"] == 120
    await hours.refuse(row["id"], reason="Not there", by=lead)
    assert (await hours.total_of(row["constituent"])) == {
        "minutes": 0,
        "times": 0,
        "first_on": None,
        "last_on": None,
    }


async def test_impossible_hours_are_refused():
    vera, programme = await make.person(), (await make.programme()).id
    today = days.now().date()
    for day, minutes in (
        (today + timedelta(days=2), 60),
        (today, 0),
        (today - timedelta(days=3), 24 * 60 + 5),
    ):
        with pytest.raises(NotHours):
            await hours.record(
                HoursDetails(constituent=vera, programme=programme, day=day, minutes=minutes), by=LEAD
            )


async def test_a_milestone_is_thanked_for_once():
    lead = await a_coordinator()
    vera, programme = await make.person("Vera Vance"), (await make.programme()).id
    await general.insert("emails", constituent=vera, address="v@example.org", normal="v@example.org")
    for day in range(1, 12):
        given = HoursDetails(constituent=vera, programme=programme, day=date(2026, 3, day), minutes=300)
        await hours.record(given, by=lead)
        await jobs.drain()
    assert [row["subject"] for row in await db.rows("SELECT subject FROM mails ORDER BY id")] == [
        "25 hours: thank you", "50 hours: thank you",
    ]  # fmt: skip


async def test_who_wants_no_mail_is_thanked_by_a_person():
    lead = await a_coordinator()
    vera, programme = await make.person("Vera Vance"), (await make.programme()).id
    await general.insert("emails", constituent=vera, address="v@example.org", normal="v@example.org")
    await profiles.save(vera, profiles.Profile(may_be_asked=False), version=0, by=lead)
    for day in (1, 2):
        given = HoursDetails(constituent=vera, programme=programme, day=date(2026, 3, day), minutes=24 * 60)
        await hours.record(given, by=lead)
    await jobs.drain()

    assert await db.value("SELECT count(*) FROM mails") == 0
    assert await db.value("SELECT title FROM tasks WHERE done_at IS NULL") == "Thank Vera Vance for 25 hours"
    assert [row["hours"] for row in await milestones.of(vera)] == [25]


async def test_an_absence_that_is_sent_again_takes_nothing_back_that_was_pressed_after_it():
    signup = await signed()
    noted = signup.at(10)
    with days.frozen(signup.at(30)):
        await attendance.note_absent(signup.id, by=LEAD, at=noted)
    await press(signup, "undo", 31)
    with days.frozen(signup.at(32)):
        await attendance.note_absent(signup.id, by=LEAD, at=noted)
    assert (await signups.get(signup.id))["attendance"] == "unknown"
    with days.frozen(signup.at(33)):
        await attendance.note_absent(signup.id, by=LEAD, at=days.now())
    assert (await signups.get(signup.id))["attendance"] == "absent"


async def test_a_check_out_that_was_sent_late_does_not_shorten_the_one_that_came_after_it():
    signup = await signed()
    await press(signup, "in", 0)
    await press(signup, "out", 170)
    with days.frozen(signup.at(200)):
        late = Press("late", signup.id, "out", signup.at(60), None)
        await attendance.press(late, by=LEAD, came_by="kiosk")
    assert [row["minutes"] for row in await proposed()] == [170]


async def test_a_check_out_that_was_sent_late_is_better_than_an_estimate():
    signup = await signed()
    await press(signup, "in", 0)
    with days.frozen(signup.at(180 + 181)):
        await attendance.close_forgotten()
        late = Press("late", signup.id, "out", signup.at(160), None)
        await attendance.press(late, by=LEAD, came_by="kiosk")
    assert [(row["minutes"], row["is_estimated"]) for row in await proposed()] == [(160, False)]


async def test_who_is_too_early_and_who_is_too_late_are_told_different_things():
    signup = await signed()
    with pytest.raises(NotToday, match="opens four hours before"):
        await press(signup, "in", -60 * 24)
    with pytest.raises(NotToday, match="is over"):
        await press(signup, "in", 60 * 24)
