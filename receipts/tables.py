"""Receipts: numbered without gaps, a snapshot of everything printed, never altered."""

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
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from donations.tables import Gift
from kit.tables import StoredFile
from staff.tables import Organisation


class ReceiptSeries(Table, tablename="receipt_series"):
    """A run of numbers of one organisation and year; its row lock is what makes the numbers gapless."""

    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict)
    code = Varchar(length=30, unique=True)
    next_number = Integer(default=1)

    numbers_begin_at_one = Check("next_number >= 1")


class Receipt(Table, tablename="receipts"):
    """What was issued, once and for ever; the app's role may only insert and read. A void is a row of its own."""

    append_only = True

    id = BigSerial(primary_key=True)
    series = ForeignKey(ReceiptSeries, null=False, on_delete=OnDelete.restrict)
    number = Integer(default=None, null=False, required=True)
    label = Varchar(length=50, unique=True, help_text="as printed: US-2026-000418")
    issued_at = Timestamptz(default=TimestamptzNow())
    issued_on = Date(default=None, null=False, required=True)
    addressee = Varchar(length=320, default="", help_text="the e-mail address it goes to, if any")
    total = BigInt(default=None, null=False, required=True)
    currency = Char(length=3)
    rule = Varchar(length=40)
    template_version = Varchar(length=40)
    snapshot = JSONB(default="{}")
    issued_by = Varchar(length=200, default="")

    numbered_once = Unique(columns=["series", "number"])
    number_is_positive = Check("number > 0")


class ReceiptLine(Table, tablename="receipt_lines"):
    """A gift on a receipt. One live receipt per gift at most (a partial unique index on live lines)."""

    append_only = True
    updatable = ("live",)

    id = BigSerial(primary_key=True)
    receipt = ForeignKey(Receipt, null=False, on_delete=OnDelete.restrict, index=True)
    gift = ForeignKey(Gift, null=False, on_delete=OnDelete.restrict, index=True)
    amount = BigInt(default=None, null=False, required=True)
    benefit = BigInt(default=0)
    deductible = BigInt(default=None, null=False, required=True)
    live = Boolean(default=True, help_text="false once its receipt is void; all else stays")

    parts_fit = Check("amount >= 0 AND benefit >= 0 AND deductible BETWEEN 0 AND amount")


class ReceiptVoid(Table, tablename="receipt_voids"):
    """The receipt no longer stands; its number stays."""

    append_only = True

    receipt = ForeignKey(Receipt, null=False, on_delete=OnDelete.restrict, unique=True)
    reason = Text()
    at = Timestamptz(default=TimestamptzNow())
    voided_by = Varchar(length=200, default="")

    a_void_has_a_reason = Check("reason <> ''")


class ReceiptFile(Table, tablename="receipt_files"):
    """The PDF as it went out; the same bytes for ever."""

    append_only = True

    receipt = ForeignKey(Receipt, null=False, on_delete=OnDelete.restrict, unique=True)
    file = ForeignKey(StoredFile, null=False, on_delete=OnDelete.restrict)
    rendered_at = Timestamptz(default=TimestamptzNow())
