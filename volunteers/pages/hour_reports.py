"""Hours counted: totals by programme, funder, month and person, the rows behind each, and what an hour is worth."""

from calendar import monthrange
from datetime import date
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from kit import days, forms
from kit.errors import Refused
from kit.forms import Form, read_form
from kit.pages import page, see
from kit.templates import day as day_words
from kit.templates import url_for
from kit.words import _
from staff import organisation
from volunteers import hour_lists, hour_reports, programmes, sight
from volunteers.forms import HourValueForm
from volunteers.hour_lists import Filter

Asked = Request[Any, Any, Any]


@get("/totals", name="hours_totals:index", needs="volunteers.read")
async def totals(request: Asked) -> Response[Any]:
    ours = await organisation.needed()
    wanted = _wanted(request, ours)
    by = request.query_params.get("by", "programme")
    by = by if by in hour_reports.BY else "programme"
    seen = await sight.programmes_of(request.user)
    rows = await hour_reports.totals(by, wanted, seen, currency=ours["currency"])
    return page(
        request,
        "volunteers/hours/totals.html",
        "hours_totals",
        rows=[{**row, "url": _behind(by, row["key"], wanted)} for row in rows],
        most=hour_reports.MOST,
        by=by,
        wanted=wanted,
        total=await hour_reports.total(wanted, seen, currency=ours["currency"]),
        rates=await hour_reports.rates(ours["currency"], wanted.first, wanted.last),
        currency=ours["currency"],
        periods=_periods(ours, by),
    )


@get("/entries", name="hours_entries:index", needs="volunteers.read")
async def entries(request: Asked) -> Response[Any]:
    """The rows behind a sum."""
    ours = await organisation.needed()
    wanted = _wanted(request, ours)
    seen = await sight.programmes_of(request.user)
    found, later = await hour_lists.entries(wanted, seen)
    return page(
        request,
        "volunteers/hours/entries.html",
        "hours_entries",
        entries=found,
        later=later,
        wanted=wanted,
        who=await hour_reports.name_of(wanted.constituent) if wanted.constituent else "",
        total=await hour_reports.total(wanted, seen, currency=ours["currency"]),
        rates=await hour_reports.rates(ours["currency"], wanted.first, wanted.last),
        programmes=forms.options(
            [(one["id"], one["name"]) for one in await programmes.all_of_them(seen)], nothing=_("All")
        ),
        words=hour_lists.came_by_words(),
        states=[
            ("approved", _("Approved")),
            ("proposed", _("To approve")),
            ("refused", _("Refused")),
            ("any", _("Any")),
        ],
        currency=ours["currency"],
    )


@get("/values", name="hour_values:index", needs="volunteers.read")
async def values(request: Asked) -> Response[Any]:
    return await _values(request, forms.blank())


@post("/values", name="hour_values:create", needs="organisation.manage")
async def say_value(request: Asked) -> Response[Any]:
    ours = await organisation.needed()
    form = read_form(
        HourValueForm, await request.form(), currency=ours["currency"], today=days.today(ours["zone"])
    )
    if not form.ok:
        return await _values(request, form, status_code=422)
    value = form.value
    try:
        await hour_reports.say_value(
            value.from_day, value.amount, ours["currency"], value.source, by=request.user.actor
        )
    except Refused as no:
        return await _values(request, form.refuse("", str(no)), status_code=422)
    return see(
        request,
        "hour_values:index",
        notice=_("Hours from {day} on count by it.", day=day_words(value.from_day)),
    )


@post("/values/{value_id:int}/removals", name="hour_value_removals:create", needs="organisation.manage")
async def forget_value(request: Asked, value_id: FromPath[int]) -> Response[Any]:
    await hour_reports.forget_value(value_id, by=request.user.actor)
    return see(request, "hour_values:index", notice=_("Removed. Those hours count by the rate before it."))


def _wanted(request: Asked, ours: dict[str, Any]) -> Filter:
    """The asked hours: this calendar year's, unless the address says other days."""
    today = days.today(ours["zone"])
    return Filter.of(request.query_params, first=date(today.year, 1, 1), last=today)


def _behind(by: str, key: str, wanted: Filter) -> str:
    """Where the rows of a line are."""
    if by == "month":
        year, month = int(key[:4]), int(key[5:])
        first, last = date(year, month, 1), date(year, month, monthrange(year, month)[1])
        said = wanted.query(first=max(first, wanted.first), last=min(last, wanted.last))
    else:
        said = wanted.query(
            **{"person": {"constituent": key}, "funder": {"funder": key}}.get(by, {"programme": key})
        )
    return url_for("hours_entries:index", **said)


def _periods(ours: dict[str, Any], by: str) -> list[tuple[str, str]]:
    """Periods that people ask for, each with its address."""
    today = days.today(ours["zone"])
    start = ours["fiscal_year_start"]
    fiscal = days.fiscal_year(today, start)
    begins = date(fiscal if start == 1 else fiscal - 1, start, 1)
    spans = [
        (_("This year"), date(today.year, 1, 1), today),
        (_("Last year"), date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
    ]
    if start != 1:
        spans.append((_("This fiscal year"), begins, today))
    return [
        (words, url_for("hours_totals:index", by=by, first=first, last=last)) for words, first, last in spans
    ]


async def _values(request: Asked, form: Form[Any], status_code: int = 200) -> Response[Any]:
    ours = await organisation.needed()
    return page(
        request,
        "volunteers/hours/values.html",
        form=form,
        rates=await hour_reports.all_rates(),
        currency=ours["currency"],
        today=days.today(ours["zone"]),
        status_code=status_code,
    )


router = Router(path="/hours", route_handlers=[totals, entries, values, say_value, forget_value])
