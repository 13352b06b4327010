"""What files of volunteers, shifts and hours say, in our words: the records of their plan."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import msgspec

from imports.plan import Key, Plan, Record


class Profile(Record, frozen=True, kw_only=True, gc=False):
    """What somebody is as a volunteer. None and "" are what the file leaves open."""

    of: Key
    status: str = ""
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    availability: tuple[str, ...] = ()
    may_be_asked: bool | None = None
    may_be_asked_for_money: bool | None = None
    notes: str = ""
    joined_on: date | None = None
    born_on: date | None = None
    guardian_name: str = ""
    guardian_phone: str = ""
    emergency_name: str = ""
    emergency_phone: str = ""


PRIVATE = ("born_on", "guardian_name", "guardian_phone", "emergency_name", "emergency_phone")
TOLD = (
    "status", "skills", "languages", "interests", "availability", "may_be_asked", "may_be_asked_for_money", "notes", "joined_on",
)  # fmt: skip


class Role(msgspec.Struct, frozen=True, gc=False):
    """A role, by the names that the file has: of its programme and its own, folded; and as they are written."""

    programme: str
    title: str


class Shift(Record, frozen=True, kw_only=True, gc=False):
    """A shift, by two moments. `minimum` None is what the file leaves open."""

    role: Role
    place: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    minimum: int | None
    maximum: int
    status: str = "open"
    note: str = ""


class Hours(Record, frozen=True, kw_only=True, gc=False):
    """Hours that somebody gave on a day; `minutes` of everybody together."""

    who: Key
    programme: str
    role: Role | None
    day: date
    minutes: int
    people: int = 1
    status: str = "approved"
    note: str = ""


class NewPlace(msgspec.Struct, frozen=True):
    """A place that the files name and nobody here knows."""

    name: str
    zone: str


class NewRole(msgspec.Struct, frozen=True):
    """A role likewise, at the place of the first shift that names it."""

    title: str
    place: str


class VolunteersPlan(Plan):
    """Everything that such files would write. `here` are records that stand here already, by their key: our ids."""

    profiles: list[Profile] = msgspec.field(default_factory=list)
    shifts: list[Shift] = msgspec.field(default_factory=list)
    hours: list[Hours] = msgspec.field(default_factory=list)
    new_programmes: dict[str, str] = msgspec.field(default_factory=dict)
    """By folded name, the name as it is written; made before everything else, as are places and roles."""
    new_places: dict[str, NewPlace] = msgspec.field(default_factory=dict)
    new_roles: dict[Role, NewRole] = msgspec.field(default_factory=dict)
    here: dict[Key, int] = msgspec.field(default_factory=dict)
    people: dict[Key, int] = msgspec.field(default_factory=dict)
    """People of whom nothing is said but that hours are theirs: their constituents here."""
    matched: set[Key] = msgspec.field(default_factory=set)
    """Of `here`, people who were found by e-mail and last name: what differs is proposed, not changed."""
    doubles: dict[Key, list[int]] = msgspec.field(default_factory=dict)
    """Of a new person, constituents with the same e-mail: perhaps the same."""
    places: dict[Key, tuple[str, int]] = msgspec.field(default_factory=dict)
    """Where each record stands: file and row."""
    ambiguous_days: dict[str, str] = msgspec.field(default_factory=dict)

    def counts(self) -> dict[str, int]:
        states = Counter(one.status for one in self.hours)
        told = {
            "volunteer": len(self.profiles),
            "shift": len(self.shifts),
            "hours": len(self.hours),
            "minutes": sum(one.minutes for one in self.hours),
            "hours_waiting": states["proposed"],
            "new_programme": len(self.new_programmes),
            "new_place": len(self.new_places),
            "new_role": len(self.new_roles),
        }
        return {name: count for name, count in told.items() if count}

    def asks(self) -> bool:
        return bool(self.ambiguous_days)

    def records(self) -> Iterator[tuple[str, list[Any]]]:
        yield "constituent", self.constituents
        yield "address", self.addresses
        yield "volunteer", self.profiles
        yield "shift", self.shifts
        yield "hours", self.hours
