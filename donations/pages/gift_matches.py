"""The gifts among what the top bar finds: by number, cheque number or amount."""

import re
from typing import Any

from litestar import Request, Response, Router, get

from donations import gift_list, words
from kit.pages import page
from staff import organisation


@get("/", name="gift_matches:index", needs="gifts.read")
async def index(request: Request[Any, Any, Any]) -> Response[Any]:
    ours = await organisation.needed()
    wanted = gift_list.read({"q": request.query_params.get("q", "")})
    # A word means people, and those stand above already.
    numeric = re.search(r"[0-9]", wanted.q) and not re.search(r"[^\W\d_]{3}", wanted.q)
    found = await gift_list.page(wanted, currency=ours["currency"], limit=5) if numeric else None
    return page(
        request, "donations/gifts/matches.html", "gift_matches",
        typed=wanted.q, gifts=found.gifts if found else [], more=bool(found and found.older), by=words.BY,
    )  # fmt: skip


router = Router(path="/gift-matches", route_handlers=[index])
