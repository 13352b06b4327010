"""People of the same name, e-mail or phone, shown while somebody types a new record."""

from typing import Any

from litestar import Request, Response, Router, get

from constituents import likenesses
from constituents.forms import read_alike
from constituents.pages.reader import Reader
from kit.pages import page


@get("/constituents/likenesses", name="likenesses:index", needs="constituents.write")
async def index(request: Request[Any, Any, Any]) -> Response[Any]:
    but = request.query_params.get("but", "")
    typed = read_alike(request.query_params, country=Reader.of(request).country)
    return page(
        request,
        "constituents/likenesses.html",
        "likenesses",
        alike=await likenesses.of(
            typed, but=int(but) if but.isascii() and but.isdigit() and len(but) < 10 else None
        ),
        but=but,
    )


router = Router(path="/", route_handlers=[index])
