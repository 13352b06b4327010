"""The Jinja environment: strict, escaping everywhere, with `ui`, `url_for` and the formats as filters."""

import hashlib
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import phonenumbers
from babel.dates import format_date, format_datetime, get_month_names
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.runtime import Macro
from markupsafe import Markup

from kit import days, words
from kit import money as moneys
from kit.rendering import PageEnvironment

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"
_routes: dict[str, tuple[str, tuple[str, ...]]] = {}
_kept: dict[tuple[Any, ...], str] = {}


class NoRoute(LookupError):
    """No handler has that name."""


def know_routes(routes: dict[str, str]) -> None:
    """Learn where each handler is: name → path with `{gift_id:int}` places. Called once by create_app()."""
    _routes.clear()
    _kept.clear()
    for name, path in routes.items():
        parts = [part for part in path.split("/") if part.startswith("{")]
        names = tuple(part.strip("{}").split(":")[0] for part in parts)
        for part, place in zip(parts, names, strict=True):
            path = path.replace(part, "{" + place + "}")
        _routes[name] = (path, names)


def has_route(name: str) -> bool:
    return name in _routes


def url_for(name: str, /, **values: Any) -> str:
    """The path of a handler; values that are no place in the path become the query (None and "" are left out)."""
    try:
        path, names = _routes[name]
    except KeyError:
        raise NoRoute(f"No route is called {name}.") from None
    if len(values) == len(names):
        return path.format_map(values) if names else path
    path = path.format_map({place: values[place] for place in names}) if names else path
    query = {key: value for key, value in values.items() if key not in names and value not in (None, "")}
    return f"{path}?{urlencode(query, doseq=True)}" if query else path


def url_shape(name: str) -> str:
    """The path of a handler with one place, to be filled by `shape % id`: for lists, which have two hundred links."""
    path, (place,) = _routes[name]
    return path.replace("%", "%%").replace("{" + place + "}", "%d")


def url_to(name: str, id: int | None) -> str | None:
    """The path of a handler with one place, which is `id`; None where there is no such page (yet)."""
    path, names = _routes.get(name, ("", ()))
    return path.format_map({names[0]: id}) if id is not None and len(names) == 1 else None


def kept(macro: Macro, *said: Any) -> str:
    """What a macro makes of `said`, remembered: for parts that are the same on a thousand pages (the navigation).

    The macro may look at nothing else that differs from page to page: a page that says something else makes it anew.
    """
    key = (macro.name, *said)
    if key not in _kept:
        if len(_kept) >= 1_000:
            _kept.clear()
        _kept[key] = macro(*said)
    return _kept[key]


@cache
def asset(name: str) -> str:
    """The address of a file under static/, with its fingerprint, so that browsers keep it until it changes."""
    fingerprint = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={fingerprint}"


@cache
def icon(name: str, big: bool = False) -> Markup:
    """A sign of `static/icons.svg`, for the eyes only."""
    return Markup(
        '<svg class="icon{}" aria-hidden="true" width="16" height="16"><use href="{}#{}"/></svg>'
    ).format(" big" if big else "", asset("icons.svg"), name)


@cache
def environment() -> PageEnvironment:
    """The one environment for pages."""
    env = PageEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
    )
    env.globals.update(
        _=words._,
        ngettext=words.ngettext,
        url_for=url_for,
        url_shape=url_shape,
        url_to=url_to,
        has_route=has_route,
        asset=asset,
        icon=icon,
        kept=kept,
        notices=(),
        in_part=False,
    )
    env.filters.update(
        money=money,
        plain_money=moneys.plain,
        day=day,
        moment=moment,
        phone=phone,
        whole=whole,
        span=span,
        clock=clock,
        in_zone=days.in_zone,
        hours=hours,
    )
    env.globals["ui"] = env.get_template("ui.html").module
    return env


def money(amount: int | None, currency: str | None) -> str:
    """`$1,234.50`; nothing for no amount."""
    return "" if amount is None or currency is None else moneys.show(amount, currency)


def whole(number: int | None) -> str:
    """`12,345`."""
    return "" if number is None else f"{number:,}"


def day(value: date | None, style: str = "medium", zone: str = "UTC") -> str:
    """`12 Nov 2026`; nothing for no day. Of a moment, its day in `zone`."""
    if isinstance(value, datetime):
        value = days.day_of(value, zone)
    return "" if value is None else _day(value, style)


@lru_cache(maxsize=20_000)
def _day(value: date, style: str) -> str:
    # Babel needs 60 µs for a day, and a list has fifty: only the names of months are its.
    month = _months("wide" if style == "long" else "abbreviated")[value.month]
    return f"{value.day} {month}" if style == "short" else f"{value.day} {month} {value.year}"


@cache
def _months(width: Literal["abbreviated", "wide"]) -> dict[int, str]:
    return {int(number): str(name) for number, name in get_month_names(width, locale="en_GB").items()}


def moment(value: datetime | None, zone: str = "UTC", *, weekday: bool = False) -> str:
    """`12 Nov 2026, 14:05` where the organisation is; `Thu 12 Nov 2026, 14:05` where somebody must keep that time."""
    return (
        ""
        if value is None
        else format_datetime(
            value.astimezone(ZoneInfo(zone)), f"{'EEE ' if weekday else ''}d MMM y, HH:mm", locale="en_GB"
        )
    )


def span(starts: datetime, ends: datetime, zone: str) -> str:
    """`Sat 5 Dec 2026, 09:00 to 12:00`, by the clock of `zone`; with the day of the end where it is another, and its
    year where that is another, too.
    """
    first, last = starts.astimezone(ZoneInfo(zone)), ends.astimezone(ZoneInfo(zone))
    until = f"{last:%H:%M}"
    if last.year != first.year:
        until = f"{_weekday_and_day(last.date())}, {until}"
    elif last.date() != first.date():
        until = f"{_weekday_and_month(last.date())}, {until}"
    return words._(
        "{day}, {starts} to {ends}", day=_weekday_and_day(first.date()), starts=f"{first:%H:%M}", ends=until
    )


@lru_cache(maxsize=5_000)
def _weekday_and_day(value: date) -> str:
    return format_date(value, "EEE d MMM y", locale="en_GB")


@lru_cache(maxsize=5_000)
def _weekday_and_month(value: date) -> str:
    return format_date(value, "EEE d MMM", locale="en_GB")


def clock(value: datetime, zone: str) -> str:
    """`09:30`, by the clock of `zone`."""
    return f"{value.astimezone(ZoneInfo(zone)):%H:%M}"


def hours(minutes: int) -> str:
    """`3 h 30 min`."""
    full, rest = divmod(minutes, 60)
    parts = (f"{full:,} h" if full else "", f"{rest} min" if rest or not full else "")
    return " ".join(part for part in parts if part)


def phone(number: str) -> str:
    """`+1 503-555-0144`; what is no number stays as it is."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
