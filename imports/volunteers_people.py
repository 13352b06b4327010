"""Volunteers of a file: people by the rules that gifts go by, and what they are as volunteers."""

from datetime import date

import msgspec

from constituents import names
from constituents.identity import the_one
from imports import cells, volunteers_cells
from imports.plan import Address, Constituent, EmailAddress, Key, PhoneNumber
from imports.volunteers_plan import Making, Reader
from imports.volunteers_read import Row, Table
from imports.volunteers_records import Profile
from kit.words import _
from volunteers import numbers
from volunteers.profiles import AVAILABILITY

_STATES = {
    "active": "active", "approved": "active", "current": "active",
    "paused": "paused", "on hold": "paused", "on leave": "paused",
    "ended": "ended", "inactive": "ended", "former": "ended", "archived": "ended",
}  # fmt: skip


class Someone(msgspec.Struct, frozen=True):
    """Who a row names: the key, and what people are told apart by."""

    key: Key
    given: str
    family: str
    email: str


def make(tables: list[Table], making: Making) -> None:
    """Read every row of volunteers into the plan, then find who of them is here already."""
    found = [one for table in tables for row in table.rows() if (one := _volunteer(row, making)) is not None]
    identify(found, making)


def _volunteer(row: Row, making: Making) -> Someone | None:
    read = Reader(making, row)
    given, family = read.text("First name", 200), read.text("Last name", 200)
    if not given and not family:
        read.fault(_("The name is missing."), "Last name")
        return None
    email = _email(read)
    phones = _phones(read)
    born_on = _born_on(read)
    told_apart = email.normal if email else phones[0].number if phones else str(born_on or "")
    key = read.key("Volunteer", "Volunteer ID", told_apart, names.fold(family), names.fold(given))
    profile = _profile(read, key, born_on)
    address = _address(read, key)
    middle = read.text("Middle name", 200)
    if read.bad or not read.take_place(key, "Volunteer ID"):
        return None
    plan = making.plan
    plan.constituents.append(person(key, given, family, email, phones, middle))
    plan.profiles.append(profile)
    plan.places[profile.key] = plan.places[key]
    if address is not None:
        plan.addresses.append(address)
        plan.places[address.key] = plan.places[key]
    if row["Volunteer ID"]:
        making.by_id[row["Volunteer ID"]] = key
    one = Someone(key, given, family, email.normal if email else "")
    remember(one, making)
    making.named.setdefault((names.fold(given), names.fold(family)), []).append(key)
    return one


def remember(one: Someone, making: Making) -> None:
    """Rows of hours find this person."""
    if one.email:
        making.new_people.setdefault((one.email, names.fold(one.family)), []).append(
            (names.fold(one.given), one.key)
        )


def person(
    key: Key,
    given: str,
    family: str,
    email: EmailAddress | None,
    phones: tuple[PhoneNumber, ...] = (),
    middle: str = "",
) -> Constituent:
    name = names.display(given=given, middle=middle, family=family)
    return Constituent(
        key=key, kind="person", name=name, sort_key=names.sort_key("person", name, given, middle, family),
        given_name=given, middle_name=middle, family_name=family, emails=(email,) if email else (), phones=phones,
    )  # fmt: skip


def identify(people: list[Someone], making: Making) -> None:
    """Who of these is here already: by an id, else by e-mail and last name. Of two who could be one person, the
    one with the same first name is; the other is new."""
    here, plan = making.here, making.plan
    taken: dict[int, Key] = {}
    open_ones = []
    for one in people:
        known = here.brought.get(one.key)
        if known is None and (id := numbers.id_of(one.key[1], here.mark)) in here.ours["Volunteer"]:
            known = id
        if known is None:
            open_ones.append(one)
            continue
        plan.here[one.key] = known
        taken.setdefault(known, one.key)
    open_ones.sort(key=lambda one: not _has_that_name(one, making))
    for one in open_ones:
        known_ones = here.people.get(one.email, []) if one.email else []
        found = the_one(known_ones, one.given, one.family)
        if found is not None and found.id not in taken:
            plan.here[one.key] = found.id
            plan.matched.add(one.key)
            taken[found.id] = one.key
        elif known_ones:
            plan.doubles[one.key] = [person.id for person in known_ones]


