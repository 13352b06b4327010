"""Stripe, as much of it as we use: sessions, payments, refunds, balance transactions, and signed events.

The only module (with the demo) that imports `stripe`. Answers are plain dicts in Stripe's shapes. Nothing here is
called inside a tx(): a network call may take its fifteen seconds.
"""

from collections.abc import AsyncIterator, Awaitable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar

import stripe

from kit import config, days
from kit.errors import Refused
from kit.words import _

T = TypeVar("T")
# Stripe signs with its own clock; a webhook older or newer than this is a replay or a clock gone wrong.
_TOLERANCE = timedelta(minutes=5)
_TIMEOUT_SECONDS = 15


class Closed(Refused):
    """There are no Stripe keys: giving online is closed."""


class Unreachable(Exception):
    """Stripe did not answer, or answered that it cannot now. Nobody knows whether it happened: ask again."""


class Busy(Unreachable):
    """Stripe is at work on this very request, sent a moment ago: its answer comes to whoever asked first."""


class RefusedByStripe(Exception):
    """Stripe said no, for good; the text is Stripe's."""


class NotStripe(Exception):
    """Not signed by Stripe, or too long ago."""


def is_open() -> bool:
    """Whether this installation can take money."""
    return bool(config.settings().stripe_secret_key)


@cache
def _client_for(key: str, base: str | None) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": base} if base else {},
        http_client=stripe.HTTPXClient(timeout=_TIMEOUT_SECONDS),
        max_network_retries=2,
        stripe_version=config.settings().stripe_api_version,
    )


def _client() -> stripe.StripeClient:
    settings = config.settings()
    if not settings.stripe_secret_key:
        raise Closed(_("Giving online is closed at the moment."))
    return _client_for(settings.stripe_secret_key, settings.stripe_api_base)


async def _answer(call: Awaitable[T]) -> T:
    try:
        return await call
    except stripe.StripeError as problem:
        words = str(problem.user_message or problem)
        if problem.http_status == 409:
            raise Busy(words) from problem
        if isinstance(problem, (stripe.APIConnectionError, stripe.RateLimitError, stripe.APIError)):
            raise Unreachable(words) from problem
        raise RefusedByStripe(words) from problem


async def create_session(params: dict[str, Any], *, key: str) -> dict[str, Any]:
    """A Checkout session. `key` makes a repeated call the same call."""
    made = await _answer(_client().v1.checkout.sessions.create_async(params, {"idempotency_key": key}))  # type: ignore[arg-type]
    return made.to_dict()


async def session(session_id: str) -> dict[str, Any]:
    found = await _answer(_client().v1.checkout.sessions.retrieve_async(session_id))
    return found.to_dict()


async def expire_session(session_id: str) -> None:
    """Close an open session; one that is closed already is fine."""
    try:
        await _answer(
            _client().v1.checkout.sessions.expire_async(
                session_id, {}, {"idempotency_key": f"expire-{session_id}"}
            )
        )
    except RefusedByStripe:
        return


async def payment_intent(payment_id: str) -> dict[str, Any]:
    """A payment with its latest charge and that one's balance transaction, as they are now."""
    found = await _answer(
        _client().v1.payment_intents.retrieve_async(
            payment_id, {"expand": ["latest_charge.balance_transaction"]}
        )
    )
    return found.to_dict()


async def refunds_of(payment_id: str) -> list[dict[str, Any]]:
    """Every refund of a payment, oldest first."""
    page = await _answer(_client().v1.refunds.list_async({"payment_intent": payment_id, "limit": 100}))
    return [refund.to_dict() async for refund in page.auto_paging_iter()][::-1]


async def disputes_of(payment_id: str) -> list[dict[str, Any]]:
    """Every dispute of a payment, oldest first."""
    page = await _answer(_client().v1.disputes.list_async({"payment_intent": payment_id, "limit": 100}))
    return [dispute.to_dict() async for dispute in page.auto_paging_iter()][::-1]


async def payment_of(source: str) -> str | None:
    """The payment intent behind a charge, refund or dispute; None for what has none."""
    services = _client().v1
    if source.startswith(("re_", "pyr_")):
        found: Any = await _answer(services.refunds.retrieve_async(source))
    elif source.startswith(("du_", "dp_")):
        found = await _answer(services.disputes.retrieve_async(source))
    elif source.startswith(("ch_", "py_")):
        found = await _answer(services.charges.retrieve_async(source))
    else:
        return None
    payment = found.to_dict().get("payment_intent")
    return payment if isinstance(payment, str) else None


async def create_refund(params: dict[str, Any], *, key: str) -> dict[str, Any]:
    made = await _answer(_client().v1.refunds.create_async(params, {"idempotency_key": key}))  # type: ignore[arg-type]
    return made.to_dict()


def has_left(refund: dict[str, Any]) -> bool:
    """Whether a refund's money has left the Stripe account; a bank's refund is still pending then."""
    return refund["status"] == "succeeded" or (
        refund["status"] == "pending" and bool(refund.get("balance_transaction"))
    )


async def balance_transactions(since: datetime, until: datetime) -> AsyncIterator[list[dict[str, Any]]]:
    """The movements of the Stripe account in a span of time, newest first, in pages of up to 100."""
    after: dict[str, str] = {}
    while True:
        page = await _answer(
            _client().v1.balance_transactions.list_async(
                {
                    "created": {"gte": int(since.timestamp()), "lt": int(until.timestamp())},
                    "limit": 100,
                    **after,  # type: ignore[typeddict-item]
                }
            )
        )
        if page.data:
            yield [transaction.to_dict() for transaction in page.data]
        if not page.has_more:
            return
        after = {"starting_after": page.data[-1].id}


def verified(body: bytes, signature: str) -> dict[str, Any]:
    """The event in a webhook's body. Raises NotStripe for anything that Stripe did not sign just now."""
    secret = config.settings().stripe_webhook_secret
    if not secret:
        raise NotStripe("There is no webhook secret.")
    try:
        event = stripe.Webhook.construct_event(  # pyright: ignore[reportUnknownMemberType]
            body, signature, secret, tolerance=int(_TOLERANCE.total_seconds())
        ).to_dict()
        signed_at = int(dict(part.split("=", 1) for part in signature.split(","))["t"])
        whole = (
            isinstance(event["id"], str) and isinstance(event["type"], str) and event["data"]["object"]["id"]
        )
    except (stripe.SignatureVerificationError, ValueError, TypeError, KeyError, AttributeError) as problem:
        raise NotStripe(type(problem).__name__) from problem
    if not whole or signed_at > days.now().timestamp() + _TOLERANCE.total_seconds():
        raise NotStripe("It is from the future, or empty.")
    return event
