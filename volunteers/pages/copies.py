"""Copying the plan: a month by its weekdays, or a week onto other weeks; looked at first, then made."""

from datetime import date, timedelta
from typing import Any

from litestar import Request, Response, Router, get, post

from kit import days, forms
from kit.errors import Refused
from kit.forms import Form, read_form
from kit.pages import page, see_path
from kit.templates import url_for
from kit.words import _, ngettext
from staff import organisation
from volunteers import copies, programmes, sight
from volunteers.forms import CopyForm

Asked = Request[Any, Any, Any]


@get("/shifts/copies/new", name="shift_copies:new", needs="volunteers.write")
async def new(request: Asked) -> Response[Any]:
    """Last month onto this one; or from December on, this month onto the next."""
    today = days.today((await organisation.needed())["zone"])
    month, later = today.replace(day=1), _later(today)
    monday = today - timedelta(days=today.weekday())
    blank = forms.blank(
        what="month", from_month=f"{month:%Y-%m}", to_month=f"{later:%Y-%m}", week_of=str(monday),
        first=str(monday + timedelta(weeks=1)), last=str(monday + timedelta(weeks=4)), skips_holidays="yes",
        programme=request.query_params.get("programme", ""),
    )  # fmt: skip
    return await _shown(request, blank)


@post("/shifts/copies", name="shift_copies:create", needs="volunteers.write")
async def create(request: Asked) -> Response[Any]:
    zone = (await organisation.needed())["zone"]
    form = read_form(CopyForm, await request.form(), today=days.today(zone))
    if not form.ok:
        return await _shown(request, form, status_code=422)
    value = form.value
    roles = await programmes.opportunities_of(await sight.programmes_of(request.user), value.programme)
    if value.look:
        plan = await copies.planned(roles, value.pairs, skips_holidays=value.skips_holidays)
        return await _shown(request, form, plan)
    try:
        made = await copies.make(
            roles, value.pairs, skips_holidays=value.skips_holidays, by=request.user.actor
        )
    except Refused as no:
        return await _shown(request, form.refuse("", str(no)), status_code=422)
    notice = ngettext("{count} shift is copied.", "{count} shifts are copied.", made)
    begin = value.to_month if value.what == "month" else value.first
    return see_path(request, f"{url_for('shifts:index')}?view=month&on={begin}", notice=notice)


async def _shown(
    request: Asked, form: Form[Any], plan: copies.Plan | None = None, status_code: int = 200
) -> Response[Any]:
    today = days.today((await organisation.needed())["zone"])
    open_ones = [
        (one["id"], one["name"])
        for one in await programmes.all_of_them(await sight.programmes_of(request.user))
        if one["closed_at"] is None
    ]
    return page(
        request,
        "volunteers/shifts/copy.html",
        "copy_form",
        form=form,
        plan=plan,
        programmes=forms.options(open_ones, nothing=_("All programmes")),
        months=[(f"{month:%Y-%m}", f"{month:%B %Y}") for month in _months(today)],
        status_code=status_code,
    )


def _months(today: date) -> list[date]:
    """A year back and a year ahead."""
    month = today.replace(day=1, year=today.year - 1)
    found = [month]
    while len(found) < 25:
        found.append(month := _later(month))
    return found


def _later(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


router = Router(path="/", route_handlers=[new, create])
