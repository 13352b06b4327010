"""Campaigns: the list, one with its appeals, a new one, changing, closing and opening one."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from donations import appeals, campaigns, funds
from donations.forms import CampaignForm, as_typed
from kit import changes, days, forms
from kit.errors import Refused
from kit.forms import Form, read_form
from kit.pages import page, see
from kit.words import _
from staff import organisation

Asked = Request[Any, Any, Any]


@get("/", name="campaigns:index", needs="gifts.read")
async def index(request: Asked) -> Response[Any]:
    today = days.today((await organisation.needed())["zone"])
    return page(
        request, "donations/campaigns/index.html", campaigns=await campaigns.all_of_them(), today=today
    )


@get("/new", name="campaigns:new", needs="gifts.correct")
async def new(request: Asked) -> Response[Any]:
    return await _shown(request, forms.blank(public="yes"))


@post("/", name="campaigns:create", needs="gifts.correct")
async def create(request: Asked) -> Response[Any]:
    ours = await organisation.needed()
    form = read_form(
        CampaignForm, await request.form(), currency=ours["currency"], today=days.today(ours["zone"])
    )
    if not form.ok:
        return await _shown(request, form, status_code=422)
    try:
        id = await campaigns.create(_details(form.value, ours["currency"]), by=request.user.actor)
    except Refused as no:
        return await _shown(request, _refuse(form, no), status_code=422)
    return see(request, "campaigns:show", campaign_id=id, notice=_("The campaign is made."))


@get("/{campaign_id:int}", name="campaigns:show", needs="gifts.read")
async def show(request: Asked, campaign_id: FromPath[int]) -> Response[Any]:
    ours = await organisation.needed()
    campaign = await campaigns.get(campaign_id)
    return page(
        request,
        "donations/campaigns/show.html",
        campaign=campaign,
        raised=await campaigns.raised(campaign_id),
        appeals=await appeals.of(campaign_id),
        fund=await funds.get(campaign["fund"]) if campaign["fund"] else None,
        today=days.today(ours["zone"]),
        history=await changes.told("campaign", campaign_id, ours["zone"], 20),
    )


@get("/{campaign_id:int}/edit", name="campaigns:edit", needs="gifts.correct")
async def edit(request: Asked, campaign_id: FromPath[int]) -> Response[Any]:
    campaign = await campaigns.get(campaign_id)
    return await _shown(request, forms.blank(**as_typed(campaign, campaign["currency"], "goal")), campaign)


@post("/{campaign_id:int}", name="campaigns:update", needs="gifts.correct")
async def update(request: Asked, campaign_id: FromPath[int]) -> Response[Any]:
    ours = await organisation.needed()
    campaign = await campaigns.get(campaign_id)
    form = read_form(
        CampaignForm, await request.form(), currency=campaign["currency"], today=days.today(ours["zone"])
    )
    if not form.ok:
        return await _shown(request, form, campaign, status_code=422)
    try:
        await campaigns.update(
            campaign_id,
            _details(form.value, campaign["currency"]),
            version=form.value.version or 0,
            by=request.user.actor,
        )
    except Refused as no:
        return await _shown(request, _refuse(form, no), campaign, status_code=422)
    return see(request, "campaigns:show", campaign_id=campaign_id, notice=_("The campaign is saved."))


@post("/{campaign_id:int}/closures", name="campaign_closures:create", needs="gifts.correct")
async def close(request: Asked, campaign_id: FromPath[int]) -> Response[Any]:
    await campaigns.close(campaign_id, by=request.user.actor)
    return see(request, "campaigns:show", campaign_id=campaign_id, notice=_("It takes no new gifts now."))


@post("/{campaign_id:int}/openings", name="campaign_openings:create", needs="gifts.correct")
async def reopen(request: Asked, campaign_id: FromPath[int]) -> Response[Any]:
    await campaigns.reopen(campaign_id, by=request.user.actor)
    return see(request, "campaigns:show", campaign_id=campaign_id, notice=_("It takes gifts again."))


def _details(value: CampaignForm, currency: str) -> campaigns.CampaignDetails:
    names = [name for name in campaigns.CampaignDetails.__struct_fields__ if name != "currency"]
    return campaigns.CampaignDetails(currency=currency, **{name: getattr(value, name) for name in names})


def _refuse(form: Form[Any], no: Refused) -> Form[Any]:
    return form.refuse("slug" if isinstance(no, campaigns.AddressTaken) else "", str(no))


async def _shown(
    request: Asked, form: Form[Any], campaign: dict[str, Any] | None = None, status_code: int = 200
) -> Response[Any]:
    ours = await organisation.needed()
    return page(
        request,
        "donations/campaigns/edit.html",
        "campaign_form",
        form=form,
        campaign=campaign,
        currency=campaign["currency"] if campaign else ours["currency"],
        funds=forms.options(
            [(fund["id"], fund["name"]) for fund in await funds.open_ones()], nothing=_("The general fund")
        ),
        status_code=status_code,
    )


router = Router(path="/campaigns", route_handlers=[index, new, create, show, edit, update, close, reopen])
