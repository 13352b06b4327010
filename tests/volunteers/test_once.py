"""What comes twice counts once, what was decided stays, and what nobody said is not made up."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from kit import days, db, jobs
from tests import make as general
from tests.volunteers import make
from tests.volunteers.test_attendance import a_coordinator, press, proposed, signed
from tests.volunteers.test_series import CORA, NOW, changed, saturdays
from volunteers import (
    attendance,
    copies,
    coverage,
    gates,
    holidays,
    hours,
    profiles,
    series_changes,
    shifts,
    signups,
)
from volunteers.hours import HoursDetails


async def state(signup_id: int, column: str) -> str:
    return (await signups.get(signup_id))[column]


async def test_a_press_that_was_taken_back_is_not_made_again_by_sending_it_again():
    signup = await signed()
    await press(signup, "in", 0, key="the key of a tablet")
    await press(signup, "undo", 1)

    await press(signup, "in", 0, key="the key of a tablet")

    assert (await state(signup.id, "attendance"), await state(signup.id, "arrived_at")) == ("unknown", None)


async def test_where_nobody_pressed_anything_nobody_is_noted_as_absent():
    """There was no list at that door: the coordinator notes who came."""
    signup = await signed()

    with days.frozen(signup.at(180 + 181)):
        await attendance.close_forgotten()

    assert await state(signup.id, "attendance") == "unknown"


async def test_hours_that_were_approved_stay_though_the_door_says_something_later():
    lead, signup = await a_coordinator(), await signed()
    await press(signup, "in", 0)
    await press(signup, "out", 120)
    with days.frozen(signup.at(130)):
        await hours.approve([await db.value("SELECT id FROM hours")], by=lead)

    await press(signup, "out", 175)

    assert [(row["minutes"], row["status"]) for row in await proposed()] == [(120, "approved")]


async def test_who_gets_no_mail_is_thanked_once_for_a_sum_however_much_follows():
    lead = await a_coordinator()
    vera, programme = await make.person("Vera Vance"), (await make.programme()).id
    await profiles.ensure(vera, by=lead)
    for day, minutes in ((1, 24 * 60), (2, 24 * 60), (3, 30)):
        given = HoursDetails(constituent=vera, programme=programme, day=date(2026, 3, day), minutes=minutes)
        await hours.record(given, by=lead)
        await jobs.drain()
        await db.row("UPDATE tasks SET done_at = created_at WHERE done_at IS NULL")

    assert [row["title"] for row in await db.rows("SELECT title FROM tasks ORDER BY id")] == [
        "Thank Vera Vance for 25 hours"
    ]


@pytest.fixture
def in_february():
    with days.frozen(NOW):
        yield


@pytest.mark.usefixtures("in_february")
async def test_whoever_said_that_they_come_is_asked_anew_when_the_time_is_another():
    role = await make.opportunity()
    shift = await make.shift(role, starts=datetime(2027, 3, 6, 9))
    signed_up = await signups.sign_up(shift.id, await make.person(), by=CORA)
    await signups.answer(signed_up.id, coming=True, by=CORA)

    await shifts.move(shift.id, datetime(2027, 3, 6, 15), version=shift.version, by=CORA)

    assert (await state(signed_up.id, "answer"), await state(signed_up.id, "answered_at")) == ("", None)


async def test_who_gave_their_place_back_cannot_answer_for_it_any_more():
    signed_up = await signups.sign_up((await make.shift()).id, await make.person(), by=CORA)
    await signups.withdraw(signed_up.id, by=CORA)

    with pytest.raises(signups.NotPossible, match="no longer yours"):
        await signups.answer(signed_up.id, coming=True, by=CORA)
    assert await state(signed_up.id, "answer") == ""


@pytest.mark.usefixtures("in_february")
async def test_everybody_on_a_series_that_moves_is_told():
    _id, planned = await saturdays()
    for n, shift in enumerate(planned[1:3]):
        vera = await make.person(f"Vera {n}")
        await general.insert(
            "emails", constituent=vera, address=f"v{n}@example.org", normal=f"v{n}@example.org"
        )
        await signups.sign_up(shift["id"], vera, by=CORA)
    await jobs.drain()
    later = changed(
        planned[0], starts=days.wall_clock(planned[0]["starts_at"], planned[0]["zone"]) + timedelta(hours=1)
    )
    await series_changes.change(planned[0]["id"], "all", later, by=CORA)
    await jobs.drain()

    told = await db.rows("SELECT address FROM mails WHERE purpose LIKE 'moved%' ORDER BY address")
    assert [row["address"] for row in told] == ["v0@example.org", "v1@example.org"]


async def test_a_state_of_its_own_has_its_own_holidays():
    await general.organisation()
    first, last = date(2027, 3, 25), date(2027, 4, 5)
    assert await holidays.named_between(first, last) == {}

    await db.row("UPDATE organisations SET region = 'CA'")
    assert await holidays.named_between(first, last) == {date(2027, 3, 31): "Cesar Chavez Day"}

    await db.row("UPDATE organisations SET region = 'Nowhere'")
    assert date(2027, 5, 31) in await holidays.named_between(date(2027, 5, 1), date(2027, 6, 1))


@pytest.mark.usefixtures("in_february")
async def test_the_board_counts_who_was_reminded_and_said_nothing():
    shift = await make.shift(
        await make.opportunity(largest_group=3), starts=datetime(2027, 3, 6, 9), maximum=9
    )
    group, answered, _not_reminded = [
        await signups.sign_up(shift.id, await make.person(), by=CORA, size=size) for size in (3, 1, 1)
    ]
    for one in (group, answered):
        await general.insert("shift_reminders", signup=one.id, hours_before=48)
    await signups.answer(answered.id, coming=True, by=CORA)

    [row] = await coverage.gaps(date(2027, 3, 1), date(2027, 3, 31), shift.zone, seen=None)

    assert row["silent"] == 3


def _thinks_long(module: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks has time to be overtaken before they write."""
    looks = getattr(module, name)

    async def slowly(*args: Any, **more: Any) -> Any:
        found = await looks(*args, **more)
        await asyncio.sleep(0.5)
        return found

    monkeypatch.setattr(module, name, slowly)


