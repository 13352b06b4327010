"""The forms of planning: programmes, places, roles, shifts."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

import msgspec

from kit.forms import Amount, Choice, Day, EmailAddress, Many, PhoneNumber, Text, Whole, Wrong, Yes
from kit.words import _
from volunteers import copies, recurrence
from volunteers.recurrence import Repeat


class Clock(msgspec.Struct, frozen=True):
    """A time of day as browsers send it: 09:30."""

    required: str = ""

    def read(self, typed: list[str], said: Mapping[str, Any]) -> time | None:
        text = (typed[-1] if typed else "").strip()
        if not text and not self.required:
            return None
        if not text:
            raise Wrong(self.required)
        found = re.fullmatch(r"([01]?\d|2[0-3])[:.]([0-5]\d)(:00)?", text, re.ASCII)
        if found is None:
            raise Wrong(_("Type the time like 09:30."))
        return time(int(found[1]), int(found[2]))


class Link(msgspec.Struct, frozen=True):
    """A web address that may stand as a link: http or https, or nothing."""

    def read(self, typed: list[str], said: Mapping[str, Any]) -> str:
        text = (typed[-1] if typed else "").strip()
        if text and not re.fullmatch(r"https?://[^\s<>\"']{3,480}", text):
            raise Wrong(_("A link begins with https:// and has no spaces."))
        return text


class HoursList(msgspec.Struct, frozen=True):
    """Whole hours with commas between them: 48, 3."""

    def read(self, typed: list[str], said: Mapping[str, Any]) -> tuple[int, ...]:
        parts = [part.strip() for part in (typed[-1] if typed else "").split(",") if part.strip()]
        if not all(re.fullmatch(r"[0-9]{1,3}", part, re.ASCII) and 1 <= int(part) <= 720 for part in parts):
            raise Wrong(_("Type hours with commas between them, each 1 to 720: 48, 3."))
        if len(parts) > 5:
            raise Wrong(_("At most five reminders."))
        return tuple(sorted({int(part) for part in parts}, reverse=True))


class ProgrammeForm(msgspec.Struct, kw_only=True):
    name: Annotated[str, Text(max=120, required=_("Type the name of the programme."))]
    description: Annotated[str, Text(max=5000, lines=True)] = ""
    funder: Annotated[str, Text(max=200)] = ""
    coordinators: Annotated[list[int], Many(Whole())]
    version: Annotated[int | None, Whole()] = None


class PlaceForm(msgspec.Struct, kw_only=True):
    name: Annotated[str, Text(max=120, required=_("Type the name of the place."))]
    zone: Annotated[str, Text(max=60, required=_("Choose the time zone of the place."))]
    address: Annotated[str, Text(max=500, lines=True)] = ""
    map_link: Annotated[str, Link()] = ""
    directions: Annotated[str, Text(max=2000, lines=True)] = ""
    version: Annotated[int | None, Whole()] = None


class OpportunityForm(msgspec.Struct, kw_only=True):
    title: Annotated[str, Text(max=120, required=_("Type the name of the role."))]
    place: Annotated[int | None, Whole()] = None
    new_place: Annotated[str, Text(max=120)] = ""
    new_address: Annotated[str, Text(max=500, lines=True)] = ""
    description: Annotated[str, Text(max=5000, lines=True)] = ""
    bring: Annotated[str, Text(max=1000, lines=True)] = ""
    coordinator: Annotated[int | None, Whole()] = None
    is_public: Annotated[bool, Yes()] = False
    needs_approval: Annotated[bool, Yes()] = False
    minimum_age: Annotated[int | None, Whole(min=1, max=100)] = None
    largest_group: Annotated[int, Whole(required=_("At least one."), min=1, max=500)] = 1
    qualifications: Annotated[list[int], Many(Whole())]
    waivers: Annotated[list[str], Many(Text(max=120))]
    opens_days: Annotated[int | None, Whole(max=366)] = None
    closes_hours: Annotated[int | None, Whole(max=720)] = None
    withdraw_hours: Annotated[int | None, Whole(max=720)] = None
    offer_hours: Annotated[int | None, Whole(min=1, max=720)] = None
    rest_minutes: Annotated[int | None, Whole(max=2880)] = None
    share_most: Annotated[int | None, Whole(min=1, max=100)] = None
    share_days: Annotated[int | None, Whole(min=1, max=366)] = None
    remind_hours: Annotated[tuple[int, ...], HoursList()] = (48, 3)
    version: Annotated[int | None, Whole()] = None

    def __post_init__(self) -> None:
        if self.place is None and not self.new_place:
            raise Wrong(_("Choose where it is, or type the name of a new place."), "place")
        if self.place is not None and self.new_place:
            raise Wrong(_("Choose a place or type a new one, not both."), "new_place")


EVERY = ("", "day", "week", "month_day", "month_weekday", "year", "rule")


class ShiftForm(msgspec.Struct, kw_only=True):
    """One shift, or with `every` a series of them. `scope` says for which of a series a change is."""

    day: Annotated[date, Day(required=_("Choose the day."), future=True)]
    starts: Annotated[time, Clock(required=_("Type when it begins."))]
    ends: Annotated[time, Clock(required=_("Type when it ends."))]
    last_day: Annotated[date | None, Day(future=True)] = None
    minimum: Annotated[int, Whole(required=_("How many people at least?"), max=5000)] = 1
    maximum: Annotated[int, Whole(required=_("How many people at most?"), min=1, max=5000)] = 1
    place: Annotated[int | None, Whole()] = None
    note: Annotated[str, Text(max=1000, lines=True)] = ""
    every: Annotated[str, Choice(EVERY)] = ""
    interval: Annotated[int | None, Whole(min=1, max=99)] = None
    days: Annotated[list[str], Many(Choice(recurrence.DAYS))]
    until: Annotated[date | None, Day(future=True)] = None
    count: Annotated[int | None, Whole(min=1, max=750)] = None
    rrule: Annotated[str, Text(max=300)] = ""
    skips_holidays: Annotated[bool, Yes()] = False
    look: Annotated[bool, Yes()] = False
    scope: Annotated[str, Choice(("one", "later", "all"))] = "one"
    to_waiting: Annotated[list[int], Many(Whole())]
    last_come_wait: Annotated[bool, Yes()] = False
    confirmed: Annotated[bool, Yes()] = False
    version: Annotated[int | None, Whole()] = None

    def __post_init__(self) -> None:
        if self.minimum > self.maximum:
            raise Wrong(_("The fewest people cannot be more than the most."), "minimum")
        if self.until and self.count:
            raise Wrong(_("Say a last day or a number of shifts, not both."), "count")
        if self.until and self.until < self.day:
            raise Wrong(_("It cannot end before it begins."), "until")
        if self.last_day and self.last_day < self.day:
            raise Wrong(_("It cannot end before it begins."), "last_day")
        if self.every == "rule" and not self.rrule:
            raise Wrong(_("Type the rule, like FREQ=MONTHLY;BYDAY=1SA,3SA."), "rrule")
        if self.scope != "one" and not self.every:
            raise Wrong(
                _("To end the series, cancel “this and all later ones” on the page of the shift."), "every"
            )
        self._check_weekday()

    def _check_weekday(self) -> None:
        """A shift of a series that is moved to a weekday which the series has not would be of no use to anybody."""
        code = recurrence.DAYS[self.day.weekday()]
        if self.scope != "one" and self.every == "week" and self.days and code not in self.days:
            name = dict(recurrence.weekdays())[code]
            raise Wrong(
                _(
                    "The day above is a {weekday}. Tick {weekday} here, too, or choose another day.",
                    weekday=name,
                ),
                "days",
            )

    @property
    def begins_at(self) -> datetime:
        """The start, by the clock of the place."""
        return datetime.combine(self.day, self.starts)

    @property
    def ends_at(self) -> datetime:
        """The end; a time before the start is on the next day."""
        if self.last_day is not None:
            return datetime.combine(self.last_day, self.ends)
        ends = datetime.combine(self.day, self.ends)
        return ends if ends > self.begins_at else ends + timedelta(days=1)

    @property
    def rule(self) -> str:
        """The rule of the series; empty for a single shift."""
        if not self.every:
            return ""
        if self.every == "rule":
            return recurrence.clean(self.rrule)
        repeat = Repeat(
            every=self.every,  # pyright: ignore[reportArgumentType]
            interval=self.interval or 1,
            days=tuple(self.days),
            until=self.until,
            count=self.count,
        )
        return recurrence.rule_of(repeat, self.begins_at)


class MoveForm(msgspec.Struct, kw_only=True):
    """One shift on another day or at another time, as long as before."""

    day: Annotated[date, Day(required=_("Choose the day."), future=True)]
    starts: Annotated[time, Clock(required=_("Type when it begins."))]
    version: Annotated[int | None, Whole()] = None


class ClosedDayForm(msgspec.Struct, kw_only=True):
    """Days on which the organisation is closed; `last` empty: one day."""

    first: Annotated[date, Day(required=_("Choose the day."), future=True)]
    last: Annotated[date | None, Day(future=True)] = None
    name: Annotated[str, Text(max=120, required=_("Say why, in a word or two: Stocktaking."))]

    def __post_init__(self) -> None:
        if self.last is not None and self.last < self.first:
            raise Wrong(_("The last day is before the first."), "last")
        if self.last is not None and (self.last - self.first).days > 92:
            raise Wrong(_("Close at most three months at once."), "last")


class Month(msgspec.Struct, frozen=True):
    """A month as a select has it: 2026-12, read as its first day."""

    def read(self, typed: list[str], said: Mapping[str, Any]) -> date | None:
        text = (typed[-1] if typed else "").strip()
        if text and not re.fullmatch(r"(19|20|21)\d\d-(0[1-9]|1[0-2])", text, re.ASCII):
            raise Wrong(_("Choose a month."))
        return date(int(text[:4]), int(text[5:]), 1) if text else None


class CopyForm(msgspec.Struct, kw_only=True):
    """A month by its weekdays, or a week onto other weeks."""

    what: Annotated[str, Choice(("month", "week"), required=_("Choose what to copy."))]
    from_month: Annotated[date | None, Month()] = None
    to_month: Annotated[date | None, Month()] = None
    week_of: Annotated[date | None, Day(future=True)] = None
    first: Annotated[date | None, Day(future=True)] = None
    last: Annotated[date | None, Day(future=True)] = None
    programme: Annotated[int | None, Whole()] = None
    skips_holidays: Annotated[bool, Yes()] = False
    look: Annotated[bool, Yes()] = False

    def __post_init__(self) -> None:
        self._check_month() if self.what == "month" else self._check_week()

    def _check_month(self) -> None:
        if self.from_month is None or self.to_month is None:
            raise Wrong(_("Choose the two months."), "from_month" if self.from_month is None else "to_month")
        if self.from_month == self.to_month:
            raise Wrong(_("Choose another month than the one to copy."), "to_month")

    def _check_week(self) -> None:
        for name in ("week_of", "first", "last"):
            if getattr(self, name) is None:
                raise Wrong(_("Choose the day."), name)
        assert self.first is not None
        assert self.last is not None
        if self.last < self.first:
            raise Wrong(_("The last week is before the first."), "last")
        if (self.last - self.first).days > 371:
            raise Wrong(_("Copy onto at most a year at once."), "last")

    @property
    def pairs(self) -> copies.Pairs:
        """Which day is copied onto which."""
        if self.what == "month":
            assert self.from_month is not None
            assert self.to_month is not None
            return copies.of_month(self.from_month, self.to_month)
        assert self.week_of is not None
        assert self.first is not None
        assert self.last is not None
        return copies.of_week(self.week_of, self.first, self.last)


class StaffSignUpForm(msgspec.Struct, kw_only=True):
    """Somebody put on a shift by staff; `confirmed` says that what they lack was seen."""

    constituent: Annotated[int, Whole(required=_("Choose who comes."))]
    size: Annotated[int, Whole(required=_("How many people?"), min=1, max=500)] = 1
    q: Annotated[str, Text(max=200)] = ""
    confirmed: Annotated[bool, Yes()] = False


class DoorForm(msgspec.Struct, kw_only=True):
    """Somebody who came without having signed up; `confirmed` says that what they lack was seen."""

    first_name: Annotated[str, Text(max=100, required=_("Type their first name."))]
    last_name: Annotated[str, Text(max=100, required=_("Type their last name."))]
    email: Annotated[str, EmailAddress()] = ""
    phone: Annotated[str, PhoneNumber()] = ""
    size: Annotated[int, Whole(required=_("How many people?"), min=1, max=500)] = 1
    confirmed: Annotated[bool, Yes()] = False


class HoursForm(msgspec.Struct, kw_only=True):
    """Hours entered by staff for somebody."""

    constituent: Annotated[int, Whole(required=_("Choose whose hours these are."))]
    programme: Annotated[int, Whole(required=_("Choose the programme."))]
    day: Annotated[date, Day(required=_("Choose the day."))]
    hours: Annotated[int | None, Whole(max=500)] = None
    minutes: Annotated[int | None, Whole(max=59)] = None
    people: Annotated[int, Whole(required=_("At least one."), min=1, max=500)] = 1
    note: Annotated[str, Text(max=500)] = ""

    @property
    def all_minutes(self) -> int:
        return (self.hours or 0) * 60 + (self.minutes or 0)


class HourValueForm(msgspec.Struct, kw_only=True):
    """What an hour is worth from a day on, and who says so."""

    from_day: Annotated[date, Day(required=_("From which day on?"), future=True)]
    amount: Annotated[int, Amount()]
    source: Annotated[
        str, Text(max=300, required=_("Say who states this rate, so that it can be looked up."))
    ]


class AdjustForm(msgspec.Struct, kw_only=True):
    """Other hours than were proposed. `version` is the one that was shown."""

    version: Annotated[int | None, Whole()] = None
    hours: Annotated[int | None, Whole(max=500)] = None
    minutes: Annotated[int | None, Whole(max=59)] = None
    note: Annotated[str, Text(max=500)] = ""


class KioskForm(msgspec.Struct, kw_only=True):
    """A tablet at the door."""

    name: Annotated[str, Text(max=120, required=_("Type what stands above its list."))]
    pin: Annotated[str, Text(max=12, required=_("Choose a PIN of 4 to 12 digits."))]
    programme: Annotated[int | None, Whole()] = None
    place: Annotated[int | None, Whole()] = None
    days: Annotated[int, Whole(required=_("For how many days?"), min=1, max=366)] = 1
