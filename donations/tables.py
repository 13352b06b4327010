"""Gifts and what they are made of: funds, campaigns, appeals, splits, refunds, pledges."""

from enum import Enum
from typing import ClassVar

from piccolo.columns import (
    JSONB,
    BigInt,
    BigSerial,
    Boolean,
    Char,
    Date,
    ForeignKey,
    Integer,
    LazyTableReference,
    OnDelete,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from constituents.tables import Constituent
from staff.tables import Organisation


class Fund(Table, tablename="funds"):
    """What a gift may be used for."""

    name = Varchar(length=150)
    name_normal = Varchar(length=150, unique=True)
    restricted = Boolean(default=False)
    account_code = Varchar(length=40, default="", help_text="its income account in the books")
    description = Text(default="")
    is_general = Boolean(default=False, help_text="the one that gifts without a word go to")
    public = Boolean(default=False, help_text="offered on the giving page")
    closed_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz(default=TimestamptzNow())
    version = Integer(default=1)

    a_general_fund_is_not_restricted = Check("NOT (is_general AND restricted)")
    a_general_fund_stays_open = Check("NOT is_general OR closed_at IS NULL")


class Campaign(Table, tablename="campaigns"):
    """A time-bound effort to raise money for something, with a page of its own."""

    name = Varchar(length=150)
    slug = Varchar(length=80, unique=True, help_text="/give/<slug>")
    goal = BigInt(null=True, default=None)
    currency = Char(length=3)
    starts_on = Date(null=True, default=None)
    ends_on = Date(null=True, default=None)
    fund = ForeignKey(Fund, null=True, on_delete=OnDelete.restrict, help_text="what its page suggests")
    heading = Varchar(length=200, default="")
    text = Text(default="")
    public = Boolean(default=True)
    closed_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz(default=TimestamptzNow())
    version = Integer(default=1)

    goal_is_positive = Check("goal > 0")
    ends_after_it_starts = Check("ends_on >= starts_on")
    slug_fits_an_address = Check("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'")


class Appeal(Table, tablename="appeals"):
    """One asking within a campaign: a letter, a mailing, an evening."""

    campaign = ForeignKey(Campaign, null=False, on_delete=OnDelete.restrict, index=True)
    name = Varchar(length=150)
    source_code = Varchar(length=40, unique=True)
    asked_on = Date(null=True, default=None)
    closed_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz(default=TimestamptzNow())
    version = Integer(default=1)


class GiftKind(str, Enum):
    CASH = "cash"
    STOCK = "stock"
    IN_KIND = "in_kind"
    VEHICLE = "vehicle"
    DONOR_ADVISED = "donor_advised"
    MATCH = "match"
    BEQUEST = "bequest"


class GiftMethod(str, Enum):
    CARD = "card"
    BANK_DEBIT = "bank_debit"
    CHEQUE = "cheque"
    CASH = "cash"
    TRANSFER = "transfer"
    OTHER = "other"


class GiftStatus(str, Enum):
    PENDING = "pending"
    SETTLED = "settled"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    LOST = "lost"
    FAILED = "failed"
    ABANDONED = "abandoned"
    BOUNCED = "bounced"
    VOIDED = "voided"


class GiftSource(str, Enum):
    STAFF = "staff"
    ONLINE = "online"
    IMPORT = "import"


class Gift(Table, tablename="gifts"):
    """Money or goods received from one legal donor. Never deleted; corrected by reversal."""

    when_merged: ClassVar = {"donor": "keep"}

    id = BigSerial(primary_key=True)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict)
    donor = ForeignKey(Constituent, null=False, on_delete=OnDelete.restrict)
    kind = Varchar(length=20, choices=GiftKind, default=GiftKind.CASH)
    method = Varchar(length=20, choices=GiftMethod)
    source = Varchar(length=20, choices=GiftSource, default=GiftSource.STAFF)
    amount = BigInt(default=None, null=False, required=True, help_text="minor units of `currency`")
    currency = Char(length=3)
    refunded_amount = BigInt(default=0, help_text="minor units given back so far")
    fee_cover = BigInt(default=0, help_text="the part of `amount` added to cover the card fee")
    status = Varchar(length=20, choices=GiftStatus, default=GiftStatus.PENDING)
    given_on = Date(
        default=None, null=False, required=True, help_text="cheque: postmark; online: the charge's day"
    )
    received_on = Date(null=True, default=None)
    deposited_on = Date(null=True, default=None)
    campaign = ForeignKey(Campaign, null=True, on_delete=OnDelete.restrict)
    appeal = ForeignKey(Appeal, null=True, on_delete=OnDelete.restrict)
    cheque_number = Varchar(length=40, default="")
    cheque_date = Date(null=True, default=None)
    in_kind_description = Text(default="")
    benefit_description = Text(default="")
    benefit_value = BigInt(default=0, help_text="fair value of what was given in return, minor units")
    note = Text(default="")
    anonymous = Boolean(default=False)
    thanked_at = Timestamptz(null=True, default=None)
    receipt_wanted = Boolean(default=False)
    receipted_at = Timestamptz(null=True, default=None, help_text="set while a live receipt holds this gift")
    receipt_needs_correction = Boolean(default=False)
    disputed_at = Timestamptz(null=True, default=None)
    entry_key = Varchar(length=64, null=True, default=None, unique=True, help_text="one form, one gift")
    created_at = Timestamptz(default=TimestamptzNow())
    updated_at = Timestamptz(default=TimestamptzNow())
    version = Integer(default=1)

    amount_is_positive_unless_in_kind = Check(
        "amount > 0 OR (amount = 0 AND kind IN ('in_kind', 'stock', 'vehicle'))"
    )
    currency_is_a_code = Check("currency ~ '^[A-Z]{3}$'")
    refunds_stay_within_the_gift = Check("refunded_amount BETWEEN 0 AND amount")
    fee_cover_stays_within_the_gift = Check("fee_cover BETWEEN 0 AND amount")
    benefit_has_a_description = Check(
        "benefit_value >= 0 AND (benefit_value = 0 OR benefit_description <> '')"
    )
    in_kind_is_described = Check("kind <> 'in_kind' OR in_kind_description <> ''")


