"""A constituent's volunteering: the panel of their page."""

from typing import Any

from litestar import Request, Response, Router, get
from litestar.params import FromPath

from constituents import constituents
from kit.errors import NotFound
from kit.pages import page
from volunteers import coverage, hours, people, profiles, sight


@get("/", name="constituent_volunteering:index", needs="volunteers.read")
async def index(request: Request[Any, Any, Any], constituent_id: FromPath[int]) -> Response[Any]:
    who = await constituents.get(constituent_id)
    try:
        profile = await profiles.get(constituent_id)
    except NotFound:
        profile = None
    return page(
        request,
        "volunteers/volunteers/of_constituent.html",
        "volunteering_panel",
        who=who,
        profile=profile,
        total=await hours.total_of(constituent_id),
        ahead=(await people.ahead(constituent_id, await sight.programmes_of(request.user)))[:3],
        reliability=await coverage.reliability(constituent_id),
    )


router = Router(path="/constituents/{constituent_id:int}/volunteering", route_handlers=[index])
