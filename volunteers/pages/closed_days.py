"""Closed days: the organisation's own beside the public holidays of its country, on which series skip."""

from datetime import timedelta
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from kit import days, forms
from kit.forms import Form, read_form
from kit.pages import page, see
from kit.words import _, ngettext
from staff import organisation
from volunteers import holidays, sight
from volunteers.forms import ClosedDayForm

Asked = Request[Any, Any, Any]
_AHEAD = timedelta(days=366)


@get("/closed-days", name="closed_days:index", needs="volunteers.read")
async def index(request: Asked) -> Response[Any]:
    return await _shown(request, forms.blank())


@post("/closed-days", name="closed_days:create", needs="volunteers.write")
async def create(request: Asked) -> Response[Any]:
    zone = (await organisation.needed())["zone"]
    form = read_form(ClosedDayForm, await request.form(), today=days.today(zone))
    if not form.ok:
        return await _shown(request, form, status_code=422)
    value = form.value
    count = await holidays.close_all(
        value.first, value.last or value.first, value.name, by=request.user.actor
    )
    notice = ngettext("{count} day is closed.", "{count} days are closed.", count)
    return see(request, "closed_days:index", notice=notice)


@post(
    "/closed-days/{closed_day_id:int}/removals", name="closed_day_removals:create", needs="volunteers.write"
)
async def remove(request: Asked, closed_day_id: FromPath[int]) -> Response[Any]:
    await holidays.open_again(closed_day_id, by=request.user.actor)
    return see(request, "closed_days:index", notice=_("Open again on that day."))


async def _shown(request: Asked, form: Form[Any], status_code: int = 200) -> Response[Any]:
    ours = await organisation.needed()
    today = days.today(ours["zone"])
    return page(
        request,
        "volunteers/closed_days/index.html",
        "closed_days",
        form=form,
        closed=await holidays.ahead(today, today + _AHEAD, seen=await sight.programmes_of(request.user)),
        country=ours["country"],
        status_code=status_code,
    )


router = Router(path="/", route_handlers=[index, create, remove])
