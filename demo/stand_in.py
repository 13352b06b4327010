"""One pretend Stripe account, as tests and the control page hold it."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import stripe

from demo import (
    stripe_balance,
    stripe_disputes,
    stripe_lists,
    stripe_methods,
    stripe_payments,
    stripe_payouts,
    stripe_refunds,
    stripe_sessions,
    webhooks,
)
from demo.stripe_errors import NotPossible
from demo.stripe_payments import Payer
from demo.stripe_store import Body
from demo.stripe_world import World

if TYPE_CHECKING:
    import stripe

TEST_KEY = "sk_test_pretend_4eC39HqLyjWDarjtT1zdp7dc"
TEST_SECRET = "whsec_pretend_5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH"  # noqa: S105 - pretend money


class StandIn:
    """A pretend Stripe account. Safe to use from any thread."""

    def __init__(
        self,
        path: Path | None = None,
        *,
        key: str = TEST_KEY,
        webhook_url: str | None = None,
        webhook_secret: str = TEST_SECRET,
        url: str = "",
        merchant: str = "Pretend merchant",
        seed: int | None = None,
    ) -> None:
        self.world = World(path, seed=seed)
        self.world.started_for = merchant
        self.world.duties = (
            stripe_balance.DUTIES
            | stripe_payments.DUTIES
            | stripe_refunds.DUTIES
            | stripe_disputes.DUTIES
            | stripe_payouts.DUTIES
            | stripe_sessions.DUTIES
        )
        self.key, self.webhook_secret, self.webhook_url = key, webhook_secret, webhook_url
        self.url = url

    @property
    def url(self) -> str:
        """Where the API and the pages are."""
        return self.world.base_url

    @url.setter
    def url(self, url: str) -> None:
        self.world.base_url = url.rstrip("/")

    # ---- what tests do with it -----------------------------------------------------------------

    def client(self, **options: Any) -> "stripe.StripeClient":
        """The real SDK, talking to this stand-in."""
        import stripe  # takes a second, which the server need not spend

        return stripe.StripeClient(self.key, base_addresses={"api": self.url}, **options)

    def set(self, **knobs: Any) -> None:
        """Turn the knobs of `stripe_world.Settings`: `set(balance_delay=0, webhook_double=True)`."""
        self.world.set(**knobs)

    def reset(self) -> None:
        """Forget everything but the address and the keys."""
        self.world.reset()

    def advance(self, seconds: float) -> None:
        """Move the clock on and do what becomes due, each thing at its own moment."""
        self.world.set(clock_offset=self.world.settings.clock_offset + seconds)
        self.world.tick()

    def skip(self, seconds: float) -> None:
        """What would happen in that time happens now, and the clock stays as it is."""
        self.world.skip(seconds)
        self.world.tick()

    def set_clock(self, at: datetime) -> None:
        """The clock shows `at` now and goes on from there."""
        self.world.set(clock_offset=at.timestamp() - self.world.wall())

    def pay(
        self,
        session_id: str,
        card: str = "4242424242424242",
        *,
        email: str | None = None,
        name: str = "Pretend Donor",
        approve: bool = True,
    ) -> str:
        """Pay at Checkout as a donor would: paid, processing, declined, or the status of a closed session."""
        method = stripe_methods.by_number(card)
        if method is None:
            raise NotPossible(f"No pretend card has the number {card}.")
        session = self.world.get(session_id, "checkout.session") or {}
        payer = Payer(email=email or session.get("customer_email") or "donor@example.org", name=name)
        try:
            outcome = stripe_payments.attempt(self.world, session_id, method, payer)
            if outcome.status == "authenticate":
                outcome = stripe_payments.authenticate(self.world, session_id, approved=approve)
        except stripe_payments.Closed as closed:
            return closed.status
        self.world.tick()
        return outcome.status

    def expire(self, session_id: str) -> Body:
        """Close an open session."""
        return self._done(stripe_sessions.expire(self.world, session_id))

    def settle(self, payment_intent: str) -> None:
        """The bank says yes to a bank debit."""
        self._done(stripe_payments.end_debit(self.world, payment_intent, good=True))

    def fail(self, payment_intent: str) -> None:
        """The bank says no to a bank debit."""
        self._done(stripe_payments.end_debit(self.world, payment_intent, good=False))

    def refund(self, charge_or_payment: str, amount: int | None = None, reason: str | None = None) -> Body:
        """Refund as if in Stripe's dashboard."""
        charge, payment = (
            (None, charge_or_payment) if charge_or_payment.startswith("pi_") else (charge_or_payment, None)
        )
        made = stripe_refunds.create(
            self.world, charge=charge, payment_intent=payment, amount=amount, reason=reason
        )
        return self._done(made)

    def fail_refund(self, refund: str) -> Body:
        """The donor's bank sends a refund back."""
        return self._done(stripe_refunds.fail(self.world, refund))

    def dispute(
        self,
        charge_or_payment: str,
        *,
        reason: str = "fraudulent",
        amount: int | None = None,
        inquiry: bool = False,
    ) -> Body:
        """The donor's bank takes the money back, or (`inquiry`) only asks."""
        charge = charge_or_payment
        if charge.startswith("pi_"):
            charge = (self.world.get(charge, "payment_intent") or {}).get("latest_charge") or charge
        return self._done(
            stripe_disputes.open_one(self.world, charge, reason=reason, amount=amount, inquiry=inquiry)
        )

    def escalate(self, inquiry: str) -> Body:
        """The bank that asked takes the money back."""
        return self._done(stripe_disputes.escalate(self.world, inquiry))

    def close_dispute(self, dispute: str, *, won: bool) -> Body:
        """The bank has decided."""
        return self._done(stripe_disputes.close(self.world, dispute, won=won))

    def own_fee(self, amount: int) -> Body:
        """Stripe takes a fee of its own."""
        return self._done(stripe_balance.charge_own_fee(self.world, amount))

    def pay_out(self) -> list[Body]:
        """Send to the bank what is available."""
        return self._done(stripe_payouts.pay_out(self.world))

    def _done(self, result: Any) -> Any:
        self.world.tick()
        return result

    # ---- what tests ask it -----------------------------------------------------------------------

    def deliveries(
        self, *, at: datetime | None = None, taken: bool = True
    ) -> list[tuple[dict[str, str], bytes]]:
        """Webhook requests that are due, as (headers, body), to be posted by the test itself.

        They count as delivered, unless `taken` is False: then they are still there the next time. `at` is the
        moment of the signature (now, by the wall clock).
        """
        self.world.tick()
        with self.world.tx():
            found = []
            moment = int(at.timestamp() if at else self.world.wall())
            for delivery, event in webhooks.due(self.world):
                body = webhooks.body_of(self.world, event)
                found.append((webhooks.headers(body, self.webhook_secret, moment), body))
                if taken:
                    webhooks.arrived(self.world, delivery)
            return found

    def redeliver(self, *, only_dropped: bool = False) -> int:
        """Send every webhook again (or those that were dropped or given up)."""
        return webhooks.redeliver(self.world, only_dropped=only_dropped)

    def all(self, kind: str) -> list[Body]:
        """Every object of a kind ("charge", "refund", "event"), oldest first, as the API shows it."""
        self.world.tick()
        return [
            stripe_lists.shown(self.world, body) for body in self.world.store.find(kind, oldest_first=True)
        ]

    def balance_transactions(self) -> list[Body]:
        """Every movement of the balance, oldest first."""
        return self.all("balance_transaction")
