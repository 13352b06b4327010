"""Today: what waits for a person, what came in, and the deeds of every day."""

from typing import Any

from litestar import Request, Response, Router, get

from constituents import listing, tasks
from constituents.pages.reader import Reader
from kit.pages import page
from staff import organisation

_TASKS = 8
_NEWEST = 6


@get("/", name="home:show", needs="constituents.read")
async def show(request: Request[Any, Any, Any]) -> Response[Any]:
    reader = Reader.of(request)
    newest = await listing.page(
        listing.Filter(sort="newest", money=reader.sees_money), currency=reader.currency, home=reader.country
    )
    found = await tasks.still_open(permissions=reader.permissions, narrowed=reader.narrowed, limit=_TASKS + 1)
    return page(
        request,
        "home/show.html",
        tasks=found[:_TASKS],
        more_tasks=len(found) > _TASKS,
        newest=newest.rows[:_NEWEST],
        empty=not newest.rows,
        missing=_missing(request),
    )


def _missing(request: Request[Any, Any, Any]) -> list[str]:
    """What receipts still wait for, said to those who can fill it in."""
    ours = request.scope["state"]["organisation"]
    may = request.user.may("organisation.manage")
    return organisation.missing_for_receipts(ours) if ours and may else []


router = Router(path="/", route_handlers=[show])
