"""The people of an NPSP export: accounts and contacts, their addresses and how they belong together."""

from collections.abc import Callable
from typing import TypeVar

import msgspec

from constituents import names
from imports import cells
from imports.npsp_accounts import households
from imports.npsp_read import Export, Row
from imports.plan import Address, Constituent, EmailAddress, Key, PhoneNumber, Plan, Relationship
from kit.words import _

T = TypeVar("T")

_EMAILS = (
    ("npe01__HomeEmail__c", "home", "personal"),
    ("npe01__WorkEmail__c", "work", "work"),
    ("npe01__AlternateEmail__c", "other", "alternate"),
)
_PHONES = (
    ("HomePhone", "home", "home"),
    ("MobilePhone", "mobile", "mobile"),
    ("npe01__WorkPhone__c", "work", "work"),
    ("OtherPhone", "other", "other"),
)
_ADDRESS_KINDS = {"home": "home", "work": "work", "other": "other", "vacation residence": "other"}


class People(msgspec.Struct):
    """Who there is, for whoever points at them: the kind of each account, and the account of each contact."""

    households: set[str]
    organisations: set[str]
    account_of: dict[str, str]


class Reader:
    """Reads cells of one row into values; what cannot be read becomes a fault at its place."""

    def __init__(self, plan: Plan, row: Row) -> None:
        self._plan, self._row = plan, row

    def __call__(self, column: str, parse: Callable[[str], T], otherwise: T) -> T:
        try:
            return parse(self._row[column])
        except ValueError as wrong:
            self.fault(str(wrong), column)
            return otherwise

    def text(self, column: str, most: int) -> str:
        return self(column, lambda cell: cells.text(cell, most), "") if self._row[column] else ""

    def truth(self, column: str) -> bool | None:
        return self(column, lambda _cell: self._row.truth(column), None)

    def fault(self, sentence: str, column: str | None = None) -> None:
        self._plan.fault(sentence, self._row.table.file, self._row.number, column)

    def remark(self, sentence: str, column: str | None = None) -> None:
        self._plan.remark(sentence, self._row.table.file, self._row.number, column)


def plan_people(export: Export, plan: Plan, region: str) -> People:
    """Fill the plan's constituents, addresses and relationships. `region` is where a phone number without a country code is."""
    at_home = households(export)
    people = People(at_home, set(), {})
    for row in export.rows("Account"):
        _account(row, plan, people, region)
    for row in export.rows("Contact"):
        _contact(row, plan, people, region)
    _addresses(export, plan, people)
    _relationships(export, plan, people)
    return people


def _account(row: Row, plan: Plan, people: People, region: str) -> None:
    read = Reader(plan, row)
    is_household = row.id() in people.households
    if not is_household:
        people.organisations.add(row.id())
    name = read.text("Name", 300)
    if not name:
        read.fault(_("The name is missing."), "Name")
        return
    kind = "household" if is_household else "organisation"
    main = "home" if is_household else "work"
    phones = _phones(
        read, row, [("Phone", main), ("npo02__HouseholdPhone__c", "home"), ("Fax", "fax")], "", region
    )
    plan.constituents.append(
        Constituent(
            key=("Account", row.id()),
            kind=kind,
            name=name,
            sort_key=names.sort_key(kind, name),
            greeting=read.text("npo02__Informal_Greeting__c", 200),
            website=read.text("Website", 300),
            phones=phones,
            note=read.text("Description", 100_000),
        )
    )


def _contact(row: Row, plan: Plan, people: People, region: str) -> None:
    read = Reader(plan, row)
    people.account_of[row.id()] = row.id("AccountId")
    given, family = read.text("FirstName", 200), read.text("LastName", 200)
    middle, suffix = read.text("MiddleName", 200), read.text("Suffix", 40)
    if not given and not family:
        read.fault(_("The name is missing."), "LastName")
        return
    name = names.display(given=given, middle=middle, family=family, suffix=suffix)
    home = row.id("AccountId") if row.id("AccountId") in people.households else ""
    preferred = row["npe01__PreferredPhone__c"].casefold()
    main = "home" if home else "work"
    phones = [(column, kind) for column, kind, _said in _PHONES]
    chosen = next((column for column, _kind, said in _PHONES if said == preferred), "Phone")
    plan.constituents.append(
        Constituent(
            key=("Contact", row.id()),
            kind="person",
            name=name,
            sort_key=names.sort_key("person", name, given, middle, family),
            prefix=read.text("Salutation", 40),
            given_name=given,
            middle_name=middle,
            family_name=family,
            suffix=suffix,
            job_title=read.text("Title", 200),
            deceased=bool(read.truth("npsp__Deceased__c")),
            emails=_emails(read, row),
            phones=_phones(read, row, [*phones, ("Phone", main), ("Fax", "fax")], chosen, region),
            household=("Account", home) if home else None,
            note=read.text("Description", 100_000),
        )
    )


