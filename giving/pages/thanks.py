"""The end of giving: the truth about one intent, whatever came first, redirect or webhook."""

from datetime import timedelta
from typing import Any

from litestar import Request, Response, Router, get
from litestar.params import FromPath

from donations import intents
from donations.tables import IntentStatus
from kit import days
from kit.pages import page

# A donor whose first card was declined is back from Stripe before the news that her second one was good.
_NEWS_MAY_COME = timedelta(minutes=30)


@get("/give/thanks/{token:str}", name="thanks:show", link="giving")
async def show(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[Any]:
    intent = await intents.by_token(token)
    state = _state(intent, left=request.query_params.get("left") == "yes")
    return page(request, "giving/thanks.html", "thanks", intent=intent, state=state, token=token)


def _state(intent: dict[str, Any], *, left: bool) -> str:
    """received, processing, waiting, left, failed, expired: what the page says."""
    status = intent["status"]
    if status == IntentStatus.PAID:
        return "received"
    if status in (IntentStatus.PROCESSING, IntentStatus.EXPIRED):
        return status
    if status == IntentStatus.FAILED:
        another_card = not left and intent["created_at"] > days.now() - _NEWS_MAY_COME
        return "waiting" if another_card else "failed"
    return "left" if left or status == IntentStatus.CANCELLED else "waiting"


router = Router(path="/", route_handlers=[show])
