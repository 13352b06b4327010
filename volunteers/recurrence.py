"""When a series has its shifts: rules of RFC 5545 in wall clock, read and counted by dateutil.

Pure: no database and no clock.
"""

import re
from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Literal

import msgspec
from dateutil.rrule import rrulestr

from kit.errors import Refused
from kit.words import _

# More of one series at once is a slip of the finger: two a day for a year.
MOST = 750
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# A rule is never followed further than this: one that names no day at all (30 February) would make dateutil look
# until the year 9999.
_FURTHEST = timedelta(days=366 * 30)
_DAY = r"[+-]?[1-5]?(MO|TU|WE|TH|FR|SA|SU)"
_NUMBER = r"-?([1-9]|[12]\d|3[01])"
# What a rule may be made of: whole days only, no times of day (a series has one time).
_PARTS = {
    "FREQ": r"DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": r"[1-9]\d?",
    "BYDAY": rf"{_DAY}(,{_DAY}){{0,30}}",
    "BYMONTHDAY": rf"{_NUMBER}(,{_NUMBER}){{0,30}}",
    "BYMONTH": r"([1-9]|1[0-2])(,([1-9]|1[0-2])){0,11}",
    "BYSETPOS": rf"{_NUMBER}(,{_NUMBER}){{0,5}}",
    "WKST": r"MO|SU",
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


def clean(typed: str) -> str:
    """A rule as somebody pasted it from another calendar: without its name, spaces and zone. Raises NotARule."""
    rule = re.sub(r"\s", "", typed.upper()).removeprefix("RRULE:").rstrip(";")
    rule = re.sub(r"UNTIL=(\d{8})(T\d{6}Z?)?(?=;|$)", r"UNTIL=\1T235959", rule)
    _parts(rule)
    return rule


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
        case {"FREQ": "MONTHLY", "BYMONTHDAY": day, **rest} if not rest and "," not in day:
            every, days = "month_day", ()
        case {"FREQ": "MONTHLY", "BYDAY": day, **rest} if not rest and re.fullmatch(r"(-1|[1-4])\w\w", day):
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


def form_of(rule: str, begins: datetime) -> Repeat | None:
    """The form that makes this very rule for a shift that begins then; None where the form would make another.

    The last day of a month, seen from a 28 February, is not "on this date".
    """
    repeat = repeat_of(rule)
    return repeat if repeat is not None and rule_of(repeat, begins) == rule else None


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
    parts["UNTIL"] = _last_moment(start.date() - timedelta(days=1))  # no rule of ours names a day twice
    return _written(parts)


def goes_on_from(begins: datetime, rule: str, start: datetime, wanted: str | None = None) -> str:
    """The rule of what is left from `start` on, or the `wanted` one in its place: a count is what remains of it.

    Raises NotARule where nothing remains of a count that is wanted.
    """
    parts = _parts(wanted or rule)
    if "COUNT" in parts and "COUNT" in _parts(rule):
        past = sum(1 for one in _read(begins, rule) if one < start)
        left = int(parts["COUNT"]) - past
        if left < 1 and wanted not in (None, rule):
            raise NotARule(
                _(
                    "{count} of this series come before this shift. Say more than that, or a last day.",
                    count=past,
                )
            )
        parts["COUNT"] = str(max(1, left))
    return _written(parts)


def first_from(begins: datetime, rule: str, moment: datetime) -> datetime | None:
    """The first start that a rule names at `moment` or later; None where it has ended by then."""
    return next((start for start in _read(begins, rule) if start >= moment), None)


def first_starts(begins: datetime, rule: str, most: int) -> list[datetime]:
    """The first so many starts of a rule, and when it begins, though it names no day at all any more."""
    return list(islice(_read(begins, rule), most)) or [begins]


def names(begins: datetime, rule: str, start: datetime) -> bool:
    """Whether a rule names this very start."""
    return first_from(begins, rule, start) == start


def follows(before: str, after: str, was: datetime, now: datetime) -> Callable[[datetime], datetime]:
    """Where each start of a series goes when one of them goes from `was` to `now` and its rule from `before` to `after`.

    As far as that one; but of a week with several days, those that the rule still has stay: when Thursdays become Fridays,
    Mondays are Mondays.
    """
    moved = now - was
    old, new = _weekdays_of(before), _weekdays_of(after)
    together = {(day + now.weekday() - was.weekday()) % 7 for day in old} == new
    staying = set() if together or not old else new - {was.weekday()}
    weeks = timedelta(days=(now.date() - was.date()).days + was.weekday() - now.weekday())

    def goes(start: datetime) -> datetime:
        if start.weekday() in staying:
            return datetime.combine(start.date(), now.time()) + weeks
        return start + moved

    return goes


def _weekdays_of(rule: str) -> set[int]:
    """The days of a week, 0 for Monday, that a weekly rule lists; none of any other rule."""
    parts = _parts(rule)
    if parts["FREQ"] != "WEEKLY" or parts.keys() & {"BYMONTHDAY", "BYSETPOS"}:
        return set()
    return {DAYS.index(day) for day in parts.get("BYDAY", "").split(",") if day in DAYS}


def check(begins: datetime, rule: str) -> None:
    """Raises NotARule unless the rule can be read and names at least one start."""
    if next(iter(_read(begins, rule)), None) is None:
        raise NotARule(_("This rule names no day at all. Look at its days and its end."))


def _read(begins: datetime, rule: str) -> Iterable[datetime]:
    """The starts of a rule. It is counted here: dateutil takes no count beside an end, and an end it needs."""
    parts = _parts(rule)
    count = parts.pop("COUNT", None)
    furthest = f"{begins + _FURTHEST:%Y%m%dT%H%M%S}"
    parts["UNTIL"] = min(parts.get("UNTIL", furthest), furthest)
    try:
        read = rrulestr(_written(parts), dtstart=begins)
    except (ValueError, TypeError) as no:
        raise NotARule(_("This is not a rule that a calendar understands: {why}.", why=no)) from None
    return islice(read, int(count)) if count else read


def _parts(rule: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in rule.upper().split(";")]
    parts = {name: value for name, _is, value in pairs}
    understood = len(parts) == len(pairs) and all(
        re.fullmatch(_PARTS.get(name, "(?!)"), value, re.ASCII) for name, value in parts.items()
    )
    if not understood or "FREQ" not in parts or {"COUNT", "UNTIL"} <= parts.keys() or len(rule) > 300:
        raise NotARule(_("This is not a rule that we can follow. Type it like FREQ=MONTHLY;BYDAY=1SA,3SA."))
    return parts


def _written(parts: dict[str, str]) -> str:
    return ";".join(f"{name}={value}" for name, value in parts.items())


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
    """“Every 2 weeks on Monday, Thursday, until 31 December 2026”; a rule of another calendar as it is written."""
    repeat = repeat_of(rule)
    if repeat is None:
        return _("By the rule {rule}", rule=rule)
    one, many = {
        "day": (_("Every day"), _("Every {n} days")),
        "week": (_("Every week"), _("Every {n} weeks")),
        "year": (_("Every year"), _("Every {n} years")),
    }.get(repeat.every, (_("Every month"), _("Every {n} months")))
    said = one if repeat.interval == 1 else many.format(n=repeat.interval)
    days = _days_in_words(repeat, _parts(rule))
    if days:
        said = _("{often} on {days}", often=said, days=days)
    if repeat.count:
        return _("{often}, {count} times", often=said, count=repeat.count)
    if repeat.until:
        return _("{often}, until {day} {month:%B %Y}", often=said, day=repeat.until.day, month=repeat.until)
    return said


def _days_in_words(repeat: Repeat, parts: dict[str, str]) -> str:
    names = dict(weekdays())
    if repeat.every == "month_day":
        day = parts["BYMONTHDAY"]
        return _("the last day") if day == "-1" else _("day {day}", day=day)
    if repeat.every == "month_weekday":
        which, day = parts["BYDAY"][:-2], names[parts["BYDAY"][-2:]]
        nth = {"1": _("the first {day}"), "2": _("the second {day}"), "3": _("the third {day}"),
               "4": _("the fourth {day}"), "-1": _("the last {day}")}  # fmt: skip
        return nth[which].format(day=day)
    return ", ".join(names[day] for day in repeat.days)
