"""Volunteers looked at together: the list with its filters, and who gives time but not money, or the reverse."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Literal

import msgspec

from constituents import search
from kit import db
from kit.words import _
from volunteers import profiles, qualifications, sight

PAGE = 50
LISTS = ("all", "time_not_money", "money_not_time")
STATES = ("active", "paused", "ended")
SORTS = ("name", "hours", "last", "newest")
# What is asked of a qualification on a day: valid; ending within ENDING; ended, and nothing after it.
STANDINGS = ("valid", "ending", "ended")
ENDING = timedelta(days=60)


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What of the list is shown, and behind which row.

    `checks` is whether the reader may know who passed a check, of those whom the coordinators of the programmes `seen`
    (None: all) know; `money` is whether they see gifts: without it no list tells who gives money, or does not.
    """

    list: Literal["all", "time_not_money", "money_not_time"] = "all"
    q: str = ""
    status: str = ""
    skill: str = ""
    language: str = ""
    day: str = ""
    part: str = ""
    qualification: str = ""
    standing: str = ""
    sort: str = "name"
    after: str = ""
    checks: bool = False
    seen: Sequence[int] | None = None
    money: bool = False

    @classmethod
    def of(
        cls,
        query: Mapping[str, str],
        *,
        checks: bool = False,
        seen: Sequence[int] | None = None,
        money: bool = False,
    ) -> "Look":
        """From an address; what cannot be read is everything."""

        def one_of(name: str, values: tuple[str, ...], otherwise: str = "") -> Any:
            return query[name] if query.get(name) in values else otherwise

        return cls(
            list=one_of("list", LISTS if money else LISTS[:1], "all"),
            q=query.get("q", "").replace("\0", "").strip()[:200],
            status=one_of("status", STATES),
            skill=query.get("skill", "").replace("\0", "")[:60],
            language=query.get("language", "").replace("\0", "")[:10],
            day=one_of("day", profiles.WEEKDAYS),
            part=one_of("part", profiles.PARTS_OF_DAY),
            qualification=_id(query.get("qualification", "")),
            standing=one_of("standing", STANDINGS),
            sort=one_of("sort", SORTS, "name"),
            after=_id(query.get("after", "")),
            checks=checks,
            seen=seen,
            money=money,
        )

    @property
    def query(self) -> dict[str, str]:
        """The part of a link that says this look, without the page."""
        of_the_reader = ("after", "checks", "seen", "money")
        said = {name: getattr(self, name) for name in self.__struct_fields__ if name not in of_the_reader}
        usual = {"list": "all", "sort": "name"}
        return {name: value for name, value in said.items() if value and value != usual.get(name)}


def _id(text: str) -> str:
    return text if text.isascii() and text.isdigit() and len(text) < 10 else ""


async def page(look: Look, *, today: date, home: str = "US") -> tuple[list[dict[str, Any]], str]:
    """Fifty people in the order asked for, and the row behind which the next page begins ("" when there is none).

    `time_not_money` are people with hours who never gave money and may be asked for it; `money_not_time` are donors
    without hours. Who said that they do not want to be asked is in neither.
    """
    found = await search.find(look.q, home=home) if look.q else None
    ask = _Question()
    where = [*_who(look), *_narrowed(look, ask, today)]
    if found is not None:
        where.append(f"c.id = ANY ({ask.place(found.ids)}::int[])")
    first, falls = _ORDERS[look.sort if look.list != "money_not_time" else "name"]
    columns, way = f"{first}, c.id", "DESC" if falls else "ASC"
    if look.after:
        at = f"SELECT {columns} {_FROM} WHERE c.id = {ask.place(int(look.after))}"
        where.append(f"({columns}) {'<' if falls else '>'} ({at})")
    rows = await db.rows(
        f"SELECT {_COLUMNS} {_FROM} WHERE {' AND '.join(where)} ORDER BY {first} {way}, c.id {way} LIMIT {PAGE + 1}",
        *ask.values,
    )
    return rows[:PAGE], str(rows[PAGE - 1]["id"]) if len(rows) > PAGE else ""


def day_names() -> list[tuple[str, str]]:
    """Codes and names of the days of the week."""
    names = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
    return list(zip(profiles.WEEKDAYS, names, strict=True))


