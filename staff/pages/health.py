"""Is it alive? Asked by the proxy and by bin/serve; it really asks the database."""

from litestar import Response, Router, route
from litestar.enums import MediaType

from kit import db
from kit.pages import LOOKING


@route("/healthz", http_method=LOOKING, name="health:show", public=True)
async def show() -> Response[str]:
    await db.value("SELECT 1")
    return Response("ok\n", media_type=MediaType.TEXT)


router = Router(path="/", route_handlers=[show])
