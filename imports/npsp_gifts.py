"""The money of an NPSP export: funds, campaigns, gifts with their splits and soft credits, pledges still open.

The opportunity's amount is the truth. Payments tell the method, and what of a pledge is still to come; where they
do not add up to the opportunity, that is said and the opportunity stands.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date

from imports import cells
from imports.npsp_accounts import record_type, record_type_names
from imports.npsp_credits import donor_of, donors_beside, soft_credits
from imports.npsp_payments import Attached, Payment, attached
from imports.npsp_people import People, Reader
from imports.npsp_read import Export, Row
from imports.npsp_shares import shares
from imports.npsp_stages import meaning
from imports.plan import Campaign, Fund, Gift, Instalment, Key, Line, Plan, Pledge, shared
from kit import money
from kit.words import _, ngettext

_METHODS = {
    "cash": "cash",
    "check": "cheque",
    "cheque": "cheque",
    "credit card": "card",
    "debit card": "card",
    "card": "card",
    "ach": "bank_debit",
    "eft": "bank_debit",
    "ach/eft": "bank_debit",
    "direct debit": "bank_debit",
    "bank debit": "bank_debit",
    "wire": "transfer",
    "wire transfer": "transfer",
    "bank transfer": "transfer",
    "transfer": "transfer",
}
_STOCK = ("stock", "stocks", "securities", "stock transfer", "stocks / securities")


class Ledger:
    """What planning the money needs at hand, and what it counts on the way."""

    def __init__(
        self, export: Export, plan: Plan, people: People, told: Mapping[str, str], currency: str
    ) -> None:
        self.export, self.plan, self.people, self.told, self.currency = export, plan, people, told, currency
        self.attached: Attached = attached(export, plan)
        self.record_types = record_type_names(export)
        self.odd_roles: Counter[str] = Counter()
        self.donors_beside = 0
        self.seen_currencies: dict[str, str] = {}


def plan_money(export: Export, plan: Plan, people: People, told: Mapping[str, str], currency: str) -> None:
    """Fill the plan's funds, campaigns, gifts and pledges. `currency` is that of rows which name none."""
    _funds(export, plan)
    _campaigns(export, plan)
    ledger = Ledger(export, plan, people, told, currency)
    for row in export.rows("Opportunity"):
        _opportunity(row, ledger)
        ledger.attached.forget(row.id())
    _recurring(export, plan)
    for role, count in sorted(ledger.odd_roles.items()):
        plan.remark(
            _(
                "The role “{role}” ({count} times) is not a known one and gives no soft credit.",
                role=role,
                count=count,
            ),
            "OpportunityContactRole.csv",
        )
    if ledger.donors_beside:
        text = ngettext(
            "{count} gift of an organisation names a person as its donor: the organisation gave it.",
            "{count} gifts of organisations name a person as their donor: the organisations gave them.",
            ledger.donors_beside,
        )
        plan.remark(text, "OpportunityContactRole.csv")


def _recurring(export: Export, plan: Plan) -> None:
    if count := sum(1 for _row in export.rows("Recurring_Donation")):
        text = ngettext(
            "{count} recurring donation is not taken over; its gifts and open pledges are.",
            "{count} recurring donations are not taken over; their gifts and open pledges are.",
            count,
        )
        plan.remark(text, export.tables["Recurring_Donation"].file)


def _funds(export: Export, plan: Plan) -> None:
    """Two of one name stay two funds: the second is told apart by a number."""
    seen: Counter[str] = Counter()
    for row in export.rows("General_Accounting_Unit"):
        read = Reader(plan, row)
        name = read.text("Name", 140)
        if not name:
            read.fault(_("The name is missing."), "Name")
        alike = " ".join(name.split()).casefold()
        seen[alike] += 1
        if seen[alike] > 1:
            read.remark(
                _("Another fund has the same name “{name}”, so this one gets a number.", name=name), "Name"
            )
            name = f"{name} ({seen[alike]})"
        is_open = read.truth("npsp__Active__c") is not False
        description = read.text("npsp__Description__c", 100_000)
        key = ("General_Accounting_Unit", row.id())
        plan.funds.append(Fund(key=key, name=name, description=description, open=is_open))


def _campaigns(export: Export, plan: Plan) -> None:
    for row in export.rows("Campaign"):
        read = Reader(plan, row)
        name = read.text("Name", 150)
        if not name:
            read.fault(_("The name is missing."), "Name")
        starts, ends = read("StartDate", cells.day, None), read("EndDate", cells.day, None)
        if starts and ends and ends < starts:
            read.remark(_("It ends before it starts, so its end is left out."), "EndDate")
            ends = None
        plan.campaigns.append(
            Campaign(
                key=("Campaign", row.id()),
                name=name,
                text=read.text("Description", 100_000),
                starts_on=starts,
                ends_on=ends,
                open=read.truth("IsActive") is not False,
            )
        )


