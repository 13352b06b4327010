"""The search of the top bar. Constituents come first; other rooms add a panel of their own by a route."""

from typing import Any

from litestar import Request, Response, Router, get

from constituents import search
from constituents.pages.reader import Reader
from kit.pages import page

_SHOWN = 8
# Rooms above that know what a number or a word means, by the names of their routes; each answers a block of results.
_PANELS = (("gift_matches:index", "gifts.read"), ("receipt_matches:index", "receipts.read"))


@get("/search", name="search:index", needs="constituents.read")
async def index(request: Request[Any, Any, Any]) -> Response[Any]:
    reader = Reader.of(request)
    typed = request.query_params.get("q", "").replace("\x00", "").strip()[:200]
    found = await search.find(typed, home=reader.country) if typed else search.Found({})
    known = await search.brief(found.ids)
    best = sorted(
        known.values(),
        key=lambda row: (row["archived_at"] is not None, found.ranks[row["id"]], row["sort_key"]),
    )
    return page(
        request,
        "search/index.html",
        "search_results",
        typed=typed,
        results=best[:_SHOWN],
        more=len(best) > _SHOWN or found.more,
        panels=[route for route, permission in _PANELS if reader.may(permission)],
    )


router = Router(path="/", route_handlers=[index])
