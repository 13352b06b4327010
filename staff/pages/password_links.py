"""Forgotten passwords and mailed links: the same answers whether or not an address belongs to somebody."""

from typing import Any

from litestar import Request, Response, Router, get, post, route
from litestar.params import FromPath

from kit import forms, security
from kit.errors import TooMany
from kit.forms import read_form
from kit.pages import LOOKING, page, see
from staff import members, passwords
from staff.forms import PasswordChoiceForm, ResetForm


@route("/forgotten", http_method=LOOKING, name="resets:new", public=True)
async def new_reset(request: Request[Any, Any, Any]) -> Response[Any]:
    return page(request, "staff/forgotten.html", form=forms.blank(), asked=False)


@post("/forgotten", name="resets:create", public=True)
async def create_reset(request: Request[Any, Any, Any]) -> Response[Any]:
    form = read_form(ResetForm, await request.form())
    if not form.ok:
        return page(request, "staff/forgotten.html", form=form, asked=False, status_code=422)
    try:
        await members.ask_for_reset(form.value.email, address=security.client_address(request.scope))
    except TooMany as wait:
        return page(
            request, "staff/forgotten.html", form=form.refuse("", str(wait)), asked=False, status_code=429
        )
    return page(request, "staff/forgotten.html", form=form, asked=True)


@get("/password/{token:str}", name="password_choices:new", link="password")
async def new_choice(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[Any]:
    return await _choice(request, token, forms.blank())


@post("/password/{token:str}", name="password_choices:create", link="password")
async def create_choice(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[Any]:
    form = read_form(PasswordChoiceForm, await request.form())
    if not form.ok:
        return await _choice(request, token, form, 422)
    try:
        await members.choose_password(token, form.value.password)
    except passwords.TooWeak as weak:
        return await _choice(request, token, form.refuse("password", str(weak)), 422)
    except members.StaleLink:
        return await _choice(request, token, form)
    return see(request, "sessions:new", notice="Your password is set. Sign in with it.")


async def _choice(
    request: Request[Any, Any, Any], token: str, form: forms.Form[Any], status_code: int = 200
) -> Response[Any]:
    try:
        link = await members.link_of(token)
    except members.StaleLink as stale:
        return page(request, "staff/stale_link.html", sentence=str(stale), status_code=404)
    return page(
        request,
        "staff/password_choice.html",
        form=form,
        link=link,
        token=token,
        shortest=passwords.SHORTEST,
        status_code=status_code,
    )


router = Router(path="/", route_handlers=[new_reset, create_reset, new_choice, create_choice])
