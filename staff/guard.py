"""The one guard: reads what a handler says of itself (`needs`, `public`, `link`, `machine`) and lets in or not."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import (
    ClientException,
    MethodNotAllowedException,
    NotAuthorizedException,
    NotFoundException,
    PermissionDeniedException,
)
from litestar.handlers import BaseRouteHandler
from litestar.types import ASGIApp, Receive, Scope, Send

from kit import security
from staff import drafts, organisation, permissions, sessions

WORDS = ("needs", "public", "link", "machine")
_PATIENCE = 10.0


class WhoIsThis:
    """ASGI middleware: finds the session behind the cookie and puts its member into `scope["user"]` (or None), and finds
    the organisation, which every page names."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/static/") or _is_machine(scope):
            await self.app(scope, receive, send)
            return
        await _find_who(scope)
        with organisation.known(scope["state"]["organisation"]):
            await self.app(scope, receive, send)


def _is_machine(scope: Scope) -> bool:
    """A signed call shows no page and has no session."""
    handler = scope.get("route_handler")
    return handler is not None and "machine" in handler.opt


async def _find_who(scope: Scope) -> None:
    """The first thing that a request asks the database. One that has stopped without a word is not waited for.

    The question is left behind rather than awaited to its end: even taking it back needs the database.
    """
    looking = asyncio.ensure_future(_look_up_who(scope))
    done, _ = await asyncio.wait({looking}, timeout=_PATIENCE)
    if not done:
        looking.cancel()
        looking.add_done_callback(lambda late: late.cancelled() or late.exception())
        raise TimeoutError("The database does not answer.")
    looking.result()


async def _look_up_who(scope: Scope) -> None:
    token = Request[Any, Any, Any](scope).cookies.get(sessions.cookie_name(), "")
    scope["auth"] = None
    if token:
        scope["user"], scope["state"]["organisation"] = await sessions.find_with_organisation(token)
    else:
        scope["user"], scope["state"]["organisation"] = None, await organisation.ours()


async def who_got_lost(problem: Exception, scope: Scope) -> None:
    """Where no route is, no middleware runs; the page that says so names the organisation all the same."""
    if (
        isinstance(problem, NotFoundException | MethodNotAllowedException)
        and "organisation" not in scope["state"]
    ):
        with contextlib.suppress(Exception):  # the page can do without
            await _find_who(scope)


async def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Same origin for whatever changes something, then the handler's own word."""
    says = handler.opt
    changes = connection.scope["method"] not in security.SAFE_METHODS  # type: ignore[typeddict-item]
    if changes and "machine" not in says and not security.is_same_origin(connection.scope):
        raise PermissionDeniedException("This came from another site. Open the page here and send it again.")
    if "needs" not in says:
        return
    member = connection.scope.get("user")
    if member is None:
        raise NotAuthorizedException("Sign in first.", extra={"draft": await _kept(connection)})
    if not permissions.may(member.role, says["needs"]):
        raise PermissionDeniedException("Your role does not include this. An administrator can change it.")


def check(handlers: Sequence[BaseRouteHandler]) -> None:
    """The app does not start with a handler that does not say who may use it, or names an unknown permission."""
    for handler in handlers:
        said = [word for word in WORDS if word in handler.opt]
        if len(said) != 1:
            raise RuntimeError(f"{handler} says {said or 'nothing'} of who may use it; say one of {WORDS}.")
        if "needs" in handler.opt and handler.opt["needs"] not in permissions.table():
            raise RuntimeError(f"{handler} needs the unknown permission {handler.opt['needs']}.")


async def _kept(connection: ASGIConnection[Any, Any, Any, Any]) -> str | None:
    """The token of what was typed into a form when its session had ended, if it was a form and once a session."""
    token = connection.cookies.get(sessions.cookie_name(), "")
    if not token or not isinstance(connection, Request) or connection.method != "POST":
        return None
    try:
        form = await connection.form()
    except ClientException:
        return None  # whatever is wrong with the body, there is nothing to keep
    fields = [(name, text) for name, text in form.multi_items() if isinstance(text, str)]
    return await drafts.keep(token, connection.url.path, fields)
