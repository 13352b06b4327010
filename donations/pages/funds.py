"""Funds: the list, one with what it received, a new one, changing, closing and opening one."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from donations import funds
from donations.forms import FundForm, as_typed
from donations.pages import histories
from kit import forms, versions
from kit.errors import Conflict, Refused
from kit.forms import Form, read_form
from kit.pages import page, see
from kit.words import _
from staff import organisation

Asked = Request[Any, Any, Any]


@get("/", name="funds:index", needs="gifts.read")
async def index(request: Asked) -> Response[Any]:
    return page(request, "donations/funds/index.html", funds=await funds.all_of_them())


@get("/new", name="funds:new", needs="gifts.correct")
async def new(request: Asked) -> Response[Any]:
    return await _shown(request, forms.blank(public="yes"))


@post("/", name="funds:create", needs="gifts.correct")
async def create(request: Asked) -> Response[Any]:
    form = read_form(FundForm, await request.form())
    if not form.ok:
        return await _shown(request, form, status_code=422)
    try:
        id = await funds.create(_details(form.value), by=request.user.actor)
    except Refused as no:
        return await _shown(request, _refuse(form, no), status_code=422)
    return see(request, "funds:show", fund_id=id, notice=_("“{name}” takes gifts now.", name=form.value.name))


@get("/{fund_id:int}", name="funds:show", needs="gifts.read")
async def show(request: Asked, fund_id: FromPath[int]) -> Response[Any]:
    zone = (await organisation.needed())["zone"]
    return page(
        request,
        "donations/funds/show.html",
        fund=await funds.get(fund_id),
        held=await funds.held(fund_id),
        history=await histories.of(request, "fund", fund_id, zone),
    )


@get("/{fund_id:int}/edit", name="funds:edit", needs="gifts.correct")
async def edit(request: Asked, fund_id: FromPath[int]) -> Response[Any]:
    fund = await funds.get(fund_id)
    return await _shown(request, forms.blank(**as_typed(fund, "USD")), fund)


@post("/{fund_id:int}", name="funds:update", needs="gifts.correct")
async def update(request: Asked, fund_id: FromPath[int]) -> Response[Any]:
    fund = await funds.get(fund_id)
    form = read_form(FundForm, await request.form())
    if not form.ok:
        return await _shown(request, form, fund, status_code=422)
    try:
        await funds.update(
            fund_id, _details(form.value), version=form.value.version or 0, by=request.user.actor
        )
    except Conflict as meanwhile:
        return await _both(request, form, await funds.get(fund_id), str(meanwhile))
    except Refused as no:
        return await _shown(request, _refuse(form, no), fund, status_code=422)
    return see(request, "funds:show", fund_id=fund_id, notice=_("“{name}” is saved.", name=form.value.name))


_LABELS = (
    ("name", _("Name")), ("account_code", _("Account code")), ("description", _("What it is for")),
    ("restricted", _("Restricted")), ("is_general", _("The general fund")), ("public", _("Offered on the giving page")),
)  # fmt: skip


async def _both(request: Asked, form: Form[Any], stands: dict[str, Any], sentence: str) -> Response[Any]:
    theirs = versions.differing(as_typed(stands, "USD"), form.typed, _LABELS)
    form = versions.seen_again(form, stands["version"], sentence)
    return await _shown(request, form, stands, status_code=409, theirs=theirs)


@post("/{fund_id:int}/closures", name="fund_closures:create", needs="gifts.correct")
async def close(request: Asked, fund_id: FromPath[int]) -> Response[Any]:
    fund = await funds.get(fund_id)
    try:
        await funds.close(fund_id, by=request.user.actor)
    except Refused as no:
        form = forms.blank(**as_typed(fund, "USD")).refuse("", str(no))
        return await _shown(request, form, fund, status_code=422)
    return see(
        request,
        "funds:show",
        fund_id=fund_id,
        notice=_("“{name}” takes no new gifts now.", name=fund["name"]),
    )


@post("/{fund_id:int}/openings", name="fund_openings:create", needs="gifts.correct")
async def reopen(request: Asked, fund_id: FromPath[int]) -> Response[Any]:
    fund = await funds.get(fund_id)
    await funds.reopen(fund_id, by=request.user.actor)
    return see(
        request, "funds:show", fund_id=fund_id, notice=_("“{name}” takes gifts again.", name=fund["name"])
    )


def _details(value: FundForm) -> funds.FundDetails:
    return funds.FundDetails(**{name: getattr(value, name) for name in funds.FundDetails.__struct_fields__})


def _refuse(form: Form[Any], no: Refused) -> Form[Any]:
    field = {funds.NameTaken: "name", funds.Contradictory: "is_general", Conflict: ""}.get(type(no), "")
    return form.refuse(field, str(no))


async def _shown(
    request: Asked,
    form: Form[Any],
    fund: dict[str, Any] | None = None,
    status_code: int = 200,
    theirs: versions.Both | None = None,
) -> Response[Any]:
    return page(
        request,
        "donations/funds/edit.html",
        "fund_form",
        form=form,
        fund=fund,
        theirs=theirs,
        status_code=status_code,
    )


router = Router(path="/funds", route_handlers=[index, new, create, show, edit, update, close, reopen])
