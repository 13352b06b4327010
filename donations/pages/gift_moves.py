"""Moving a gift to the donor it belongs to."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from donations import donors, gifts, one_gift
from donations.corrections import AsksFirst
from donations.forms import MoveForm
from kit import forms
from kit.errors import Conflict, NotFound, Refused
from kit.forms import Form, read_form
from kit.pages import page, see
from kit.versions import seen_again
from kit.words import _
from staff import organisation

Asked = Request[Any, Any, Any]


@get("/new", name="gift_moves:new", needs="gifts.correct")
async def new(request: Asked, gift_id: FromPath[int]) -> Response[Any]:
    gift = await one_gift.get(gift_id)
    query = request.query_params.get("donor_q", "")[:200]
    return await _shown(request, gift, forms.blank(version=str(gift["version"]), donor_q=query))


@post("/", name="gift_moves:create", needs="gifts.correct")
async def create(request: Asked, gift_id: FromPath[int]) -> Response[Any]:
    gift = await one_gift.get(gift_id)
    sent = await request.form()
    form = read_form(MoveForm, sent)
    if sent.get("do") == "find" or (form.typed.get("donor_q") and not form.typed.get("donor")):
        return await _shown(request, gift, forms.blank(**{**form.typed, "donor": ""}))
    if not form.typed.get("donor"):
        form.refuse("donor", _("Choose the donor it belongs to."))
    if not form.ok:
        return await _shown(request, gift, form, 422)
    value = form.value
    try:
        await gifts.move(
            gift_id,
            value.donor or 0,
            by=request.user.actor,
            reason=value.reason,
            version=value.version,
            confirmed=value.confirmed,
        )
    except Conflict as meanwhile:
        gift = await one_gift.get(gift_id)
        return await _shown(request, gift, seen_again(form, gift["version"], str(meanwhile)), 409)
    except AsksFirst as asks:
        return await _shown(request, gift, form.refuse("confirmed", str(asks)), 422)
    except NotFound:
        return await _shown(request, gift, form.refuse("donor", _("There is nobody of that number.")), 422)
    except Refused as no:
        return await _shown(request, gift, form.refuse("", str(no)), 422)
    moved = await one_gift.get(gift_id)
    return see(
        request,
        "gifts:show",
        gift_id=gift_id,
        notice=_("The gift is {name}’s now.", name=moved["donor_name"]),
    )


async def _shown(
    request: Asked, gift: dict[str, Any], form: Form[Any], status_code: int = 200
) -> Response[Any]:
    ours = await organisation.needed()
    query = str(form.typed.get("donor_q") or "")
    found = [who for who in await donors.matching(query, home=ours["country"]) if who["id"] != gift["donor"]]
    if len(found) == 1 and not form.typed.get("donor"):
        form.typed["donor"] = str(found[0]["id"])
    typed = str(form.typed.get("donor") or "")
    chosen = (
        await donors.chosen(int(typed)) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None
    )
    return page(
        request, "donations/gifts/move.html", "move_form",
        gift=gift, form=form, donors=found, donor=chosen, status_code=status_code,
    )  # fmt: skip


router = Router(path="/gifts/{gift_id:int}/moves", route_handlers=[new, create])
