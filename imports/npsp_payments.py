"""What hangs on an opportunity: its payments, roles, allocations and soft credits, collected by its id."""

from decimal import Decimal
from sys import intern
from typing import TypeVar

import msgspec

from imports import cells
from imports.npsp_people import Reader
from imports.npsp_read import Export
from imports.plan import Key, Plan

T = TypeVar("T")


class Payment(msgspec.Struct, frozen=True, gc=False):
    key: Key
    amount: str
    paid: bool
    written_off: bool
    due_on: object
    paid_on: object
    method: str
    reference: str
    row: int


class Role(msgspec.Struct, frozen=True, gc=False):
    contact: str
    role: str
    primary: bool


class Allocation(msgspec.Struct, frozen=True, gc=False):
    fund: str
    amount: str
    percent: Decimal | None
    row: int


class Credit(msgspec.Struct, frozen=True, gc=False):
    to: Key
    role: str
    amount: str
    row: int


class Attached(msgspec.Struct):
    """By opportunity. Amounts are still text here: their currency is the opportunity's."""

    payments: dict[str, list[Payment]]
    roles: dict[str, list[Role]]
    allocations: dict[str, list[Allocation]]
    credits: dict[str, list[Credit]]

    def forget(self, opportunity: str) -> None:
        """Its row is planned: what hung on it is not needed any more."""
        for table in (self.payments, self.roles, self.allocations, self.credits):
            table.pop(opportunity, None)


def attached(export: Export, plan: Plan) -> Attached:
    found = Attached({}, {}, {}, {})
    _payments(export, plan, found)
    for row in export.rows("OpportunityContactRole"):
        primary = bool(Reader(plan, row).truth("IsPrimary"))
        _add(found.roles, row.id("OpportunityId"), Role(row.id("ContactId"), intern(row["Role"]), primary))
    for row in export.rows("Allocation"):
        share = Reader(plan, row)("npsp__Percent__c", cells.percent, None)
        fund = row.id("npsp__General_Accounting_Unit__c")
        _add(
            found.allocations,
            row.id("npsp__Opportunity__c"),
            Allocation(fund, row["npsp__Amount__c"], share, row.number),
        )
    for row in export.rows("Partial_Soft_Credit"):
        credit = Credit(
            ("Contact", row.id("npsp__Contact__c")),
            row["npsp__Role_Name__c"],
            row["npsp__Amount__c"],
            row.number,
        )
        _add(found.credits, row.id("npsp__Opportunity__c"), credit)
    for row in export.rows("Account_Soft_Credit"):
        credit = Credit(
            ("Account", row.id("npsp__Account__c")), row["npsp__Role__c"], row["npsp__Amount__c"], row.number
        )
        _add(found.credits, row.id("npsp__Opportunity__c"), credit)
    return found


def _payments(export: Export, plan: Plan, found: Attached) -> None:
    for row in export.rows("OppPayment"):
        read = Reader(plan, row)
        payment = Payment(
            key=("OppPayment", row.id()),
            amount=intern(row["npe01__Payment_Amount__c"]),
            paid=bool(read.truth("npe01__Paid__c")),
            written_off=bool(read.truth("npe01__Written_Off__c")),
            due_on=read("npe01__Scheduled_Date__c", cells.day, None),
            paid_on=read("npe01__Payment_Date__c", cells.day, None),
            method=intern(row["npe01__Payment_Method__c"]),
            reference=row["npe01__Check_Reference_Number__c"],
            row=row.number,
        )
        _add(found.payments, row.id("npe01__Opportunity__c"), payment)


def _add(table: dict[str, list[T]], opportunity: str, one: T) -> None:
    if opportunity:
        table.setdefault(opportunity, []).append(one)
