"""The receipts among what the top bar finds: by number."""

from typing import Any

from litestar import Request, Response, Router, get

from kit.pages import page
from receipts import finding

_SHOWN = 5


@get("/", name="receipt_matches:index", needs="receipts.read")
async def index(request: Request[Any, Any, Any]) -> Response[Any]:
    typed = request.query_params.get("q", "").replace("\x00", "").strip()[:100]
    found = await finding.by_number(typed, limit=_SHOWN + 1)
    return page(
        request, "receipts/receipt_matches/index.html", "receipt_matches",
        typed=typed, receipts=found[:_SHOWN], more=len(found) > _SHOWN,
    )  # fmt: skip


router = Router(path="/receipt-matches", route_handlers=[index])
