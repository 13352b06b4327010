"""A constituent's volunteering: the panel of their page."""

from typing import Any

from litestar import Request, Response, Router, get
from litestar.params import FromPath

from constituents import constituents
from kit import days
from kit.errors import NotFound
from kit.pages import page
from volunteers import record, sight


@get("/", name="constituent_volunteering:index", needs="volunteers.read")
async def index(request: Request[Any, Any, Any], constituent_id: FromPath[int]) -> Response[Any]:
    who = await constituents.get(constituent_id)
    seen = await sight.programmes_of(request.user)
    try:
        whose = await record.of(constituent_id, today=days.now().date(), seen=seen)
    except NotFound:
        whose = None
    return page(
        request,
        "volunteers/volunteers/of_constituent.html",
        "volunteering_panel",
        who=who,
        whose=whose,
        partly=seen is not None,
    )


router = Router(path="/constituents/{constituent_id:int}/volunteering", route_handlers=[index])