def _opportunity(row: Row, ledger: Ledger) -> None:
    read = Reader(ledger.plan, row)
    try:
        what = meaning(row, ledger.told)
    except ValueError as strange:
        read.fault(str(strange), "IsWon")
        return
    currency = _currency(row, read, ledger)
    amount = read("Amount", lambda cell: cells.amount(cell, currency), None)
    if what is None:
        stage = row["StageName"] or _("(no stage)")
        ledger.plan.unknown_stages[stage] = ledger.plan.unknown_stages.get(stage, 0) + 1
    elif reason := _why_skipped(what, amount):
        _skip(row, amount, currency, reason, ledger)
        ledger.plan.not_gifts[("Opportunity", row.id())] = reason
    elif amount is not None:
        _take(row, read, what, amount, currency, ledger)


def _currency(row: Row, read: Reader, ledger: Ledger) -> str:
    said = row["CurrencyIsoCode"].upper()
    if not said:
        return ledger.currency
    if len(said) != 3 or not (said.isascii() and said.isalpha()):
        read.fault(_("“{said}” is not a currency code.", said=said[:20]), "CurrencyIsoCode")
        return ledger.currency
    return said


def _why_skipped(what: str, amount: int | None) -> str:
    if what == "lost":
        return _("lost")
    if what == "open":
        return _("asked for, and neither won nor promised")
    if amount is None:
        return _("no amount")
    if amount == 0:
        return _("the amount is zero")
    return _("the amount is negative") if amount < 0 else ""


def _skip(row: Row, amount: int | None, currency: str, reason: str, ledger: Ledger) -> None:
    shown = money.show(amount, currency) if amount is not None else _("no amount")
    text = _(
        "“{name}”, {amount}, stage {stage}: {reason}.",
        name=row["Name"] or row.id(),
        amount=shown,
        stage=row["StageName"] or "–",
        reason=reason,
    )
    paid = sum(
        _amount(payment, currency, ledger)
        for payment in ledger.attached.payments.get(row.id(), ())
        if payment.paid
    )
    if paid:
        text += " " + _(
            "Payments of {paid} are marked as paid all the same.", paid=money.show(paid, currency)
        )
    ledger.plan.skipped.append(Line(text, row.table.file, row.number))


def _take(row: Row, read: Reader, what: str, amount: int, currency: str, ledger: Ledger) -> None:
    given_on = read("CloseDate", cells.day, None)
    if given_on is None:
        if not row["CloseDate"]:
            read.fault(_("The date is missing."), "CloseDate")
        return
    roles = ledger.attached.roles.get(row.id(), [])
    donor = donor_of(row, ledger.people, roles)
    if donor is None:
        read.fault(_("It names neither an account nor a contact, so nobody gave it."), "AccountId")
        return
    ledger.donors_beside += bool(donors_beside(donor, ledger.people, roles))
    payments = [payment for payment in ledger.attached.payments.get(row.id(), ()) if payment.amount]
    if what == "gift":
        _gift(row, read, donor, amount, currency, given_on, payments, ledger)
    else:
        _pledge(row, read, donor, amount, currency, given_on, payments, ledger)


def _gift(
    row: Row,
    read: Reader,
    donor: Key,
    amount: int,
    currency: str,
    given_on: date,
    payments: list[Payment],
    ledger: Ledger,
) -> None:
    paid = [payment for payment in payments if payment.paid and not payment.written_off]
    total = sum(_amount(payment, currency, ledger) for payment in paid)
    if payments and total != amount:
        _warn(row, amount, total, currency, ledger, _("paid payments"))
    kind, in_kind = _kind(row, read, paid, ledger)
    ledger.plan.gifts.append(
        Gift(
            key=("Opportunity", row.id()),
            donor=donor,
            amount=amount,
            currency=currency,
            given_on=given_on,
            kind=kind,
            method=_method(paid),
            splits=shares(row.id(), amount, amount, currency, ledger.attached, ledger.plan),
            soft_credits=soft_credits(
                row, donor, amount, currency, ledger.attached, ledger.plan, ledger.odd_roles
            ),
            campaign=_campaign(row),
            cheque_number=_reference(paid),
            in_kind_description=in_kind,
            note=_note(row, read),
            thanked_on=read("npsp__Acknowledgment_Date__c", cells.day, None),
        )
    )


