"""Calendars on the screen: which days a view shows, and what stands on each."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from urllib.parse import urlencode

import msgspec

from kit import days
from kit.templates import url_for

VIEWS = ("month", "week", "day", "list")
_FILTERS = ("programme", "place", "role")


class View(msgspec.Struct, frozen=True):
    """A calendar's view: which, around which day, of which programme, place and role. Its address says all of it.

    `route` is the page that it is of: staff's calendar unless told otherwise.
    """

    name: Literal["month", "week", "day", "list"]
    on: date
    programme: int | None = None
    place: int | None = None
    role: int | None = None
    route: str = "shifts:index"

    @classmethod
    def of(cls, query: Mapping[str, str], today: date, route: str = "shifts:index") -> "View":
        """From an address; what cannot be read is this month, this day, everything."""
        name = query.get("view", "month")
        return cls(
            name if name in VIEWS else "month",  # pyright: ignore[reportArgumentType]
            _day(query.get("on", ""), today),
            _number(query.get("programme", "")),
            _number(query.get("place", "")),
            _number(query.get("role", "")),
            route,
        )

    @property
    def query(self) -> dict[str, Any]:
        """What the address says of it."""
        said = {"view": self.name, "on": self.on, **{name: getattr(self, name) for name in _FILTERS}}
        return {name: value for name, value in said.items() if value is not None}

    @property
    def first(self) -> date:
        """The first day that is shown: a month begins with the week of its first."""
        if self.name == "day":
            return self.on
        if self.name == "list":
            return self.on.replace(day=1)
        start = self.on.replace(day=1) if self.name == "month" else self.on
        return start - timedelta(days=start.weekday())

    @property
    def last(self) -> date:
        """The last day that is shown."""
        if self.name == "day":
            return self.on
        if self.name == "week":
            return self.first + timedelta(days=6)
        end = _month_later(self.on.replace(day=1)) - timedelta(days=1)
        return end if self.name == "list" else end + timedelta(days=6 - end.weekday())

    @property
    def before(self) -> date:
        """The day around which the view before this one is."""
        if self.name in ("month", "list"):
            return (self.on.replace(day=1) - timedelta(days=1)).replace(day=1)
        return self.on - timedelta(days=7 if self.name == "week" else 1)

    @property
    def after(self) -> date:
        """The day around which the next view is."""
        if self.name in ("month", "list"):
            return _month_later(self.on.replace(day=1))
        return self.on + timedelta(days=7 if self.name == "week" else 1)

    def to(self, name: str | None = None, on: date | None = None, without: str = "") -> str:
        """The address of another view of the same: another kind, around another day, without one of its filters (“*”: any)."""
        said = {
            "view": name or self.name,
            "on": on or self.on,
            "programme": self.programme,
            "place": self.place,
            "role": self.role,
        }
        dropped = _FILTERS if without == "*" else (without,)
        kept = {key: value for key, value in said.items() if value is not None and key not in dropped}
        return f"{url_for(self.route)}?{urlencode(kept)}"

    @property
    def title(self) -> str:
        """“December 2026”, “30 Nov – 6 Dec 2026”, “Saturday 5 December 2026”."""
        if self.name == "day":
            return f"{self.on:%A} {self.on.day} {self.on:%B %Y}"
        if self.name == "week":
            year = f" {self.first.year}" if self.first.year != self.last.year else ""
            return f"{self.first.day} {self.first:%b}{year} – {self.last.day} {self.last:%b %Y}"
        return f"{self.on:%B %Y}"

    def until(self, shift: dict[str, Any]) -> str:
        """The end of a shift, by the clock of its place: `12:00`, with its day where it lasts a day and longer."""
        ends = days.wall_clock(shift["ends_at"], shift["zone"])
        return f"{ends:%a} {ends.day}, {ends:%H:%M}" if _lasts_days(shift) else f"{ends:%H:%M}"

    def moments(self, zone: str) -> tuple[datetime, datetime]:
        """From the first day's beginning to the last day's end. A day wider on both sides: places have their own clocks."""
        return (
            days.at_wall_clock(midnight(self.first) - timedelta(days=1), zone),
            days.at_wall_clock(midnight(self.last) + timedelta(days=2), zone),
        )


def _lasts_days(shift: dict[str, Any]) -> bool:
    """By the clock. Calendars ask this of hundreds: what is far from a day needs no clock."""
    if shift["ends_at"] - shift["starts_at"] < timedelta(hours=22):
        return False
    starts, ends = (days.wall_clock(shift[name], shift["zone"]) for name in ("starts_at", "ends_at"))
    return ends - starts >= timedelta(days=1)


def weeks(view: View, shifts: list[dict[str, Any]], closed: Mapping[date, str]) -> list[list[dict[str, Any]]]:
    """Weeks of days: each `day`, `shifts` that begin on it by the clock of their place, those `going_on` from a day before,
    `closed` (a holiday's name or ""), `other` month. A night is of the day on
    which it begins; what lasts a day and longer goes on.
    """
    by_day: dict[date, list[dict[str, Any]]] = {}
    later: dict[date, list[dict[str, Any]]] = {}
    for shift in shifts:
        first = days.day_of(shift["starts_at"], shift["zone"])
        by_day.setdefault(first, []).append(shift)
        if _lasts_days(shift):
            last = days.day_of(shift["ends_at"] - timedelta(seconds=1), shift["zone"])
            for n in range(1, (last - first).days + 1):
                later.setdefault(first + timedelta(days=n), []).append(shift)
    shown = [view.first + timedelta(days=n) for n in range((view.last - view.first).days + 1)]
    cells = [
        {
            "day": day,
            "shifts": by_day.get(day, []),
            "going_on": later.get(day, []),
            "closed": closed.get(day, ""),
            "other": view.name == "month" and day.month != view.on.month,
        }
        for day in shown
    ]
    return [cells[n : n + 7] for n in range(0, len(cells), 7)]


def board(rows: list[dict[str, Any]], first: date, length: int) -> dict[str, Any]:
    """Gaps by role and day: `days`, and per role its cells in the order of the days (None where nothing is planned).

    A shift of now may be on yesterday, by the clock of its place, and one of the last evening on the day after: these
    days are shown where there is one.
    """
    planned = [row["day"] for row in rows]
    begins, last = min([first, *planned]), max([first + timedelta(days=length - 1), *planned])
    shown = [begins + timedelta(days=n) for n in range((last - begins).days + 1)]
    roles: dict[int, dict[str, Any]] = {}
    for row in rows:
        role = roles.setdefault(
            row["opportunity"],
            {
                "id": row["opportunity"],
                "title": row["title"],
                "programme": row["programme_name"],
                "by_day": {},
            },
        )
        role["by_day"][row["day"]] = row
    return {
        "days": shown,
        "roles": [{**role, "cells": [role["by_day"].get(day) for day in shown]} for role in roles.values()],
    }


def midnight(day: date) -> datetime:
    """The beginning of a day on the wall clock."""
    return datetime.combine(day, time())


def _month_later(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def _day(text: str, otherwise: date) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return otherwise
    return found if 1990 <= found.year <= 2200 else otherwise


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
