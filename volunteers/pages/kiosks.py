"""Kiosks: opening one for a tablet at the door, and closing it."""

from typing import Any

import segno
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from kit import config, forms
from kit.errors import Refused
from kit.forms import Form, read_form
from kit.pages import page, see
from kit.templates import url_for
from kit.words import _
from staff import organisation
from volunteers import kiosks, places, programmes, sight
from volunteers.forms import KioskForm
from volunteers.pages import chosen

Asked = Request[Any, Any, Any]


@get("/", name="kiosks:index", needs="volunteers.write")
async def index(request: Asked) -> Response[Any]:
    return await _shown(request, forms.blank(days="1"))


@post("/", name="kiosks:create", needs="volunteers.write")
async def create(request: Asked) -> Response[Any]:
    form = read_form(KioskForm, await request.form())
    if not await chosen.check(form, request.user):
        return await _shown(request, form, status_code=422)
    value = form.value
    if value.programme is None and await sight.programmes_of(request.user) is not None:
        sentence = _("Choose one of your programmes: a place has those of others, too.")
        return await _shown(request, form.refuse("programme", sentence), status_code=422)
    try:
        _id, token = await kiosks.open(
            value.name, value.pin, until=kiosks.end_of(value.days, (await organisation.needed())["zone"]), by=request.user.actor,
            programme=value.programme, place=value.place,
        )  # fmt: skip
    except Refused as no:
        return await _shown(request, form.refuse("pin", str(no)), status_code=422)
    address = config.settings().base_url + url_for("kiosk:show", token=token)
    return await _shown(request, forms.blank(days="1"), address=address)


@post("/{kiosk_id:int}/closures", name="kiosk_closures:create", needs="volunteers.write")
async def close(request: Asked, kiosk_id: FromPath[int]) -> Response[Any]:
    theirs = {one["id"] for one in await kiosks.standing(await sight.programmes_of(request.user))}
    if kiosk_id in theirs:
        await kiosks.close(kiosk_id, by=request.user.actor)
    return see(request, "kiosks:index", notice=_("Its address opens nothing any more."))


async def _shown(
    request: Asked, form: Form[Any], *, address: str = "", status_code: int = 200
) -> Response[Any]:
    seen = await sight.programmes_of(request.user)
    return page(
        request,
        "volunteers/kiosks/index.html",
        form=form,
        address=address,
        qr=segno.make(address, error="m", micro=False).png_data_uri(border=2, scale=5) if address else "",
        kiosks=await kiosks.standing(seen),
        programmes=forms.options(
            [
                (one["id"], one["name"])
                for one in await programmes.all_of_them(seen)
                if one["closed_at"] is None
            ],
            nothing=_("Every programme there") if seen is None else None,
        ),
        where=forms.options(
            [(one["id"], one["name"]) for one in await places.all_of_them()], nothing=_("Everywhere")
        ),
        status_code=status_code,
    )


router = Router(path="/kiosks", route_handlers=[index, create, close])
