"""The giving page, general or of a campaign."""

from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar import Request, Response, Router, post, route
from litestar.params import FromPath

from donations import intents, stripe_api
from giving import checkout
from giving.forms import GivingForm
from kit import config, forms, money, security
from kit.errors import NotFound, TooMany
from kit.forms import read_form
from kit.pages import LOOKING, page
from kit.places import COUNTRIES
from kit.words import _


@route("/", http_method=LOOKING, name="giving:show", public=True)
async def show(request: Request[Any, Any, Any]) -> Response[Any]:
    return await _show(request, None)


@route("/{slug:str}", http_method=LOOKING, name="campaign_giving:show", public=True)
async def show_campaign(request: Request[Any, Any, Any], slug: FromPath[str]) -> Response[Any]:
    return await _show(request, slug)


async def _show(request: Request[Any, Any, Any], slug: str | None) -> Response[Any]:
    where = await _page_or_answer(request, slug)
    if isinstance(where, Response):
        return where
    return _form_page(request, where, await _first_form(request, where))


async def _page_or_answer(request: Request[Any, Any, Any], slug: str | None) -> checkout.Page | Response[Any]:
    """The page, or what to say where there is none: giving is closed, or this campaign is."""
    organisation = request.scope["state"]["organisation"]
    if organisation is None or not checkout.is_open():
        return page(request, "giving/closed.html")
    found = await checkout.page_for(organisation, slug)
    return found or page(request, "giving/no_campaign.html", status_code=404)


async def _first_form(request: Request[Any, Any, Any], where: checkout.Page) -> forms.Form[Any]:
    typed = {"form_key": security.new_token(), "country": where.organisation["country"]}
    suggested = [money.plain(amount, where.currency) for amount in where.suggested]
    if suggested:
        typed["amount"] = suggested[min(1, len(suggested) - 1)]
    if again := request.query_params.get("again"):
        typed |= await _typed_before(again, suggested)
    return forms.blank(GivingForm, **typed)


async def _typed_before(token: str, suggested: list[str]) -> dict[str, str]:
    """What the donor typed the last time, for her own link only."""
    try:
        intent = await intents.by_token(token)
    except NotFound:
        return {}
    amount = money.plain(intent["amount"], intent["currency"])
    return {
        "amount": amount if amount in suggested else "other",
        "own_amount": "" if amount in suggested else amount,
        "fund": str(intent["fund"]),
        "first_name": intent["given_name"],
        "last_name": intent["family_name"],
        "email": intent["email"],
        "comment": intent["comment"],
        "anonymous": "yes" if intent["anonymous"] else "",
        "cover_fee": "yes" if intent["cover"] else "",
        **msgspec.json.decode(intent["address"]),
    }


@post("/", name="giving:create", public=True)
async def create(request: Request[Any, Any, Any]) -> Response[Any]:
    return await _create(request, None)


@post("/{slug:str}", name="campaign_giving:create", public=True)
async def create_in_campaign(request: Request[Any, Any, Any], slug: FromPath[str]) -> Response[Any]:
    return await _create(request, slug)


async def _create(request: Request[Any, Any, Any], slug: str | None) -> Response[Any]:
    """To Stripe; or the form again, with what is wrong or with a total that the donor has not seen yet."""
    where = await _page_or_answer(request, slug)
    if isinstance(where, Response):
        return where
    form = read_form(GivingForm, await request.form(), currency=where.currency)
    if not form.ok:
        return _form_page(request, where, _with_every_fault(where, form), status_code=422)
    try:
        choice = checkout.chosen(where, form.value)
        if str(choice.total) not in (form.value.total, form.value.seen):
            return _form_page(request, where, form, choice=choice)
        target = await checkout.begin(
            where, form.value, choice,
            address=security.client_address(request.scope), source_code=request.query_params.get("s", ""),
            instead_of=request.query_params.get("again", ""),
        )  # fmt: skip
    except checkout.NotGivable as no:
        return _form_page(request, where, form.refuse(no.field, str(no)), status_code=422)
    except TooMany:
        return _form_page(request, where, form, trouble=_often(where), status_code=429)
    except stripe_api.Unreachable:
        # Stripe keeps an error for a day with the try it was about; the next click is a try of its own.
        form.typed["form_key"] = security.new_token()
        trouble = (
            _("The payment page does not answer just now"),
            _("Nothing was charged. Wait a minute and press the button again."),
        )
        return _form_page(request, where, form, trouble=trouble, status_code=503)
    except stripe_api.RefusedByStripe:
        trouble = (
            _("This payment cannot be begun"),
            _("Nothing was charged. Check the amount and the e-mail address."),
        )
        return _form_page(request, where, form, trouble=trouble, status_code=422)
    return Response(None, status_code=303, headers={"Location": target})


