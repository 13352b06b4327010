"""R10 for volunteers: names that are payloads stay text on pages, in calendars, mails, posters and files."""

import csv
import email
import email.policy
import io
import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import icalendar
import pypdfium2
import pytest

from kit import days, db, jobs, mail, smtp
from kit.changes import SYSTEM
from tests import make as general
from tests.make import STAFF
from tests.reliability.payloads import MARK, PAYLOADS
from tests.reliability.test_injection import HEADERS, _is_formula, _line, _settable, troubles
from tests.reliability.wire import undone
from tests.volunteers import make
from volunteers import (
    calendars,
    coverage,
    hours,
    kiosks,
    links,
    own,
    profiles,
    qualifications,
    signups,
    waivers,
)
from volunteers.hours import HoursDetails

EVERY = 24


async def lived_in() -> list[SimpleNamespace]:
    """Programmes, places, roles, shifts, volunteers and what they have and gave, all named by payloads."""
    await general.organisation(name="<b>zq7x</b>", legal_name="{{7*7}}zq7x")
    texts = [text.replace("\x00", "") for text in PAYLOADS]
    return [
        await _one(number, [texts[(number + i) % len(texts)] for i in range(6)])
        for number in range(0, len(texts), EVERY)
    ]


async def _one(number: int, texts: list[str]) -> SimpleNamespace:
    one, two, three, four, five, six = (_line(text) for text in texts)
    programme = await make.programme(f"{number} {one}"[:120], funder=two[:200], description=texts[2])
    place = await make.place(f"{number} {two}"[:120], address=texts[3][:500], directions=texts[4])
    kind = await qualifications.define(f"{number} {three}"[:120], "certificate", None, by=STAFF)
    waiver = await waivers.publish(f"{number} {four}"[:120], texts[5], None, by=STAFF)
    role = await make.opportunity(
        five[:120],
        place=place.id,
        programme=programme.id,
        description=texts[0],
        bring=texts[1],
        largest_group=4,
    )
    asks = await make.opportunity(
        six[:120],
        place=place.id,
        programme=programme.id,
        waivers=[f"{number} {four}"[:120]],
        qualifications=[kind],
    )
    shift = await make.shift(role, maximum=9, note=texts[2])
    asking = await make.shift(asks, maximum=9)
    person = (await general.person(one[:100], two[:100], email=f"v{number}@example.org")).id
    about = profiles.Profile(skills=[three[:60]], interests=[four[:60]], notes=texts[4], languages=["en"])
    await profiles.save(person, about, version=0, by=STAFF)
    await profiles.save_private(
        person, profiles.Private(emergency_name=six[:200], emergency_phone="+15035550177"), by=STAFF
    )
    await qualifications.hold(person, kind, by=STAFF, from_day=days.today(place.zone), number=five[:60])
    await waivers.sign(person, waiver, three, by=STAFF)
    done = await signups.sign_up(shift.id, person, by=STAFF, size=2, names=[four], comment=texts[0])
    today = days.today("America/Los_Angeles")
    given = HoursDetails(
        constituent=person, programme=programme.id, opportunity=role.id, day=today, minutes=60, note=one[:500]
    )
    await hours.record(given, by=SYSTEM)
    await kiosks.open(
        five[:120], "4711", until=days.now() + timedelta(days=1), by=STAFF, programme=programme.id
    )
    return SimpleNamespace(
        number=number, programme=programme.id, slug=programme.slug, place=place.id, role=role.id, shift=shift.id, asking=asking.id,
        person=person, signup=done.id, kind=kind, waiver=waiver, link=await links.new_for(person),
    )  # fmt: skip


PAGES = (
    "/programmes/{programme}", "/programmes/{programme}/edit", "/programmes/{programme}/opportunities/new", "/places/{place}/edit",
    "/opportunities/{role}", "/opportunities/{role}/edit", "/opportunities/{role}/shifts/new", "/shifts/{shift}", "/shifts/{shift}/edit",
    "/shifts/{shift}/door", "/shifts/{shift}/moves/new", "/shifts/{shift}/sign-ups/new", "/sign-ups/{signup}", "/volunteers/{person}",
    "/volunteers/{person}/edit", "/volunteers/{person}/service-letter", "/constituents/{person}",
    "/constituents/{person}/volunteering", "/hours/new?constituent={person}", "/qualifications/{kind}/edit", "/waivers/{waiver}",
    "/waivers/new?of={waiver}", "/volunteer/shifts/{shift}", "/volunteer/shifts/{asking}", "/volunteer/roles/{role}", "/volunteer/mine/{link}",
)  # fmt: skip
LISTS = (
    "/coverage?weeks=6", "/hours", "/hours/entries", "/hours/totals?by=programme", "/hours/totals?by=funder", "/hours/totals?by=person",
    "/kiosks", "/places", "/programmes", "/qualifications", "/shifts", "/shifts?view=week", "/shifts?view=list", "/volunteers",
    "/shifts/copies/new", "/volunteer", "/volunteer/calendar", "/volunteer/calendar?view=list", "/volunteer/shifts.json",
)  # fmt: skip


