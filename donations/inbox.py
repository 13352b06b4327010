"""The inbox of webhooks: every event that Stripe signed, kept once, and what came of it."""

from typing import Any

import msgspec

from constituents import tasks
from donations import convergence
from kit import changes, config, days, db, jobs
from kit.changes import Actor
from kit.errors import NotFound
from kit.words import _

_HEARD = {
    "checkout.session.completed": "session",
    "checkout.session.expired": "session",
    "checkout.session.async_payment_succeeded": "session",
    "checkout.session.async_payment_failed": "session",
}
_PAYMENTS = ("payment_intent.",)
_OF_A_PAYMENT = ("charge.", "refund.")


async def keep(event: dict[str, Any]) -> bool:
    """Keep an event and promise to act on it; false when it was here before. Inside the webhook's tx().

    An event of another API version, mode or account is kept and refused, and staff are told.
    """
    kind, about = _about(event)
    refusal = _refusal(event)
    outcome = "refused" if refusal else "waiting" if about else "ignored"
    kept = await db.value(
        """
        INSERT INTO stripe_events (event, type, about_kind, about_id, api_version, livemode, payload, received_at,
                                   outcome, done_at, error, tries)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0)
        ON CONFLICT (event) DO NOTHING RETURNING id
        """,
        event["id"], event["type"], kind, about, event.get("api_version") or "", bool(event.get("livemode")),
        msgspec.json.encode(event).decode(), days.now(), outcome, None if outcome == "waiting" else days.now(), refusal,
    )  # fmt: skip
    if kept is None:
        return False
    if outcome == "waiting":
        await jobs.enqueue("take stripe event", {"event_id": kept})
    if refusal:
        await tasks.open(
            "stripe_event_refused", _("Stripe sent an event that was not acted on"), detail=refusal,
            route="stripe_events:show", route_id=kept, permission="payments.read",
        )  # fmt: skip
    return True


def _about(event: dict[str, Any]) -> tuple[str, str]:
    """Which object to look at: ("session", id) or ("payment", id of the payment intent), or ("", "") for no matter."""
    type_, object_ = event["type"], event["data"]["object"]
    if type_ in _HEARD:
        return _HEARD[type_], object_["id"]
    if type_.startswith(_PAYMENTS):
        return "payment", object_["id"]
    if type_.startswith(_OF_A_PAYMENT) and object_.get("payment_intent"):
        return "payment", object_["payment_intent"]
    return "", ""


def _refusal(event: dict[str, Any]) -> str:
    settings = config.settings()
    if event.get("api_version") != settings.stripe_api_version:
        return _(
            "It speaks version {theirs} of Stripe's API, and Almoner {ours}. Set the webhook endpoint to {ours}.",
            theirs=str(event.get("api_version")), ours=settings.stripe_api_version,
        )  # fmt: skip
    is_live = (settings.stripe_secret_key or "").startswith(("sk_live_", "rk_live_"))
    if bool(event.get("livemode")) != is_live:
        return _("It is from Stripe's other mode (test or live) than the key in use.")
    if event.get("account"):
        return _(
            "It is about another Stripe account ({account}), connected to ours.",
            account=str(event["account"]),
        )
    return ""


async def take(event_id: int) -> None:
    """Act on a kept event: converge to what Stripe says now. One look answers every event about the same object."""
    event = await db.row("SELECT * FROM stripe_events WHERE id = $1", event_id)
    if event is None or event["outcome"] not in ("waiting", "failed"):
        return
    looked_at = days.now()
    await db.row("UPDATE stripe_events SET tries = tries + 1 WHERE id = $1", event_id)
    try:
        await convergence.converge(event["about_kind"], event["about_id"])
    except Exception as problem:
        await db.row(
            "UPDATE stripe_events SET outcome = 'failed', error = $2 WHERE id = $1",
            event_id, f"{type(problem).__name__}: {problem}"[:2000],
        )  # fmt: skip
        raise
    await db.row(
        """
        UPDATE stripe_events SET outcome = 'done', done_at = $3, error = ''
         WHERE about_kind = $1 AND about_id = $2 AND outcome IN ('waiting', 'failed')
           AND (received_at < $4 OR id = $5)
        """,
        event["about_kind"], event["about_id"], days.now(), looked_at, event_id,
    )  # fmt: skip


async def try_again(event_id: int, *, by: Actor) -> None:
    """Act on an event once more, whatever came of it before."""
    async with db.tx():
        event = await get(event_id)
        if not event["about_id"]:
            return
        await db.row("UPDATE stripe_events SET outcome = 'waiting', error = '' WHERE id = $1", event_id)
        await jobs.enqueue("take stripe event", {"event_id": event_id})
        await changes.note("stripe_event.tried_again", "stripe_event", event_id, by=by)


async def get(event_id: int) -> dict[str, Any]:
    """One event with its payload as a dict. Raises NotFound."""
    row = await db.row("SELECT * FROM stripe_events WHERE id = $1", event_id)
    if row is None:
        raise NotFound("No such event.")
    return {**row, "payload": msgspec.json.decode(row["payload"])}


async def page_of(outcome: str = "", before: int | None = None, limit: int = 50) -> list[dict[str, Any]]:
    """Events, newest first; those of one outcome, if given; those before an id, for the next page."""
    return await db.rows(
        """
        SELECT id, event, type, about_kind, about_id, received_at, outcome, done_at, error, tries
          FROM stripe_events
         WHERE ($1 = '' OR outcome = $1) AND ($2::bigint IS NULL OR id < $2)
      ORDER BY id DESC LIMIT $3
        """,
        outcome, before, limit,
    )  # fmt: skip


async def counts() -> dict[str, int]:
    """How many events have which outcome."""
    return {
        row["outcome"]: row["count"]
        for row in await db.rows("SELECT outcome, count(*)::int AS count FROM stripe_events GROUP BY outcome")
    }
