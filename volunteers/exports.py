"""Lists of volunteers, shifts, sign-ups and hours as rows of a file: exactly what their page shows, by the same filters.

Columns that an import takes have the names that it knows, so that a file can come back (`almoner import volunteers`).
"""

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from kit import days, db, money
from kit.downloads import Cell
from kit.words import _
from volunteers import coverage, hour_lists, hour_reports, numbers, people, sight, signups
from volunteers.almanac import View
from volunteers.hour_lists import Filter
from volunteers.people import Look

Rows = AsyncIterator[Sequence[Cell]]
_MOST = 1_000_000
_AT_ONCE = 1_000


class Reader(msgspec.Struct, frozen=True):
    """Who takes a list along: `seen` are their programmes (None: all), `contacts` and `private` what they may know."""

    seen: list[int] | None
    contacts: bool
    private: bool


PERSON = ("Volunteer ID", "First name", "Middle name", "Last name")
CONTACT = ("Email", "Phone", "Address", "Address 2", "City", "State/Province", "ZIP/Postal code", "Country")
PROFILE = (
    "Status", "Skills", "Languages", "Interests", "Availability", "May be asked for shifts", "May be asked for money",
    "Joined", "Notes", "Hours in all", "Last shift or hours",
)  # fmt: skip
PRIVATE = (
    "Date of birth", "Guardian name", "Guardian phone", "Emergency contact name", "Emergency contact phone",
)  # fmt: skip
SHIFTS = (
    "Shift ID", "Programme", "Role", "Place", "Time zone", "Start", "End", "Minimum", "Maximum", "Have a place", "In line",
    "Status", "Note",
)  # fmt: skip
HOURS = (
    "Hours ID", "Volunteer ID", "First name", "Last name", "Programme", "Role", "Day", "Hours", "People", "Status", "From",
    "Estimated", "Note",
)  # fmt: skip


# ---------------------------------------------------------------- volunteers


def volunteer_columns(look: Look, reader: Reader) -> tuple[str, ...]:
    if look.list == "money_not_time":
        return (*PERSON, "City and region")
    return (*PERSON, *(CONTACT if reader.contacts else ()), *PROFILE, *(PRIVATE if reader.private else ()))


async def volunteers(look: Look, reader: Reader, *, today: date, home: str) -> Rows:
    """The people of the list, in its order."""
    mark, foreign = await numbers.mark(), await numbers.foreign("Volunteer")
    after = msgspec.structs.replace(look, after="")
    while True:
        found, later = await people.page(after, today=today, home=home)
        ids = [row["id"] for row in found]
        rows = {row["id"]: row for row in await db.rows(_VOLUNTEERS, ids, reader.seen, reader.private)}
        for shown in found:
            row = {**rows[shown["id"]], **{name: shown[name] for name in ("minutes", "last_on", "place")}}
            number = foreign.get(row["id"], f"{mark}-{row['id']}")
            yield _volunteer(row, number, look, reader)
        if not later:
            return
        after = msgspec.structs.replace(after, after=later)


def _volunteer(row: dict[str, Any], number: str, look: Look, reader: Reader) -> Sequence[Cell]:
    # Households and organisations that help have a name and no parts of one.
    person = (number, row["given_name"], row["middle_name"], row["family_name"] or row["name"])
    if row["given_name"]:
        person = (*person[:3], row["family_name"])
    if look.list == "money_not_time":
        return (*person, row["place"])
    first, _line, rest = (row["street"] or "").partition("\n")
    contact = (
        row["email"], row["phone"], first, ", ".join(rest.split("\n")) if rest else "", row["city"], row["region"],
        row["postal_code"], row["country"],
    )  # fmt: skip
    profile = (
        row["status"], *(", ".join(row[name]) for name in ("skills", "languages", "interests", "availability")),
        row["may_be_asked"], row["may_be_asked_for_money"], row["joined_on"], row["notes"], _in_hours(row["minutes"]),
        row["last_on"],
    )  # fmt: skip
    private = tuple(
        row[name]
        for name in ("born_on", "guardian_name", "guardian_phone", "emergency_name", "emergency_phone")
    )
    return (*person, *(contact if reader.contacts else ()), *profile, *(private if reader.private else ()))