@pytest.mark.reliability
async def test_every_page_of_volunteers_shows_payloads_as_text(browser):
    await browser.sign_in(role="administrator")
    there = await lived_in()
    paths = [
        path.format(**vars(one)) for one in there for path in PAGES[one.number // EVERY % 3 :: 3]
    ] + list(LISTS)
    wrong, seen = {}, 0
    for path in paths:
        async with undone():
            answer = await browser.get(path)
        seen += MARK in answer.text
        if found := troubles(answer) + (
            [] if answer.status_code == 200 else [f"status {answer.status_code}"]
        ):
            wrong[path] = found

    assert not wrong, list(wrong.items())[:20]
    assert seen > len(paths) * 0.8


@pytest.mark.reliability
async def test_questions_in_the_address_stay_text(browser):
    await browser.sign_in(role="administrator")
    await lived_in()
    wrong = {}
    for text in PAYLOADS[::9]:
        asked = dict.fromkeys(
            ("q", "skill", "language", "status", "view", "on", "day", "role", "place", "programme", "first", "last", "by", "weeks", "after"), text
        )  # fmt: skip
        for path in (
            "/volunteers",
            "/shifts",
            "/hours/totals",
            "/hours/entries",
            "/volunteer",
            "/volunteer/calendar",
            "/coverage",
        ):
            async with undone():
                answer = await browser.get(path, params=asked)
            if found := troubles(answer):
                wrong[f"{path} {text}"] = found

    assert not wrong, list(wrong.items())[:20]


OURS = {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "DESCRIPTION", "SEQUENCE", "STATUS", "TRANSP", "URL", "ORGANIZER",
        "ATTENDEE", "CATEGORIES", "LAST-MODIFIED"}  # fmt: skip


@pytest.mark.reliability
async def test_a_calendar_has_only_the_lines_that_we_write(browser):
    there = await lived_in()
    read = 0
    for one in there:
        feed = await own.new_feed(one.person, by=STAFF)
        answers = [
            await browser.get(path)
            for path in (
                f"/volunteer/programmes/{one.slug}/calendar.ics",
                f"/volunteer/calendars/{feed}/shifts.ics",
            )
        ]
        signup = await signups.get(one.signup)
        sent = calendars.invitation(
            signup, method="REQUEST", organiser="a@example.org", attendee=f"v{one.number}@example.org"
        )
        for data in [answer.content for answer in answers] + [sent]:
            for event in icalendar.Calendar.from_ical(data).walk("VEVENT"):
                assert set(event) <= OURS, event
                read += MARK in str(event.get("SUMMARY"))
            assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", data)
            assert data.count(b"\r\n") == data.count(b"\n") and data.count(b"BEGIN:VEVENT") == data.count(
                b"END:VEVENT"
            )

    assert read > len(there)


@pytest.mark.reliability
async def test_mails_about_shifts_have_no_other_header_or_markup():
    there = await lived_in()
    for one in there[::2]:
        await signups.decline(one.signup, reason=PAYLOADS[one.number], by=STAFF)
    await jobs.drain(expect_failures=True)
    letters = await db.rows("SELECT * FROM mails")

    assert len(letters) >= len(there)
    for letter in letters:
        message = email.message_from_bytes(
            smtp.compose(await mail._letter(letter, {"link_url": "https://x"}, "https://x")).as_bytes(),
            policy=email.policy.default,
        )
        assert set(map(str.lower, message.keys())) <= HEADERS, message.keys()
        assert [address.addr_spec for address in message["to"].addresses] == [letter["address"]]
        html = message.get_body(("html",))
        found = troubles(_Page(html.get_content())) if html else []
        assert [what for what in found if "style" not in what and "meta" not in what] == []


class _Page:
    """A mail's HTML, as `troubles` looks at an answer."""

    status_code, headers = 200, {"content-type": "text/html"}

    def __init__(self, text: str) -> None:
        self.text = text


@pytest.mark.reliability
async def test_a_poster_is_text_or_says_which_sign_it_has_not(browser):
    await browser.sign_in(role="administrator")
    there = await lived_in()
    for one in there:
        await db.row(
            "UPDATE opportunities SET title = $2 WHERE id = $1",
            one.role,
            _settable(_line(PAYLOADS[one.number]))[:80] or "x",
        )
    read = 0
    for one in there[::2]:
        answer = await browser.get(f"/shifts/{one.shift}/poster")
        assert answer.status_code in (200, 409, 422), answer.text[:2000]
        if answer.status_code == 200:
            data = answer.content
            assert b"/EmbeddedFile" not in data and b"/JavaScript" not in data and b"/Launch" not in data
            text = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data))
            assert "root:" not in text and "49zq7x" not in text
            read += MARK in text

    assert read > 0


@pytest.mark.reliability
@pytest.mark.parametrize(
    "path",
    ["/volunteers/export", "/shifts/export", "/hours/export", "/hours/totals/export", "/coverage/export"],
)
async def test_no_file_has_a_formula(browser, path):
    await browser.sign_in(role="administrator")
    await lived_in()
    ahead = days.day_of(days.now() + timedelta(days=7), "America/Los_Angeles")
    answer: Any = await browser.submit(
        path,
        format="csv",
        view="list",
        on=ahead,
        weeks="6",
        by="person",
        first="2000-01-01",
        last="2099-01-01",
    )
    cells = [
        cell
        for line in csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"), newline=""))
        for cell in line
    ]

    assert answer.status_code == 200 and sum(MARK in cell for cell in cells) >= 5
    assert [cell for cell in cells if MARK in cell and _is_formula(cell)] == []


async def test_the_board_counts_every_shift_that_is_planned():
    """What the tests above look at is there: a page without rows would show no payload alive either."""
    there = await lived_in()
    found = await coverage.planned(days.now(), days.now() + timedelta(days=30), seen=None)
    assert {row["id"] for row in found} >= {one.shift for one in there}
