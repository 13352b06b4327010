"""Is it alive? Asked by the proxy and by bin/serve; it really asks the database."""

from litestar import Response, Router, get, head
from litestar.enums import MediaType

from kit import db


@get("/healthz", name="health:show", public=True)
async def show() -> Response[str]:
    await db.value("SELECT 1")
    return Response("ok\n", media_type=MediaType.TEXT)


@head("/healthz", name="health:head", public=True)
async def show_head() -> Response[None]:
    await db.value("SELECT 1")
    return Response(None)


router = Router(path="/", route_handlers=[show, show_head])