class GiftSplit(Table, tablename="gift_splits"):
    """A gift's share for one fund; the shares sum to the gift (a deferred trigger)."""

    id = BigSerial(primary_key=True)
    gift = ForeignKey(Gift, null=False, on_delete=OnDelete.cascade, index=True)
    fund = ForeignKey(Fund, null=False, on_delete=OnDelete.restrict, index=True)
    amount = BigInt(default=None, null=False, required=True)

    once_per_fund = Unique(columns=["gift", "fund"])
    amount_is_not_negative = Check("amount >= 0")


class SoftCredit(Table, tablename="soft_credits"):
    """Recognition for somebody who is not the legal donor. Another column, never added to hard giving."""

    when_merged: ClassVar = {"constituent": "sum"}

    id = BigSerial(primary_key=True)
    gift = ForeignKey(Gift, null=False, on_delete=OnDelete.cascade, index=True)
    constituent = ForeignKey(Constituent, null=False, on_delete=OnDelete.restrict, index=True)
    amount = BigInt(default=None, null=False, required=True)
    role = Varchar(length=60, default="")

    once_per_person_and_role = Unique(columns=["gift", "constituent", "role"])
    amount_is_positive = Check("amount > 0")


class GiftEvent(Table, tablename="gift_events"):
    """What happened to a gift, with the values before it; append-only."""

    append_only = True

    id = BigSerial(primary_key=True)
    gift = ForeignKey(Gift, null=False, on_delete=OnDelete.restrict, index=True)
    at = Timestamptz(default=TimestamptzNow())
    kind = Varchar(length=30)
    status_before = Varchar(length=20, default="")
    status_after = Varchar(length=20, default="")
    before = JSONB(null=True, default=None)
    after = JSONB(null=True, default=None)
    reason = Text(default="")
    actor_kind = Varchar(length=20)
    actor_id = BigInt(null=True, default=None)
    actor_label = Varchar(length=200, default="")


class RefundStatus(str, Enum):
    ASKED = "asked"
    DONE = "done"
    FAILED = "failed"


