"""The style guide: whole example pages to copy from and to look at. The demo has it; a real installation does not."""

from typing import Any

from litestar import Request, Response, Router, get
from litestar.params import FromPath

from kit import config, templates
from kit.errors import NotFound
from kit.pages import page

_NAMES = frozenset(file.stem for file in (templates.TEMPLATES / "style").glob("*.html"))


@get("/", name="style:index", public=True)
async def index(request: Request[Any, Any, Any]) -> Response[Any]:
    return _shown(request, "index")


@get("/{name:str}", name="style:show", public=True)
async def show(request: Request[Any, Any, Any], name: FromPath[str]) -> Response[Any]:
    return _shown(request, name)


def _shown(request: Request[Any, Any, Any], name: str) -> Response[Any]:
    if not config.settings().demo or name not in _NAMES:
        raise NotFound("No such page.")
    return page(request, f"style/{name}.html")


router = Router(path="/style", route_handlers=[index, show])
