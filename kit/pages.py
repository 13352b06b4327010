"""Answers: a whole page or only the blocks that htmx asked for, and where to go after a change."""

import base64
import json
from collections.abc import Callable
from typing import Any

from jinja2_fragments import render_blocks
from litestar import Request, Response
from litestar.datastructures import Cookie
from litestar.enums import HttpMethod, MediaType

from kit import config, security
from kit.templates import environment, url_for

# What a public page answers to: whoever checks a link asks with HEAD.
LOOKING = (HttpMethod.GET, HttpMethod.HEAD)
_VARY = "HX-Request, HX-Request-Type"
_NOTICE = "notice"

# Packages above say what every page shows (who is signed in, which organisation): app.py sets this once.
context_of: Callable[[Request], dict[str, Any]] = lambda request: {}  # noqa: E731


def asks_for_part(request: Request) -> bool:
    """Whether htmx wants blocks; Back and boosted visits want the whole page."""
    return (
        request.headers.get("hx-request") == "true"
        and request.headers.get("hx-request-type", "partial") == "partial"
    )


def from_htmx(request: Request) -> bool:
    return request.headers.get("hx-request") == "true"


def page(
    request: Request, template: str, *blocks: str, status_code: int = 200, **context: Any
) -> Response[str]:
    """The whole page, or only the named blocks when htmx asks for a part of it.

    Block = id: block `gift_list` renders exactly the element with id `gift-list`.
    """
    values = {**_everywhere(request), **context_of(request), **context}
    if blocks and asks_for_part(request):
        html = render_blocks(environment(), template, list(blocks), {**values, "in_part": True})
        return Response(html, media_type=MediaType.HTML, status_code=status_code, headers={"Vary": _VARY})
    notice = _notice_of(request)
    values["notices"] = [notice] if notice else []
    html = environment().get_template(template).render({**values, "in_part": False})
    response = Response(html, media_type=MediaType.HTML, status_code=status_code, headers={"Vary": _VARY})
    if _NOTICE in request.cookies:
        response.delete_cookie(_NOTICE)
    return response


def see(request: Request, route: str, /, *, notice: str = "", **params: Any) -> Response[None]:
    """Go and see: 303 for a browser, `HX-Redirect` for htmx. `notice` is shown once on the next page."""
    return _go(request, url_for(route, **params), notice)


def see_path(request: Request, path: str, *, notice: str = "") -> Response[None]:
    """The same for a path of ours that was carried along; anything that leaves this site leads home."""
    return _go(request, path if is_own_path(path) else "/", notice)


def is_own_path(path: str) -> bool:
    return (
        path.startswith("/")
        and not path.startswith(("//", "/\\"))
        and "\\" not in path
        and path.isprintable()
    )


def _go(request: Request, url: str, notice: str) -> Response[None]:
    if from_htmx(request):
        response: Response[None] = Response(None, status_code=200, headers={"HX-Redirect": url})
    else:
        response = Response(None, status_code=303, headers={"Location": url})
    if notice:
        response.set_cookie(_notice_cookie(notice))
    return response


def _everywhere(request: Request) -> dict[str, Any]:
    return {"request": request, "path": request.scope["path"], "demo": config.settings().demo}


def _notice_cookie(notice: str) -> Cookie:
    text = base64.urlsafe_b64encode(json.dumps(notice[:300]).encode()).decode()
    return Cookie(
        key=_NOTICE,
        value=f"{text}.{security.sign(text, 'notice')}",
        max_age=60,
        httponly=True,
        samesite="lax",
        secure=config.settings().base_url.startswith("https:"),
    )


def _notice_of(request: Request) -> str:
    text, _dot, signature = request.cookies.get(_NOTICE, "").partition(".")
    if not text or not security.signed(text, "notice", signature):
        return ""
    return json.loads(base64.urlsafe_b64decode(text))
