"""The public forms of volunteering."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import msgspec

from kit.forms import Day, EmailAddress, PhoneNumber, Text, Whole
from kit.words import _


class NamesInLines(msgspec.Struct, frozen=True):
    """Names, one in a line."""

    def read(self, typed: list[str], said: Mapping[str, Any]) -> tuple[str, ...]:
        text = Text(max=5000, lines=True).read(typed, said)
        return tuple(" ".join(line.split())[:200] for line in text.splitlines() if line.strip())


class SignUpForm(msgspec.Struct, kw_only=True):
    """A place on a shift. The names typed under waivers come as `waiver-ID` beside it."""

    first_name: Annotated[str, Text(max=100, required=_("Type your first name."))]
    last_name: Annotated[str, Text(max=100, required=_("Type your last name."))]
    email: Annotated[str, EmailAddress(required=_("Type your e-mail address: the confirmation goes there."))]
    phone: Annotated[str, PhoneNumber()] = ""
    born_on: Annotated[date | None, Day()] = None
    size: Annotated[int | None, Whole(min=1, max=500)] = None
    names: Annotated[tuple[str, ...], NamesInLines()] = ()
    comment: Annotated[str, Text(max=500, lines=True)] = ""
    form_key: Annotated[str, Text(max=60)] = ""


class OwnHoursForm(msgspec.Struct, kw_only=True):
    """Hours that a volunteer says they gave."""

    programme: Annotated[int, Whole(required=_("Choose where you helped."))]
    day: Annotated[date, Day(required=_("Choose the day."))]
    hours: Annotated[int | None, Whole(max=24)] = None
    minutes: Annotated[int | None, Whole(max=59)] = None
    note: Annotated[str, Text(max=500)] = ""
