"""Stripe's webhook: verify, keep once, promise to act, answer. No rule of the business stands here."""

from typing import Any

from litestar import Request, Response, Router, post

from donations import inbox, stripe_api
from kit import db


@post(
    "/stripe", name="stripe_events:create", machine="stripe", status_code=200, request_max_body_size=1_000_000
)
async def create(request: Request[Any, Any, Any]) -> Response[None]:
    """Keep what Stripe says, once, and let a job act on it."""
    try:
        event = stripe_api.verified(await request.body(), request.headers.get("stripe-signature", ""))
    except stripe_api.NotStripe:
        return Response(None, status_code=400)
    async with db.tx():
        await inbox.keep(event)
    return Response(None, status_code=200)


router = Router(path="/webhooks", route_handlers=[create])
