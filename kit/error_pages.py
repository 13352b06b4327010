"""Errors as pages: a clear sentence for whoever met them, a reference for whoever looks into them."""

import logging
import secrets
import traceback
from typing import Any
from urllib.parse import urlsplit

import asyncpg
from litestar import Request, Response
from litestar.enums import MediaType
from litestar.exceptions import HTTPException

from kit import errors
from kit.pages import from_htmx, is_own_path, page
from kit.words import _

log = logging.getLogger("almoner")

_SENTENCES = {
    400: _("This request could not be read. Go back, and send the form again."),
    401: _("Sign in first."),
    403: _("Your role does not include this. An administrator can change it."),
    404: _("There is nothing here. It may have been moved or archived, or the link has a slip in it."),
    405: _("This address cannot do that. Go back, and use the buttons of the page."),
    413: _("That is too large. Send a smaller file."),
    429: _("Too many tries. Wait a while and try again."),
    500: _(
        "Something went wrong on our side. Nothing was saved. Try again; if it stays so, tell your administrator."
    ),
    503: _("The database does not answer just now. Nothing was lost; try again in a minute."),
}


def answer(
    request: Request[Any, Any, Any], status: int, sentence: str = "", reference: str = "", back: str = ""
) -> Response[Any]:
    """The page for a status; for htmx a notice that leaves the page as it is."""
    sentence = sentence or _SENTENCES.get(status, _SENTENCES[400 if status < 500 else 500])
    if request.headers.get("accept", "").startswith("application/json"):
        return Response({"error": sentence}, media_type=MediaType.JSON, status_code=status)
    context = {"status": status, "sentence": sentence, "reference": reference, "back": back}
    if not from_htmx(request):
        return page(request, "errors/error.html", status_code=status, **context)
    response = page(request, "errors/error.html", "error_notice", status_code=status, **context)
    response.headers["HX-Retarget"] = "#notices"
    response.headers["HX-Reswap"] = "beforeend"
    return response


def on_http(request: Request[Any, Any, Any], problem: HTTPException) -> Response[Any]:
    guards_words = problem.detail if problem.status_code in (401, 403) else ""
    response = answer(request, problem.status_code, guards_words)
    for name, value in (problem.headers or {}).items():
        response.headers[name] = value
    return response


def on_not_found(request: Request[Any, Any, Any], problem: Exception) -> Response[Any]:
    return answer(request, 404)


def on_refused(request: Request[Any, Any, Any], problem: errors.Refused) -> Response[Any]:
    """A refusal that the handler did not show beside its field."""
    status = 429 if isinstance(problem, errors.TooMany) else 409
    return answer(request, status, str(problem), back=_came_from(request))


def _came_from(request: Request[Any, Any, Any]) -> str:
    """The page of ours on which the button was pressed; nothing where the browser does not say, or names another site."""
    try:
        said = urlsplit(request.headers.get("referer", ""))
    except ValueError:  # a browser sends an address; others send what they like
        return ""
    path = said.path + (f"?{said.query}" if said.query else "")
    return path if said.netloc == request.headers.get("host", "") and is_own_path(path) else ""


def on_unreadable(request: Request[Any, Any, Any], problem: Exception) -> Response[Any]:
    """Junk in headers, cookies, paths or bodies, and values that the database cannot hold."""
    return answer(request, 400)


def on_no_database(request: Request[Any, Any, Any], problem: Exception) -> Response[Any]:
    log.error("no database: %s", type(problem).__name__)
    response = answer(request, 503)
    response.headers["Retry-After"] = "30"
    return response


def on_anything(request: Request[Any, Any, Any], problem: Exception) -> Response[Any]:
    """A defect of ours. The log has the trace under the reference, and no value: no token of a path, no message."""
    reference = secrets.token_hex(4)
    where = request.scope.get("path_template") or "an unknown path"
    trace = "".join(traceback.format_tb(problem.__traceback__))
    log.error(
        "%s %s failed (%s) with %s\n%s", request.method, where, reference, type(problem).__name__, trace
    )
    return answer(request, 500, reference=reference)


handlers: dict[Any, Any] = {
    HTTPException: on_http,
    errors.NotFound: on_not_found,
    errors.Refused: on_refused,
    UnicodeDecodeError: on_unreadable,
    UnicodeEncodeError: on_unreadable,
    RecursionError: on_unreadable,
    asyncpg.CharacterNotInRepertoireError: on_unreadable,
    asyncpg.DataError: on_unreadable,
    asyncpg.UntranslatableCharacterError: on_unreadable,
    asyncpg.InterfaceError: on_no_database,
    asyncpg.PostgresConnectionError: on_no_database,
    asyncpg.CannotConnectNowError: on_no_database,
    asyncpg.AdminShutdownError: on_no_database,
    asyncpg.TooManyConnectionsError: on_no_database,
    asyncpg.SerializationError: on_no_database,
    asyncpg.DeadlockDetectedError: on_no_database,
    asyncpg.QueryCanceledError: on_no_database,
    OSError: on_no_database,
    Exception: on_anything,
}
