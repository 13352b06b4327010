"""The public forms of volunteering."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any

import msgspec

from kit import days
from kit.forms import Day, EmailAddress, Form, PhoneNumber, Text, Whole, Yes
from kit.words import _
from volunteers import gates


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
    is_minor: Annotated[bool, Yes()] = False
    guardian_name: Annotated[str, Text(max=200)] = ""
    guardian_phone: Annotated[str, PhoneNumber()] = ""
    size: Annotated[int | None, Whole(min=1, max=500)] = None
    names: Annotated[tuple[str, ...], NamesInLines()] = ()
    signed_before: Annotated[bool, Yes()] = False
    comment: Annotated[str, Text(max=500, lines=True)] = ""
    form_key: Annotated[str, Text(max=60)] = ""

    @property
    def people(self) -> int:
        """How many come: as counted, else as many as were named."""
        return self.size or 1 + len(self.names)


class OwnHoursForm(msgspec.Struct, kw_only=True):
    """Hours that a volunteer says they gave."""

    programme: Annotated[int, Whole(required=_("Choose where you helped."))]
    day: Annotated[date, Day(required=_("Choose the day."))]
    hours: Annotated[int | None, Whole(max=24)] = None
    minutes: Annotated[int | None, Whole(max=59)] = None
    note: Annotated[str, Text(max=500)] = ""


class LinkForm(msgspec.Struct, kw_only=True):
    """Where a lost link is sent again."""

    email: Annotated[str, EmailAddress(required=_("Type the e-mail address with which you signed up."))]


def signatures_in(data: Any) -> dict[int, str]:
    """Names typed under waivers, by the waiver's id."""
    return {
        int(name[7:]): str(text).strip()[:200]
        for name, text in data.multi_items()
        if name.startswith("waiver-") and name[7:].isascii() and name[7:].isdigit() and len(name) < 17
        and isinstance(text, str)
    }  # fmt: skip


def ask_for_what_is_missing(
    form: Form[SignUpForm],
    shift: Mapping[str, Any],
    waivers: Sequence[Mapping[str, Any]],
    signatures: Mapping[int, str],
) -> None:
    """What the shift asks everybody for is said on the page, before anything is kept; what only one lacks comes by mail."""
    for waiver in waivers:
        form.typed[f"waiver-{waiver['id']}"] = signatures.get(waiver["id"], "")
    _ask_for_age(form, shift)
    _ask_for_guardian(form)
    _ask_for_size(form, shift)
    if not form.typed.get("signed_before"):
        for waiver in waivers:
            if not signatures.get(waiver["id"]):
                form.refuse(
                    f"waiver-{waiver['id']}",
                    _("Read “{name}”, and type your name under it.", name=waiver["name"]),
                )


def _ask_for_age(form: Form[SignUpForm], shift: Mapping[str, Any]) -> None:
    least, typed = shift["minimum_age"], str(form.typed.get("born_on", ""))
    if not least or "born_on" in form.errors:
        return
    if not typed:
        form.refuse("born_on", _("Type your date of birth: one has to be {age} for this.", age=least))
        return
    born_on, day = date.fromisoformat(typed.strip()), days.day_of(shift["starts_at"], shift["zone"])
    if gates.age_on(born_on, day) < least:
        form.refuse("born_on", _("One has to be {age} on the day of the shift.", age=least))
    elif gates.is_minor(born_on, day):
        form.typed["is_minor"] = "yes"


def _ask_for_guardian(form: Form[SignUpForm]) -> None:
    if not form.typed.get("is_minor"):
        return
    if not str(form.typed.get("guardian_name", "")).strip():
        form.refuse("guardian_name", _("Type the name of your parent or guardian."))
    if not str(form.typed.get("guardian_phone", "")).strip():
        form.refuse("guardian_phone", _("Type the phone number of your parent or guardian."))


def _ask_for_size(form: Form[SignUpForm], shift: Mapping[str, Any]) -> None:
    most = shift["largest_group"]
    others = len([line for line in str(form.typed.get("names", "")).splitlines() if line.strip()])
    typed = str(form.typed.get("size") or "").strip()
    if "size" in form.errors:
        return
    people = int(typed) if typed.isascii() and typed.isdigit() else 1 + others
    if people > most:
        form.refuse("size", _("At most {most} people at once here.", most=most))
    elif others > people - 1:
        form.refuse(
            "names",
            _("You named {others} others: with you that is {people}.", others=others, people=others + 1),
        )
