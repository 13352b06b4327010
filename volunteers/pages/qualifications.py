"""What shifts may ask for: qualifications and waivers; and who has which."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from kit import days, forms
from kit.errors import Refused
from kit.forms import Form, read_form
from kit.pages import page, see
from kit.words import _
from staff import organisation
from volunteers import profiles, qualifications
from volunteers.forms import HeldForm, QualificationForm, WaiverForm

Asked = Request[Any, Any, Any]


@get("/qualifications", name="qualifications:index", needs="volunteers.read")
async def index(request: Asked) -> Response[Any]:
    return await _shown(request)


@post("/qualifications", name="qualifications:create", needs="volunteers.write")
async def create(request: Asked) -> Response[Any]:
    form = read_form(QualificationForm, await request.form())
    if not form.ok:
        return await _shown(request, form=form, status_code=422)
    try:
        await qualifications.define(
            form.value.name, form.value.kind, form.value.valid_months, by=request.user.actor
        )
    except Refused as no:
        return await _shown(request, form=form.refuse("name", str(no)), status_code=422)
    return see(request, "qualifications:index", notice=_("Roles can ask for it now."))


@post("/waivers", name="waivers:create", needs="volunteers.write")
async def publish(request: Asked) -> Response[Any]:
    """A new waiver, or a new edition of one that is there."""
    form = read_form(WaiverForm, await request.form())
    if not form.ok:
        return await _shown(request, waiver_form=form, status_code=422)
    await qualifications.publish_waiver(
        form.value.waiver_name, form.value.text, form.value.waiver_months, by=request.user.actor
    )
    return see(
        request, "qualifications:index", notice=_("Published. Who signed an older edition signs anew.")
    )


@post(
    "/volunteers/{constituent_id:int}/qualifications",
    name="qualifications_held:create",
    needs="volunteers.write",
)
async def hold(request: Asked, constituent_id: FromPath[int]) -> Response[Any]:
    await profiles.get(constituent_id)
    today = days.today((await organisation.needed())["zone"])
    form = read_form(HeldForm, await request.form(), today=today)
    if not form.ok:
        raise Refused(next(iter(form.errors.values())))
    await qualifications.hold(
        constituent_id, form.value.qualification, by=request.user.actor, from_day=form.value.from_day,
        until_day=form.value.until_day, status=form.value.status,
    )  # fmt: skip
    return see(request, "volunteers:show", constituent_id=constituent_id, notice=_("Noted."))


@post(
    "/qualifications-held/{held_id:int}/removals",
    name="qualifications_held_removals:create",
    needs="volunteers.write",
)
async def take_away(request: Asked, held_id: FromPath[int]) -> Response[Any]:
    constituent = await qualifications.take_away(held_id, by=request.user.actor)
    return see(request, "volunteers:show", constituent_id=constituent, notice=_("Taken away."))


async def _shown(
    request: Asked,
    *,
    form: Form[Any] | None = None,
    waiver_form: Form[Any] | None = None,
    status_code: int = 200,
) -> Response[Any]:
    return page(
        request,
        "volunteers/qualifications/index.html",
        kinds=await qualifications.open_ones(),
        waivers=await qualifications.waivers(),
        form=form or forms.blank(kind="training"),
        waiver_form=waiver_form or forms.blank(),
        status_code=status_code,
    )


router = Router(path="/", route_handlers=[index, create, publish, hold, take_away])
