"""The tables of donations that know of Stripe: what we asked it for, what it took, what it told us, and how both agree."""

from piccolo.columns import (
    JSONB,
    BigInt,
    BigSerial,
    Boolean,
    Char,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check
from piccolo.table import Table

from donations.tables import Appeal, Campaign, Fund, Gift, IntentStatus
from staff.tables import Organisation


class GivingIntent(Table, tablename="giving_intents"):
    """What a donor said she would give, stored before Stripe is called. Her words stay as given."""

    id = BigSerial(primary_key=True)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict)
    token_hash = Char(length=64, unique=True, help_text="of the link to her thank-you page")
    form_key = Varchar(
        length=64, unique=True, help_text="one shown form, one intent: a second submit finds the first"
    )
    campaign = ForeignKey(Campaign, null=True, on_delete=OnDelete.restrict)
    appeal = ForeignKey(Appeal, null=True, on_delete=OnDelete.restrict)
    fund = ForeignKey(Fund, null=False, on_delete=OnDelete.restrict)
    amount = BigInt(default=None, null=False, required=True, help_text="without fee cover")
    cover_offered = BigInt(default=0, help_text="what the page offered to add for the fee")
    cover = BigInt(default=0, help_text="what she added")
    currency = Char(length=3)
    given_name = Varchar(length=200, default="")
    family_name = Varchar(length=200, default="")
    email = Varchar(length=320)
    email_normal = Varchar(length=320, index=True)
    address = JSONB(default="{}")
    comment = Text(default="")
    anonymous = Boolean(default=False)
    status = Varchar(length=20, choices=IntentStatus, default=IntentStatus.OPEN)
    stripe_session = Varchar(length=200, null=True, default=None, unique=True)
    stripe_url = Text(default="")
    stripe_payment_intent = Varchar(length=200, null=True, default=None, unique=True)
    failure = Text(default="")
    gift = ForeignKey(Gift, null=True, on_delete=OnDelete.restrict, unique=True)
    created_at = Timestamptz(default=TimestamptzNow(), index=True)
    updated_at = Timestamptz(default=TimestamptzNow())

    amount_is_positive = Check("amount > 0 AND cover >= 0 AND cover_offered >= 0")


class StripePayment(Table, tablename="stripe_payments"):
    """A payment as Stripe has it, converged from its objects; one per charge that succeeded."""

    id = BigSerial(primary_key=True)
    payment_intent = Varchar(length=200, unique=True)
    charge = Varchar(length=200, null=True, default=None, unique=True)
    intent = ForeignKey(GivingIntent, null=True, on_delete=OnDelete.restrict, index=True)
    gift = ForeignKey(Gift, null=True, on_delete=OnDelete.restrict, unique=True)
    status = Varchar(length=30)
    amount = BigInt(default=None, null=False, required=True)
    currency = Char(length=3)
    amount_refunded = BigInt(default=0)
    method = Varchar(length=40, default="")
    charged_at = Timestamptz(null=True, default=None)
    balance_transaction = Varchar(length=200, null=True, default=None, unique=True)
    fee = BigInt(null=True, default=None, help_text="minor units; none until Stripe says")
    net = BigInt(null=True, default=None)
    disputed = Boolean(default=False)
    updated_at = Timestamptz(default=TimestamptzNow())


class StripeEvent(Table, tablename="stripe_events"):
    """The inbox: every webhook that was really Stripe's, once, and what came of it."""

    id = BigSerial(primary_key=True)
    event = Varchar(length=200, unique=True)
    type = Varchar(length=100)
    about_kind = Varchar(length=40, default="")
    about_id = Varchar(length=200, default="", index=True)
    api_version = Varchar(length=60, default="")
    livemode = Boolean(default=False)
    payload = JSONB(default="{}")
    received_at = Timestamptz(default=TimestamptzNow(), index=True)
    outcome = Varchar(length=20, default="waiting", index=True)
    done_at = Timestamptz(null=True, default=None)
    error = Text(default="")
    tries = Integer(default=0)

    outcome_is_known = Check("outcome IN ('waiting', 'done', 'ignored', 'refused', 'failed')")


class Dispute(Table, tablename="disputes"):
    """A dispute as Stripe has it: a donor's bank asks about a charge, or takes it back. A charge can have several."""

    id = BigSerial(primary_key=True)
    gift = ForeignKey(Gift, null=False, on_delete=OnDelete.restrict, index=True)
    dispute = Varchar(length=200, unique=True, help_text="Stripe's id")
    amount = BigInt(default=None, null=False, required=True, help_text="what is disputed, minor units")
    currency = Char(length=3)
    reason = Varchar(length=100, default="")
    status = Varchar(length=40, help_text="Stripe's word")
    respond_by = Timestamptz(null=True, default=None)
    created_at = Timestamptz(default=TimestamptzNow())
    updated_at = Timestamptz(default=TimestamptzNow())


class DisputeMovement(Table, tablename="dispute_movements"):
    """Money that a dispute moved on the Stripe account: one balance transaction, booked once. Append-only."""

    append_only = True

    id = BigSerial(primary_key=True)
    dispute = ForeignKey(Dispute, null=False, on_delete=OnDelete.restrict, index=True)
    balance_transaction = Varchar(length=200, unique=True)
    amount = BigInt(default=None, null=False, required=True, help_text="below zero: taken from us")
    fee = BigInt(default=0)
    moved_on = Date(default=None, null=False, required=True)
    created_at = Timestamptz(default=TimestamptzNow())


class Reconciliation(Table, tablename="reconciliations"):
    """One comparison of Stripe's balance transactions with the ledger."""

    started_at = Timestamptz(default=TimestamptzNow())
    finished_at = Timestamptz(null=True, default=None)
    from_at = Timestamptz(null=True, default=None)
    until_at = Timestamptz(null=True, default=None)
    currency = Char(length=3, default="USD")
    transactions = Integer(default=0)
    stripe_total = BigInt(default=0)
    ledger_total = BigInt(default=0)
    difference = BigInt(default=0)
    findings = JSONB(default="[]", help_text="what is missing on which side, with ids and amounts")
    apart = JSONB(default="[]", help_text="movements that are no gift's: Stripe's own fees, holds, payouts")
    repaired = Integer(default=0)
    error = Text(default="")
