"""The receipts of one gift: a panel on the gift's page, and the button that issues one."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from kit.errors import Refused
from kit.pages import page, see
from kit.words import _
from receipts import finding, receipts


@get("/", name="gift_receipts:index", needs="receipts.read")
async def index(request: Request[Any, Any, Any], gift_id: FromPath[int]) -> Response[Any]:
    return await _panel(request, gift_id)


async def _panel(
    request: Request[Any, Any, Any], gift_id: int, refusal: str = "", status_code: int = 200
) -> Response[Any]:
    gift = await finding.gift(gift_id)
    return page(
        request, "receipts/gift_receipts/index.html", "gift_receipts",
        gift=gift, receipts=await finding.of_gift(gift_id), refusal=refusal, status_code=status_code,
    )  # fmt: skip


@post("/", name="gift_receipts:create", needs="receipts.issue")
async def create(request: Request[Any, Any, Any], gift_id: FromPath[int]) -> Response[Any]:
    try:
        receipt_id = await receipts.issue_for_gift(gift_id, by=request.user.actor)
    except Refused as refusal:
        return await _panel(request, gift_id, str(refusal), 422)
    return see(request, "receipts:show", receipt_id=receipt_id, notice=_("The receipt is issued."))


router = Router(path="/gifts/{gift_id:int}/receipts", route_handlers=[index, create])