def _emails(read: Reader, row: Row) -> tuple[EmailAddress, ...]:
    preferred = row["npe01__Preferred_Email__c"].casefold()
    chosen = next((column for column, _kind, said in _EMAILS if said == preferred and row[column]), "Email")
    found: dict[str, EmailAddress] = {}
    for column, kind in [(column, kind) for column, kind, _said in _EMAILS] + [("Email", "home")]:
        if not row[column]:
            continue
        normal = cells.email_normal(row[column])
        if normal is None:
            read.remark(_("“{said}” is no e-mail address and is left out.", said=row[column][:80]), column)
            continue
        is_chosen = column == chosen
        if normal in found:
            kept = found[normal]
            found[normal] = msgspec.structs.replace(kept, preferred=kept.preferred or is_chosen)
        else:
            found[normal] = EmailAddress(row[column], normal, kind, is_chosen)
    return _one_preferred(tuple(found.values()))


def _phones(
    read: Reader, row: Row, columns: list[tuple[str, str]], chosen: str, region: str
) -> tuple[PhoneNumber, ...]:
    found: dict[tuple[str, str], PhoneNumber] = {}
    for column, kind in columns:
        if not row[column]:
            continue
        number, extension, is_valid = cells.phone(row[column], region)
        if len(number) > 40 or len(extension) > 20:
            read.remark(
                _("“{said}” is too long for a phone number and is left out.", said=row[column][:80]), column
            )
            continue
        is_chosen = column == chosen
        if kept := found.get((number, extension)):
            found[number, extension] = msgspec.structs.replace(kept, preferred=kept.preferred or is_chosen)
        else:
            found[number, extension] = PhoneNumber(number, extension, is_valid, kind, is_chosen)
    return _one_preferred(tuple(found.values()))


E_ = TypeVar("E_", EmailAddress, PhoneNumber)


def _one_preferred(listed: tuple[E_, ...]) -> tuple[E_, ...]:
    """Exactly one, if there is any: the chosen one, else the first that is not a fax."""
    if not listed:
        return listed
    first = next((one for one in listed if one.preferred), None)
    first = first or next((one for one in listed if one.kind != "fax"), listed[0])
    return tuple(msgspec.structs.replace(one, preferred=one is first) for one in listed)


# Addresses ------------------------------------------------------------------------------------------------


def _addresses(export: Export, plan: Plan, people: People) -> None:
    """Address rows first, then what accounts and contacts say beside them; the same address is stored once."""
    found: dict[tuple[object, ...], Address] = {}
    for row in export.rows("Address"):
        read = Reader(plan, row)
        street = "\n".join(
            filter(None, (read.text("npsp__MailingStreet__c", 400), read.text("npsp__MailingStreet2__c", 99)))
        )
        season = _season(row, read)
        kind = _ADDRESS_KINDS.get(row["npsp__Address_Type__c"].casefold(), "home")
        _keep(
            found,
            _address(
                read,
                ("Address", row.id()),
                ("Account", row.id("npsp__Household_Account__c")),
                "npsp__Mailing{}__c",
                street,
                "seasonal" if season else kind,
                bool(read.truth("npsp__Default_Address__c")) and not season,
                season,
            ),
        )
    for row in export.rows("Account"):
        kind = "home" if row.id() in people.households else "work"
        read = Reader(plan, row)
        _keep(
            found,
            _address(
                read,
                ("Account.Billing", row.id()),
                ("Account", row.id()),
                "Billing{}",
                read.text("BillingStreet", 500),
                kind,
            ),
        )
    _contact_addresses(export, plan, people, found)
    plan.addresses += _preferred_ones(list(found.values()))


def _contact_addresses(
    export: Export, plan: Plan, people: People, found: dict[tuple[object, ...], Address]
) -> None:
    """NPSP copies the household's address to each member: only one that differs is the person's own."""
    for row in export.rows("Contact"):
        read = Reader(plan, row)
        own = _address(
            read,
            ("Contact.Mailing", row.id()),
            ("Contact", row.id()),
            "Mailing{}",
            read.text("MailingStreet", 500),
            "home",
        )
        if own is None:
            continue
        shared = msgspec.structs.replace(own, of=("Account", people.account_of[row.id()]))
        if shared.says() not in found:
            _keep(found, own)


