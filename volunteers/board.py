"""The public board: shifts that one can do, soonest need first."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from kit import config, days, db
from kit.templates import url_for
from volunteers import coverage, gates


class Chosen(msgspec.Struct, frozen=True):
    """What somebody looks for: a place, a role, a programme's slug, a day. None: any."""

    place: int | None = None
    role: int | None = None
    programme: str | None = None
    day: date | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Chosen":
        """From an address; what cannot be read is any."""
        return cls(
            _number(query.get("place", "")),
            _number(query.get("role", "")),
            query.get("programme") or None,
            _day(query.get("day", "")),
        )


async def shifts_one_can_do(chosen: Chosen, first: datetime, last: datetime) -> list[dict[str, Any]]:
    """Public shifts between two moments that take people now or have a line: those in need first, then by start."""
    found = await coverage.planned(
        first, last, seen=None, opportunity=chosen.role, place=chosen.place, public_only=True, limit=1000
    )
    if chosen.programme is not None:
        id = await db.value("SELECT id FROM programmes WHERE slug = $1", chosen.programme[:80])
        found = [shift for shift in found if shift["programme"] == id]
    if chosen.day is not None:
        found = [shift for shift in found if days.day_of(shift["starts_at"], shift["zone"]) == chosen.day]
    takes = [shift for shift in found if _takes_people(shift, days.now())]
    return sorted(takes, key=_urgency)


async def choices(first: datetime, last: datetime) -> dict[str, list[tuple[str, str]]]:
    """Places and roles that have public shifts between two moments: for the filters."""
    found = await coverage.planned(first, last, seen=None, public_only=True, limit=1000)
    places = {str(shift["place"]): shift["place_name"] for shift in found}
    roles = {str(shift["opportunity"]): shift["title"] for shift in found}
    return {"places": sorted(places.items(), key=_by_name), "roles": sorted(roles.items(), key=_by_name)}


def as_json(shift: dict[str, Any]) -> dict[str, Any]:
    """A shift as the feed has it; times with their offset."""
    return {
        "id": shift["id"],
        "title": shift["title"],
        "programme": shift["programme_name"],
        "starts_at": days.in_zone(shift["starts_at"], shift["zone"]).isoformat(),
        "ends_at": days.in_zone(shift["ends_at"], shift["zone"]).isoformat(),
        "time_zone": shift["zone"],
        "place": shift["place_name"],
        "address": shift["place_address"],
        "free": shift["maximum"] - shift["taken"],
        "maximum": shift["maximum"],
        "minimum_age": shift["minimum_age"],
        "url": config.settings().base_url + url_for("volunteering:show", shift_id=shift["id"]),
    }


def _takes_people(shift: dict[str, Any], now: datetime) -> bool:
    try:
        gates.check_window(shift, now)
    except gates.NotYet:
        return False
    return True


def _urgency(shift: dict[str, Any]) -> tuple[int, datetime, int]:
    """Short ones of the next days before all; full ones after all."""
    order = {"empty": 0, "short": 0, "open": 1, "full": 2}[shift["need"]]
    soon = order == 0 and shift["starts_at"] - days.now() < timedelta(days=7)
    return (-1 if soon else order, shift["starts_at"], shift["id"])


def _by_name(pair: tuple[str, str]) -> str:
    return pair[1].casefold()


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
