"""What the demo's own pages share: templates, answers, who may post, and what an error looks like."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Request, Response, get
from litestar.exceptions import HTTPException, NotAuthorizedException, PermissionDeniedException
from litestar.types import ExceptionHandlersMap

from demo.stripe_currencies import show

_TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
environment = Environment(
    loader=FileSystemLoader(_TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
environment.filters["money"] = show

_CSP = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"


def headers(*, form_to: tuple[str, ...] = (), frames: bool = False) -> dict[str, str]:
    """Strict headers. `form_to` names origins that a form may lead to: Chromium blocks the redirect otherwise."""
    policy = " ".join([_CSP, *form_to])
    return {
        "content-security-policy": policy + ("; frame-src 'self'" if frames else ""),
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }


def page(
    template: str, *, status: int = 200, form_to: tuple[str, ...] = (), frames: bool = False, **context: Any
) -> Response[str]:
    """A whole page."""
    html = environment.get_template(f"demo/{template}").render(context)
    return Response(
        html, status_code=status, media_type=MediaType.HTML, headers=headers(form_to=form_to, frames=frames)
    )


def see(url: str, *, form_to: tuple[str, ...] = ()) -> Response[None]:
    """Go and look there."""
    return Response(None, status_code=303, headers={"location": url, **headers(form_to=form_to)})


def origin(url: str) -> str:
    """scheme://host:port of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def from_our_own_page(request: Request) -> None:
    """Another site must not press our buttons through a visitor's browser; scripts have no such headers."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        raise PermissionDeniedException("This form was sent from another site.")
    sent_from = request.headers.get("origin")
    if site is None and sent_from is not None and urlsplit(sent_from).netloc != request.headers.get("host"):
        raise PermissionDeniedException("This form was sent from another site.")


@get("/demo.css", sync_to_thread=False)
def stylesheet() -> Response[str]:
    """The look of the pretend pages."""
    css = (_TEMPLATES / "demo" / "demo.css").read_text()
    return Response(
        css,
        media_type=MediaType.CSS,
        headers={"cache-control": "no-cache", "x-content-type-options": "nosniff"},
    )


def _problem(_: Request, error: Exception) -> Response[str]:
    status = error.status_code if isinstance(error, HTTPException) else 400
    known = isinstance(error, NotAuthorizedException | PermissionDeniedException)
    words = {404: "There is no such page here.", 405: "That cannot be done here."}
    sentence = error.detail if known else words.get(status, "That request could not be understood.")
    return page("problem.html", status=status, title=sentence, sentence="", link=None)


def problem_pages() -> ExceptionHandlersMap:
    """Errors as pages; junk in a request is the caller's fault."""
    return {
        HTTPException: _problem,
        UnicodeDecodeError: _problem,
        LookupError: _problem,
        RecursionError: _problem,
        ValueError: _problem,
    }