def _address(
    read: Reader,
    key: Key,
    of: Key,
    column: str,
    street: str,
    kind: str,
    preferred: bool = False,
    season: tuple[int, int, int, int] | None = None,
) -> Address | None:
    address = Address(
        key=key,
        of=of,
        street=street,
        kind=kind,
        preferred=preferred,
        season=season,
        city=read.text(column.format("City"), 150),
        region=read.text(column.format("State"), 150),
        postal_code=read.text(column.format("PostalCode"), 40),
        country=read(column.format("Country"), cells.country, ""),
    )
    says_something = street or address.city or address.region or address.postal_code or address.country
    return address if says_something else None


def _keep(found: dict[tuple[object, ...], Address], address: Address | None) -> None:
    if address is None:
        return
    same = found.get(address.says())
    if same is None:
        found[address.says()] = address
    else:
        found[address.says()] = msgspec.structs.replace(
            same, aliases=(*same.aliases, address.key), preferred=same.preferred or address.preferred
        )


def _season(row: Row, read: Reader) -> tuple[int, int, int, int] | None:
    columns = ("Start_Month", "Start_Day", "End_Month", "End_Day")
    parts = [read(f"npsp__Seasonal_{column}__c", cells.whole, None) for column in columns]
    if all(part is None for part in parts):
        return None
    months, days = (parts[0], parts[2]), (parts[1], parts[3])
    if all(part is not None and 1 <= part <= 12 for part in months) and all(
        part is not None and 1 <= part <= 31 for part in days
    ):
        return tuple(parts)  # type: ignore[return-value]
    read.remark(
        _("The season is not whole (a day and a month on both sides), so the address is kept without it.")
    )
    return None


def _preferred_ones(addresses: list[Address]) -> list[Address]:
    """One preferred address each: the one that says so, else the account's own billing address, else the first."""
    best: dict[Key, tuple[int, int]] = {}
    for at, address in enumerate(addresses):
        own = any(key[0] in ("Account.Billing", "Contact.Mailing") for key in (address.key, *address.aliases))
        rank = 3 if address.season else 0 if address.preferred else 1 if own else 2
        best[address.of] = min(best.get(address.of, (9, 0)), (rank, at))
    return [
        msgspec.structs.replace(
            address, preferred=best[address.of] == (best[address.of][0], at) and best[address.of][0] < 3
        )
        for at, address in enumerate(addresses)
    ]


# Relationships --------------------------------------------------------------------------------------------


def _relationships(export: Export, plan: Plan, people: People) -> None:
    found: dict[tuple[Key, Key, str], Relationship] = {}
    for row in export.rows("Relationship"):
        kind = Reader(plan, row).text("npe4__Type__c", 60) or _("Related")
        former = row["npe4__Status__c"].casefold() == "former"
        of, other = ("Contact", row.id("npe4__Contact__c")), ("Contact", row.id("npe4__RelatedContact__c"))
        if of[1] and other[1]:
            _relate(
                found,
                Relationship(key=("Relationship", row.id()), of=of, other=other, kind=kind, former=former),
                plan,
                row,
            )
    for row in export.rows("Affiliation"):
        kind = Reader(plan, row).text("npe5__Role__c", 60) or _("Affiliation")
        former = row["npe5__Status__c"].casefold() == "former"
        of, other = ("Contact", row.id("npe5__Contact__c")), ("Account", row.id("npe5__Organization__c"))
        if of[1] and other[1]:
            _relate(
                found,
                Relationship(key=("Affiliation", row.id()), of=of, other=other, kind=kind, former=former),
                plan,
                row,
            )
    affiliated = {
        (one.of, one.other) for one in found.values() if one.other[0] == "Account" and not one.former
    }
    for row in export.rows("Contact"):
        of = ("Contact", row.id())
        for column, kind in (
            ("npsp__Primary_Affiliation__c", _("Primary affiliation")),
            ("AccountId", _("Affiliation")),
        ):
            other = ("Account", row.id(column))
            if other[1] in people.organisations and (of, other) not in affiliated:
                affiliated.add((of, other))
                _relate(
                    found,
                    Relationship(key=(f"Contact.{column}", row.id()), of=of, other=other, kind=kind),
                    plan,
                    row,
                )
    plan.relationships += found.values()


def _relate(found: dict[tuple[Key, Key, str], Relationship], one: Relationship, plan: Plan, row: Row) -> None:
    if one.of == one.other:
        plan.remark(_("A relationship with oneself is left out."), row.table.file, row.number)
        return
    said = (one.of, one.other, one.kind)
    same = found.get(said)
    found[said] = (
        msgspec.structs.replace(same, aliases=(*same.aliases, one.key), former=same.former and one.former)
        if same
        else one
    )
