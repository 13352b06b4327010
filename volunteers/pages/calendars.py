"""The planning calendar: month, week, day, or a list."""

from typing import Any

from litestar import Request, Response, Router, get

from kit import days
from kit.pages import page
from kit.words import _
from staff import organisation
from volunteers import almanac, coverage, holidays, places, programmes, sight

Asked = Request[Any, Any, Any]


@get("/shifts", name="shifts:index", needs="volunteers.read")
async def index(request: Asked) -> Response[Any]:
    zone = (await organisation.needed())["zone"]
    today = days.today(zone)
    view = almanac.View.of(request.query_params, today)
    seen = await sight.programmes_of(request.user)
    first, last = view.moments(zone)
    found = await coverage.planned(
        first,
        last,
        seen=seen,
        programme=view.programme,
        opportunity=view.role,
        place=view.place,
        still_on=True,
    )
    weeks = almanac.weeks(view, found, await holidays.named_between(view.first, view.last))
    open_ones = [one for one in await programmes.all_of_them(seen) if one["closed_at"] is None]
    return page(
        request,
        "volunteers/shifts/index.html",
        "shift_calendar",
        view=view,
        weeks=weeks,
        shown=any(cell["shifts"] or cell["going_on"] for week in weeks for cell in week),
        too_many=len(found) == coverage.MOST,
        today=today,
        programmes=open_ones,
        programme_options=_options(open_ones, "name"),
        role_options=_options(await programmes.roles_of(seen, view.programme), "title"),
        place_options=_options(
            [one for one in await places.all_of_them() if one["closed_at"] is None], "name"
        ),
    )


def _options(found: list[dict[str, Any]], name: str) -> list[tuple[Any, str]]:
    return [("", _("all")), *((one["id"], one[name]) for one in found)]


router = Router(path="/", route_handlers=[index])
