"""What staff call the kinds, ways and states of a gift; one list for forms, filters, files and timelines."""

from donations.tables import GiftKind, GiftMethod, GiftStatus
from kit.words import _

KINDS: dict[str, str] = {
    GiftKind.CASH.value: _("Money"),
    GiftKind.IN_KIND.value: _("Goods or services"),
    GiftKind.STOCK.value: _("Shares"),
    GiftKind.VEHICLE.value: _("Vehicle"),
    GiftKind.DONOR_ADVISED.value: _("Donor-advised fund"),
    GiftKind.MATCH.value: _("Employer’s match"),
    GiftKind.BEQUEST.value: _("Bequest"),
}
METHODS: dict[str, str] = {
    GiftMethod.CHEQUE.value: _("Cheque"),
    GiftMethod.CASH.value: _("Cash"),
    GiftMethod.TRANSFER.value: _("Bank transfer"),
    GiftMethod.CARD.value: _("Card"),
    GiftMethod.BANK_DEBIT.value: _("Bank debit"),
    GiftMethod.OTHER.value: _("Other"),
}
# Behind an amount: "$25.00 by cheque".
BY: dict[str, str] = {
    GiftMethod.CHEQUE.value: _("by cheque"),
    GiftMethod.CASH.value: _("in cash"),
    GiftMethod.TRANSFER.value: _("by transfer"),
    GiftMethod.CARD.value: _("by card"),
    GiftMethod.BANK_DEBIT.value: _("by bank debit"),
    GiftMethod.OTHER.value: _("gift"),
}
STATUSES: dict[str, str] = {
    GiftStatus.SETTLED.value: _("Settled"),
    GiftStatus.PENDING.value: _("Pending"),
    GiftStatus.PARTLY_REFUNDED.value: _("Partly refunded"),
    GiftStatus.REFUNDED.value: _("Refunded"),
    GiftStatus.DISPUTED.value: _("Disputed"),
    GiftStatus.LOST.value: _("Lost"),
    GiftStatus.FAILED.value: _("Failed"),
    GiftStatus.ABANDONED.value: _("Abandoned"),
    GiftStatus.BOUNCED.value: _("Bounced"),
    GiftStatus.VOIDED.value: _("Void"),
}
ACCOUNTS: dict[str, str] = {
    "undeposited": _("Undeposited"),
    "bank": _("Bank"),
    "stripe": _("Stripe"),
    "fees": _("Card fees"),
    "income": _("Income"),
    "in_kind": _("Goods"),
    "income_in_kind": _("Income in kind"),
    "prior_system": _("Prior system"),
}
# What staff can type; Stripe brings whatever the giving page asks for.
CURRENCIES = (
    "USD",
    "CAD",
    "EUR",
    "GBP",
    "CHF",
    "AUD",
    "NZD",
    "JPY",
    "MXN",
    "SEK",
    "NOK",
    "DKK",
    "PLN",
    "INR",
    "ZAR",
)

# The kinds that are described rather than paid.
DESCRIBED = (GiftKind.IN_KIND.value, GiftKind.STOCK.value, GiftKind.VEHICLE.value)
