"""One of everything that volunteers have, for tests that walk every route."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from kit import days, db, security
from kit.changes import SYSTEM, Actor
from tests import make as general
from tests.make import STAFF
from tests.volunteers import make
from volunteers import (
    holidays,
    hour_reports,
    hours,
    kiosks,
    links,
    own,
    profiles,
    qualifications,
    series,
    signups,
    waivers,
)
from volunteers.hours import HoursDetails
from volunteers.series import SeriesDetails

PIN = "4711"


async def one_of_each(person: int, other: int) -> dict[str, Any]:
    """The ids of a programme of each state, and of what `person` has there; `other` is somebody else on the list.

    The sign-up is pending: from there it can become whatever an example needs. Tokens and addresses that only one
    route understands are under `within`, by how its path begins.
    """
    kitchen = await make.programme("Kitchen", funder="City of Portland", description="Hot meals, every day.")
    soup = await make.opportunity(
        "Soup", programme=kitchen.id, zone="America/Los_Angeles", needs_approval=True, largest_group=4, bring="An apron"
    )  # fmt: skip
    await _known(person, other)
    qualification, waiver = await _asked_for(kitchen.id, person)
    shift = await make.shift(soup, maximum=6, minimum=3, note="Come to the back door.")
    signup = await signups.sign_up(shift.id, person, by=STAFF, names=["Ida Quill"], size=2)
    free = await _free_volunteer()
    await _line(soup, person, other)
    await holidays.close(days.today("America/Los_Angeles") + timedelta(days=20), "Stocktaking", by=STAFF)
    hours_id = await hours.propose(
        HoursDetails(constituent=person, programme=kitchen.id, day=days.today("America/Los_Angeles"), minutes=90, note="Peeled."),
        came_by="self", by=Actor("volunteer", person, "Margaret"),
    )  # fmt: skip
    await hours.record(
        HoursDetails(
            constituent=person, programme=kitchen.id, day=days.today("America/Los_Angeles"), minutes=60
        ),
        by=SYSTEM,
    )
    kiosk, kiosk_token = await kiosks.open(
        "Back door", PIN, until=days.now() + timedelta(days=1), by=STAFF, programme=kitchen.id
    )
    ask_token, entry_key = security.new_token(), "entry-of-a-visitor"
    await general.insert(
        "asks", shift=(await make.shift(soup, maximum=2)).id, constituent=free, token_hash=security.token_hash(ask_token)
    )  # fmt: skip
    await general.insert(
        "signup_requests", entry_key=entry_key, shift=shift.id, constituent=person, signup=signup.id,
        typed='{"email": "margaret@example.org"}',
    )  # fmt: skip
    return {
        "programme_id": kitchen.id,
        "opportunity_id": soup.id,
        "place_id": soup.place,
        "shift_id": shift.id,
        "shift_day": str(day := days.day_of(shift.starts_at, shift.zone)),
        "later_day": str(day + timedelta(weeks=4)),
        "signup_id": signup.id,
        "free_id": free,
        "qualification_id": qualification,
        "waiver_id": waiver,
        "held_id": await db.value("SELECT max(id) FROM qualifications_held"),
        "hours_id": hours_id,
        "value_id": await _rate(),
        "series_id": await db.value("SELECT max(id) FROM shift_series"),
        "closed_day_id": await db.value("SELECT max(id) FROM closed_days"),
        "skipped": "",
        "kiosk_id": kiosk,
        "entry_key": entry_key,
        "within": {
            "/volunteer/mine/": {"token": await links.new_for(person)},
            "/volunteer/calendars/": {"token": await own.new_feed(person, by=STAFF)},
            "/volunteer/asks/": {"token": ask_token},
            "/volunteer/kiosk/": {"token": kiosk_token},
            "/volunteer/programmes/": {"slug": kitchen.slug},
        },
    }


async def _rate() -> int:
    await hour_reports.say_value(date(2025, 4, 21), 3479, "USD", "Independent Sector, April 2025", by=STAFF)
    return await db.value("SELECT id FROM hour_values")


async def coordinates(member: SimpleNamespace, programme: int) -> None:
    """The member coordinates the programme: a volunteer coordinator sees it from now on."""
    await general.insert("programme_coordinators", programme=programme, member=member.id)


async def _known(person: int, other: int) -> None:
    """Both are volunteers; of the person everything is known."""
    await profiles.ensure(other, by=STAFF)
    about = profiles.Profile(
        skills=["cooking"], languages=["en"], interests=["food"], availability=["sat-morning"], notes="Left-handed."
    )  # fmt: skip
    await profiles.save(person, about, version=0, by=STAFF)
    private = profiles.Private(emergency_name="Otis Okafor", emergency_phone="+15035550177")
    await profiles.save_private(person, private, by=STAFF)


async def _asked_for(programme: int, person: int) -> tuple[int, int]:
    """A role with all conditions, which the person fulfils; returns the qualification and the waiver."""
    today = days.today("America/Los_Angeles")
    qualification = await qualifications.define("Food handler's card", "certificate", 36, by=STAFF)
    await qualifications.hold(person, qualification, by=STAFF, from_day=today)
    waiver = await waivers.publish("House rules", "I wash my hands.", 12, by=STAFF)
    await waivers.sign(person, waiver, "Margaret Okafor", by=STAFF)
    baking = await make.opportunity(
        "Baking", programme=programme, minimum_age=16, qualifications=[qualification], waivers=["House rules"]
    )
    await make.shift(baking, starts=days.wall_clock(days.now() + timedelta(days=9), baking.zone), maximum=4)
    return qualification, waiver


async def _free_volunteer() -> int:
    """Somebody who may be asked and is free."""
    made = await general.person("Walter", "Free", email="walter@example.org")
    await profiles.ensure(made.id, by=STAFF)
    return made.id


async def _line(role: SimpleNamespace, person: int, other: int) -> None:
    """A full shift of a series, with the person in its line; and a sign-up of the person in each of the other states."""
    first = days.wall_clock(days.now() + timedelta(days=12), role.zone).replace(
        minute=0, second=0, microsecond=0
    )
    await series.create(
        SeriesDetails(opportunity=role.id, starts=first, ends=first + timedelta(hours=2), rule="FREQ=DAILY;COUNT=3", maximum=1),
        by=STAFF,
    )  # fmt: skip
    one, two, three = [
        row["id"]
        for row in await db.rows("SELECT id FROM shifts WHERE series IS NOT NULL ORDER BY starts_at")
    ]
    await signups.sign_up(one, other, by=STAFF, overrule=True)
    await signups.sign_up(one, person, by=STAFF)
    held = await signups.sign_up(two, other, by=STAFF, overrule=True)
    await signups.sign_up(two, person, by=STAFF)
    await signups.withdraw(held.id, by=STAFF)  # now it is offered to the person
    await signups.sign_up(three, person, by=STAFF, overrule=True)


async def many_more(ids: SimpleNamespace) -> None:
    """Twelve of each thing that a page lists, beside what is there, as rows: people on the shift and shifts of a person."""
    for number in range(12):
        await _one_more(ids, number)


async def _one_more(ids: SimpleNamespace, number: int) -> None:
    name, today = f"More {number}", days.today("America/Los_Angeles")
    who = (await general.person("More", str(number), email=f"more{number}@example.org")).id
    programme = await make.programme(name)
    await db.row(
        "INSERT INTO programme_coordinators (programme, member) SELECT $1, max(id) FROM members", programme.id
    )
    role = await make.opportunity(name, programme=ids.programme_id, place=ids.place_id)
    # Hours apart, so that one person could be on all of them.
    first = days.wall_clock(days.now() + timedelta(days=20), role.zone).replace(
        minute=0, second=0, microsecond=0
    )
    for later, of in ((0, role.id), (8, ids.opportunity_id)):
        here = SimpleNamespace(id=of, zone=role.zone)
        shift = await make.shift(
            here, starts=first + timedelta(days=number, hours=later), hours=2, minimum=2, maximum=9
        )
        for person in (who, ids.constituent_id):
            await general.insert("signups", shift=shift.id, constituent=person, status="confirmed")
    past = await make.shift(role, starts=first - timedelta(days=30 + number), hours=2, maximum=9)
    await general.insert(
        "signups", shift=past.id, constituent=ids.constituent_id, status="confirmed", attendance="absent"
    )
    await db.row("UPDATE shifts SET maximum = 99 WHERE id = $1", ids.shift_id)
    await general.insert("signups", shift=ids.shift_id, constituent=who, status="confirmed")
    await general.insert("volunteers", constituent=who, joined_on=today)
    await general.insert("volunteers_private", constituent=who, emergency_phone="+15035550100")
    await general.insert(
        "qualifications_held",
        constituent=who,
        qualification=ids.qualification_id,
        from_day=today,
        until_day=today,
    )
    await general.insert("qualifications", name=name, name_normal=name.casefold())
    await general.insert("closed_days", day=today + timedelta(days=40 + number), name=name)
    for person, status in (
        (who, "proposed"),
        (ids.constituent_id, "proposed"),
        (who, "approved"),
        (ids.constituent_id, "approved"),
    ):
        await general.insert(
            "hours", constituent=person, programme=programme.id, day=today - timedelta(days=number), minutes=60, status=status, came_by="staff"
        )  # fmt: skip
    await kiosks.open(name, PIN, until=days.now() + timedelta(days=1), by=STAFF, programme=programme.id)
