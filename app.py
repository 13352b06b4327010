"""create_app(): the one place where everything meets."""

import gc
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

from litestar import Litestar, Request
from litestar.datastructures import CacheControlHeader
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import HTTPRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.static_files import create_static_files_router

import kit.pages
from kit import config, days, db, error_pages, facts, pdf, security, templates
from kit.requests import Request as AnyRequest
from staff import guard
from staff.pages import sign_in

STATIC = Path(__file__).parent / "static"

# Every page module of every package exports `router`.
PAGES: tuple[str, ...] = (
    "staff.pages.health",
    "staff.pages.sign_in",
    "staff.pages.account",
    "staff.pages.password_links",
    "staff.pages.members",
    "staff.pages.organisation",
    "staff.pages.jobs",
    "staff.pages.mails",
    "staff.pages.style",
    "donations.pages.gifts",
    "donations.pages.gift_donors",
    "donations.pages.gift_matches",
    "donations.pages.gift_moves",
    "donations.pages.gift_refunds",
    "donations.pages.gift_endings",
    "donations.pages.constituent_gifts",
    "donations.pages.funds",
    "donations.pages.campaigns",
    "donations.pages.appeals",
    "donations.pages.stripe_events",
    "donations.pages.reconciliations",
    "donations.webhooks",
    "volunteers.pages.programmes",
    "volunteers.pages.places",
    "volunteers.pages.opportunities",
    "volunteers.pages.shifts",
    "volunteers.pages.calendars",
    "volunteers.pages.moves",
    "volunteers.pages.copies",
    "volunteers.pages.coverage",
    "volunteers.pages.today",
    "volunteers.pages.closed_days",
    "volunteers.pages.posters",
    "volunteers.pages.signups",
    "volunteers.pages.doors",
    "volunteers.pages.hours",
    "volunteers.pages.hour_reports",
    "volunteers.pages.service_letters",
    "volunteers.pages.volunteers",
    "volunteers.pages.constituent_volunteering",
    "volunteers.pages.qualifications",
    "volunteers.pages.waivers",
    "volunteers.pages.exports",
    "volunteers.pages.kiosks",
    "receipts.pages.receipts",
    "receipts.pages.receipt_matches",
    "receipts.pages.receipt_voids",
    "receipts.pages.gift_receipts",
    "giving.pages.giving",
    "giving.pages.thanks",
    "giving.pages.volunteering",
    "giving.pages.own_shifts",
    "giving.pages.kiosk",
    "giving.pages.own_day",
    "donations.pages.newest_gifts",
    "constituents.pages.constituents",
    "constituents.pages.home",
    "constituents.pages.likenesses",
    "constituents.pages.memberships",
    "constituents.pages.proposals",
    "constituents.pages.search",
    "constituents.pages.states",
    "constituents.pages.tasks",
    "constituents.pages.timelines",
    "imports.pages.imports",
)
# Listeners and jobs register themselves when imported.
JOBS: tuple[str, ...] = (
    "staff.jobs", "constituents.jobs", "donations.jobs", "volunteers.jobs", "receipts.jobs", "imports.jobs", "reports.jobs",
)  # fmt: skip


def create_app(*, pool: bool = True) -> Litestar:
    """The application. Tests pass `pool=False`: they bring their own connection."""
    for module in JOBS:
        import_module(module)
    facts.verify()
    app = Litestar(
        route_handlers=[*(import_module(module).router for module in PAGES), _static()],
        guards=[guard.guard],
        middleware=[DefineMiddleware(guard.WhoIsThis)],
        before_send=[security.put_headers],
        after_exception=[guard.who_got_lost],
        exception_handlers={**error_pages.handlers, NotAuthorizedException: sign_in.ask},
        lifespan=[_pool] if pool else [],
        request_class=AnyRequest,
        openapi_config=None,
        logging_config=None,  # cli.py and uvicorn say what is logged: warnings, and no values
        request_max_body_size=20_000_000,
    )
    handlers = _handlers(app)
    guard.check(handlers)
    templates.know_routes({name: path for handler in handlers for name, path in _names(app, handler)})
    templates.environment()
    kit.pages.context_of = everywhere
    # All of this lives as long as the process: the garbage collector need not look through it again and again.
    gc.freeze()
    return app


@asynccontextmanager
async def _pool(_app: Litestar) -> AsyncIterator[None]:
    async with db.running():
        try:
            yield
        finally:
            await pdf.stop()


def everywhere(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """What every page shows: who is signed in, what they may do, whose page it is."""
    member = request.scope.get("user")
    organisation = request.scope.get("state", {}).get("organisation")
    return {
        "member": member,
        "can": member.may if member else lambda _permission: False,
        "organisation": organisation,
        "today": days.today(organisation["zone"] if organisation else "UTC"),
        "mailbox_url": _mailbox(),
        "logo_url": "/logo" if organisation and organisation["logo"] else None,
    }


def _mailbox() -> str | None:
    """Where a demo's mail can be read: beside the pretend Stripe."""
    settings = config.settings()
    return f"{settings.stripe_api_base}/mailbox" if settings.demo and settings.stripe_api_base else None


def _static() -> Any:
    return create_static_files_router(
        path="/static",
        directories=[STATIC],
        opt={"public": True},
        include_in_schema=False,
        cache_control=CacheControlHeader(public=True, max_age=86_400),
    )


def _handlers(app: Litestar) -> list[HTTPRouteHandler]:
    found: dict[int, HTTPRouteHandler] = {}
    for route in app.routes:
        for handler in getattr(route, "route_handlers", []):
            if handler.http_methods != {"OPTIONS"}:  # Litestar's own: it names methods and shows nothing
                found[id(handler)] = handler
    return list(found.values())


def _names(app: Litestar, handler: HTTPRouteHandler) -> Sequence[tuple[str, str]]:
    if not handler.name:
        return []
    index = app.get_handler_index_by_name(handler.name)
    return [(handler.name, sorted(index["paths"], key=len)[0])] if index else []
