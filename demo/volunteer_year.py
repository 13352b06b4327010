"""The demo's year of volunteering: who came, who did not, the hours of it, and who signed up for the weeks to come.

What was is written as rows, at once and without a mail. What lies open now (an offer, a group, an ask) is done by the
verbs, so that the mailbox has one letter of each kind.
"""

import random
from collections import deque
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from demo import volunteer_records
from demo.volunteer_people import ZONE, Helper, copy
from kit import db
from kit.changes import Actor
from kit.days import day_of, now, wall_clock
from volunteers import asks, hours, shifts, signups, visitors

# How many come when all is well, and how much of that is filled so many weeks ahead.
_USUAL = {"sorting": 5, "host": 4, "soup": 6, "driver": 3, "tutor": 4, "line": 1.4, "garden": 7}
_AHEAD = (0.95, 0.85, 0.7, 0.5, 0.3, 0.15, 0.1)
_NEEDS = {"host": "food", "soup": "food", "driver": "check", "tutor": "check", "line": "line"}


class _Shift(msgspec.Struct):
    """A shift, and until when who was there rests."""

    id: int
    role: str
    starts: datetime
    ends: datetime
    until: datetime
    day: date
    minimum: int
    maximum: int


class _Year:
    """Who is where and when, while the year is made up from its first shift to its last.

    `ahead` is what was given away before its turn; of the rest only somebody's last few can clash.
    """

    def __init__(self, helpers: Iterable[Helper], luck: random.Random) -> None:
        self.helpers = list(helpers)
        self.luck = luck
        self.last: dict[int, deque[_Shift]] = {helper.id: deque(maxlen=16) for helper in self.helpers}
        self.ahead: dict[int, list[_Shift]] = {helper.id: [] for helper in self.helpers}

    def choose(self, shift: _Shift, wanted: int) -> list[Helper]:
        """So many of those who may and can come, likelier those who come often."""
        free = [helper for helper in self.helpers if self._can(helper, shift)]
        weights = {helper.id: self.luck.random() ** (1 / max(helper.often, 2)) for helper in free}
        return sorted(free, key=lambda helper: -weights[helper.id])[:wanted]

    def keep(self, shift: _Shift, wanted: int) -> list[Helper]:
        """The same, and from now on they are there."""
        chosen = self.choose(shift, wanted)
        for helper in chosen:
            self.last[helper.id].append(shift)
        return chosen

    def _can(self, helper: Helper, shift: _Shift) -> bool:
        if shift.role not in helper.roles or shift.day < helper.joined:
            return False
        if not helper.often and shift.starts > now() - timedelta(weeks=20):
            return False
        ends = helper.ends.get(_NEEDS.get(shift.role, ""))
        if ends is not None and shift.day > ends:
            return False
        mine = [*self.last[helper.id], *self.ahead[helper.id]]
        if any(one.starts < shift.until and shift.starts < one.until for one in mine):
            return False
        week = sum(abs(one.starts - shift.starts) < timedelta(days=3.5) for one in mine)
        month = sum(
            one.role == shift.role and abs(one.starts - shift.starts) <= timedelta(days=30) for one in mine
        )
        return week < (2 if helper.often >= 4 else 1) and month < (4 if shift.role == "soup" else 8)


async def make(roles: dict[str, int], helpers: dict[str, Helper], *, lead: int, by: Actor) -> None:
    """A year of sign-ups and hours, and six weeks to come with gaps; `lead` is the coordinator who looks after them."""
    luck = random.Random(20261122)
    await _late_delivery(roles["sorting"], by)
    year = _Year(helpers.values(), luck)
    found = await _shifts(roles)
    full = next(one for one in found if one.role == "soup" and one.starts > now() + timedelta(days=7))
    rows = _line_of(full, year)
    for shift in found:
        if shift is not full:
            rows += _past(shift, year) if shift.ends < now() else _coming(shift, year)
    await copy("signups", volunteer_records.COLUMNS, rows)
    await volunteer_records.write(luck)
    await _now(full, found, helpers, lead, by)


