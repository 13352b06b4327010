"""Payouts: what is available in the balance goes to the bank, and each entry remembers with which payout."""

from demo import stripe_objects
from demo.stripe_store import Body
from demo.stripe_world import World
from demo.webhooks import say


def pay_out(world: World) -> list[Body]:
    """Pay out what is available, one payout per currency; nothing where nothing is."""
    with world.tx():
        ready = world.store.find(
            "balance_transaction",
            """AND json_extract(body, '$._payout') IS NULL AND json_extract(body, '$.type') != 'payout'
               AND json_extract(body, '$.available_on') <= ?""",
            (world.moment(),),
            oldest_first=True,
        )
        currencies = sorted({entry["currency"] for entry in ready})
        return [
            made
            for currency in currencies
            if (made := _one(world, currency, [e for e in ready if e["currency"] == currency]))
        ]


def _one(world: World, currency: str, entries: list[Body]) -> Body | None:
    amount = sum(entry["net"] for entry in entries)
    if amount <= 0:
        return None
    payout = stripe_objects.payout(world, amount=amount, currency=currency)
    entry = stripe_objects.balance_transaction(
        world,
        amount=-amount,
        available_on=payout["arrival_date"],
        currency=currency,
        description="STRIPE PAYOUT",
        reporting_category="payout",
        source=payout["id"],
        status="pending",
        type="payout",
        _payout=payout["id"],
    )
    payout["balance_transaction"] = world.put(entry)["id"]
    world.put(payout)
    for paid in entries:
        world.put(paid | {"_payout": payout["id"]})
    say(world, "payout.created", payout)
    world.later(max(0, payout["arrival_date"] - world.now()), "finish_payout", payout["id"])
    return payout


def finish(world: World, payout_id: str) -> None:
    """The bank has it."""
    with world.tx():
        payout = world.sure(payout_id)
        payout["status"] = "paid"
        payout["trace_id"] = {"status": "supported", "value": "PRETEND" + payout_id[-8:].upper()}
        world.put(payout)
        say(world, "payout.paid", payout)


DUTIES = {"finish_payout": finish}
