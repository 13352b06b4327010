"""The demo's volunteering: what there is to do at Riverbend, and the weeks that are planned.

Who can do it is `volunteer_people`; what they did in a year, and what they signed up for, is `volunteer_year`.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec

from demo import volunteer_people, volunteer_year
from demo.volunteer_people import ZONE
from kit import db
from kit.changes import Actor
from kit.days import at_wall_clock, now, today
from staff import members
from volunteers import (
    holidays,
    hour_reports,
    opportunities,
    places,
    programmes,
    qualifications,
    recurrence,
    series,
    waivers,
)

WEEKS_AHEAD = 6
_AGREEMENT = "Volunteer agreement"
_AGREEMENT_TEXT = (
    "I come when I said I would, or say in time that I cannot. I keep to myself what I learn about the people we serve. "
    "I follow the safety rules that I am shown, and tell a member of staff at once when something goes wrong. "
    "I know that the work can be heavy and that I may say no to any task."
)
# What Independent Sector says an hour of a volunteer is worth, and since when.
_WORTH = (
    (date(2024, 4, 23), 33_49, "Independent Sector, national estimate for 2023"),
    (date(2025, 4, 22), 34_79, "Independent Sector, national estimate for 2024"),
)


class Role(msgspec.Struct, frozen=True, kw_only=True):
    """A role of the demo, and the weeks in which its shifts repeat: for how many weeks it has been there."""

    key: str
    programme: str
    title: str
    place: str
    days: str
    starts: time
    minutes: int
    minimum: int
    maximum: int
    weeks: int
    description: str
    bring: str = ""
    needs: tuple[str, ...] = ()
    rules: dict[str, Any] = {}


_PLACES = {
    "mill": ("Mill Street Pantry", "12 Mill Street, Portland, OR 97206", "45.4793/-122.6010",
             "The blue door on the yard side. Bikes under the roof; bus 14 stops at the corner."),
    "hall": ("Saint Brigid Parish Hall", "20 Church Lane, Portland, OR 97213", "45.5334/-122.6105",
             "Side entrance, up the ramp. Ring for the hall, not for the office."),
    "garden": ("Riverside Garden", "End of Alder Lane, Portland, OR 97202", "45.4831/-122.6563",
               "Through the green gate behind the boathouse. No parking: the lot of the boathouse is free before noon."),
}  # fmt: skip

# Name, funder, description, who coordinates it.
_PROGRAMMES = {
    "pantry": ("Food pantry", "Okonjo Foundation", "Food in, food out: sorting, handing out, driving, and soup on Saturdays.", "victor"),
    "club": ("Homework club", "Columbia Paper Mill", "An hour and a half of quiet help after school, two days a week.", "ana"),
    "line": ("Warm line", "County Health Fund", "Somebody who listens, every evening from six to nine.", "victor"),
    "garden": ("Riverside garden", "", "Vegetables for the pantry, grown by whoever comes on Saturday morning.", "victor"),
}  # fmt: skip

_ROLES = (
    Role(key="sorting", programme="pantry", title="Sorting and shelving", place="mill", days="TU,TH", starts=time(9), minutes=180,
         minimum=3, maximum=8, weeks=52, description="Check dates, sort what came in, fill the shelves. You will be shown everything.",
         bring="Closed shoes. Gloves are here.", rules={"minimum_age": 14, "largest_group": 8}),
    Role(key="host", programme="pantry", title="Pantry host", place="mill", days="WE,FR", starts=time(15), minutes=210,
         minimum=3, maximum=5, weeks=52, description="Welcome people, hand out food, and keep the line friendly.",
         bring="A warm layer: the door is open.", needs=("food",), rules={"withdraw_hours": 24}),
    Role(key="soup", programme="pantry", title="Saturday soup kitchen", place="mill", days="SA", starts=time(11), minutes=240,
         minimum=4, maximum=6, weeks=52, description="Cook and serve soup for about ninety people. The popular one: four times a month at most.",
         bring="An apron, if you have a lucky one.", needs=("food",),
         rules={"opens_days": 35, "closes_hours": 12, "withdraw_hours": 24, "offer_hours": 72, "share_most": 4, "share_days": 30}),
    Role(key="driver", programme="pantry", title="Delivery driver", place="mill", days="MO,TH", starts=time(13), minutes=180,
         minimum=2, maximum=3, weeks=52, description="Bring boxes to people who cannot come, with our van and a helper.",
         bring="Your driving licence.", needs=("check",), rules={"needs_approval": True, "minimum_age": 21, "withdraw_hours": 48}),
    Role(key="tutor", programme="club", title="Homework tutor", place="hall", days="MO,WE", starts=time(16), minutes=120,
         minimum=3, maximum=6, weeks=11, description="Reading, mathematics and patience, two or three children at a time.",
         needs=("check",), rules={"needs_approval": True, "minimum_age": 18, "withdraw_hours": 24}),
    Role(key="line", programme="line", title="Evening listener", place="mill", days="MO,TU,WE,TH,FR,SA,SU", starts=time(18), minutes=180,
         minimum=1, maximum=2, weeks=12, description="Answer the phone upstairs. You are trained first, and never alone in the house.",
         needs=("line",), rules={"is_public": False, "rest_minutes": 480, "withdraw_hours": 24}),
    Role(key="garden", programme="garden", title="Garden morning", place="garden", days="SA", starts=time(9), minutes=120,
         minimum=3, maximum=15, weeks=36, description="Dig, mulch, mend and harvest. Children are welcome with a grown-up.",
         bring="Boots, a water bottle, and clothes that may get wet.", rules={"largest_group": 10}),
)  # fmt: skip


async def make(people: dict[str, int], *, by: Actor) -> None:
    """Programmes, roles, six weeks of shifts, forty volunteers, and their year."""
    staff = {member["email"].partition("@")[0]: member["id"] for member in await members.index()}
    where = {key: await _place(*told, by=by) for key, told in _PLACES.items()}
    what = {key: await _programme(*told, staff=staff, by=by) for key, told in _PROGRAMMES.items()}
    needs = await _qualifications(by)
    waiver = await _agreement(by)
    roles: dict[str, int] = {}
    for role in _ROLES:
        lead = staff[_PROGRAMMES[role.programme][3]]
        roles[role.key] = await _role(role, what[role.programme], where[role.place], needs, lead, by=by)
        await _planned(role, roles[role.key], by=by)
    for day, amount, source in _WORTH:
        await hour_reports.say_value(day, amount, "USD", source, by=by)
    helpers = await volunteer_people.make(people, needs, waiver, by=by)
    await volunteer_year.make(roles, helpers, lead=staff["victor"], by=by)


async def _place(name: str, address: str, at: str, directions: str, *, by: Actor) -> int:
    latitude, longitude = at.split("/")
    link = f"https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=17/{at}"
    return await places.create(
        places.PlaceDetails(name=name, zone=ZONE, address=address, map_link=link, directions=directions),
        by=by,
    )


async def _programme(
    name: str, funder: str, description: str, lead: str, *, staff: dict[str, int], by: Actor
) -> int:
    details = programmes.ProgrammeDetails(
        name=name, funder=funder, description=description, coordinators=[staff[lead]]
    )
    return await programmes.create(details, by=by)


async def _qualifications(by: Actor) -> dict[str, int]:
    return {
        "food": await qualifications.define("Food handler card", "certificate", 36, by=by),
        "check": await qualifications.define("Background check", "check", 24, by=by),
        "line": await qualifications.define("Warm line training", "training", None, by=by),
    }


async def _agreement(by: Actor) -> int:
    """Its second edition is the one to sign; the first was shorter."""
    await waivers.publish(_AGREEMENT, _AGREEMENT_TEXT.partition(". ")[0] + ".", None, by=by)
    return await waivers.publish(_AGREEMENT, _AGREEMENT_TEXT, None, by=by)


async def _role(
    role: Role, programme: int, place: int, needs: dict[str, int], lead: int, *, by: Actor
) -> int:
    details = opportunities.OpportunityDetails(
        programme=programme, title=role.title, place=place, description=role.description, bring=role.bring,
        coordinator=lead, qualifications=[needs[one] for one in role.needs],
        waivers=[_AGREEMENT] if role.key != "line" else [], **role.rules,
    )  # fmt: skip
    return await opportunities.create(details, by=by)


async def _planned(role: Role, opportunity: int, *, by: Actor) -> None:
    """Its series, from when it began until six weeks ahead: what is to come by the verb, what was by the same rule."""
    day = today(ZONE)
    rule = f"FREQ=WEEKLY;BYDAY={role.days};UNTIL={day + timedelta(weeks=WEEKS_AHEAD):%Y%m%d}T235959"
    first = datetime.combine(day - timedelta(weeks=role.weeks, days=day.weekday()), role.starts)
    begins = recurrence.starts(first, rule, until=day)[0]
    id = await series.create(
        series.SeriesDetails(
            opportunity=opportunity, starts=begins, ends=begins + timedelta(minutes=role.minutes), rule=rule,
            minimum=role.minimum, maximum=role.maximum, skips_holidays=True,
        ),
        by=by,
    )  # fmt: skip
    closed = await holidays.between(begins.date(), day)
    past = [at_wall_clock(start, ZONE) for start in recurrence.starts(begins, rule, until=day, skip=closed)]
    await _past(role, opportunity, id, [start for start in past if start <= now()])


async def _past(role: Role, opportunity: int, series_id: int, starts: list[datetime]) -> None:
    """The shifts of a series that were, which no verb plans any more."""
    await db.rows(
        """
        INSERT INTO shifts (opportunity, series, occurrence, starts_at, ends_at, zone, minimum, maximum, created_at)
        SELECT $1, $2, t AT TIME ZONE $3, t, t + make_interval(mins => $4), $3, $5, $6, t - interval '40 days'
          FROM unnest($7::timestamptz[]) AS t ON CONFLICT (series, occurrence) DO NOTHING
        """,
        opportunity, series_id, ZONE, role.minutes, role.minimum, role.maximum, starts,
    )  # fmt: skip