_VOLUNTEERS = f"""
    SELECT c.id, c.name, c.given_name, c.middle_name, c.family_name, e.address AS email, p.number AS phone,
           a.street, a.city, a.region, a.postal_code, a.country,
           v.status, v.skills, v.languages, v.interests, v.availability, v.may_be_asked, v.may_be_asked_for_money,
           v.joined_on, v.notes, r.born_on, r.guardian_name, r.guardian_phone, r.emergency_name, r.emergency_phone
      FROM constituents c LEFT JOIN volunteers v ON v.constituent = c.id
      LEFT JOIN volunteers_private r ON r.constituent = c.id AND $3 AND {sight.known_to("c.id", "$2::int[]")}
      LEFT JOIN LATERAL (SELECT address FROM emails WHERE constituent = c.id ORDER BY preferred DESC, id LIMIT 1) e ON true
      LEFT JOIN LATERAL (SELECT number FROM phones WHERE constituent = c.id ORDER BY preferred DESC, id LIMIT 1) p ON true
      LEFT JOIN LATERAL (SELECT * FROM addresses WHERE constituent = c.id AND season_from_month IS NULL
                          ORDER BY preferred DESC, id LIMIT 1) a ON true
     WHERE c.id = ANY ($1)
"""  # noqa: S608  words of ours


# ---------------------------------------------------------------- shifts and who is on them


async def shifts(view: View, reader: Reader, *, zone: str) -> Rows:
    """The shifts of a view of the calendar."""
    first, last = view.moments(zone)
    mark, foreign = await numbers.mark(), await numbers.foreign("Shift")
    found = await coverage.planned(
        first,
        last,
        seen=reader.seen,
        programme=view.programme,
        opportunity=view.role,
        place=view.place,
        limit=_MOST,
    )
    shown = [row for row in found if view.first <= days.day_of(row["starts_at"], row["zone"]) <= view.last]
    notes = {row["id"]: row["note"] for row in await db.rows("SELECT id, note FROM shifts WHERE id = ANY ($1) AND note <> ''", [row["id"] for row in shown])}  # fmt: skip
    for row in shown:
        yield (
            foreign.get(row["id"], f"{mark}-{row['id']}"), row["programme_name"], row["title"], row["place_name"],
            row["zone"], _on_the_wall(row["starts_at"], row["zone"]), _on_the_wall(row["ends_at"], row["zone"]),
            row["minimum"], row["maximum"], row["taken"], row["waiting"], row["status"], notes.get(row["id"], ""),
        )  # fmt: skip


def _on_the_wall(moment: datetime, zone: str) -> Cell:
    """What the clock shows there; the second time of an hour that comes twice says how far it is from UTC."""
    there = days.in_zone(moment, zone)
    if there.fold:
        return there.isoformat(" ", "minutes")
    return there.replace(tzinfo=None)


def signup_columns(reader: Reader) -> tuple[str, ...]:
    return (
        "Volunteer ID", "Name", *(("Email", "Phone") if reader.contacts else ()), "People", "Others of the group", "Status",
        "Signed up", "By", "Answer to the reminder", "Attendance", "Came", "Left", "Comment",
    )  # fmt: skip


async def signups_of(shift: dict[str, Any], reader: Reader) -> Rows:
    """Everybody on a shift, as its page lists them."""
    mark, foreign = await numbers.mark(), await numbers.foreign("Volunteer")
    found = await signups.of_shift(shift["id"])
    contacts = {
        row["id"]: row
        for row in await db.rows(_CONTACTS if reader.contacts else "SELECT 1 AS id WHERE $1::int[] IS NULL", [row["constituent"] for row in found])
    }  # fmt: skip
    for row in found:
        contact = contacts.get(row["constituent"], {})
        yield (
            foreign.get(row["constituent"], f"{mark}-{row['constituent']}"), row["name"],
            *((contact.get("email"), contact.get("phone")) if reader.contacts else ()),
            row["size"], ", ".join(row["names"]), row["status"], _clock(row["created_at"], shift), row["came_by"], row["answer"],
            row["attendance"], _clock(row["arrived_at"], shift), _clock(row["left_at"], shift), row["comment"],
        )  # fmt: skip


_CONTACTS = """
    SELECT c.id, (SELECT address FROM emails WHERE constituent = c.id ORDER BY preferred DESC, id LIMIT 1) AS email,
           (SELECT number FROM phones WHERE constituent = c.id ORDER BY preferred DESC, id LIMIT 1) AS phone
      FROM constituents c WHERE c.id = ANY ($1)
"""


def _clock(moment: datetime | None, shift: dict[str, Any]) -> Cell:
    return days.wall_clock(moment, shift["zone"]).replace(second=0, microsecond=0) if moment else None


COVERAGE = (
    "Day",
    "Programme",
    "Role",
    "Shifts",
    "Wanted",
    "Have a place",
    "Missing",
    "Free",
    "Silent after a reminder",
)