async def _late_delivery(role: int, by: Actor) -> None:
    """A shift that is now, whenever the demo is made: there is somebody to check in at the door."""
    starts = wall_clock(now(), ZONE).replace(minute=0, second=0, microsecond=0)
    details = shifts.ShiftDetails(
        opportunity=role, starts=starts, ends=starts + timedelta(hours=3), minimum=3, maximum=6,
        note="A late delivery: forty crates from the market.",
    )  # fmt: skip
    await shifts.create(details, by=by)


async def _shifts(roles: dict[str, int]) -> list[_Shift]:
    names = {id: key for key, id in roles.items()}
    return [
        _Shift(
            row["id"], names[row["opportunity"]], row["starts_at"], row["ends_at"],
            row["ends_at"] + timedelta(minutes=row["rest_minutes"]), day_of(row["starts_at"], ZONE), row["minimum"],
            row["maximum"],
        )
        for row in await db.rows(
            """
            SELECT id, opportunity, starts_at, ends_at, rest_minutes, minimum, maximum FROM shifts
             WHERE opportunity = ANY ($1) ORDER BY starts_at, id
            """,
            list(roles.values()),
        )
    ]  # fmt: skip


def _past(shift: _Shift, year: _Year) -> list[tuple[Any, ...]]:
    """Most came; some were late, some did not come, some said before that they could not."""
    luck = year.luck
    fewest = shift.minimum - (luck.random() < 0.08)
    wanted = max(fewest, round(_USUAL[shift.role] + luck.uniform(-1.4, 1.4)))
    rows = []
    for helper in year.keep(shift, min(wanted, shift.maximum)):
        made = shift.starts - timedelta(days=luck.randrange(3, 26), minutes=luck.randrange(600))
        fate = luck.random()
        if fate < 0.05:
            late = fate < 0.02
            ended = shift.starts - (timedelta(hours=luck.randrange(2, 20)) if late else timedelta(days=2))
            why = luck.choice(("Ill.", "Has to work.", "The children are ill.", ""))
            rows.append(
                volunteer_records.row(shift.id, helper.id, "withdrawn", made, ended_at=ended, ended_late=late, reason=why)
            )  # fmt: skip
        elif fate < 0.08:
            rows.append(volunteer_records.row(shift.id, helper.id, "confirmed", made, attendance="absent"))
        else:
            size = 5 if shift.role == "garden" and helper.name == "Oscar Lindqvist" and fate < 0.4 else 1
            rows.append(_came(shift, helper, made, size if size + len(rows) <= 10 else 1, luck))
    return rows


def _came(shift: _Shift, helper: Helper, made: datetime, size: int, luck: random.Random) -> tuple[Any, ...]:
    forgot = luck.random() < 0.04
    left = shift.ends if forgot else shift.ends + timedelta(minutes=luck.randrange(-12, 20))
    return volunteer_records.row(
        shift.id, helper.id, "confirmed", made, size=size, attendance="present",
        arrived_at=shift.starts + timedelta(minutes=luck.randrange(-12, 9)), left_at=left, left_is_estimated=forgot,
        came_by="ask" if luck.random() < 0.06 else luck.choice(("public", "public", "staff")),
    )  # fmt: skip


