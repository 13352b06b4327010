"""The organisation's settings, its logo and its colour."""

from typing import Any

from litestar import Request, Response, Router, get, post, route
from litestar.datastructures import UploadFile

from kit import changes, forms, money, theme, versions
from kit.errors import Conflict, NotFound
from kit.forms import read_form
from kit.pages import LOOKING, page, see
from kit.places import COUNTRIES
from kit.words import _
from staff import logos, organisation
from staff.forms import CURRENCIES, KINDS, MONTHS, ZONES, OrganisationForm


@get("/organisation", name="organisation:edit", needs="organisation.manage")
async def edit(request: Request[Any, Any, Any]) -> Response[Any]:
    ours = await organisation.needed()
    return await _edit(request, ours, forms.blank(**_typed(ours)))


async def _edit(
    request: Request[Any, Any, Any],
    ours: dict[str, Any],
    form: forms.Form[Any],
    status_code: int = 200,
    theirs: versions.Both | None = None,
) -> Response[Any]:
    return page(
        request,
        "staff/organisation.html",
        "organisation_form",
        theirs=theirs,
        form=form,
        ours=ours,
        status_code=status_code,
        missing=organisation.missing_for_receipts(ours),
        kinds=forms.options(KINDS),
        countries=COUNTRIES,
        currencies=[(code, code) for code in CURRENCIES],
        zones=[(zone, zone.replace("_", " ")) for zone in ZONES],
        months=MONTHS,
        history=await changes.told("organisation", ours["id"], ours["zone"], 20),
    )


def _typed(ours: dict[str, Any]) -> dict[str, str]:
    """The row as it would be typed."""
    typed = {name: str(value) for name, value in ours.items() if value is not None}
    points = ours["fee_basis_points"]
    typed["fee_basis_points"] = f"{points // 100}.{points % 100:02d}".rstrip("0").rstrip(".")
    for name in ("fee_fixed", "smallest_gift", "largest_gift"):
        typed[name] = money.plain(ours[name], ours["currency"])
    return typed


@post("/organisation", name="organisation:update", needs="organisation.manage")
async def update(request: Request[Any, Any, Any]) -> Response[Any]:
    ours = await organisation.needed()
    sent = await request.form()
    form = read_form(OrganisationForm, sent, currency=_currency(sent, ours), country=ours["country"])
    if not form.ok:
        return await _edit(request, ours, form, 422)
    values = {name: getattr(value, "value", value) for name, value in _values(form.value).items()}
    version = values.pop("version")
    try:
        await organisation.edit(values, version=version, by=request.user.actor)
    except Conflict as meanwhile:
        return await _both(request, form, values, str(meanwhile))
    return see(request, "organisation:edit", notice="The settings are saved.")


_LABELS = (
    ("name", _("Name, as donors know it")), ("legal_name", _("Legal name")), ("kind", _("Kind")),
    ("registration_number", _("Registration number")), ("street", _("Street")), ("city", _("City")),
    ("region", _("State or region")), ("postal_code", _("Postal code")), ("country", _("Country")),
    ("email", _("E-mail")), ("phone", _("Phone")), ("website", _("Website")), ("signer_name", _("Who signs")),
    ("signer_title", _("Title")), ("currency", _("Currency")), ("fiscal_year_start", _("Fiscal year starts in")),
    ("zone", _("Time zone")), ("fee_basis_points", _("Usual card fee, percent")), ("fee_fixed", _("and fixed")),
    ("giving_heading", _("Heading")), ("giving_text", _("A few words")), ("smallest_gift", _("Smallest gift")),
    ("largest_gift", _("Largest gift")), ("accent", _("Colour")),
)  # fmt: skip


async def _both(
    request: Request[Any, Any, Any], form: forms.Form[Any], values: dict[str, Any], sentence: str
) -> Response[Any]:
    stands = await organisation.needed()
    theirs = versions.differing(
        _typed(stands),
        _typed({**stands, **values}),
        _LABELS,
        kind=dict(forms.options(KINDS)),
        country=dict(COUNTRIES),
        fiscal_year_start=dict(MONTHS),
    )
    form = versions.seen_again(form, stands["version"], sentence)
    return await _edit(request, stands, form, 409, theirs)


def _currency(sent: Any, ours: dict[str, Any]) -> str:
    typed = sent.get("currency", "")
    return typed if typed in CURRENCIES else ours["currency"]


def _values(value: OrganisationForm) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__struct_fields__}


@post("/organisation/logo", name="logos:create", needs="organisation.manage")
async def create_logo(request: Request[Any, Any, Any]) -> Response[Any]:
    ours = await organisation.needed()
    sent = (await request.form()).get("logo")
    data = await sent.read() if isinstance(sent, UploadFile) else b""
    try:
        await organisation.put_logo(data, by=request.user.actor)
    except organisation.NotAPicture as no:
        return await _edit(request, ours, forms.blank(**_typed(ours)).refuse("logo", str(no)), 422)
    return see(request, "organisation:edit", notice="The logo is in use.")


@post("/organisation/logo/removal", name="logo_removals:create", needs="organisation.manage")
async def remove_logo(request: Request[Any, Any, Any]) -> Response[Any]:
    await organisation.remove_logo(by=request.user.actor)
    return see(request, "organisation:edit", notice="The logo is not used any more.")


@route("/logo", http_method=LOOKING, name="logos:show", public=True)
async def show_logo(request: Request[Any, Any, Any]) -> Response[bytes]:
    ours = await organisation.ours()
    if ours is None or ours["logo"] is None:
        raise NotFound("No logo.")
    file = await logos.small(ours["logo"])
    return Response(file.data, media_type=file.media_type, headers={"Cache-Control": "public, max-age=300"})


@route("/theme.css", http_method=LOOKING, name="theme:show", public=True)
async def show_theme() -> Response[str]:
    ours = await organisation.ours()
    css = theme.css(ours["accent"]) if ours else ""
    return Response(css, media_type="text/css", headers={"Cache-Control": "public, max-age=300"})


router = Router(path="/", route_handlers=[edit, update, create_logo, remove_logo, show_logo, show_theme])
