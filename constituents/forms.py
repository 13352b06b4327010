"""The forms of constituents. E-mails, phones and addresses are lines that repeat; each has its own sentence when wrong."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import msgspec

from constituents import languages, places
from constituents.constituents import Details
from constituents.contacts import AddressLine, EmailLine, PhoneLine
from constituents.tables import Kind
from kit.forms import (
    Choice,
    Day,
    EmailAddress,
    Form,
    Many,
    PhoneNumber,
    Text,
    Whole,
    Wrong,
    Yes,
    read_form,
)
from kit.words import _

EMAIL_KINDS = [("home", _("Home")), ("work", _("Work")), ("other", _("Other"))]
PHONE_KINDS = [
    ("home", _("Home")),
    ("mobile", _("Mobile")),
    ("work", _("Work")),
    ("fax", _("Fax")),
    ("other", _("Other")),
]
ADDRESS_KINDS = [("home", _("Home")), ("work", _("Work")), ("billing", _("Billing")), ("other", _("Other"))]
_LINES = 20
_TAGS = 20


class ConstituentForm(msgspec.Struct):
    kind: Annotated[
        str,
        Choice(
            [kind.value for kind in Kind], required=_("Choose: a person, a household or an organisation.")
        ),
    ]
    version: Annotated[int | None, Whole()]
    name: Annotated[str, Text(max=300)]
    prefix: Annotated[str, Text(max=40)]
    given_name: Annotated[str, Text(max=200)]
    middle_name: Annotated[str, Text(max=200)]
    family_name: Annotated[str, Text(max=200)]
    suffix: Annotated[str, Text(max=40)]
    nickname: Annotated[str, Text(max=100)]
    job_title: Annotated[str, Text(max=200)]
    greeting: Annotated[str, Text(max=200)]
    website: Annotated[str, Text(max=300)]
    language: Annotated[str, Choice([code for code, _name in languages.offered()])]
    tags: Annotated[str, Text(max=1000)]
    different: Annotated[bool, Yes()]
    email: Annotated[list[str], Many(Text(max=320), most=_LINES)]
    email_kind: Annotated[list[str], Many(Text(max=20), most=_LINES)]
    email_preferred: Annotated[str, Text(max=3)]
    phone: Annotated[list[str], Many(Text(max=60), most=_LINES)]
    phone_kind: Annotated[list[str], Many(Text(max=20), most=_LINES)]
    phone_preferred: Annotated[str, Text(max=3)]
    street: Annotated[list[str], Many(Text(max=500, lines=True), most=_LINES)]
    city: Annotated[list[str], Many(Text(max=150), most=_LINES)]
    region: Annotated[list[str], Many(Text(max=150), most=_LINES)]
    postal_code: Annotated[list[str], Many(Text(max=40), most=_LINES)]
    country: Annotated[list[str], Many(Text(max=100), most=_LINES)]
    address_kind: Annotated[list[str], Many(Text(max=20), most=_LINES)]
    address_preferred: Annotated[str, Text(max=3)]

    def __post_init__(self) -> None:
        if self.kind != Kind.PERSON.value and not self.name:
            raise Wrong(_("Type a name."), "name")
        if self.kind == Kind.PERSON.value and not (self.given_name or self.family_name):
            raise Wrong(_("Type a first name, a last name, or both."), "family_name")


class DeathForm(msgspec.Struct):
    deceased_on: Annotated[Any, Day()]


class NoteForm(msgspec.Struct):
    note: Annotated[str, Text(max=4000, lines=True, required=_("Type a note first."))]


class MembershipForm(msgspec.Struct):
    person: Annotated[int, Whole(required=_("Choose a person."), min=1)]
    role: Annotated[str, Text(max=40)]
    from_day: Annotated[Any, Day(future=True)]


class MembershipEndForm(msgspec.Struct):
    until_day: Annotated[
        Any, Day(required=_("Say the first day on which they are no longer in it."), future=True)
    ]


def read_constituent(data: Any, *, country: str) -> tuple[Form[ConstituentForm], Details | None]:
    """The form, and what it says when nothing in it is wrong. `country` is that of phones without a code."""
    form = read_form(ConstituentForm, data)
    emails = _read_lines(form, "email", lambda typed: EmailAddress().read([typed], {}))
    phones = _read_lines(form, "phone", lambda typed: PhoneNumber().read([typed], {"country": country}))
    wanted_tags = [tag.strip() for tag in str(form.typed["tags"]).split(",") if tag.strip()]
    if len(wanted_tags) > _TAGS or any(len(tag) > 60 for tag in wanted_tags):
        form.refuse("tags", _("At most {most} tags of 60 characters each.", most=_TAGS))
    if not form.ok:
        return form, None
    said = form.value
    details = Details(
        emails=[
            EmailLine(address, _kind(said.email_kind, place, EMAIL_KINDS), str(place) == said.email_preferred)
            for place, address in emails
        ],
        phones=[
            PhoneLine(number, _kind(said.phone_kind, place, PHONE_KINDS), str(place) == said.phone_preferred)
            for place, number in phones
        ],
        addresses=_addresses(said),
        tags=wanted_tags,
        **{
            name: getattr(said, name)
            for name in ConstituentForm.__struct_fields__
            if name in Details.__struct_fields__ and name not in ("tags", "emails", "phones", "addresses")
        },
    )
    if details.kind == Kind.PERSON.value:
        details.name = ""
    return form, details


def _read_lines(form: Form[Any], name: str, read: Callable[[str], str]) -> list[tuple[int, str]]:
    """The lines that are filled in, each with its place; a wrong one gets its sentence under `email-2`."""
    typed = form.typed.get(name)
    found = []
    for place, text in enumerate(typed if isinstance(typed, list) else []):
        try:
            if value := read(text):
                found.append((place, value))
        except Wrong as wrong:
            form.refuse(f"{name}-{place}", str(wrong))
    return found


def _at(values: Sequence[str], place: int) -> str:
    return values[place] if place < len(values) else ""


def _kind(values: Sequence[str], place: int, kinds: Sequence[tuple[str, str]]) -> str:
    kind = _at(values, place)
    return kind if kind in dict(kinds) else kinds[0][0]


def _addresses(said: ConstituentForm) -> list[AddressLine]:
    count = max(len(said.street), len(said.city), len(said.region), len(said.postal_code))
    return [
        AddressLine(
            street=_at(said.street, place),
            city=_at(said.city, place),
            region=_at(said.region, place),
            postal_code=_at(said.postal_code, place),
            country=_at(said.country, place),
            kind=_kind(said.address_kind, place, ADDRESS_KINDS),
            preferred=str(place) == said.address_preferred,
        )
        for place in range(count)
    ]


def typed_of(
    row: dict[str, Any], lists: dict[str, list[dict[str, Any]]], tags: Sequence[str]
) -> dict[str, Any]:
    """A stored constituent as the form would send it: what an edit page starts with."""
    addresses = [line for line in lists["addresses"] if line["season_from_month"] is None]
    typed: dict[str, Any] = {
        name: row[name] for name in ConstituentForm.__struct_fields__ if name in row and name != "version"
    }
    typed |= {"version": str(row["version"]), "tags": ", ".join(tags), "different": False}
    typed |= {
        "email": [line["address"] for line in lists["emails"]],
        "email_kind": [line["kind"] for line in lists["emails"]],
        "phone": [_phone(line) for line in lists["phones"]],
        "phone_kind": [line["kind"] for line in lists["phones"]],
        "address_kind": [line["kind"] for line in addresses],
    }
    typed |= {
        name: [line[name] for line in addresses]
        for name in ("street", "city", "region", "postal_code", "country")
    }
    for name, lines in (("email", lists["emails"]), ("phone", lists["phones"]), ("address", addresses)):
        typed[f"{name}_preferred"] = next((str(i) for i, line in enumerate(lines) if line["preferred"]), "0")
    return typed


def _phone(line: dict[str, Any]) -> str:
    return line["number"] + (f" ext. {line['extension']}" if line["extension"] else "")


class Lines(msgspec.Struct):
    """What the template draws for the lines that repeat: as many as there are and an empty one."""

    emails: list[dict[str, Any]]
    phones: list[dict[str, Any]]
    addresses: list[dict[str, Any]]


def lines_of(form: Form[Any], *, country: str, more: str = "") -> Lines:
    """The repeating lines of a form. `more` (email, phone, address) is the one of which another was asked for."""
    typed = form.typed

    def several(name: str) -> list[str]:
        value = typed.get(name, [])
        return value if isinstance(value, list) else []

    def single(name: str, kinds: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
        values = several(name)
        count = max(1, len(values) + (more == name))
        chosen = typed.get(f"{name}_preferred") or "0"
        return [
            {
                "place": place,
                "value": _at(values, place),
                "kind": _kind(several(f"{name}_kind"), place, kinds),
                "preferred": chosen == str(place),
                "error": f"{name}-{place}",
            }
            for place in range(count)
        ]

    parts = ("street", "city", "region", "postal_code")
    count = max([1, *(len(several(part)) + (more == "address") for part in parts)])
    chosen = typed.get("address_preferred") or "0"
    addresses = [
        {part: _at(several(part), place) for part in parts}
        | {
            "place": place,
            "country": _at(several("country"), place) or country,
            "kind": _kind(several("address_kind"), place, ADDRESS_KINDS),
            "preferred": chosen == str(place),
        }
        for place in range(count)
    ]
    return Lines(single("email", EMAIL_KINDS), single("phone", PHONE_KINDS), addresses)


def country_options(lines: Lines) -> list[tuple[str, str]]:
    """Every country, and whatever words an import left where a country should be."""
    known = dict(places.countries())
    odd = {line["country"] for line in lines.addresses} - set(known) - {""}
    return [("", ""), *((words, words) for words in sorted(odd)), *places.countries()]


def read_alike(typed: Any, *, country: str) -> Details:
    """What of a half-typed form can be compared with what is there; the rest is left out, and nothing is refused."""

    def clean(name: str) -> list[str]:
        return [
            text.replace("\x00", "").strip()[:300] for text in typed.getall(name, []) if isinstance(text, str)
        ]

    def one(name: str) -> str:
        return (clean(name) or [""])[-1]

    form: Form[Any] = Form({"email": clean("email"), "phone": clean("phone")})
    kind = one("kind")
    return Details(
        kind=kind if kind in {kind.value for kind in Kind} else Kind.PERSON.value,
        name=one("name"),
        given_name=one("given_name"),
        family_name=one("family_name"),
        emails=[
            EmailLine(text)
            for _at, text in _read_lines(form, "email", lambda text: EmailAddress().read([text], {}))
        ],
        phones=[
            PhoneLine(text)
            for _at, text in _read_lines(
                form, "phone", lambda text: PhoneNumber().read([text], {"country": country})
            )
        ],
    )
