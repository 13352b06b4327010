"""Giving a gift back: recorded, or through Stripe, in full or in part."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from donations import one_gift, refunds
from donations.forms import RefundForm
from donations.tables import GiftSource
from kit import days, forms, money, security
from kit.errors import Refused
from kit.forms import Form, read_form
from kit.pages import page, see
from kit.words import _
from staff import organisation

Asked = Request[Any, Any, Any]


@get("/new", name="gift_refunds:new", needs="gifts.refund")
async def new(request: Asked, gift_id: FromPath[int]) -> Response[Any]:
    gift = await one_gift.get(gift_id)
    ours = await organisation.needed()
    form = forms.blank(
        amount=money.plain(max(await refunds.left(gift_id), 0), gift["currency"]),
        via="stripe" if _is_stripes(gift) else "record",
        refunded_on=days.today(ours["zone"]).isoformat(),
        entry_key=security.new_token(),
    )
    return await _shown(request, gift, form)


@post("/", name="gift_refunds:create", needs="gifts.refund")
async def create(request: Asked, gift_id: FromPath[int]) -> Response[Any]:
    gift = await one_gift.get(gift_id)
    ours = await organisation.needed()
    form = read_form(
        RefundForm, await request.form(), currency=gift["currency"], today=days.today(ours["zone"])
    )
    if not form.ok:
        return await _shown(request, gift, form, 422)
    try:
        said = await _refund(gift_id, form.value, request.user.actor)
    except Refused as no:
        return await _shown(request, gift, form.refuse("amount", str(no)), 422)
    return see(request, "gifts:show", gift_id=gift_id, notice=said)


async def _refund(gift_id: int, value: RefundForm, by: Any) -> str:
    key = value.entry_key or None
    if value.via == "stripe":
        await refunds.ask(gift_id, value.amount, reason=value.reason, by=by, entry_key=key)
        return _("Stripe is asked to give it back. This page says when it did.")
    await refunds.record(
        gift_id, value.amount, reason=value.reason, by=by, on=value.refunded_on, entry_key=key
    )
    return _("The refund is booked.")


async def _shown(
    request: Asked, gift: dict[str, Any], form: Form[Any], status_code: int = 200
) -> Response[Any]:
    return page(
        request, "donations/gifts/refund.html", "refund_form",
        gift=gift, form=form, left=await refunds.left(gift["id"]), through_stripe=_is_stripes(gift),
        splits=await one_gift.splits(gift["id"]), deeds=one_gift.deeds(gift), status_code=status_code,
    )  # fmt: skip


def _is_stripes(gift: dict[str, Any]) -> bool:
    return gift["source"] == GiftSource.ONLINE


router = Router(path="/gifts/{gift_id:int}/refunds", route_handlers=[new, create])
