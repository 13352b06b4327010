"""Deeds on one gift that want a reason or a day, or nothing: void, bounced cheque, thanks, deposit."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from donations import gifts, one_gift
from donations.forms import DepositForm, ReasonForm
from kit import days, forms
from kit.errors import Refused
from kit.forms import Form, read_form
from kit.pages import page, see
from kit.words import _
from staff import organisation

Asked = Request[Any, Any, Any]


@get("/voids/new", name="gift_voids:new", needs="gifts.correct")
async def new_void(request: Asked, gift_id: FromPath[int]) -> Response[Any]:
    return await _ask(request, gift_id, "void", forms.blank())


@post("/voids", name="gift_voids:create", needs="gifts.correct")
async def void(request: Asked, gift_id: FromPath[int]) -> Response[Any]:
    return await _end(request, gift_id, "void", gifts.void, _("The gift is void."))


@get("/bounces/new", name="gift_bounces:new", needs="gifts.correct")
async def new_bounce(request: Asked, gift_id: FromPath[int]) -> Response[Any]:
    return await _ask(request, gift_id, "bounce", forms.blank())


@post("/bounces", name="gift_bounces:create", needs="gifts.correct")
async def bounce(request: Asked, gift_id: FromPath[int]) -> Response[Any]:
    return await _end(request, gift_id, "bounce", gifts.bounce, _("The cheque is marked as given back."))


async def _end(
    request: Asked, gift_id: int, deed: str, verb: Callable[..., Awaitable[None]], said: str
) -> Response[Any]:
    form = read_form(ReasonForm, await request.form())
    if not form.ok:
        return await _ask(request, gift_id, deed, form, 422)
    try:
        await verb(gift_id, reason=form.value.reason, by=request.user.actor)
    except Refused as no:
        return await _ask(request, gift_id, deed, form.refuse("", str(no)), 422)
    return see(request, "gifts:show", gift_id=gift_id, notice=said)


async def _ask(
    request: Asked, gift_id: int, deed: str, form: Form[Any], status_code: int = 200
) -> Response[Any]:
    gift = await one_gift.get(gift_id)
    return page(
        request, "donations/gifts/end.html", "end_form", gift=gift, deed=deed, form=form, status_code=status_code,
    )  # fmt: skip


@post("/thanks", name="gift_thanks:create", needs="gifts.write")
async def thank(request: Asked, gift_id: FromPath[int]) -> Response[Any]:
    await gifts.thank(gift_id, by=request.user.actor)
    return see(request, "gifts:show", gift_id=gift_id, notice=_("Marked as thanked."))


@get("/deposits/new", name="gift_deposits:new", needs="gifts.write")
async def new_deposit(request: Asked, gift_id: FromPath[int]) -> Response[Any]:
    today = days.today((await organisation.needed())["zone"]).isoformat()
    return await _ask(request, gift_id, "deposit", forms.blank(deposited_on=today))


@post("/deposits", name="gift_deposits:create", needs="gifts.write")
async def deposit(request: Asked, gift_id: FromPath[int]) -> Response[Any]:
    today = days.today((await organisation.needed())["zone"])
    form = read_form(DepositForm, await request.form(), today=today)
    if not form.ok:
        return await _ask(request, gift_id, "deposit", form, 422)
    try:
        await gifts.deposit(gift_id, on=form.value.deposited_on, by=request.user.actor)
    except Refused as no:
        return await _ask(request, gift_id, "deposit", form.refuse("", str(no)), 422)
    return see(request, "gifts:show", gift_id=gift_id, notice=_("The deposit is booked."))


router = Router(
    path="/gifts/{gift_id:int}",
    route_handlers=[new_void, void, new_bounce, bounce, thank, new_deposit, deposit],
)
