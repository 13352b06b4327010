"""The demo's forty volunteers: some of them donors, each with what they can, have and signed."""

import csv
from datetime import date, datetime, time, timedelta
from pathlib import Path

import msgspec
from dateutil.relativedelta import relativedelta

from constituents import constituents
from constituents.constituents import Details
from constituents.contacts import AddressLine, EmailLine, PhoneLine
from kit import db
from kit.changes import Actor
from kit.days import at_wall_clock, now, today

ZONE = "America/Los_Angeles"
_ROLE_NEEDS = {"host": "food", "soup": "food", "driver": "check", "tutor": "check", "line": "line"}
# Days until these end; everybody else's end later.
_ENDING = {"Amara Bello": ("food", 9), "Simon Achterberg": ("check", 16), "Umar Siddiqui": ("check", 24),
           "Rosa Jiménez": ("food", 33), "Walter Kowalski": ("check", -12)}  # fmt: skip


class Helper(msgspec.Struct):
    """A volunteer as the year needs one. `ends` is the last day of what a role asks for."""

    id: int
    name: str
    roles: list[str]
    joined: date
    often: int
    ends: dict[str, date | None]
    remarks: str = ""


async def make(people: dict[str, int], needs: dict[str, int], waiver: int, *, by: Actor) -> dict[str, Helper]:
    """Everybody of volunteers.csv, by name; who is not a constituent yet becomes one. `people` are ids by name."""
    with (Path(__file__).parent / "volunteers.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    helpers: dict[str, Helper] = {}
    async with db.tx():
        for number, row in enumerate(rows):
            name = f"{row['given']} {row['family']}"
            id = people.get(name) or await constituents.create(_details(row), by=by)
            helpers[name] = _helper(number, id, name, row)
        await _profiles(rows, helpers)
        await _private(helpers, people)
        await _have(helpers, needs)
        await _signed(helpers, waiver)
    return helpers


def _details(row: dict[str, str]) -> Details:
    return Details(
        given_name=row["given"],
        family_name=row["family"],
        emails=[EmailLine(row["email"])] if row["email"] else [],
        phones=[PhoneLine(row["phone"])] if row["phone"] else [],
        addresses=[
            AddressLine(
                street=row["street"],
                city="Portland",
                region="OR",
                postal_code=row["postal"],
                country="US",
            )
        ],
        tags=["Volunteer"],
    )


def _helper(number: int, id: int, name: str, row: dict[str, str]) -> Helper:
    """Whoever has no end of their own has one in half a year to two, so that not everything ends at once."""
    day = today(ZONE)
    roles = row["roles"].split("|")
    ends: dict[str, date | None] = {}
    for role in roles:
        need = _ROLE_NEEDS.get(role)
        if need == "line":
            ends[need] = None
        elif need is not None:
            ends[need] = day + timedelta(days=180 + (number * 53) % 500)
    if name in _ENDING:
        need, left = _ENDING[name]
        ends[need] = day + timedelta(days=left)
    joined = day - timedelta(weeks=int(row["weeks"]), days=number % 5)
    return Helper(id, name, roles, joined, int(row["often"]), ends, row["remarks"])


async def _profiles(rows: list[dict[str, str]], helpers: dict[str, Helper]) -> None:
    columns = ("constituent", "status", "skills", "languages", "interests", "availability", "may_be_asked",
               "may_be_asked_for_money", "notes", "joined_on", "version")  # fmt: skip
    told = []
    for row, helper in zip(rows, helpers.values(), strict=True):
        status = helper.remarks if helper.remarks in ("paused", "ended") else "active"
        told.append(
            (
                helper.id, status, *(row[name].split("|") for name in ("skills", "languages", "interests", "availability")),
                helper.remarks != "no asking", helper.remarks != "no money", _NOTES.get(helper.name, ""), helper.joined, 1,
            )
        )  # fmt: skip
    await copy("volunteers", columns, told)
    await db.row(
        """
        INSERT INTO timeline_entries (constituent, kind, source_id, happened_on, at, title, route, route_id, permission)
        SELECT constituent, 'volunteer', constituent, joined_on, $2, 'Became a volunteer', 'volunteers:show', constituent,
               'volunteers.read' FROM volunteers WHERE constituent = ANY ($1)
        """,
        [helper.id for helper in helpers.values()],
        now(),
    )


_NOTES = {
    "Pearl Washington": "Knows where everything is. Ask her before changing the shelves.",
    "Helen Strand": "Retired nurse; prefers not to have two evenings in a row.",
    "Bertram Cole": "Pausing until his knee is better; call him in spring.",
    "Inés Villanueva": "School project until June; her mother is Teresa.",
}


async def _private(helpers: dict[str, Helper], people: dict[str, int]) -> None:
    """Whom to call, of most; a birth date where a role asks for an age; a guardian of the one who is a minor."""
    columns = ("constituent", "born_on", "guardian", "guardian_name", "guardian_phone", "emergency_name",
               "emergency_phone", "version")  # fmt: skip
    day = today(ZONE)
    told = []
    for number, helper in enumerate(helpers.values()):
        minor = helper.remarks == "minor"
        years = 16 if minor else 24 + (number * 7) % 50
        born = day - relativedelta(years=years, days=40 + number * 3)
        guardian = ("Teresa Villanueva", "+15035550192") if minor else ("", "")
        call = ("", "") if number % 6 == 5 else (_CALL[number % len(_CALL)], f"+1503555{300 + number:04}")
        told.append((helper.id, born, people["Teresa Villanueva"] if minor else None, *guardian, *call, 1))
    await copy("volunteers_private", columns, told)


_CALL = ("Sam (partner)", "Maria (sister)", "Joe (neighbour)", "Ruth (daughter)", "Ali (brother)")


async def _have(helpers: dict[str, Helper], needs: dict[str, int]) -> None:
    """What each has of what their roles ask for; one check is still under way."""
    columns = (
        "constituent",
        "qualification",
        "status",
        "from_day",
        "until_day",
        "number",
        "created_at",
    )
    lasts = {"food": 36, "check": 24, "line": 0}
    told = []
    for helper in helpers.values():
        for need, until in helper.ends.items():
            begins = until - relativedelta(months=lasts[need], days=-1) if until else helper.joined
            number = f"OR-{helper.id * 7919 % 1_000_000:06}" if need == "food" else ""
            told.append((helper.id, needs[need], "valid", begins, until, number, _noon(begins)))
    waits = helpers["Kofi Mensah"]
    told = [one for one in told if one[:2] != (waits.id, needs["check"])]
    told.append((waits.id, needs["check"], "pending", today(ZONE) - timedelta(days=6), None, "", now()))
    waits.ends["check"] = date.min
    await copy("qualifications_held", columns, told)


async def _signed(helpers: dict[str, Helper], waiver: int) -> None:
    """Everybody who comes signed the agreement when they joined; who only listens on the phone need not."""
    columns = ("constituent", "waiver", "signed_name", "is_guardian", "signed_at")
    told = []
    for helper in helpers.values():
        if helper.roles != ["line"] and helper.remarks != "ended":
            minor = helper.remarks == "minor"
            name = "Teresa Villanueva" if minor else helper.name
            told.append((helper.id, waiver, name, minor, _noon(helper.joined)))
    await copy("waiver_signatures", columns, told)


def _noon(day: date) -> datetime:
    return at_wall_clock(datetime.combine(day, time(12)), ZONE)


async def copy(table: str, columns: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """Many rows at once; triggers and constraints see them as any other."""
    async with db.tx() as connection:
        await connection.copy_records_to_table(table, records=rows, columns=columns)
