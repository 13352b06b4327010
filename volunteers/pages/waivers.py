"""Waivers: one edition to read, a new text, and signatures on paper."""

from datetime import datetime, time
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from kit import days, forms
from kit.errors import NotFound
from kit.forms import Form, read_form
from kit.pages import page, see
from kit.words import _
from staff import organisation
from volunteers import profiles, sight, waivers
from volunteers.pages import volunteers
from volunteers.profile_forms import SignatureForm, WaiverForm

Asked = Request[Any, Any, Any]


@get("/waivers/new", name="waivers:new", needs="volunteers.write")
async def new(request: Asked) -> Response[Any]:
    """A new waiver; with `of` a new edition of one that is there, beginning with its text."""
    of = request.query_params.get("of", "")
    stands = await waivers.get(int(of)) if of.isascii() and of.isdigit() and len(of) < 10 else None
    typed = (
        {
            "waiver_name": stands["name"],
            "text": stands["text"],
            "waiver_months": str(stands["valid_months"] or ""),
        }
        if stands
        else {}
    )
    return _shown(request, forms.blank(**typed))


@post("/waivers", name="waivers:create", needs="volunteers.write")
async def publish(request: Asked) -> Response[Any]:
    """A new waiver, or a new edition of one that is there."""
    form = read_form(WaiverForm, await request.form())
    if not form.ok:
        return _shown(request, form, status_code=422)
    value = form.value
    id = await waivers.publish(value.waiver_name, value.text, value.waiver_months, by=request.user.actor)
    return see(
        request, "waivers:show", waiver_id=id, notice=_("Published. Who signed an older edition signs anew.")
    )


@get("/waivers/{waiver_id:int}", name="waivers:show", needs="volunteers.read")
async def show(request: Asked, waiver_id: FromPath[int]) -> Response[Any]:
    waiver = await waivers.get(waiver_id)
    return page(
        request,
        "volunteers/waivers/show.html",
        waiver=waiver,
        editions=await waivers.editions(waiver["name"]),
        zone=(await organisation.needed())["zone"],
    )


@post(
    "/volunteers/{constituent_id:int}/signatures", name="waiver_signatures:create", needs="volunteers.write"
)
async def sign(request: Asked, constituent_id: FromPath[int]) -> Response[Any]:
    """A signature on paper that whoever notes it has seen."""
    await sight.check_volunteer(request.user, constituent_id)
    await profiles.get(constituent_id)
    zone = (await organisation.needed())["zone"]
    form = read_form(SignatureForm, await request.form(), today=days.today(zone))
    if not form.ok:
        return await volunteers.show_page(request, constituent_id, signature_form=form, status_code=422)
    value = form.value
    noon = days.at_wall_clock(datetime.combine(value.signed_on, time(12)), zone)
    try:
        await waivers.sign(
            constituent_id, value.waiver, value.signed_name, by=request.user.actor, is_guardian=value.is_guardian,
            on_paper=min(noon, days.now()),
        )  # fmt: skip
    except NotFound:
        form.refuse("waiver", _("Choose one from the list."))
        return await volunteers.show_page(request, constituent_id, signature_form=form, status_code=422)
    return see(request, "volunteers:show", constituent_id=constituent_id, notice=_("The signature is noted."))


def _shown(request: Asked, form: Form[Any], status_code: int = 200) -> Response[Any]:
    return page(
        request, "volunteers/waivers/edit.html", "waiver_form", form=form,
        is_edition=bool(form.typed.get("waiver_name")), status_code=status_code,
    )  # fmt: skip


router = Router(path="/", route_handlers=[new, publish, show, sign])
