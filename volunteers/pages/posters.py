"""Posters: a role or a shift on paper, with a QR code that leads to its sign-up."""

from typing import Any

from litestar import Request, Response, Router, get
from litestar.params import FromPath

from kit import pdf
from volunteers import posters, sight

Asked = Request[Any, Any, Any]


@get("/opportunities/{opportunity_id:int}/poster", name="opportunity_posters:show", needs="volunteers.read")
async def of_role(request: Asked, opportunity_id: FromPath[int]) -> Response[bytes]:
    await sight.check_opportunity(request.user, opportunity_id)
    return _as_file(await pdf.render(await posters.of_opportunity(opportunity_id)), f"role-{opportunity_id}")


@get("/shifts/{shift_id:int}/poster", name="shift_posters:show", needs="volunteers.read")
async def of_shift(request: Asked, shift_id: FromPath[int]) -> Response[bytes]:
    await sight.check_shift(request.user, shift_id)
    return _as_file(await pdf.render(await posters.of_shift(shift_id)), f"shift-{shift_id}")


def _as_file(data: bytes, name: str) -> Response[bytes]:
    headers = {"Content-Disposition": f'inline; filename="poster-{name}.pdf"'}
    return Response(data, media_type="application/pdf", headers=headers)


router = Router(path="/", route_handlers=[of_role, of_shift])