def part_names() -> list[tuple[str, str]]:
    """Codes and names of the parts of a day."""
    return [("morning", _("Morning")), ("afternoon", _("Afternoon")), ("evening", _("Evening"))]


class _Question:
    """Values of a question, each with its place; no value is ever part of the SQL."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def place(self, value: Any) -> str:
        self.values.append(value)
        return f"${len(self.values)}"


def _who(look: Look) -> list[str]:
    gave = "EXISTS (SELECT FROM giving_totals g WHERE g.constituent = c.id AND g.hard_total > 0)"
    who = ["c.archived_at IS NULL", "NOT c.deceased"]
    if look.list == "money_not_time":
        never = "(v.id IS NULL OR v.may_be_asked AND coalesce(t.minutes, 0) = 0)"
        return [*who, "c.kind = 'person'", gave, never]
    if look.list == "time_not_money":
        return [*who, "v.id IS NOT NULL", "t.minutes > 0", "v.may_be_asked_for_money", f"NOT {gave}"]
    return [*who, "v.id IS NOT NULL"]


def _narrowed(look: Look, ask: _Question, today: date) -> list[str]:
    said = []
    if look.list == "money_not_time":
        return said
    if look.status:
        said.append(f"v.status = {ask.place(look.status)}")
    if look.skill:
        said.append(
            f"EXISTS (SELECT FROM unnest(v.skills) AS s (skill) WHERE lower(skill) = lower({ask.place(look.skill)}))"
        )
    if look.language:
        said.append(f"{ask.place(look.language)} = ANY (v.languages)")
    if look.day or look.part:
        said.append(f"v.availability && {ask.place(_slots(look))}::varchar[]")
    if look.qualification or look.standing:
        said.append(_holding(look, ask, today))
    return said


def _slots(look: Look) -> list[str]:
    on = (look.day,) if look.day else profiles.WEEKDAYS
    parts = (look.part,) if look.part else profiles.PARTS_OF_DAY
    return [f"{day}-{part}" for day in on for part in parts]


def _holding(look: Look, ask: _Question, today: date) -> str:
    """Whose qualification (the one, or any) is valid today, ends soon and is not renewed, or has ended."""
    on = ask.place(today)
    held = "SELECT FROM qualifications_held h JOIN qualifications q ON q.id = h.qualification WHERE h.constituent = c.id AND h.status = 'valid'"
    if look.qualification:
        held += f" AND q.id = {ask.place(int(look.qualification))}"
    if not look.checks:
        held += " AND q.kind <> 'check'"
    elif look.seen is not None:
        held += f" AND (q.kind <> 'check' OR {sight.known_to('c.id', ask.place(look.seen) + '::int[]')})"
    renewed = "EXISTS (SELECT FROM qualifications_held n WHERE n.constituent = h.constituent AND n.qualification = h.qualification"
    renewed += " AND n.status = 'valid' AND (n.until_day IS NULL OR n.until_day > h.until_day))"
    if look.standing == "ending":
        soon = f"h.until_day BETWEEN {on} AND {ask.place(today + ENDING)}"
        return f"EXISTS ({held} AND {soon} AND NOT {renewed} AND NOT {qualifications.refused_since('h', on)})"
    if look.standing == "ended":
        return f"EXISTS ({held} AND h.until_day < {on} AND NOT {renewed})"
    return f"EXISTS ({held} AND {qualifications.valid_on(on)})"


_FROM = """
      FROM constituents c LEFT JOIN volunteers v ON v.constituent = c.id
      LEFT JOIN LATERAL (SELECT sum(minutes)::bigint AS minutes, max(last_on) AS last_on
                           FROM volunteer_totals t WHERE t.constituent = c.id) t ON true
"""
_COLUMNS = """c.id, c.name, c.place, coalesce(v.status, '') AS status, coalesce(v.skills, '{}') AS skills,
    coalesce(v.languages, '{}') AS languages, v.joined_on, coalesce(t.minutes, 0) AS minutes, t.last_on"""
# Order: by what, before the id, and whether it falls. Null would be neither before nor after anything.
_ORDERS = {
    "name": ("c.sort_key", False),
    "hours": ("coalesce(t.minutes, 0)", True),
    "last": ("coalesce(t.last_on, DATE '0001-01-01')", True),
    "newest": ("v.joined_on", True),
}
