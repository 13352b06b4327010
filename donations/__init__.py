"""Donations: gifts and what they are made of.

Words: a *gift* is money or goods received from one legal donor; its *splits* say for which *funds*; a *campaign* is
an effort with a page of its own, an *appeal* one asking within it; a *soft credit* recognises somebody who is not the
donor and is never added to hard giving; a *pledge* is a promise and is not booked. *Thanked* is not *receipted*.

The verbs: `gifts.record`, `settle`, `fail`, `abandon`, `bounce`, `void`, `thank`, `correct`, `move`, `deposit`;
`refunds.record`, `ask`, `done`, `failed`, `from_stripe`; `disputes.keep`. Each changes the gift, writes
a row of `gift_events`, books the ledger, writes the donor's timeline, notes who did it, and says a fact: in one
transaction or not at all.

What always holds (SQL sees to it, `reports.invariants` looks again): the splits of a gift sum to it; a journal sums to
zero in each currency and is never altered; what a gift has booked as income is what is left of it; a receipted gift
does not change; totals of giving are right the second a gift is saved.
"""

from kit import facts

facts.declare(
    "gift.recorded",  # (gift): kept, whatever its state
    "gift.settled",  # (gift): the money is ours
    "gift.corrected",  # (gift)
    "gift.moved",  # (gift): it has another donor now
    "gift.voided",  # (gift): it was a slip of the pen
    "gift.bounced",  # (gift): the bank gave the cheque back
    "gift.disputed",  # (gift)
    "gift.dispute_won",  # (gift): the money came back
    "gift.lost",  # (gift): the donor's bank kept it
    "gift.refunded",  # (gift, refund): in full or in part
    "refund.asked",  # (refund): Stripe is to be called
    "refund.failed",  # (gift, refund): the money did not go back after all
)
