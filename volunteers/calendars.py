"""Calendars as other programs read them (iCalendar, RFC 5545 and 5546): invitations, and feeds to subscribe to."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from icalendar import Calendar, Event, vCalAddress, vText

from kit import config, days
from kit.templates import url_for

MEDIA_TYPE = "text/calendar"
# A mail program takes the file for an invitation only if its type names the method, too (RFC 6047).
INVITATION_TYPE = "text/calendar; method={method}; charset=utf-8"
_PRODUCT = "-//Almoner//Volunteers//EN"


def invitation(
    signup: dict[str, Any], *, method: Literal["REQUEST", "CANCEL"], organiser: str, attendee: str
) -> bytes:
    """What goes with a mail: a calendar puts the shift in, moves it, or takes it out. `signup` is of `signups.get`.

    A later one has a higher SEQUENCE, so a calendar that gets them in the wrong order keeps the newest.
    The feed of one's own shifts has the same UID and SEQUENCE: who uses both sees each shift once.
    """
    calendar = _calendar(method)
    event = _event(signup, uid=f"signup-{signup['id']}")
    event.add("sequence", _sequence(signup))
    event.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    event.add("organizer", vCalAddress(f"mailto:{organiser}"))
    who = vCalAddress(f"mailto:{attendee}")
    who.params["cn"] = vText(signup["name"])
    who.params["partstat"] = vText("ACCEPTED")
    event.add("attendee", who)
    calendar.add_component(event)
    return calendar.to_ical()


def feed(name: str, shifts: Iterable[dict[str, Any]], *, of: Literal["signup", "shift"]) -> bytes:
    """A calendar to subscribe to: rows with id, title, times, place, status ("cancelled" ones stay, marked)."""
    calendar = _calendar("PUBLISH")
    calendar.add("x-wr-calname", name)
    for shift in shifts:
        event = _event(shift, uid=f"{of}-{shift['id']}")
        event.add("sequence", _sequence(shift) if of == "signup" else shift["sequence"])
        gone = shift["status"] not in ("open", "confirmed")
        event.add("status", "CANCELLED" if gone else "CONFIRMED")
        if of == "shift":
            event.add("transp", "TRANSPARENT")
            event.add("url", config.settings().base_url + url_for("volunteering:show", shift_id=shift["id"]))
        calendar.add_component(event)
    return calendar.to_ical()


def _sequence(signup: dict[str, Any]) -> int:
    """Grows with each move of the shift and with each turn of the sign-up: out of its line and in again, too."""
    return signup["sequence"] + signup["version"] - 1


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", method)
    return calendar


def _event(row: dict[str, Any], uid: str) -> Event:
    """Times are written in UTC: that is right in every calendar, and needs no table of zones beside it."""
    event = Event()
    event.add("uid", f"{uid}@{urlsplit(config.settings().base_url).hostname}")
    event.add("dtstamp", days.now())
    event.add("dtstart", _utc(row["starts_at"]))
    event.add("dtend", _utc(row["ends_at"]))
    event.add("summary", row["title"])
    event.add(
        "location",
        ", ".join(part for part in (row["place_name"], *row["place_address"].splitlines()) if part),
    )
    if row.get("bring"):
        event.add("description", row["bring"])
    return event


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