def _has_that_name(one: Someone, making: Making) -> bool:
    return any(names.same(person.given_name, one.given) for person in making.here.people.get(one.email, []))


def _email(read: Reader) -> EmailAddress | None:
    said = read.text("Email", 320)
    if not said:
        return None
    normal = cells.email_normal(said)
    if normal is None:
        read.fault(_("“{said}” is no e-mail address.", said=said[:80]), "Email")
        return None
    return EmailAddress(said, normal, "home", True)


def _phones(read: Reader) -> tuple[PhoneNumber, ...]:
    said = read.text("Phone", 40)
    if not said:
        return ()
    number, extension, is_valid = cells.phone(said, read.making.here.country)
    return (PhoneNumber(number[:40], extension[:20], is_valid, "mobile", True),)


def _born_on(read: Reader) -> date | None:
    found = read.read("Date of birth", volunteers_cells.day, read.row.table.order)
    if found and found > read.making.here.today:
        read.fault(_("This day is still to come."), "Date of birth")
    return found


def _address(read: Reader, key: Key) -> Address | None:
    street = "\n".join(part for part in (read.text("Address", 200), read.text("Address 2", 99)) if part)
    city, region = read.text("City", 100), read.text("State/Province", 100)
    code = read.text("ZIP/Postal code", 20)
    country = read.read("Country", cells.country) or ""
    if not (street or city or code):
        return None
    return Address(
        key=(f"{key[0]}Address", key[1]), of=key, street=street, city=city, region=region, postal_code=code,
        country=country or read.making.here.country, preferred=True,
    )  # fmt: skip


def _profile(read: Reader, key: Key, born_on: date | None) -> Profile:
    said = read.row["Status"].casefold()
    if said and said not in _STATES:
        read.fault(
            _("“{said}” is no state of a volunteer: active, paused or ended.", said=said[:60]), "Status"
        )
    languages = read.read("Languages", volunteers_cells.several, 60) or ()
    return Profile(
        key=(f"{key[0]}Profile", key[1]), of=key, status=_STATES.get(said, ""),
        skills=read.read("Skills", volunteers_cells.several, 60) or (),
        languages=read.read("Languages", lambda _cell: tuple(volunteers_cells.language(one) for one in languages)) or (),
        interests=read.read("Interests", volunteers_cells.several, 60) or (),
        availability=_availability(read),
        may_be_asked=read.read("May be asked for shifts", volunteers_cells.truth),
        may_be_asked_for_money=read.read("May be asked for money", volunteers_cells.truth),
        notes=read.text("Notes", 5000), joined_on=_joined_on(read), born_on=born_on,
        guardian_name=read.text("Guardian name", 200), guardian_phone=_private_phone(read, "Guardian phone"),
        emergency_name=read.text("Emergency contact name", 200),
        emergency_phone=_private_phone(read, "Emergency contact phone"),
    )  # fmt: skip


def _joined_on(read: Reader) -> date | None:
    found = read.read("Joined", volunteers_cells.day, read.row.table.order)
    if found and found > read.making.here.today:
        read.fault(_("This day is still to come."), "Joined")
    return found


def _private_phone(read: Reader, column: str) -> str:
    said = read.text(column, 40)
    number, extension, is_valid = cells.phone(said, read.making.here.country) if said else ("", "", False)
    # An extension has no place of its own here.
    return number if is_valid and not extension else said


def _availability(read: Reader) -> tuple[str, ...]:
    said = {
        slot.casefold().replace(" ", "-")
        for slot in read.read("Availability", volunteers_cells.several, 60) or ()
    }
    if unknown := sorted(said - set(AVAILABILITY)):
        read.fault(
            _(
                "“{said}” is no part of a week. Write them like sat-morning, tue-evening.",
                said=unknown[0][:40],
            ),
            "Availability",
        )
    return tuple(slot for slot in AVAILABILITY if slot in said)
