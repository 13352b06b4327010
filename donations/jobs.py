"""What donations lets wait: acting on Stripe's events, looking at Stripe, refunding, reconciling."""

from donations import convergence, inbox, reconciliation, refund_calls, stripe_api
from kit import changes, facts, jobs
from staff import organisation


@jobs.job("take stripe event", attempts=8)
async def take_stripe_event(event_id: int) -> None:
    await inbox.take(event_id)


@jobs.job("converge", attempts=8)
async def converge(kind: str, id: str) -> None:
    await convergence.converge(kind, id)


@jobs.job("leave session", attempts=8)
async def leave_session(id: str) -> None:
    await stripe_api.expire_session(id)
    await convergence.converge("session", id)


@facts.on("refund.asked")
async def refund_through_stripe(refund_id: int) -> None:
    await refund_calls.make(refund_id)


@jobs.job("reconcile")
async def reconcile(reconciliation_id: int) -> None:
    await reconciliation.run(reconciliation_id)


@jobs.every("reconcile with Stripe", "41 4 * * *")
async def reconcile_nightly() -> None:
    if stripe_api.is_open() and await organisation.ours():
        await reconciliation.begin(by=changes.SYSTEM)