def _pledge(
    row: Row,
    read: Reader,
    donor: Key,
    amount: int,
    currency: str,
    due_on: date,
    payments: list[Payment],
    ledger: Ledger,
) -> None:
    """An open promise. What of it is paid already was received: a gift each, which its instalment names."""
    live = [(payment, _amount(payment, currency, ledger)) for payment in payments if not payment.written_off]
    live = [(payment, units) for payment, units in live if units > 0]
    promised = sum(units for _payment, units in live)
    if payments and promised != amount:
        _warn(row, amount, promised, currency, ledger, _("payments"))
    instalments = []
    for payment, units in live:
        gift = (
            _paid_instalment(row, read, donor, payment, units, amount, currency, due_on, ledger)
            if payment.paid
            else None
        )
        instalments.append(
            Instalment(_as_day(payment.due_on) or _as_day(payment.paid_on) or due_on, units, gift)
        )
    paid = sum(units for payment, units in live if payment.paid)
    funds = shares(row.id(), amount, amount, currency, ledger.attached, ledger.plan)
    ledger.plan.not_gifts[("Opportunity", row.id())] = _("promised")
    ledger.plan.pledges.append(
        Pledge(
            key=("Pledge", row.id()),
            donor=donor,
            amount=amount,
            currency=currency,
            paid_amount=paid,
            due_on=due_on,
            instalments=tuple(_summing(instalments, amount, due_on)),
            fund=funds[0].fund if len(funds) == 1 else None,
            campaign=_campaign(row),
            note=_note(row, read),
        )
    )


def _paid_instalment(
    row: Row,
    read: Reader,
    donor: Key,
    payment: Payment,
    units: int,
    whole: int,
    currency: str,
    due_on: date,
    ledger: Ledger,
) -> Key:
    kind, in_kind = _kind(row, read, [payment], ledger)
    ledger.plan.gifts.append(
        Gift(
            key=payment.key,
            donor=donor,
            amount=units,
            currency=currency,
            given_on=_as_day(payment.paid_on) or _as_day(payment.due_on) or due_on,
            kind=kind,
            method=_method([payment]),
            splits=shares(row.id(), units, whole, currency, ledger.attached, ledger.plan),
            campaign=_campaign(row),
            cheque_number=_reference([payment]),
            in_kind_description=in_kind,
            note=_note(row, read),
        )
    )
    return payment.key


def _summing(instalments: list[Instalment], amount: int, due_on: date) -> list[Instalment]:
    """Instalments that sum to the pledge: a rest is added, an excess taken from the last unpaid ones."""
    rest = amount - sum(instalment.amount for instalment in instalments)
    if rest > 0:
        return [*instalments, Instalment(due_on, rest)]
    kept: list[Instalment] = []
    for instalment in reversed(instalments):
        cut = min(-rest, instalment.amount) if instalment.gift is None else 0
        rest += cut
        if instalment.amount > cut:
            kept.insert(0, Instalment(instalment.due_on, instalment.amount - cut, instalment.gift))
    return kept


def _warn(row: Row, amount: int, total: int, currency: str, ledger: Ledger, of_what: str) -> None:
    text = _(
        "“{name}” is {amount}, but its {of_what} add up to {total}. The opportunity counts.",
        name=row["Name"] or row.id(),
        amount=money.show(amount, currency),
        of_what=of_what,
        total=money.show(total, currency),
    )
    ledger.plan.payment_warnings.append(Line(text, row.table.file, row.number, "Amount"))


def _amount(payment: Payment, currency: str, ledger: Ledger) -> int:
    try:
        return cells.amount(payment.amount, currency) or 0
    except ValueError as wrong:
        fault = Line(str(wrong), "OppPayment.csv", payment.row, "npe01__Payment_Amount__c")
        if fault not in ledger.plan.faults[-50:]:
            ledger.plan.faults.append(fault)
        return 0


def _as_day(said: object) -> date | None:
    return said if isinstance(said, date) else None


def _method(paid: list[Payment]) -> str:
    methods = {_METHODS.get(" ".join(payment.method.casefold().split()), "other") for payment in paid}
    return methods.pop() if len(methods) == 1 else "other"


def _reference(paid: list[Payment]) -> str:
    """The one cheque number; several stay in the source."""
    numbers = {payment.reference for payment in paid if payment.reference}
    return numbers.pop()[:40] if len(numbers) == 1 else ""


def _kind(row: Row, read: Reader, paid: list[Payment], ledger: Ledger) -> tuple[str, str]:
    """Cash unless the export says otherwise, and the description that goods need."""
    name = record_type(row, ledger.record_types).casefold().replace("_", " ").replace("-", " ")
    description = read.text("npsp__In_Kind_Description__c", 100_000) or row["npsp__In_Kind_Type__c"]
    if description or "in kind" in name:
        return "in_kind", description or row["Name"] or _("In kind")
    if "matching gift" in name:
        return "match", ""
    if any(payment.method.casefold() in _STOCK for payment in paid):
        return "stock", ""
    return "cash", ""


def _campaign(row: Row) -> Key | None:
    return shared("Campaign", row.id("CampaignId")) if row["CampaignId"] else None


def _note(row: Row, read: Reader) -> str:
    return "\n".join(filter(None, (read.text("Name", 10_000), read.text("Description", 100_000))))
