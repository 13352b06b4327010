"""Campaigns: the list, one with its appeals, a new one, changing, closing and opening one."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from donations import appeals, campaigns, funds
from donations.forms import CampaignForm, as_typed
from donations.pages import histories
from kit import days, forms, money, versions
from kit.errors import Conflict, Refused
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
    its_appeals = await appeals.of(campaign_id)
    for appeal in its_appeals:
        appeal["history"] = await histories.of(request, "appeal", appeal["id"], ours["zone"])
    return page(
        request,
        "donations/campaigns/show.html",
        campaign=campaign,
        raised=await campaigns.raised(campaign_id),
        appeals=its_appeals,
        fund=await funds.get(campaign["fund"]) if campaign["fund"] else None,
        today=days.today(ours["zone"]),
        history=await histories.of(request, "campaign", campaign_id, ours["zone"]),
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
    except Conflict as meanwhile:
        return await _both(request, form, await campaigns.get(campaign_id), str(meanwhile))
    except Refused as no:
        return await _shown(request, _refuse(form, no), campaign, status_code=422)
    return see(request, "campaigns:show", campaign_id=campaign_id, notice=_("The campaign is saved."))


_LABELS = (
    ("name", _("Name")), ("goal", _("Goal")), ("starts_on", _("Begins on")), ("ends_on", _("Ends on")),
    ("fund", _("Suggested fund")), ("public", _("It has a public page")), ("slug", _("Address")),
    ("heading", _("Heading")), ("text", _("What it is about")),
)  # fmt: skip


async def _both(request: Asked, form: Form[Any], stands: dict[str, Any], sentence: str) -> Response[Any]:
    names = {str(fund["id"]): fund["name"] for fund in await funds.all_names()}
    goal = form.value.goal
    typed = {**form.typed, "goal": "" if goal is None else money.plain(goal, stands["currency"])}
    theirs = versions.differing(as_typed(stands, stands["currency"], "goal"), typed, _LABELS, fund=names)
    form = versions.seen_again(form, stands["version"], sentence)
    return await _shown(request, form, stands, status_code=409, theirs=theirs)


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
    request: Asked,
    form: Form[Any],
    campaign: dict[str, Any] | None = None,
    status_code: int = 200,
    theirs: versions.Both | None = None,
) -> Response[Any]:
    ours = await organisation.needed()
    return page(
        request,
        "donations/campaigns/edit.html",
        "campaign_form",
        form=form,
        campaign=campaign,
        currency=campaign["currency"] if campaign else ours["currency"],
        funds=await _funds(form),
        theirs=theirs,
        status_code=status_code,
    )


async def _funds(form: Form[Any]) -> Sequence[tuple[str, str]]:
    """The open funds, and the one that the campaign names although it is closed."""
    open_ones = [(fund["id"], fund["name"]) for fund in await funds.open_ones()]
    named = str(form.typed.get("fund") or "")
    closed = [
        (fund["id"], _("{name} (closed)", name=fund["name"]))
        for fund in await funds.all_names()
        if str(fund["id"]) == named and fund["id"] not in dict(open_ones)
    ]
    return forms.options([*open_ones, *closed], nothing=_("The general fund"))


router = Router(path="/campaigns", route_handlers=[index, new, create, show, edit, update, close, reopen])
