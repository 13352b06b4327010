"""The planning calendar: month, week, day, or a list; and the board of gaps."""

from datetime import date, timedelta
from typing import Any

from litestar import Request, Response, Router, get, post

from kit import days, forms
from kit.errors import Refused
from kit.forms import read_form
from kit.pages import page, see_path
from kit.templates import url_for
from kit.words import _, ngettext
from staff import organisation
from volunteers import almanac, coverage, holidays, programmes, shifts, sight
from volunteers.forms import CopyForm

Asked = Request[Any, Any, Any]


@get("/shifts", name="shifts:index", needs="volunteers.read")
async def index(request: Asked) -> Response[Any]:
    zone = (await organisation.needed())["zone"]
    view = almanac.View.of(request.query_params, days.today(zone))
    seen = await sight.programmes_of(request.user)
    first, last = view.moments(zone)
    found = await coverage.planned(first, last, seen=seen, programme=view.programme, place=view.place)
    return page(
        request,
        "volunteers/shifts/index.html",
        "shift_calendar",
        view=view,
        weeks=almanac.weeks(view, found, await holidays.named_between(view.first, view.last)),
        shifts=found,
        programmes=[one for one in await programmes.all_of_them(seen) if one["closed_at"] is None],
        copy_form=forms.blank(),
    )


@post("/shifts/copies", name="shift_copies:create", needs="volunteers.write")
async def copy(request: Asked) -> Response[Any]:
    """The shifts of some days once more, weeks later: last month's plan becomes this month's."""
    zone = (await organisation.needed())["zone"]
    form = read_form(CopyForm, await request.form(), today=days.today(zone))
    if not form.ok:
        raise Refused(next(iter(form.errors.values())))
    seen = await sight.programmes_of(request.user)
    made = await shifts.copy_days(
        await programmes.opportunities_of(seen, form.value.programme),
        (almanac.midnight(form.value.first), almanac.midnight(form.value.last + timedelta(days=1))),
        form.value.weeks * 7,
        by=request.user.actor,
    )
    begin: date = form.value.first + timedelta(weeks=form.value.weeks)
    notice = ngettext("{count} shift is copied.", "{count} shifts are copied.", made)
    return see_path(request, f"{url_for('shifts:index')}?view=month&on={begin}", notice=notice)


@get("/coverage", name="coverage:index", needs="volunteers.read")
async def gaps(request: Asked) -> Response[Any]:
    zone = (await organisation.needed())["zone"]
    today = days.today(zone)
    weeks = 4 if request.query_params.get("weeks") == "4" else 2
    seen = await sight.programmes_of(request.user)
    rows = await coverage.gaps(today, today + timedelta(weeks=weeks), zone, seen=seen)
    return page(
        request,
        "volunteers/coverage/index.html",
        "coverage_board",
        board=almanac.board(rows, today, weeks * 7),
        weeks=weeks,
        missing=sum(row["missing"] for row in rows),
        silent=sum(row["silent"] for row in rows),
        title=_("Coverage"),
    )


router = Router(path="/", route_handlers=[index, copy, gaps])
