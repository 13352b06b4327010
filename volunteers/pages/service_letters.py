"""The service letter of a volunteer: what it would say, and the letter itself."""

from datetime import date
from typing import Any

from litestar import Request, Response, Router, get
from litestar.params import FromPath

from kit import days
from kit.errors import NotFound
from kit.pages import page
from staff import organisation
from volunteers import hour_reports, service_letters, sight

Asked = Request[Any, Any, Any]


@get("/{constituent_id:int}/service-letter", name="service_letters:show", needs="volunteers.read")
async def show(request: Asked, constituent_id: FromPath[int]) -> Response[Any]:
    name = await hour_reports.name_of(constituent_id) if 0 < constituent_id < 2**31 else None
    if name is None:
        raise NotFound(f"constituent {constituent_id}")
    first, last = asked_days(request)
    seen = await sight.programmes_of(request.user)
    return page(
        request,
        "volunteers/service_letters/show.html",
        constituent_id=constituent_id,
        name=name,
        first=first,
        last=last,
        lines=await service_letters.lines(constituent_id, first, last, seen),
    )


@get("/{constituent_id:int}/service-letter.pdf", name="service_letter_files:show", needs="volunteers.read")
async def file(request: Asked, constituent_id: FromPath[int]) -> Response[bytes]:
    if not 0 < constituent_id < 2**31:
        raise NotFound(f"constituent {constituent_id}")
    first, last = asked_days(request)
    seen = await sight.programmes_of(request.user)
    data = await service_letters.make(constituent_id, first, last, seen)
    today = days.today((await organisation.needed())["zone"])
    headers = {
        "Content-Disposition": f'attachment; filename="{service_letters.file_name(last, today)}"',
        "Cache-Control": "no-store",
    }
    return Response(data, media_type="application/pdf", headers=headers)


def asked_days(request: Asked) -> tuple[date | None, date | None]:
    """From the address; what cannot be read is no limit."""
    found: list[date | None] = []
    for name in ("first", "last"):
        try:
            found.append(date.fromisoformat(request.query_params.get(name, "")))
        except ValueError:
            found.append(None)
    return found[0], found[1]


router = Router(path="/volunteers", route_handlers=[show, file])
