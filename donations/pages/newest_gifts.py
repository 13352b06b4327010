"""The newest gifts, as a panel of the page Today."""

from typing import Any

from litestar import Request, Response, Router, get

from donations import gift_list, words
from kit.pages import asks_for_part, page
from staff import organisation

_SHOWN = 8


@get("/", name="newest_gifts:index", needs="gifts.read")
async def index(request: Request[Any, Any, Any]) -> Response[Any]:
    ours = await organisation.needed()
    limit = _SHOWN if asks_for_part(request) else gift_list.PAGE
    found = await gift_list.page(gift_list.Filter(), currency=ours["currency"], limit=limit)
    return page(
        request, "home/newest_gifts.html", "newest_gifts", gifts=found.gifts, by=words.BY, kinds=words.KINDS
    )


router = Router(path="/gifts/newest", route_handlers=[index])