class Refund(Table, tablename="refunds"):
    """Money given back, recorded by staff or made through Stripe; our row stands before Stripe is called."""

    gift = ForeignKey(Gift, null=False, on_delete=OnDelete.restrict, index=True)
    amount = BigInt(default=None, null=False, required=True)
    currency = Char(length=3)
    via = Varchar(length=10, default="record")
    reason = Text(default="")
    status = Varchar(length=10, choices=RefundStatus, default=RefundStatus.ASKED)
    stripe_refund = Varchar(length=100, null=True, default=None, unique=True)
    failure = Text(default="")
    refunded_on = Date(null=True, default=None)
    created_at = Timestamptz(default=TimestamptzNow())
    entry_key = Varchar(length=64, null=True, default=None, unique=True)

    amount_is_positive = Check("amount > 0")
    goes_a_known_way = Check("via IN ('record', 'stripe')")


class Account(str, Enum):
    """The few accounts that gifts move between; income is told apart by fund."""

    UNDEPOSITED = "undeposited"
    BANK = "bank"
    STRIPE = "stripe"
    FEES = "fees"
    INCOME = "income"
    IN_KIND = "in_kind"
    INCOME_IN_KIND = "income_in_kind"
    PRIOR_SYSTEM = "prior_system"


class Journal(Table, tablename="journals"):
    """One entry of the ledger: what happened, to what, on which day. Names its source, not people; append-only."""

    append_only = True

    id = BigSerial(primary_key=True)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict)
    day = Date(default=None, null=False, required=True, index=True)
    event = Varchar(length=30)
    source_kind = Varchar(length=30)
    source_id = BigInt(default=None, null=False, required=True)
    reverses = ForeignKey(
        LazyTableReference("Journal", module_path="donations.tables"),
        null=True,
        on_delete=OnDelete.restrict,
        index=True,
    )
    created_at = Timestamptz(default=TimestamptzNow())

    booked_once = Unique(columns=["source_kind", "source_id", "event"])


class Posting(Table, tablename="postings"):
    """A line of a journal: debits are positive, credits negative, and a journal sums to zero per currency."""

    append_only = True

    id = BigSerial(primary_key=True)
    journal = ForeignKey(Journal, null=False, on_delete=OnDelete.restrict, index=True)
    account = Varchar(length=20, choices=Account)
    fund = ForeignKey(Fund, null=True, on_delete=OnDelete.restrict, index=True)
    amount = BigInt(default=None, null=False, required=True)
    currency = Char(length=3)

    amount_moves_something = Check("amount <> 0")
    income_names_its_fund = Check("account NOT IN ('income', 'income_in_kind') OR fund IS NOT NULL")


class Pledge(Table, tablename="pledges"):
    """A promise to give, with instalments that gifts will pay; not booked. Read-only until pledges get their issue."""

    when_merged: ClassVar = {"donor": "keep"}

    donor = ForeignKey(Constituent, null=False, on_delete=OnDelete.restrict, index=True)
    amount = BigInt(default=None, null=False, required=True)
    currency = Char(length=3)
    paid_amount = BigInt(default=0)
    pledged_on = Date(null=True, default=None)
    due_on = Date(null=True, default=None)
    status = Varchar(length=20, default="open")
    campaign = ForeignKey(Campaign, null=True, on_delete=OnDelete.restrict)
    fund = ForeignKey(Fund, null=True, on_delete=OnDelete.restrict)
    note = Text(default="")
    created_at = Timestamptz(default=TimestamptzNow())

    amount_is_positive = Check("amount > 0")
    status_is_known = Check("status IN ('open', 'kept', 'written_off')")


class PledgeInstalment(Table, tablename="pledge_instalments"):
    pledge = ForeignKey(Pledge, null=False, on_delete=OnDelete.cascade, index=True)
    due_on = Date(null=True, default=None)
    amount = BigInt(default=None, null=False, required=True)
    gift = ForeignKey(Gift, null=True, on_delete=OnDelete.restrict)

    amount_is_positive = Check("amount > 0")


class IntentStatus(str, Enum):
    OPEN = "open"
    PROCESSING = "processing"
    PAID = "paid"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
