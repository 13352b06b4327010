"""The first run: an organisation and its first administrator, at the shell, before there is anybody to sign in."""

from typing import Annotated

import msgspec

from kit.changes import Actor
from kit.errors import Refused
from kit.forms import EmailAddress, Text, read_form
from kit.places import COUNTRIES
from kit.words import _
from staff import members, organisation, passwords


class NotFoundable(Refused):
    """Something that was given for the first run cannot be right; the text says what."""


class _Given(msgspec.Struct):
    organisation: Annotated[str, Text(required=_("Say what the organisation is called."))]
    name: Annotated[str, Text(required=_("Say what the first administrator is called."))]
    email: Annotated[str, EmailAddress(required=_("Give the first administrator's e-mail address."))]


class Founding(msgspec.Struct, frozen=True):
    """What the first run needs, looked over."""

    organisation: str
    country: str
    name: str
    email: str
    password_hash: str


async def look_over(*, organisation: str, country: str, name: str, email: str, password: str) -> Founding:
    """What was given, before anything is made of it. Raises NotFoundable, TooWeak."""
    country = country.strip().upper()
    if country not in {code for code, _name in COUNTRIES}:
        raise NotFoundable(_("{country} is no country: give its two letters, like US.", country=country))
    form = read_form(_Given, {"organisation": organisation, "name": name, "email": email})
    if not form.ok:
        raise NotFoundable(" ".join(form.errors.values()))
    given = form.value
    passwords.check_strength(password, given.name, given.email)
    return Founding(given.organisation, country, given.name, given.email, await passwords.hashed(password))


async def found(founding: Founding, *, by: Actor) -> None:
    """Make both, inside the caller's tx(). Raises AlreadyFounded, AlreadyAMember."""
    await organisation.found(name=founding.organisation, country=founding.country, by=by)
    await members.invite_first(
        name=founding.name, email=founding.email, password_hash=founding.password_hash, by=by
    )
