"""The forms about volunteers themselves: profile, qualifications, waivers and their signatures."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

import msgspec

from constituents import languages
from kit.forms import Choice, Day, Many, PhoneNumber, Text, Whole, Wrong, Yes
from kit.words import _
from volunteers import profiles

KINDS = ("training", "certificate", "check")


class Words(msgspec.Struct, frozen=True):
    """Short words with commas between them, each once: Cooking, Driving."""

    def read(self, typed: list[str], said: Mapping[str, Any]) -> tuple[str, ...]:
        words = [
            part for part in Text(max=1000).read(typed, said).replace(";", ",").split(",") if part.strip()
        ]
        if too_long := next((word for word in words if len(word.strip()) > 60), None):
            raise Wrong(
                _("“{word}…” is too long. At most 60 letters between two commas.", word=too_long.strip()[:20])
            )
        if len(words) > 40:
            raise Wrong(_("At most forty, with commas between them."))
        return tuple(word.strip() for word in words)


class Languages(msgspec.Struct, frozen=True):
    """Names or codes of languages with commas between them, as codes: Spanish, vi."""

    def read(self, typed: list[str], said: Mapping[str, Any]) -> tuple[str, ...]:
        codes = []
        for word in Words().read(typed, said):
            code = languages.code(word)
            if code is None:
                raise Wrong(
                    _("“{word}” is no language we know. Type its English name, like Vietnamese.", word=word)
                )
            codes.append(code)
        return tuple(dict.fromkeys(codes))


class ProfileForm(msgspec.Struct, kw_only=True):
    """What volunteers tell of themselves, and what only those see who need it."""

    status: Annotated[str, Choice(("active", "paused", "ended"), required=_("Choose one."))]
    languages: Annotated[tuple[str, ...], Languages()] = ()
    skills: Annotated[tuple[str, ...], Words()] = ()
    interests: Annotated[tuple[str, ...], Words()] = ()
    notes: Annotated[str, Text(max=5000, lines=True)] = ""
    availability: Annotated[list[str], Many(Choice(profiles.AVAILABILITY))]
    may_be_asked: Annotated[bool, Yes()] = False
    may_be_asked_for_money: Annotated[bool, Yes()] = False
    emergency_name: Annotated[str, Text(max=200)] = ""
    emergency_phone: Annotated[str, PhoneNumber()] = ""
    born_on: Annotated[date | None, Day()] = None
    guardian: Annotated[int | None, Whole(min=1)] = None
    guardian_name: Annotated[str, Text(max=200)] = ""
    guardian_phone: Annotated[str, PhoneNumber()] = ""
    version: Annotated[int | None, Whole()] = None

    def __post_init__(self) -> None:
        if self.emergency_name and not self.emergency_phone:
            raise Wrong(_("Under which number?"), "emergency_phone")
        if self.emergency_phone and not self.emergency_name:
            raise Wrong(_("Who answers under this number?"), "emergency_name")
        if self.guardian_phone and not self.guardian_name and self.guardian is None:
            raise Wrong(_("Who answers under this number?"), "guardian_name")

    @property
    def profile(self) -> profiles.Profile:
        return profiles.Profile(
            **{name: getattr(self, name) for name in profiles.Profile.__struct_fields__},
        )

    @property
    def private(self) -> profiles.Private:
        return profiles.Private(
            **{name: getattr(self, name) for name in profiles.Private.__struct_fields__},
        )


class QualificationForm(msgspec.Struct, kw_only=True):
    """A kind of qualification. Its `kind` is chosen when it is made, and stays."""

    name: Annotated[str, Text(max=120, required=_("Type the name of the qualification."))]
    kind: Annotated[str, Choice(KINDS, required=_("Choose one."))] = "training"
    valid_months: Annotated[int | None, Whole(min=1, max=600)] = None
    closed: Annotated[bool, Yes()] = False
    version: Annotated[int | None, Whole()] = None


class WaiverForm(msgspec.Struct, kw_only=True):
    """The text of a waiver. The name of one that is there makes a new edition of it."""

    waiver_name: Annotated[str, Text(max=120, required=_("Type the name of the waiver."))]
    text: Annotated[str, Text(max=20000, lines=True, required=_("Type what is to be signed."))]
    waiver_months: Annotated[int | None, Whole(min=1, max=600)] = None


class HeldForm(msgspec.Struct, kw_only=True):
    """A qualification that somebody has. Of a check there is a state and an end, and nothing to type."""

    qualification: Annotated[int, Whole(required=_("Choose a qualification."))]
    from_day: Annotated[date, Day(required=_("Choose since when."), future=True)]
    until_day: Annotated[date | None, Day(future=True)] = None
    status: Annotated[str, Choice(("valid", "pending", "refused"), required=_("Choose one."))] = "valid"
    number: Annotated[str, Text(max=60)] = ""


class SignatureForm(msgspec.Struct, kw_only=True):
    """A signature on paper, which whoever notes it has seen."""

    waiver: Annotated[int, Whole(required=_("Choose what was signed."))]
    signed_name: Annotated[str, Text(max=200, required=_("Type the name as it is signed."))]
    signed_on: Annotated[date, Day(required=_("Choose the day."))]
    is_guardian: Annotated[bool, Yes()] = False
