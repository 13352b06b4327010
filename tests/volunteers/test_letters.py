"""Each turn of a sign-up is told once, with a calendar that real clients read."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from dateutil.parser import isoparse
from icalendar import Calendar

from kit import days, db, files, jobs
from kit.changes import Actor
from tests import make as general
from tests.volunteers import make
from tests.volunteers.make import titled
from volunteers import reminders, shifts, signups, waiting

CORA = Actor("staff", 1, "Cora")


async def person(name: str = "Vera Vance") -> int:
    id = await make.person(name)
    address = f"{name.split()[0].lower()}@example.org"
    await general.insert("emails", constituent=id, address=address, normal=address, preferred=True)
    return id


async def letters() -> list[dict[str, Any]]:
    """What was written since, oldest first."""
    await jobs.drain()
    return await db.rows("SELECT * FROM mails ORDER BY id")


async def calendar_of(letter: dict[str, Any]) -> Any:
    [attached] = msgspec.json.decode(letter["attachments"])
    return Calendar.from_ical((await files.read(attached["sha"])).data)


async def test_a_place_is_confirmed_once_with_an_invitation():
    shift = await make.shift(await make.opportunity("Sorting", bring="Gloves"), maximum=3)
    await signups.sign_up(shift.id, await person(), by=CORA)

    [letter] = await letters()

    assert letter["subject"] == f"You are down for {titled('Sorting', shift)}"
    assert "Hello Vera," in letter["body_text"] and "Please bring: Gloves" in letter["body_text"]
    calendar = await calendar_of(letter)
    [event] = calendar.walk("VEVENT")
    assert (calendar["method"], event["sequence"], event["status"]) == ("REQUEST", 0, "CONFIRMED")
    assert event.decoded("dtstart") == shift.starts_at


async def test_a_moved_shift_updates_the_invitation_and_a_cancelled_one_takes_it_out():
    role = await make.opportunity()
    shift = await make.shift(role, maximum=3)
    await signups.sign_up(shift.id, await person(), by=CORA)
    await letters()
    starts = days.wall_clock(shift.starts_at, shift.zone) + timedelta(hours=2)
    later = shifts.ShiftDetails(
        opportunity=role.id, starts=starts, ends=starts + timedelta(hours=3), maximum=3
    )

    await shifts.update(shift.id, later, version=(await shifts.get(shift.id))["version"], by=CORA)
    moved = (await letters())[-1]
    await shifts.cancel(shift.id, reason="The hall is flooded.", by=CORA)
    cancelled = (await letters())[-1]

    [event] = (await calendar_of(moved)).walk("VEVENT")
    assert (moved["subject"], event["sequence"]) == (f"New time or place: {titled('Sorting', shift)}", 1)
    calendar = await calendar_of(cancelled)
    [gone] = calendar.walk("VEVENT")
    assert (calendar["method"], gone["status"], gone["uid"]) == ("CANCEL", "CANCELLED", event["uid"])
    assert gone["sequence"] > event["sequence"]
    assert "The hall is flooded." in cancelled["body_text"]


async def test_the_next_in_line_is_told_until_when():
    shift = await make.shift(maximum=1)
    taker = await signups.sign_up(shift.id, await person("Tara Tan"), by=CORA)
    await signups.sign_up(shift.id, await person("Nora Neal"), by=CORA)
    await letters()
    await signups.withdraw(taker.id, by=CORA)

    subjects = [(letter["name"], letter["subject"]) for letter in await letters()]

    assert ("Nora", f"A place is free: {titled('Sorting', shift)}") in subjects
    assert ("Tara", f"{titled('Sorting', shift)}: you gave your place back") in subjects


async def test_who_waits_again_is_told_again():
    role = await make.opportunity()
    shift = await make.shift(role, maximum=2)
    one, other = [
        await signups.sign_up(shift.id, await person(f"{name} Neal"), by=CORA) for name in ("Nora", "Ned")
    ]
    assert one.status == other.status == "confirmed"
    await letters()
    row = await shifts.get(shift.id)
    cut = shifts.ShiftDetails(
        opportunity=role.id, starts=days.wall_clock(row["starts_at"], row["zone"]),
        ends=days.wall_clock(row["ends_at"], row["zone"]), maximum=1,
    )  # fmt: skip
    await shifts.update(shift.id, cut, version=row["version"], by=CORA, to_waiting=[other.id])

    last = (await letters())[-1]

    assert last["name"] == "Ned"
    assert last["subject"] == f"{titled('Sorting', shift)}: you are on the waiting list now, without a place"
    assert "there is no room for you on this shift any more" in last["body_text"]


async def test_reminders_go_out_once_at_their_times_and_not_to_who_just_signed_up():
    role = await make.opportunity(remind_hours=[48, 3])
    shift = await make.shift(role, starts=datetime(2027, 3, 6, 9), maximum=3)
    with days.frozen(shift.starts_at - timedelta(days=5)):
        early = await signups.sign_up(shift.id, await person(), by=CORA)
    with days.frozen(shift.starts_at - timedelta(hours=47)):
        await signups.sign_up(shift.id, await person("Late Lee"), by=CORA)
        assert await reminders.send_due() == 1
        assert await reminders.send_due() == 0
    with days.frozen(shift.starts_at - timedelta(hours=2)):
        assert await reminders.send_due() == 2
    sent = await db.rows("SELECT signup, hours_before FROM shift_reminders ORDER BY id")
    assert sent[0] == {"signup": early.id, "hours_before": 48}
    assert [row["hours_before"] for row in sent] == [48, 3, 3]


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Auckland"])
@pytest.mark.usefixtures("clock_of_2026")
async def test_the_time_in_the_calendar_is_the_moment(zone):
    role = await make.opportunity(zone=zone)
    shift = await make.shift(role, starts=datetime(2027, 4, 3, 9), maximum=3)
    await signups.sign_up(shift.id, await person(), by=CORA)

    [letter] = await letters()
    [attached] = msgspec.json.decode(letter["attachments"])
    text = (await files.read(attached["sha"])).data.decode()
    said = next(line.split(":", 1)[1] for line in text.splitlines() if line.startswith("DTSTART"))
    assert isoparse(said) == shift.starts_at


async def test_a_person_without_an_address_is_signed_up_all_the_same():
    shift = await make.shift(maximum=1)
    signed = await signups.sign_up(shift.id, await make.person(), by=CORA)
    assert await letters() == [] and signed.status == "confirmed"
    assert await waiting.due() == []


async def test_who_leaves_the_line_is_not_told_of_a_place_given_back():
    shift = await make.shift(maximum=1)
    await signups.sign_up(shift.id, await person("Tara Tan"), by=CORA)
    waits = await signups.sign_up(shift.id, await person("Nora Neal"), by=CORA)
    await letters()
    await signups.withdraw(waits.id, by=CORA)
    assert (await letters())[-1]["subject"] == f"{titled('Sorting', shift)}: you took your sign-up back"


async def test_in_line_one_is_told_how_many_stand_before():
    shift = await make.shift(await make.opportunity(largest_group=3), maximum=1)
    await signups.sign_up(shift.id, await person("Tara Tan"), by=CORA)
    await signups.sign_up(shift.id, await person("Gus Group"), by=CORA, size=3)
    await signups.sign_up(shift.id, await person("Nora Neal"), by=CORA)
    told = {letter["name"]: letter["body_text"] for letter in await letters()}
    assert "You are first in line." in told["Gus"]
    assert "3 people are before you." in told["Nora"]
