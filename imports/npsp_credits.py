"""Who gave, and who else is thanked for it.

The legal donor of an organisation's gift is the organisation, as in NPSP's own hard credit, even where a person is
named as primary contact: NPSP writes that person's role by itself, and it said Donor for years. Otherwise the donor is
the person named; a household only where nobody is.

Soft credit comes from two places that tell of the same thing: roles on the opportunity (the whole amount) and
partial soft credits (an amount of their own, which counts). Nobody is credited twice for one gift, nor beside
giving it; sharing a household is no merit.
"""

from collections import Counter

from imports import cells
from imports.npsp_payments import Attached, Credit, Role
from imports.npsp_people import People
from imports.npsp_read import Row
from imports.npsp_stages import folded, known_roles
from imports.plan import Key, Plan, SoftCredit
from kit.words import _


def donor_of(row: Row, people: People, roles: list[Role]) -> Key | None:
    """The one legal donor; None where the source names neither an account nor a person."""
    account = row.id("AccountId")
    if account in people.organisations:
        return ("Account", account)
    contact = row.id("npsp__Primary_Contact__c") or _by_role(roles) or row.id("ContactId")
    if contact:
        return ("Contact", contact)
    return ("Account", account) if account else None


def _by_role(roles: list[Role]) -> str:
    """The one person who is marked as primary, else the one who is called the donor."""
    for named in (
        {role.contact for role in roles if role.primary},
        {role.contact for role in roles if _is_donor(role)},
    ):
        if len(named) == 1:
            return named.pop()
    return ""


def _is_donor(role: Role) -> bool:
    return known_roles().get(folded(role.role)) == "donor"


def donors_beside(donor: Key, people: People, roles: list[Role]) -> set[str]:
    """People whom the source calls the donor of an organisation's gift: they get no credit for it, there or here."""
    if donor[0] != "Account" or donor[1] not in people.organisations:
        return set()
    return {role.contact for role in roles if role.contact and _is_donor(role)}


def soft_credits(
    row: Row, donor: Key, amount: int, currency: str, attached: Attached, plan: Plan, odd: Counter[str]
) -> tuple[SoftCredit, ...]:
    """One per constituent: the partial amount if there is one, else the whole gift by role."""
    found: dict[Key, SoftCredit] = {}
    for credit in attached.credits.get(row.id(), ()):
        if credit.to == donor or not credit.to[1] or known_roles().get(folded(credit.role)) == "household":
            continue
        units = _units(credit, amount, currency, plan)
        if units > 0:
            before = found[credit.to].amount if credit.to in found else 0
            found[credit.to] = SoftCredit(credit.to, before + units, credit.role[:60])
    for role in attached.roles.get(row.id(), ()):
        kind = known_roles().get(folded(role.role))
        if kind is None and role.role:
            odd[role.role] += 1
        to = ("Contact", role.contact)
        if kind == "soft credit" and role.contact and to != donor and to not in found:
            found[to] = SoftCredit(to, amount, role.role[:60])
    return tuple(sorted(found.values(), key=lambda credit: credit.to))


def _units(credit: Credit, amount: int, currency: str, plan: Plan) -> int:
    """An empty amount is the whole gift. One that is larger than the gift is said, and kept as the source has it."""
    file, column = (
        ("Partial_Soft_Credit.csv" if credit.to[0] == "Contact" else "Account_Soft_Credit.csv"),
        "npsp__Amount__c",
    )
    try:
        units = cells.amount(credit.amount, currency)
    except ValueError as wrong:
        plan.fault(str(wrong), file, credit.row, column)
        return 0
    if units is None:
        return amount
    if units > amount:
        plan.remark(_("The soft credit is more than the gift."), file, credit.row, column)
    if units <= 0:
        plan.remark(_("A soft credit of zero or less is left out."), file, credit.row, column)
    return units
