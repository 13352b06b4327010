"""The forms of gifts, refunds, funds, campaigns and appeals, in page order."""

import re
from datetime import date
from typing import Annotated, Any

import msgspec

from donations.tables import GiftKind, GiftMethod
from donations.words import CURRENCIES, DESCRIBED
from kit import money
from kit.forms import Amount, Choice, Day, Many, Text, Whole, Wrong, Yes
from kit.words import _


class GiftForm(msgspec.Struct, kw_only=True):
    """A gift as staff type it."""

    donor: Annotated[int | None, Whole()] = None
    donor_q: Annotated[str, Text()] = ""
    amount: Annotated[int, Amount(zero=True)]
    currency: Annotated[str, Text(max=3)]
    given_on: Annotated[date, Day(required=_("Type the day of the gift."))]
    method: Annotated[GiftMethod, Choice(GiftMethod, required=_("Choose how it came."))]
    cheque_number: Annotated[str, Text(max=40)] = ""
    cheque_date: Annotated[date | None, Day(future=True)] = None
    kind: Annotated[GiftKind, Choice(GiftKind, required=_("Choose what it is."))]
    in_kind_description: Annotated[str, Text(max=1000, lines=True)] = ""
    fund: Annotated[list[int | None], Many(Whole(), most=20)] = []
    part: Annotated[list[int | None], Many(Amount(required=False), most=20)] = []
    campaign: Annotated[int | None, Whole()] = None
    appeal: Annotated[int | None, Whole()] = None
    note: Annotated[str, Text(max=2000, lines=True)] = ""
    benefit_description: Annotated[str, Text(max=300)] = ""
    benefit_value: Annotated[int | None, Amount(required=False, zero=True)] = None
    received_on: Annotated[date | None, Day()] = None
    deposited_on: Annotated[date | None, Day()] = None
    anonymous: Annotated[bool, Yes()] = False
    receipt_wanted: Annotated[bool, Yes()] = False
    confirmed: Annotated[bool, Yes()] = False
    entry_key: Annotated[str, Text(max=64)] = ""

    def __post_init__(self) -> None:
        if self.currency not in CURRENCIES:
            raise Wrong(_("Choose a currency from the list."), "currency")
        if self.amount == 0 and self.kind.value not in DESCRIBED:
            raise Wrong(_("Type an amount above zero."), "amount")
        if self.kind.value in DESCRIBED and not self.in_kind_description:
            raise Wrong(_("Say what was given: 40 folding chairs, 25 shares of Acme."), "in_kind_description")
        if self.kind.value not in DESCRIBED:
            self.in_kind_description = ""
        if self.method is not GiftMethod.CHEQUE:
            self.cheque_number, self.cheque_date = "", None
        if self.benefit_value and not self.benefit_description:
            raise Wrong(_("Say what the donor got in return."), "benefit_description")
        if self.deposited_on and self.deposited_on < self.given_on:
            raise Wrong(_("It cannot be deposited before it was given."), "deposited_on")
        self.shares()

    def shares(self) -> list[tuple[int, int]]:
        """(fund, amount): one fund takes all; of several, one part may be left empty and takes the rest."""
        rows = [(fund, part) for fund, part in _rows(self.fund, self.part) if fund or part]
        if any(fund is None for fund, _part in rows):
            raise Wrong(_("Choose a fund for each part."), "fund")
        if len({fund for fund, _part in rows}) < len(rows):
            raise Wrong(_("A fund stands twice. Put its parts together."), "fund")
        told = sum(part or 0 for _fund, part in rows)
        off = self.amount - told
        empty = [place for place, (_fund, part) in enumerate(rows) if part is None]
        if len(empty) > 1:
            raise Wrong(_("Only one part may be left empty: it takes the rest."), "part")
        if rows and (off < 0 or (off and not empty) or (off == 0 and empty and len(rows) > 1)):
            raise Wrong(_difference(told, off, self.currency), "part")
        return [(fund or 0, off if part is None else part) for fund, part in rows]


def _rows(funds: list[int | None], parts: list[int | None]) -> list[tuple[int | None, int | None]]:
    longest = max(len(funds), len(parts))
    return list(
        zip(funds + [None] * (longest - len(funds)), parts + [None] * (longest - len(parts)), strict=True)
    )