def _often(where: checkout.Page) -> tuple[str, str]:
    """The heading and the words over the limit. An office or a fair behind one address may meet it, too."""
    words = _(
        "Many payments were begun from your network, or with this e-mail address, in the last hour. We wait then, to"
        " keep out people who try stolen cards. Nothing was charged, and what you typed is still here."
    )
    if where.organisation["email"]:
        words += " " + _("Or write to {email} to give another way.", email=where.organisation["email"])
    return _("Please try again in an hour"), words


def _with_every_fault(where: checkout.Page, form: forms.Form[Any]) -> forms.Form[Any]:
    """A form that cannot be read may ask for an amount that cannot be taken, too: she is told both at once."""
    if "own_amount" not in form.errors and "fund" not in form.errors:
        try:
            _chosen_so_far(where, form)
        except checkout.NotGivable as no:
            return form.refuse(no.field, str(no))
    return form


def _form_page(
    request: Request[Any, Any, Any],
    where: checkout.Page,
    form: forms.Form[Any],
    *,
    choice: checkout.Choice | None = None,
    trouble: tuple[str, str] | None = None,
    status_code: int = 200,
) -> Response[Any]:
    choice = choice or _default_choice(where, form)
    _allow_checkout(request)
    answer = page(
        request,
        "giving/show.html",
        form=form,
        where=where,
        trouble=trouble,
        countries=COUNTRIES,
        choice=choice,
        total=money.show(choice.total, where.currency) if choice else "",
        offered=money.show(choice.cover_offered, where.currency) if choice else "",
        seen=str(choice.total) if choice else "",
        checked=choice is not None and request.method == "POST" and status_code == 200,
        digits=money.digits(where.currency),
        carried={name: said for name in ("s", "again") if (said := request.query_params.get(name))},
        status_code=status_code,
    )
    if status_code in (429, 503):
        answer.headers["Retry-After"] = "3600" if status_code == 429 else "60"
    return answer


def _default_choice(where: checkout.Page, form: forms.Form[Any]) -> checkout.Choice | None:
    """The sums of what stands in the form, if it stands for something."""
    try:
        return _chosen_so_far(where, form)
    except checkout.NotGivable:
        return None


def _chosen_so_far(where: checkout.Page, form: forms.Form[Any]) -> checkout.Choice | None:
    """The sums of a form, whoever is still missing in it. Raises checkout.NotGivable."""
    read = read_form(
        GivingForm,
        {**form.typed, "first_name": "x", "last_name": "x", "email": "x@example.org"},
        currency=where.currency,
    )
    return checkout.chosen(where, read.value) if read.ok else None


def _allow_checkout(request: Request[Any, Any, Any]) -> None:
    """The form's answer leads to Stripe's page; Chromium counts that as the form's action."""
    base = config.settings().stripe_api_base
    parts = urlsplit(base) if base else None
    origin = f"{parts.scheme}://{parts.netloc}" if parts else "https://checkout.stripe.com"
    request.scope["state"]["form_action"] = f"'self' {origin}"


router = Router(path="/give", route_handlers=[show, show_campaign, create, create_in_campaign])
