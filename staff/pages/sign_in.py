"""Signing in and out; and what a browser without a session is answered."""

from typing import Any

from litestar import Request, Response, Router, get, post, route
from litestar.exceptions import NotAuthorizedException
from litestar.params import FromPath

from kit import error_pages, forms, security
from kit.errors import NotFound, TooMany
from kit.forms import read_form
from kit.pages import LOOKING, from_htmx, page, see, see_path
from kit.templates import url_for
from kit.words import _
from staff import drafts, members, sessions
from staff.forms import SignInForm


@route("/sign-in", http_method=LOOKING, name="sessions:new", public=True)
async def new(request: Request[Any, Any, Any]) -> Response[Any]:
    next, draft = request.query_params.get("next", "/"), request.query_params.get("draft", "")
    if request.user is not None:
        return _onwards(request, next, draft)
    return page(request, "staff/sign_in.html", form=forms.blank(next=next, draft=draft))


@post("/sign-in", name="sessions:create", public=True)
async def create(request: Request[Any, Any, Any]) -> Response[Any]:
    form = read_form(SignInForm, await request.form())
    if not form.ok:
        return page(request, "staff/sign_in.html", form=form, status_code=422)
    try:
        token = await members.sign_in(
            form.value.email,
            form.value.password,
            address=security.client_address(request.scope),
            agent=request.headers.get("user-agent", ""),
        )
    except members.NotSignedIn as wrong:
        return page(request, "staff/sign_in.html", form=form.refuse("password", str(wrong)), status_code=422)
    except TooMany as wait:
        return page(request, "staff/sign_in.html", form=form.refuse("", str(wait)), status_code=429)
    # A session that this browser had before, its own or one planted by somebody else, is worth nothing now.
    await sessions.end_token(request.cookies.get(sessions.cookie_name(), ""))
    response = _onwards(request, form.value.next, form.value.draft)
    response.set_cookie(sessions.cookie(token))
    return response


def _onwards(request: Request[Any, Any, Any], next: str, draft: str) -> Response[Any]:
    return see(request, "drafts:show", token=draft) if draft else see_path(request, next or "/")


@post("/sign-out", name="sessions:destroy", needs="signed_in", status_code=303)
async def destroy(request: Request[Any, Any, Any]) -> Response[Any]:
    await sessions.end(request.user.session_id, request.user.id)
    response = see(request, "sessions:new", notice="You are signed out.")
    response.delete_cookie(sessions.cookie_name(), path="/")
    return response


@get("/kept/{token:str}", name="drafts:show", needs="signed_in")
async def show_draft(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[Any]:
    kept = await drafts.take(token)
    if kept is None:
        raise NotFound("No such draft.")
    path, fields = kept
    return page(request, "staff/draft.html", target=path, fields=fields, again=forms.LOOK_AGAIN)


def ask(request: Request[Any, Any, Any], problem: NotAuthorizedException) -> Response[Any]:
    """Nobody is signed in: show the way to sign in and back, with what was typed kept (the guard kept it)."""
    draft = (problem.extra or {}).get("draft") if isinstance(problem.extra, dict) else None
    looked = request.method in ("GET", "HEAD")
    if looked and from_htmx(request):
        return _said_in_place(request)
    way_back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    target = url_for("sessions:new", next=way_back if looked else "/", draft=draft)
    if from_htmx(request):
        return Response(None, status_code=200, headers={"HX-Redirect": target})
    if looked or draft:
        return Response(None, status_code=303, headers={"Location": target})
    return error_pages.answer(request, 401)


def _said_in_place(request: Request[Any, Any, Any]) -> Response[Any]:
    """A look-up while somebody types does not take the page, and what is typed, away from them."""
    response = error_pages.answer(
        request,
        401,
        _("You are signed out. What you typed is still here: sign in, in another tab, then save it."),
    )
    response.headers["HX-Reswap"] = "innerHTML"  # one notice, however long they type
    return response


router = Router(path="/", route_handlers=[new, create, destroy, show_draft])