def _difference(told: int, off: int, currency: str) -> str:
    sum_of = money.show(told, currency)
    if off > 0:
        return _("The parts come to {sum}: {off} is missing.", sum=sum_of, off=money.show(off, currency))
    if off < 0:
        return _("The parts come to {sum}: {off} too much.", sum=sum_of, off=money.show(-off, currency))
    return _("The parts come to {sum} already: nothing is left for the empty one.", sum=sum_of)


class CorrectionForm(GiftForm, kw_only=True):
    """The same for a gift that is there: which version was looked at, and why it changes."""

    version: Annotated[int, Whole(required=_("Open the page anew."))]
    reason: Annotated[str, Text(max=500)] = ""


class MoveForm(msgspec.Struct, kw_only=True):
    donor: Annotated[int | None, Whole()] = None
    donor_q: Annotated[str, Text()] = ""
    version: Annotated[int, Whole(required=_("Open the page anew."))]
    reason: Annotated[str, Text(max=500)] = ""
    confirmed: Annotated[bool, Yes()] = False


class RefundForm(msgspec.Struct, kw_only=True):
    amount: Annotated[int, Amount()]
    reason: Annotated[str, Text(max=500, required=_("Say why the money goes back."))]
    via: Annotated[str, Choice(("record", "stripe"), required=_("Choose how it goes back."))] = "record"
    refunded_on: Annotated[date | None, Day()] = None
    entry_key: Annotated[str, Text(max=64)] = ""


class ReasonForm(msgspec.Struct):
    """A deed that wants to know why: a void, a bounced cheque."""

    reason: Annotated[str, Text(max=500, required=_("Say why: the history keeps it."))]


class DepositForm(msgspec.Struct):
    deposited_on: Annotated[date, Day(required=_("Type the day it went to the bank."))]


class FundForm(msgspec.Struct, kw_only=True):
    name: Annotated[str, Text(max=150, required=_("Type the name of the fund."))]
    account_code: Annotated[str, Text(max=40)] = ""
    description: Annotated[str, Text(max=1000, lines=True)] = ""
    restricted: Annotated[bool, Yes()] = False
    is_general: Annotated[bool, Yes()] = False
    public: Annotated[bool, Yes()] = False
    version: Annotated[int | None, Whole()] = None

    def __post_init__(self) -> None:
        if self.is_general and self.restricted:
            raise Wrong(_("The general fund cannot be restricted."), "restricted")


class CampaignForm(msgspec.Struct, kw_only=True):
    name: Annotated[str, Text(max=150, required=_("Type the name of the campaign."))]
    goal: Annotated[int | None, Amount(required=False)] = None
    starts_on: Annotated[date | None, Day(future=True)] = None
    ends_on: Annotated[date | None, Day(future=True)] = None
    fund: Annotated[int | None, Whole()] = None
    slug: Annotated[str, Text(max=80)] = ""
    heading: Annotated[str, Text(max=200)] = ""
    text: Annotated[str, Text(max=5000, lines=True)] = ""
    public: Annotated[bool, Yes()] = False
    version: Annotated[int | None, Whole()] = None

    def __post_init__(self) -> None:
        self.slug = _slug(self.slug)
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise Wrong(_("It cannot end before it begins."), "ends_on")


def _slug(typed: str) -> str:
    slug = typed.strip().strip("/").lower()
    if slug and not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", slug, re.ASCII):
        raise Wrong(_("Use small letters, digits and single hyphens: clean-water-2026."), "slug")
    return slug


class AppealForm(msgspec.Struct, kw_only=True):
    name: Annotated[str, Text(max=150, required=_("Type the name of the appeal."))]
    source_code: Annotated[str, Text(max=40, required=_("Type the code that stands on its reply slips."))]
    asked_on: Annotated[date | None, Day(future=True)] = None
    version: Annotated[int | None, Whole()] = None


def as_typed(row: dict[str, Any], currency: str, *amounts: str) -> dict[str, Any]:
    """A row as one would type it into its form."""
    typed = {}
    for name, value in row.items():
        if name in amounts:
            typed[name] = "" if value is None else money.plain(value, currency)
        elif isinstance(value, bool):
            typed[name] = "yes" if value else ""
        else:
            typed[name] = "" if value is None else str(value)
    return typed
