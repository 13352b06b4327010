"""The stand-in's balance: every entry of it is a balance transaction, and this is how a charge gets its own."""

from demo import stripe_objects
from demo.stripe_currencies import bank_fee, card_fee
from demo.stripe_store import Body
from demo.stripe_world import World
from demo.webhooks import say


def book_charge(world: World, charge_id: str) -> None:
    """The charge reaches the balance: Stripe's fee is known now, and `charge.updated` says so."""
    with world.tx():
        charge = world.sure(charge_id)
        if charge["balance_transaction"] or charge["status"] != "succeeded":
            return
        world.forget("book_charge", charge_id)
        of_bank = charge["payment_method_details"]["type"] == "us_bank_account"
        amount, currency = charge["amount"], charge["currency"]
        fee = bank_fee(amount) if of_bank else card_fee(amount, currency)
        entry = stripe_objects.balance_transaction(
            world,
            amount=amount,
            currency=currency,
            description=charge["description"],
            fee=fee,
            fee_details=[stripe_objects.fee_detail(fee, currency)],
            source=charge_id,
            type="payment" if of_bank else "charge",
        )
        charge["balance_transaction"] = world.put(entry)["id"]
        say(world, "charge.updated", world.put(charge), previous={"balance_transaction": None})


def charge_own_fee(world: World, amount: int, what: str = "Billing - usage fee") -> Body:
    """Stripe takes a fee of its own from the balance, for no charge in particular."""
    return world.put(
        stripe_objects.balance_transaction(
            world,
            amount=-amount,
            available_on=world.moment(),
            description=what,
            reporting_category="fee",
            status="available",
            type="stripe_fee",
        )
    )


DUTIES = {"book_charge": book_charge}
