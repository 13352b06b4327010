"""Events: said once, kept, and carried to the webhook address until it answers 2xx.

An event's body is frozen when it happens (a snapshot); each attempt is signed anew, as Stripe does. Deliveries are
rows, so a restart goes on where it stopped. Without an address they wait for `take()`, which tests use.
"""

import asyncio
import hmac
from hashlib import sha256
from importlib import import_module
from typing import TYPE_CHECKING

import msgspec

from demo import stripe_objects
from demo.stripe_store import Body
from demo.stripe_world import World

if TYPE_CHECKING:
    import httpx

# Seconds until the next attempt; after the last of them Stripe gives up (three days).
BACK_OFF = (1, 3, 10, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 57_600, 86_400)
TIMEOUT = 20.0
AT_ONCE = 8


def say(world: World, type: str, subject: Body, *, previous: Body | None = None) -> None:
    """Something happened to `subject`: keep the event, and a delivery of it."""
    event = world.put(stripe_objects.event(world, type, stripe_objects.outside(subject), previous))
    _deliver(world, event)


def _deliver(world: World, event: Body) -> None:
    knobs = world.settings
    status = "dropped" if knobs.webhooks == "dropped" else "pending"
    for _ in range(2 if knobs.webhook_double else 1):
        world.store.query(
            "INSERT INTO deliveries (event, type, due, status) VALUES (?, ?, ?, ?)",
            event["id"],
            event["type"],
            world.now() + knobs.webhook_delay,
            status,
        )


def redeliver(world: World, *, only_dropped: bool = False) -> int:
    """Send everything (or all that was never sent) again. How many."""
    where = "WHERE status IN ('dropped', 'given up')" if only_dropped else "WHERE status != 'pending'"
    rows = world.store.query(
        f"UPDATE deliveries SET status = 'pending', attempts = 0, due = ? {where} RETURNING id",  # noqa: S608
        world.now(),
    )
    return len(rows)


def signed(body: bytes, secret: str, at: int) -> str:
    """The Stripe-Signature header."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, sha256).hexdigest()
    return f"t={at},v1={mac}"


def headers(body: bytes, secret: str, at: int) -> dict[str, str]:
    """What Stripe sends beside the body."""
    return {
        "content-type": "application/json; charset=utf-8",
        "stripe-signature": signed(body, secret, at),
        "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
    }


def body_of(world: World, event_id: str) -> bytes:
    """The bytes of an event, the same for each attempt."""
    return msgspec.json.format(msgspec.json.encode(stripe_objects.outside(world.sure(event_id))), indent=2)


def due(world: World, limit: int = -1) -> list[tuple[int, str]]:
    """Deliveries whose time has come: (delivery, event), in order unless they are to be shuffled."""
    rows = world.store.query(
        "SELECT id, event FROM deliveries WHERE status = 'pending' AND due <= ? ORDER BY due, id LIMIT ?",
        world.now(),
        limit,
    )
    found = [(delivery, event) for delivery, event in rows]
    if world.settings.webhook_shuffle:
        world.random.shuffle(found)
    return found


def arrived(world: World, delivery: int, answer: str = "200") -> None:
    """The address took it."""
    world.store.query(
        "UPDATE deliveries SET status = 'delivered', attempts = attempts + 1, answer = ? WHERE id = ?",
        answer,
        delivery,
    )


def refused(world: World, delivery: int, answer: str) -> None:
    """The address did not take it: again later, or never."""
    rows = world.store.query("SELECT attempts FROM deliveries WHERE id = ?", delivery)
    if not rows:
        return  # the stand-in was reset meanwhile
    made = rows[0][0]
    status = "pending" if made < len(BACK_OFF) else "given up"
    wait = BACK_OFF[min(made, len(BACK_OFF) - 1)]
    world.store.query(
        "UPDATE deliveries SET status = ?, attempts = attempts + 1, due = ?, answer = ? WHERE id = ?",
        status,
        world.now() + wait,
        answer[:200],
        delivery,
    )


def still_pending(world: World, event_id: str) -> int:
    """How many deliveries of an event have not arrived."""
    return world.store.query(
        "SELECT count(*) FROM deliveries WHERE event = ? AND status = 'pending'", event_id
    )[0][0]


class Carrier:
    """Carries deliveries to the address for as long as the server runs."""

    def __init__(self, world: World, url: str, secret: str) -> None:
        self.world, self.url, self.secret = world, url, secret
        self._under_way: set[int] = set()

    async def run(self) -> None:
        """Look for what is due, a few times a second, and send it, several at once."""
        httpx = await asyncio.to_thread(import_module, "httpx")
        await asyncio.to_thread(
            import_module, "stripe.params.checkout"
        )  # so that the first request need not wait
        async with httpx.AsyncClient(timeout=TIMEOUT, follow_redirects=False) as client:
            sending: set[asyncio.Task[None]] = set()
            try:
                while True:
                    self.world.tick()
                    if self.url and len(sending) < AT_ONCE:
                        for delivery, event in due(self.world, AT_ONCE * 4):
                            if delivery not in self._under_way and len(sending) < AT_ONCE:
                                self._under_way.add(delivery)
                                task = asyncio.create_task(self._send(client, delivery, event))
                                sending.add(task)
                                task.add_done_callback(sending.discard)
                    await asyncio.sleep(0.02 if sending else 0.1)
            finally:
                for task in list(sending):
                    task.cancel()
                await asyncio.gather(*sending, return_exceptions=True)

    async def _send(self, client: "httpx.AsyncClient", delivery: int, event: str) -> None:
        try:
            if self.world.get(event) is None:
                return
            body = body_of(self.world, event)
            try:
                answer = await client.post(
                    self.url, content=body, headers=headers(body, self.secret, int(self.world.wall()))
                )
            except Exception as error:
                refused(self.world, delivery, f"{type(error).__name__}: {error}")
                return
            if answer.is_success:
                arrived(self.world, delivery, str(answer.status_code))
            else:
                refused(self.world, delivery, str(answer.status_code))
        finally:
            self._under_way.discard(delivery)
