"""Appeals: a new one of a campaign, changing, closing and opening one. Its campaign's page lists them."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from donations import appeals, campaigns
from donations.forms import AppealForm, as_typed
from kit import days, forms, versions
from kit.errors import Conflict, Refused
from kit.forms import Form, read_form
from kit.pages import page, see
from kit.words import _
from staff import organisation

Asked = Request[Any, Any, Any]


@get("/campaigns/{campaign_id:int}/appeals/new", name="appeals:new", needs="gifts.correct")
async def new(request: Asked, campaign_id: FromPath[int]) -> Response[Any]:
    return _shown(request, forms.blank(), await campaigns.get(campaign_id))


@post("/campaigns/{campaign_id:int}/appeals", name="appeals:create", needs="gifts.correct")
async def create(request: Asked, campaign_id: FromPath[int]) -> Response[Any]:
    campaign = await campaigns.get(campaign_id)
    form = await _read(request)
    if not form.ok:
        return _shown(request, form, campaign, status_code=422)
    try:
        await appeals.create(campaign_id, _details(form.value), by=request.user.actor)
    except Refused as no:
        return _shown(request, _refuse(form, no), campaign, status_code=422)
    return see(request, "campaigns:show", campaign_id=campaign_id, notice=_("The appeal is made."))


@get("/appeals/{appeal_id:int}/edit", name="appeals:edit", needs="gifts.correct")
async def edit(request: Asked, appeal_id: FromPath[int]) -> Response[Any]:
    appeal = await appeals.get(appeal_id)
    return _shown(
        request, forms.blank(**as_typed(appeal, "USD")), await campaigns.get(appeal["campaign"]), appeal
    )


@post("/appeals/{appeal_id:int}", name="appeals:update", needs="gifts.correct")
async def update(request: Asked, appeal_id: FromPath[int]) -> Response[Any]:
    appeal = await appeals.get(appeal_id)
    campaign = await campaigns.get(appeal["campaign"])
    form = await _read(request)
    if not form.ok:
        return _shown(request, form, campaign, appeal, status_code=422)
    try:
        await appeals.update(
            appeal_id, _details(form.value), version=form.value.version or 0, by=request.user.actor
        )
    except Conflict as meanwhile:
        appeal = await appeals.get(appeal_id)
        theirs = versions.differing(as_typed(appeal, "USD"), form.typed, _LABELS)
        form = versions.seen_again(form, appeal["version"], str(meanwhile))
        return _shown(request, form, campaign, appeal, status_code=409, theirs=theirs)
    except Refused as no:
        return _shown(request, _refuse(form, no), campaign, appeal, status_code=422)
    return see(request, "campaigns:show", campaign_id=campaign["id"], notice=_("The appeal is saved."))


_LABELS = (("name", _("Name")), ("source_code", _("Source code")), ("asked_on", _("Asked on")))


@post("/appeals/{appeal_id:int}/closures", name="appeal_closures:create", needs="gifts.correct")
async def close(request: Asked, appeal_id: FromPath[int]) -> Response[Any]:
    appeal = await appeals.get(appeal_id)
    await appeals.close(appeal_id, by=request.user.actor)
    return see(
        request, "campaigns:show", campaign_id=appeal["campaign"], notice=_("It takes no new gifts now.")
    )


@post("/appeals/{appeal_id:int}/openings", name="appeal_openings:create", needs="gifts.correct")
async def reopen(request: Asked, appeal_id: FromPath[int]) -> Response[Any]:
    appeal = await appeals.get(appeal_id)
    await appeals.reopen(appeal_id, by=request.user.actor)
    return see(request, "campaigns:show", campaign_id=appeal["campaign"], notice=_("It takes gifts again."))


async def _read(request: Asked) -> Form[AppealForm]:
    today = days.today((await organisation.needed())["zone"])
    return read_form(AppealForm, await request.form(), today=today)


def _details(value: AppealForm) -> appeals.AppealDetails:
    return appeals.AppealDetails(name=value.name, source_code=value.source_code, asked_on=value.asked_on)


def _refuse(form: Form[Any], no: Refused) -> Form[Any]:
    return form.refuse("source_code" if isinstance(no, appeals.CodeTaken) else "", str(no))


def _shown(
    request: Asked,
    form: Form[Any],
    campaign: dict[str, Any],
    appeal: dict[str, Any] | None = None,
    status_code: int = 200,
    theirs: versions.Both | None = None,
) -> Response[Any]:
    return page(
        request,
        "donations/appeals/edit.html",
        "appeal_form",
        form=form,
        campaign=campaign,
        appeal=appeal,
        theirs=theirs,
        status_code=status_code,
    )


router = Router(path="/", route_handlers=[new, create, edit, update, close, reopen])
