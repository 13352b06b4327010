"""The forms of the organisation's room."""

import re
from typing import Annotated
from zoneinfo import available_timezones

import msgspec
from babel import Locale

from kit.forms import Amount, Choice, EmailAddress, PhoneNumber, Secret, Text, Whole, Wrong
from kit.places import COUNTRIES
from kit.words import _
from staff.tables import OrganisationKind, Role

ROLES = (
    (Role.ADMINISTRATOR, _("Administrator")),
    (Role.FUNDRAISER, _("Fundraiser")),
    (Role.GIFT_ENTRY, _("Gift entry")),
    (Role.FINANCE, _("Finance")),
    (Role.VOLUNTEER_COORDINATOR, _("Volunteer coordinator")),
    (Role.AUDITOR, _("Auditor")),
)
KINDS = (
    (OrganisationKind.PUBLIC_CHARITY, _("Public charity")),
    (OrganisationKind.RELIGIOUS, _("Religious organisation")),
    (OrganisationKind.FOUNDATION, _("Foundation")),
    (OrganisationKind.OTHER, _("Other nonprofit")),
)
MONTHS = tuple((str(number), name) for number, name in Locale("en").months["format"]["wide"].items())
CURRENCIES = (
    "USD",
    "CAD",
    "GBP",
    "EUR",
    "AUD",
    "NZD",
    "CHF",
    "DKK",
    "NOK",
    "SEK",
    "PLN",
    "JPY",
    "INR",
    "MXN",
    "ZAR",
)
ZONES = tuple(
    sorted(
        zone
        for zone in available_timezones()
        if "/" in zone and not zone.startswith(("Etc/", "posix", "right"))
    )
)


class SignInForm(msgspec.Struct, kw_only=True):
    email: Annotated[str, Text(max=320, required=_("Type your e-mail address."))]
    password: Annotated[str, Secret(required=_("Type your password."))]
    next: Annotated[str, Text(max=500)] = ""
    draft: Annotated[str, Text(max=100)] = ""


class ResetForm(msgspec.Struct, kw_only=True):
    email: Annotated[str, EmailAddress(required=_("Type your e-mail address."))]


class PasswordChoiceForm(msgspec.Struct, kw_only=True):
    password: Annotated[str, Secret(required=_("Choose a password."))]
    again: Annotated[str, Secret(required=_("Type it once more."))]

    def __post_init__(self) -> None:
        if self.password != self.again:
            raise Wrong(_("The two are not the same. Type it once more."), "again")


class PasswordChangeForm(PasswordChoiceForm, kw_only=True):
    old: Annotated[str, Secret(required=_("Type your present password."))]


class InvitationForm(msgspec.Struct, kw_only=True):
    name: Annotated[str, Text(required=_("Say who this is."))]
    email: Annotated[str, EmailAddress(required=_("The invitation goes by e-mail: type the address."))]
    role: Annotated[Role, Choice(Role, required=_("Choose what this person may do."))]


class MemberForm(msgspec.Struct, kw_only=True):
    name: Annotated[str, Text(required=_("Say who this is."))]
    role: Annotated[Role, Choice(Role, required=_("Choose what this person may do."))]
    version: Annotated[int, Whole(required=_("Open the page again."))]


class Percent(msgspec.Struct, frozen=True):
    """Hundredths of a percent from `2.9`."""

    def read(self, typed, said) -> int:
        text = (typed[-1] if typed else "").strip().removesuffix("%").strip().replace(",", ".")
        match = re.fullmatch(r"([0-9]{1,2})(?:\.([0-9]{1,2}))?", text, re.ASCII)
        if match is None or int(match[1]) > 19:
            raise Wrong(_("Type the percentage like 2.9."))
        return int(match[1]) * 100 + int((match[2] or "").ljust(2, "0") or "0")


class Colour(msgspec.Struct, frozen=True):
    def read(self, typed, said) -> str:
        text = (typed[-1] if typed else "").strip().lower()
        if not re.fullmatch("#[0-9a-f]{6}", text):
            raise Wrong(_("Type the colour like #17685a."))
        return text


class Website(msgspec.Struct, frozen=True):
    """An http or https address; a missing scheme is https."""

    def read(self, typed, said) -> str:
        text = (typed[-1] if typed else "").strip()
        if not text:
            return ""
        if "://" not in text:
            text = f"https://{text}"
        if not re.fullmatch(r"https?://[^\s/?#@]+\.[^\s/?#@]+(/\S*)?", text) or len(text) > 300:
            raise Wrong(_("Type the address of the website like https://example.org."))
        return text


class OrganisationForm(msgspec.Struct, kw_only=True):
    name: Annotated[str, Text(required=_("Say what donors call you."))]
    legal_name: Annotated[str, Text()]
    kind: Annotated[
        OrganisationKind, Choice(OrganisationKind, required=_("Choose what kind of organisation this is."))
    ]
    registration_number: Annotated[str, Text(max=40)]
    street: Annotated[str, Text(max=300, lines=True)]
    city: Annotated[str, Text(max=100)]
    region: Annotated[str, Text(max=100)]
    postal_code: Annotated[str, Text(max=20)]
    country: Annotated[str, Choice([code for code, _name in COUNTRIES], required=_("Choose the country."))]
    email: Annotated[str, EmailAddress()]
    phone: Annotated[str, PhoneNumber()]
    website: Annotated[str, Website()]
    signer_name: Annotated[str, Text()]
    signer_title: Annotated[str, Text()]
    accent: Annotated[str, Colour()]
    currency: Annotated[str, Choice(CURRENCIES, required=_("Choose the currency."))]
    zone: Annotated[str, Choice(ZONES, required=_("Choose the time zone."))]
    fiscal_year_start: Annotated[int, Whole(required=_("Choose the month."), min=1, max=12)]
    fee_basis_points: Annotated[int, Percent()]
    fee_fixed: Annotated[int, Amount(zero=True)]
    smallest_gift: Annotated[int, Amount()]
    largest_gift: Annotated[int, Amount()]
    giving_heading: Annotated[str, Text()]
    giving_text: Annotated[str, Text(max=2000, lines=True)]
    version: Annotated[int, Whole(required=_("Open the page again."))]

    def __post_init__(self) -> None:
        if self.largest_gift < self.smallest_gift:
            raise Wrong(_("The largest gift is smaller than the smallest."), "largest_gift")
        ein = self.registration_number.replace("-", "")
        if self.country == "US" and ein and not re.fullmatch("[0-9]{9}", ein, re.ASCII):
            raise Wrong(_("An EIN has nine digits, like 12-3456789."), "registration_number")
