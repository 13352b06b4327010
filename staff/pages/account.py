"""One's own account: password and the browsers one is signed in with."""

from typing import Any

from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from kit import forms
from kit.errors import NotFound, TooMany
from kit.forms import read_form
from kit.pages import page, see
from staff import members, passwords, sessions
from staff.forms import PasswordChangeForm


@get("/account", name="account:show", needs="signed_in")
async def show(request: Request[Any, Any, Any]) -> Response[Any]:
    return await _show(request, forms.blank())


async def _show(
    request: Request[Any, Any, Any], form: forms.Form[Any], status_code: int = 200
) -> Response[Any]:
    found = await sessions.of(request.user.id)
    return page(
        request,
        "staff/account.html",
        form=form,
        sessions=found,
        shortest=passwords.SHORTEST,
        status_code=status_code,
    )


@post("/account/password", name="passwords:update", needs="signed_in")
async def update_password(request: Request[Any, Any, Any]) -> Response[Any]:
    form = read_form(PasswordChangeForm, await request.form())
    if not form.ok:
        return await _show(request, form, 422)
    try:
        await members.change_password(
            request.user.id,
            form.value.old,
            form.value.password,
            session_id=request.user.session_id,
            by=request.user.actor,
        )
    except members.NotSignedIn as wrong:
        return await _show(request, form.refuse("old", str(wrong)), 422)
    except passwords.TooWeak as weak:
        return await _show(request, form.refuse("password", str(weak)), 422)
    except TooMany as wait:
        return await _show(request, form.refuse("", str(wait)), 429)
    return see(
        request, "account:show", notice="Your password is changed, and your other browsers are signed out."
    )


@post("/account/sessions/{session_id:int}/end", name="session_ends:create", needs="signed_in")
async def end_session(request: Request[Any, Any, Any], session_id: FromPath[int]) -> Response[Any]:
    if not await sessions.end(session_id, request.user.id):
        raise NotFound("No such session.")
    return see(request, "account:show", notice="That browser is signed out.")


router = Router(path="/", route_handlers=[show, update_password, end_session])