@pytest.mark.commits
async def test_a_fair_share_is_counted_once_though_two_clicks_come_at_one_moment(monkeypatch):
    role = await make.opportunity(share_most=1, share_days=30)
    starts = days.wall_clock(days.now() + timedelta(days=9), role.zone).replace(microsecond=0)
    planned = [await make.shift(role, starts=starts + timedelta(days=n), maximum=5) for n in (0, 2)]
    vera = await make.person()
    _thinks_long(gates, "check", monkeypatch)

    ended = await asyncio.gather(
        *(signups.sign_up(shift.id, vera, by=CORA) for shift in planned), return_exceptions=True
    )

    assert [isinstance(one, gates.Lacks) for one in ended].count(True) == 1, ended
    assert await db.value("SELECT count(*) FROM signups") == 1


@pytest.mark.commits
async def test_two_who_copy_at_one_moment_make_each_shift_once(monkeypatch):
    role = await make.opportunity()
    monday = days.today(role.zone) + timedelta(days=14 - days.today(role.zone).weekday())
    await make.shift(role, starts=datetime.combine(monday, datetime.min.time()) + timedelta(hours=9))
    pairs = copies.of_week(monday, monday + timedelta(days=7), monday + timedelta(days=7))
    _thinks_long(copies, "planned", monkeypatch)

    ended = await asyncio.gather(
        *(copies.make([role.id], pairs, skips_holidays=False, by=CORA) for _ in range(2)),
        return_exceptions=True,
    )

    assert [one for one in ended if not isinstance(one, copies.NothingToCopy)] == [1]
    assert await db.value("SELECT count(*) FROM shifts") == 2
