"""Voiding a receipt: a noun of its own, because the receipt itself never changes."""

from typing import Any

from litestar import Request, Response, Router, post
from litestar.params import FromPath

from kit.errors import Refused
from kit.forms import read_form
from kit.pages import see
from kit.words import _
from receipts import receipts
from receipts.forms import VoidForm
from receipts.pages.receipts import show_page


@post("/", name="receipt_voids:create", needs="receipts.void")
async def create(request: Request[Any, Any, Any], receipt_id: FromPath[int]) -> Response[Any]:
    form = read_form(VoidForm, await request.form())
    if not form.ok:
        return await show_page(request, receipt_id, form, 422)
    try:
        await receipts.void(receipt_id, reason=form.value.reason, by=request.user.actor)
    except Refused as refusal:
        return await show_page(request, receipt_id, form.refuse("", str(refusal)), 422)
    return see(
        request, "receipts:show", receipt_id=receipt_id, notice=_("The receipt is void. Its number stays.")
    )


router = Router(path="/receipts/{receipt_id:int}/voids", route_handlers=[create])
