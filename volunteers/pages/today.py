"""Volunteers today: a panel of the page Today, and a page of its own with all that waits."""

from typing import Any

from litestar import Request, Response, Router, get

from kit.pages import asks_for_part, page
from staff import organisation
from volunteers import sight, today

_SHIFTS = 8
_PENDING = 4
_ALL = 200


@get("/", name="volunteers_today:index", needs="volunteers.read")
async def index(request: Request[Any, Any, Any]) -> Response[Any]:
    zone = (await organisation.needed())["zone"]
    narrowed = sight.narrowed(request.user)
    part = asks_for_part(request)
    found = await today.shifts(narrowed, _SHIFTS + 1 if part else _ALL)
    shown = found[:_SHIFTS] if part else found
    return page(
        request,
        "home/volunteers_today.html",
        "volunteers_today",
        groups=today.by_day(shown),
        more=len(found) > len(shown),
        waiting=await today.waiting(narrowed, zone, _PENDING if part else _ALL),
        own=narrowed is not None,
    )


router = Router(path="/shifts/today", route_handlers=[index])
