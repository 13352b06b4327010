"""`python -m demo`: the stand-in for Stripe and the mailbox, in one process on 127.0.0.1.

Environment: ALMONER_VAR (where they remember), STANDIN_PORT (12111), MAILBOX_SMTP_PORT (10250), STRIPE_WEBHOOK_URL,
STRIPE_WEBHOOK_SECRET, STRIPE_SECRET_KEY, STANDIN_MERCHANT (the name that Checkout shows). Prints "ready" when both
listen; ends on SIGTERM and SIGINT.
"""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import uvicorn
from litestar import Litestar

from demo import mailbox_pages, stripe
from demo.mailbox import Mailbox
from demo.pages import problem_pages
from demo.serving import configured
from demo.stand_in import TEST_KEY, TEST_SECRET, StandIn


def _port(name: str, otherwise: int) -> socket.socket:
    """The port of that name, taken; or a sentence and the end."""
    text = os.environ.get(name) or str(otherwise)
    if not text.isascii() or not text.isdecimal() or int(text) > 65_535:
        sys.exit(f"{name} must be a port number, not “{text}”.")
    try:
        return socket.create_server(("127.0.0.1", int(text)))
    except OSError as error:
        sys.exit(
            f"{name}: port {text} of 127.0.0.1 cannot be used ({error.strerror}). Set {name} to a free one."
        )


def _app(stand_in: StandIn, mailbox: Mailbox, smtp: socket.socket) -> Litestar:
    @asynccontextmanager
    async def taking_mail(_: Litestar) -> AsyncIterator[None]:
        server = await mailbox.listen(smtp)
        yield
        server.close()

    return Litestar(
        route_handlers=[*stripe.handlers(stand_in), *mailbox_pages.handlers(mailbox)],
        lifespan=[lambda _: stripe.carrying(stand_in), taking_mail],
        exception_handlers=problem_pages(),
        openapi_config=None,
        logging_config=None,
    )


class Server(uvicorn.Server):
    """Says when it is ready, so that whoever started it can go on, and ends with 0 when told to stop."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print("ready", flush=True)


def main() -> None:
    """Serve until told to stop."""
    var = Path(os.environ.get("ALMONER_VAR") or "var")
    try:
        var.mkdir(parents=True, exist_ok=True)
        mailbox = Mailbox(var / "mailbox")
    except OSError as error:
        sys.exit(f"ALMONER_VAR: the folder {var} cannot be written ({error.strerror}).")
    web, smtp = _port("STANDIN_PORT", 12111), _port("MAILBOX_SMTP_PORT", 10250)
    stand_in = StandIn(
        var / "stripe.sqlite",
        key=os.environ.get("STRIPE_SECRET_KEY") or TEST_KEY,
        webhook_url=os.environ.get("STRIPE_WEBHOOK_URL"),
        webhook_secret=os.environ.get("STRIPE_WEBHOOK_SECRET") or TEST_SECRET,
        url=f"http://127.0.0.1:{web.getsockname()[1]}",
        merchant=os.environ.get("STANDIN_MERCHANT") or "Pretend merchant",
    )
    config = configured(_app(stand_in, mailbox, smtp), log_level="warning", timeout_graceful_shutdown=2)
    asyncio.run(Server(config).serve([web]))
    stand_in.world.store.close()


if __name__ == "__main__":
    main()
