"""Stripe's stand-in: one object to hold, a web app to serve, and `running()` for tests.

    with running() as stand_in:
        client = stripe.StripeClient(stand_in.key, base_addresses={"api": stand_in.url})
        session = client.v1.checkout.sessions.create({...}, {"idempotency_key": "gift-12"})
        stand_in.pay(session.id)
        for headers, body in stand_in.deliveries(): ...  # post them to the webhook

Everything it does is pretend; everything it says, the real SDK understands.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from litestar import Litestar, asgi
from litestar.types import Receive, Scope, Send

from demo import stripe_control, stripe_pages
from demo.pages import problem_pages
from demo.serving import Serving
from demo.stand_in import TEST_KEY, TEST_SECRET, StandIn
from demo.stripe_api import Api
from demo.webhooks import Carrier

__all__ = ["TEST_KEY", "TEST_SECRET", "StandIn", "create_app", "handlers", "running"]


def handlers(stand_in: StandIn) -> list:
    """The routes of the stand-in: API, Checkout, control page."""
    api = Api(stand_in.world, stand_in.key)

    @asgi("/v1", is_mount=True, copy_scope=True)
    async def everything(scope: Scope, receive: Receive, send: Send) -> None:
        await api(scope, receive, send)

    return [everything, *stripe_pages.handlers(stand_in), *stripe_control.handlers(stand_in)]


@asynccontextmanager
async def carrying(stand_in: StandIn) -> AsyncIterator[None]:
    """Its clock goes on and its webhooks go out while this is open."""
    carrier = Carrier(stand_in.world, stand_in.webhook_url or "", stand_in.webhook_secret)
    task = asyncio.create_task(carrier.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def create_app(stand_in: StandIn) -> Litestar:
    """The stand-in alone as a web app."""
    return Litestar(
        route_handlers=handlers(stand_in),
        lifespan=[lambda _: carrying(stand_in)],
        exception_handlers=problem_pages(),
        openapi_config=None,
        logging_config=None,
    )


@contextmanager
def running(
    webhook_url: str | None = None, *, path: Path | None = None, seed: int | None = None, port: int = 0
) -> Iterator[StandIn]:
    """A stand-in that answers on a free port. Without `webhook_url` the test fetches `deliveries()` itself."""
    stand_in = StandIn(path, webhook_url=webhook_url, seed=seed)
    serving = Serving(create_app(stand_in), port=port)
    stand_in.url = serving.url
    serving.start()
    try:
        yield stand_in
    finally:
        serving.stop()
        stand_in.world.store.close()
