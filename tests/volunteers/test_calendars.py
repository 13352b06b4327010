"""What real calendars read: looked at by a second library and by the rules of RFC 5545, 5546 and 6047 themselves."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import vobject

from kit import days, db, files, jobs, smtp
from kit.changes import Actor
from kit.smtp import Letter
from tests import make as general
from tests.volunteers import make
from volunteers import calendars, coverage, own, shifts, signups, waiting

CORA = Actor("staff", 1, "Cora")
AWKWARD = (
    "Küche, Käse; «Suppe» \\ 汤和面包 🍞🥖 für den Winter und für alle, die am langen Tisch noch Hunger haben"
)


async def person(name: str = "Vera Vance") -> int:
    id = await make.person(name)
    address = f"{name.split()[0].lower()}@example.org"
    await general.insert("emails", constituent=id, address=address, normal=address, preferred=True)
    return id


async def invitations() -> list[tuple[dict[str, Any], Any]]:
    """Every letter with a calendar, oldest first, and its one event as vobject reads it."""
    await jobs.drain()
    found = []
    for letter in await db.rows("SELECT * FROM mails ORDER BY id"):
        for attached in msgspec.json.decode(letter["attachments"]):
            found.append((letter, read((await files.read(attached["sha"])).data)))
    return found


def read(data: bytes) -> Any:
    """One calendar by the second library; its form checked by hand before."""
    keeps_the_rules(data)
    return vobject.readOne(data.decode())  # pyright: ignore[reportPrivateImportUsage]


def keeps_the_rules(data: bytes) -> None:
    lines = data.split(b"\r\n")
    assert lines.pop() == b"" and not any(b"\n" in line or b"\r" in line for line in lines)
    assert all(len(line) <= 75 for line in lines)
    for line in lines:
        line.decode()  # folded between characters, never inside one
    whole = data.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]
    assert whole[0] == "BEGIN:VCALENDAR" and whole[-1] == "END:VCALENDAR"
    assert {"PRODID", "VERSION", "METHOD"} <= {line.partition(":")[0] for line in whole}
    events = "\r\n".join(whole).split("BEGIN:VEVENT")[1:]
    for event in events:
        names = [line.partition(":")[0].partition(";")[0] for line in event.split("\r\n") if line]
        once = ("UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "SUMMARY", "STATUS")
        assert [names.count(name) for name in once] == [1] * len(once)
        # Every time is in UTC, so no table of zones is needed.
        assert "TZID" not in event
        assert all(
            line.rpartition(":")[2].endswith("Z")
            for line in event.split("\r\n")
            if line.startswith(("DTSTART", "DTEND", "DTSTAMP"))
        )


@pytest.mark.usefixtures("clock_of_2026")
async def test_a_second_library_reads_what_was_written_whatever_the_words():
    role = await make.opportunity(
        AWKWARD,
        bring="Gloves; boots,\nand a hat",
        place=(await make.place("Hall", address="1, Mill\nLane")).id,
    )
    shift = await make.shift(role, starts=datetime(2027, 3, 28, 9), maximum=3)
    await signups.sign_up(shift.id, await person("Véra O'Brien"), by=CORA)

    [(_letter, calendar)] = await invitations()

    event = calendar.vevent
    assert calendar.method.value == "REQUEST"
    assert event.summary.value == AWKWARD
    assert event.description.value == "Gloves; boots,\nand a hat"
    assert event.location.value == "Hall, 1, Mill, Lane"
    assert event.dtstart.value == shift.starts_at and event.dtend.value == shift.ends_at
    assert event.attendee.value == "mailto:véra@example.org"
    assert event.attendee.params["PARTSTAT"] == ["ACCEPTED"]
    assert event.organizer.value.startswith("mailto:")


@pytest.mark.usefixtures("clock_of_2026")
async def test_a_feed_has_every_state_and_the_uid_and_sequence_of_the_invitations():
    role = await make.opportunity(withdraw_hours=0)
    vera = await person()
    planned = [await make.shift(role, starts=datetime(2027, 5, day, 9), maximum=3) for day in (1, 2, 3)]
    signed = [await signups.sign_up(shift.id, vera, by=CORA) for shift in planned]
    await jobs.drain()
    await signups.withdraw(signed[1].id, by=CORA)
    await shifts.cancel(planned[2].id, reason="Flood", by=CORA)

    feed = read(calendars.feed("Riverbend", await own.for_calendar(vera), of="signup"))
    invited = {calendar.vevent.uid.value: calendar.vevent for _letter, calendar in await invitations()}

    assert feed.method.value == "PUBLISH"
    assert [event.status.value for event in feed.vevent_list] == ["CONFIRMED", "CANCELLED", "CANCELLED"]
    for event in feed.vevent_list:
        assert event.sequence.value == invited[event.uid.value].sequence.value


@pytest.mark.usefixtures("browser")
async def test_a_feed_of_a_programme_leads_to_each_shift():
    shift = await make.shift(maximum=3)
    found = await coverage.planned(
        days.now(), shift.ends_at, seen=None, programme=shift.programme, public_only=True
    )
    feed = read(calendars.feed("Kitchen", found, of="shift"))
    assert feed.vevent.url.value == f"https://almoner.test/volunteer/shifts/{shift.id}"


async def test_a_place_that_was_lost_and_won_again_is_newer_than_its_cancellation():
    role = await make.opportunity()
    shift = await make.shift(role, maximum=2)
    other, vera = [
        await signups.sign_up(shift.id, await person(name), by=CORA) for name in ("Ann Abe", "Vera Vance")
    ]
    await jobs.drain()
    row = await shifts.get(shift.id)
    cut = shifts.ShiftDetails(
        opportunity=role.id, starts=days.wall_clock(row["starts_at"], row["zone"]),
        ends=days.wall_clock(row["ends_at"], row["zone"]), maximum=1,
    )  # fmt: skip
    await shifts.update(shift.id, cut, version=row["version"], by=CORA, to_waiting=[vera.id])
    await jobs.drain()
    await signups.withdraw(other.id, by=CORA)
    await jobs.drain()
    await waiting.take(vera.id, by=CORA)

    hers = [calendar for letter, calendar in await invitations() if letter["name"] == "Vera"]

    assert [calendar.method.value for calendar in hers] == ["REQUEST", "CANCEL", "REQUEST"]
    numbers = [int(calendar.vevent.sequence.value) for calendar in hers]
    assert numbers[0] < numbers[1] < numbers[2]
    assert len({calendar.vevent.uid.value for calendar in hers}) == 1


async def test_a_mail_program_sees_an_invitation_in_the_type_of_the_file():
    shift = await make.shift(maximum=3)
    await signups.sign_up(shift.id, await person(), by=CORA)
    [(letter, _calendar)] = await invitations()
    [attached] = msgspec.json.decode(letter["attachments"])
    file = await files.read(attached["sha"])

    message = smtp.compose(
        Letter(
            "vera@example.org", "Vera", "us@example.org", "Us", "", "<1@example.org>", "You are down", "Hello", None,
            (smtp.Attachment("shift.ics", file.media_type, file.data),), datetime(2027, 1, 1, tzinfo=UTC),
        )
    )  # fmt: skip

    [part] = message.iter_attachments()
    assert part.get_content_type() == "text/calendar"
    assert part.get_param("method") == "REQUEST" and part.get_param("charset") == "utf-8"
    assert part.get_payload(decode=True) == file.data
