"""When a series has its shifts: rules of RFC 5545 in wall clock, read and counted by dateutil.

Pure: no database and no clock.
"""

import re
from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from typing import Literal

import msgspec
from dateutil.rrule import rrulestr

from kit.errors import Refused
from kit.words import _

# More of one series at once is a slip of the finger: two a day for a year.
MOST = 750
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# What a rule of ours is made of. Each of these comes again soon, so no rule makes dateutil look until the year 9999.
_PARTS = {
    "FREQ": r"DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": r"[1-9]\d?",
    "BYDAY": r"(MO|TU|WE|TH|FR|SA|SU)(,(MO|TU|WE|TH|FR|SA|SU))*|(-1|[1-4])(MO|TU|WE|TH|FR|SA|SU)",
    "BYMONTHDAY": r"-1|[1-9]|[12]\d|3[01]",
    "UNTIL": r"\d{8}T\d{6}",
    "COUNT": r"[1-9]\d{0,3}",
}


class NotARule(Refused):
    """No shifts can be planned by this."""


class Repeat(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as a form asks for it. `until` and `count`: at most one of them; neither goes on until it is ended."""

    every: Literal["day", "week", "month_day", "month_weekday", "year"]
    interval: int = 1
    days: tuple[str, ...] = ()
    until: date | None = None
    count: int | None = None


_FREQUENCY = {
    "day": "DAILY",
    "week": "WEEKLY",
    "month_day": "MONTHLY",
    "month_weekday": "MONTHLY",
    "year": "YEARLY",
}


def rule_of(repeat: Repeat, begins: datetime) -> str:
    """The RRULE of a form. A month's day is that of `begins` (the 31st means the last), so is a month's weekday."""
    parts = [f"FREQ={_FREQUENCY[repeat.every]}"]
    if repeat.interval != 1:
        parts.append(f"INTERVAL={repeat.interval}")
    if repeat.every == "week":
        chosen = set(repeat.days) or {DAYS[begins.weekday()]}
        parts.append("BYDAY=" + ",".join(day for day in DAYS if day in chosen))
    elif repeat.every == "month_day":
        parts.append(f"BYMONTHDAY={-1 if begins.day == 31 else begins.day}")
    elif repeat.every == "month_weekday":
        nth = (begins.day - 1) // 7 + 1
        parts.append(f"BYDAY={-1 if nth == 5 else nth}{DAYS[begins.weekday()]}")
    if repeat.count is not None:
        parts.append(f"COUNT={repeat.count}")
    elif repeat.until is not None:
        parts.append(f"UNTIL={_last_moment(repeat.until)}")
    return ";".join(parts)


def repeat_of(rule: str) -> Repeat | None:
    """The form that would make this rule; None for a rule that no form of ours makes."""
    parts = _parts(rule)
    interval = int(parts.pop("INTERVAL", "1"))
    until = parts.pop("UNTIL", None)
    count = parts.pop("COUNT", None)
    match parts:
        case {"FREQ": "DAILY", **rest} if not rest:
            every, days = "day", ()
        case {"FREQ": "YEARLY", **rest} if not rest:
            every, days = "year", ()
        case {"FREQ": "WEEKLY", "BYDAY": listed, **rest} if not rest and set(listed.split(",")) <= set(DAYS):
            every, days = "week", tuple(listed.split(","))
        case {"FREQ": "MONTHLY", "BYMONTHDAY": _day, **rest} if not rest:
            every, days = "month_day", ()
        case {"FREQ": "MONTHLY", "BYDAY": _day, **rest} if not rest:
            every, days = "month_weekday", ()
        case _:
            return None
    return Repeat(
        every=every,
        interval=interval,
        days=days,
        until=datetime.strptime(until[:8], "%Y%m%d").date() if until else None,  # noqa: DTZ007  wall clock
        count=int(count) if count else None,
    )


def is_endless(rule: str) -> bool:
    """Whether the rule has no end of its own."""
    return not {"UNTIL", "COUNT"} & _parts(rule).keys()


def starts(
    begins: datetime, rule: str, *, since: date | None = None, until: date, skip: Collection[date] = ()
) -> list[datetime]:
    """The starts that a rule names from day `since` until day `until` (both counted), without those on days in `skip`.

    All in wall clock. Raises NotARule for what is none, and for more than MOST starts.
    """
    found: list[datetime] = []
    last = datetime.combine(until, time.max)
    for start in _read(begins, rule):
        if start > last:
            break
        if since is not None and start.date() < since:
            continue
        if start.date() not in skip:
            found.append(start)
        if len(found) > MOST:
            raise NotARule(
                _(
                    "That is more than {most} shifts at once. End the series earlier, or repeat less often.",
                    most=MOST,
                )
            )
    return found


def ends_before(begins: datetime, rule: str, start: datetime) -> str:
    """The rule, ended just before `start`."""
    parts = _parts(rule)
    parts.pop("COUNT", None)
    parts["UNTIL"] = f"{start - timedelta(seconds=1):%Y%m%dT%H%M%S}"
    return ";".join(f"{name}={value}" for name, value in parts.items())


def goes_on_from(begins: datetime, rule: str, start: datetime) -> str:
    """The rule of what is left from `start` on: a count is what remains of it."""
    parts = _parts(rule)
    if "COUNT" in parts:
        past = sum(1 for one in _read(begins, rule) if one < start)
        parts["COUNT"] = str(max(1, int(parts["COUNT"]) - past))
    return ";".join(f"{name}={value}" for name, value in parts.items())


def check(begins: datetime, rule: str) -> None:
    """Raises NotARule unless the rule can be read and names at least one start."""
    if next(iter(_read(begins, rule)), None) is None:
        raise NotARule(_("This rule names no day at all. Look at its days and its end."))


def _read(begins: datetime, rule: str) -> Iterable[datetime]:
    if repeat_of(rule) is None:
        raise NotARule(_("Shifts repeat by day, week, month or year."))
    try:
        return rrulestr(rule, dtstart=begins)
    except (ValueError, TypeError) as no:
        raise NotARule(_("This is not a rule that a calendar understands: {why}.", why=no)) from None


def _parts(rule: str) -> dict[str, str]:
    parts = dict(part.split("=", 1) for part in rule.upper().split(";") if "=" in part)
    if not all(re.fullmatch(_PARTS.get(name, "(?!)"), value, re.ASCII) for name, value in parts.items()):
        raise NotARule(_("This is not a rule that a calendar understands."))
    return parts


def _last_moment(day: date) -> str:
    return f"{day:%Y%m%d}T235959"


def weekdays() -> list[tuple[str, str]]:
    """Monday to Sunday: the code of each and its name."""
    names = (
        _("Monday"),
        _("Tuesday"),
        _("Wednesday"),
        _("Thursday"),
        _("Friday"),
        _("Saturday"),
        _("Sunday"),
    )
    return list(zip(DAYS, names, strict=True))


def in_words(rule: str) -> str:
    """“Every 2 weeks on Monday, Thursday, until 31 December 2026”."""
    repeat = repeat_of(rule)
    if repeat is None:
        return rule
    one, many = {
        "day": (_("Every day"), _("Every {n} days")),
        "week": (_("Every week"), _("Every {n} weeks")),
        "year": (_("Every year"), _("Every {n} years")),
    }.get(repeat.every, (_("Every month"), _("Every {n} months")))
    said = one if repeat.interval == 1 else many.format(n=repeat.interval)
    if repeat.days:
        names = dict(weekdays())
        said = _("{often} on {days}", often=said, days=", ".join(names[day] for day in repeat.days))
    if repeat.count:
        return _("{often}, {count} times", often=said, count=repeat.count)
    return _("{often}, until {day:%d %B %Y}", often=said, day=repeat.until) if repeat.until else said