async def gaps(first: date, last: date, zone: str, reader: Reader) -> Rows:
    """The board of gaps: a line for each role and day."""
    for row in await coverage.gaps(first, last, zone, seen=reader.seen):
        yield (
            row["day"], row["programme_name"], row["title"], row["shifts"], row["wanted"], row["taken"], row["missing"],
            row["free"], row["silent"],
        )  # fmt: skip


ATTENDANCE = (
    "Of", "Programme", "Role", "Shifts", "Volunteer ID", "Name", "Shift ID", "Time zone", "Start", "End", "Came", "Did not come",
    "Withdrew late",
)  # fmt: skip


async def attendance(first: datetime, last: datetime, reader: Reader) -> Rows:
    """Who came, who did not, as its page tells it: of each role, then of people and of shifts where somebody was missing or late."""
    mark = await numbers.mark()
    people_numbers, foreign = await numbers.foreign("Volunteer"), await numbers.foreign("Shift")
    for row in await coverage.rates_by_role(first, last, seen=reader.seen):
        of = "role", row["programme_name"], row["title"], row["shifts"], *[None] * 6
        yield (*of, row["kept"], row["missed"], row["late"])
    for row in await coverage.rates_by_person(first, last, seen=reader.seen, limit=_MOST):
        number = people_numbers.get(row["constituent"], f"{mark}-{row['constituent']}")
        of = "person", None, None, None, number, row["name"], *[None] * 4
        yield (*of, row["kept"], row["missed"], row["late"])
    for row in await coverage.rates_by_shift(first, last, seen=reader.seen, limit=_MOST):
        of = (
            "shift",
            row["programme_name"],
            row["title"],
            *[None] * 3,
            foreign.get(row["id"], f"{mark}-{row['id']}"),
        )
        times = (
            row["zone"],
            _on_the_wall(row["starts_at"], row["zone"]),
            _on_the_wall(row["ends_at"], row["zone"]),
        )
        yield (*of, *times, row["kept"], row["missed"], row["late"])


# ---------------------------------------------------------------- hours


async def hours(wanted: Filter, reader: Reader) -> Rows:
    """Entries of hours one by one, by day."""
    mark = await numbers.mark()
    people_numbers, foreign = await numbers.foreign("Volunteer"), await numbers.foreign("Hours")
    after: tuple[date, int] = (date.min, 0)
    while True:
        found = await db.rows(_HOURS, *hour_lists.values_of(wanted, reader.seen), *after, _AT_ONCE)
        for row in found:
            yield (
                foreign.get(row["id"], f"{mark}-{row['id']}"),
                people_numbers.get(row["constituent"], f"{mark}-{row['constituent']}"),
                row["given_name"], row["family_name"] if row["given_name"] else row["family_name"] or row["name"],
                row["programme_name"], row["title"], row["day"], _in_hours(row["minutes"]), row["people"], row["status"],
                row["came_by"], row["is_estimated"], row["note"],
            )  # fmt: skip
        if len(found) < _AT_ONCE:
            return
        after = found[-1]["day"], found[-1]["id"]


_HOURS = f"""
    SELECT h.*, c.name, c.given_name, c.family_name, p.name AS programme_name, o.title
      FROM hours h JOIN constituents c ON c.id = h.constituent JOIN programmes p ON p.id = h.programme
      LEFT JOIN opportunities o ON o.id = h.opportunity
     WHERE {hour_lists.WHERE} AND (h.day, h.id) > ($9, $10) ORDER BY h.day, h.id LIMIT $11
"""  # noqa: S608  words of ours


def _in_hours(minutes: int) -> Decimal:
    """Two digits tell every minute from the next."""
    return (Decimal(minutes) / 60).quantize(Decimal("0.01"))


TOTALS = (
    "Name",
    "People",
    "Entries",
    "Hours",
    "Worth",
    "Currency",
    "Hours without a rate",
    "Rates and their sources",
)


async def totals(by: str, wanted: Filter, reader: Reader, *, currency: str) -> Rows:
    """Hours by programme, funder, month or person, and what they are worth where somebody said so, and who."""
    digits = money.digits(currency)
    rates = "; ".join(
        _("{amount} an hour from {day}: {source}", amount=money.show(rate["amount"], currency), day=rate["from_day"],
          source=rate["source"])
        for rate in reversed(await hour_reports.rates(currency, wanted.first, wanted.last))
    )  # fmt: skip
    for row in await hour_reports.totals(by, wanted, reader.seen, currency=currency, limit=_MOST):
        worth = None if row["worth"] is None else Decimal(row["worth"]).scaleb(-digits)
        yield (
            row["name"] or "–", row["people"], row["times"], _in_hours(row["minutes"]), worth,
            None if worth is None else currency, _in_hours(row["unrated"]), None if worth is None else rates,
        )  # fmt: skip