def _coming(shift: _Shift, year: _Year) -> list[tuple[Any, ...]]:
    """The first week is nearly full, the sixth nearly empty, and some of the next days lack somebody badly."""
    luck, away = year.luck, shift.starts - now()
    if away <= timedelta(0):
        return _inside(shift, year)
    usual = _USUAL[shift.role] * _AHEAD[min(away.days // 7, len(_AHEAD) - 1)]
    wanted = min(round(usual + luck.uniform(-1, 1)), shift.maximum)
    if shift.role == "host" and away < timedelta(days=7):
        wanted = 1
    if (shift.role == "line" and shift.starts.day % 4 == 0) or (shift.role == "soup" and away.days >= 34):
        wanted = 0
    approves = shift.role in ("driver", "tutor") and 5 <= away.days < 12
    rows = []
    for number, helper in enumerate(year.keep(shift, max(wanted, 0))):
        made = now() - timedelta(days=luck.randrange(1, 21), minutes=luck.randrange(900))
        status = "pending" if approves and number == 0 else "confirmed"
        came_by = luck.choice(("public", "public", "public", "staff"))
        rows.append(volunteer_records.row(shift.id, helper.id, status, made, came_by=came_by))
    return rows


def _inside(shift: _Shift, year: _Year) -> list[tuple[Any, ...]]:
    """A shift that is now: two are inside, the others expected."""
    rows = []
    for number, helper in enumerate(year.keep(shift, min(4, shift.maximum))):
        inside = {"attendance": "present", "arrived_at": shift.starts} if number < 2 else {}
        rows.append(
            volunteer_records.row(
                shift.id, helper.id, "confirmed", shift.starts - timedelta(days=4), **inside
            )
        )
    return rows


def _line_of(shift: _Shift, year: _Year) -> list[tuple[Any, ...]]:
    """A popular shift: full, with three in line."""
    chosen = year.choose(shift, shift.maximum + 3)
    for helper in chosen:
        year.ahead[helper.id].append(shift)
    rows = []
    for number, helper in enumerate(chosen):
        made = now() - timedelta(days=12 - number, minutes=number * 37)
        line = {"queued_at": made} if number >= shift.maximum else {}
        rows.append(
            volunteer_records.row(shift.id, helper.id, "waiting" if line else "confirmed", made, **line)
        )
    return rows


async def _now(full: _Shift, found: list[_Shift], helpers: dict[str, Helper], lead: int, by: Actor) -> None:
    """What lies open: an offer to the first in line, a group, an ask for tomorrow's gap, hours that people reported."""
    leaving = await db.row(
        """
        SELECT u.id, c.name FROM signups u JOIN constituents c ON c.id = u.constituent
         WHERE u.shift = $1 AND u.status = 'confirmed' ORDER BY u.id LIMIT 1
        """,
        full.id,
    )
    assert leaving is not None
    await signups.withdraw(
        leaving["id"], by=Actor("volunteer", None, leaving["name"]), reason="My sister visits that day."
    )
    await _group(
        next(one for one in found if one.role == "garden" and one.starts > now() + timedelta(days=2))
    )
    victor = Actor("staff", lead, "Victor Sato")
    gap = next(one for one in found if one.role == "host" and one.starts > now() + timedelta(hours=20))
    free = await asks.candidates(gap.id, 3)
    await asks.ask(gap.id, [one["id"] for one in free], by=victor)
    programme = await db.value(
        "SELECT programme FROM opportunities o JOIN shifts s ON s.opportunity = o.id WHERE s.id = $1", gap.id
    )
    for name, ago, minutes, note in (
        ("Pearl Washington", 2, 90, "Fetched bread from Rose City Bakery on my way."),
        ("Caleb Whitford", 5, 240, "Repaired the shelves in the cold room."),
    ):
        details = hours.HoursDetails(
            constituent=helpers[name].id, programme=programme, day=_days_ago(ago), minutes=minutes, note=note
        )
        await hours.propose(details, came_by="self", by=Actor("volunteer", None, name))


async def _group(shift: _Shift) -> None:
    """Six people of a firm, put down by one of them on the public page."""
    visit = visitors.Visit(
        entry_key="demo group", given_name="Dale", family_name="Whitcomb", email="dale.whitcomb@columbiapaper.example.org",
        phone="+13605550121", size=6, names=["June Abbott", "Raj Patel", "Mina Sørensen", "Tom Alvarez"],
        comment="We are the night shift of the mill; one of us comes with a wheelbarrow.",
        signatures={row["id"]: "Dale Whitcomb" for row in await db.rows("SELECT id FROM waivers WHERE current")},
    )  # fmt: skip
    await visitors.sign_up(shift.id, visit)


def _days_ago(number: int) -> date:
    return day_of(now(), ZONE) - timedelta(days=number)
