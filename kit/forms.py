"""Forms: one msgspec.Struct per HTML form says what is asked; reading it gives a value or a sentence per field.

    class RefundForm(msgspec.Struct):
        amount: Annotated[int, Amount()]
        reason: Annotated[str, Text(max=500, required=_("Say why the money goes back."))]

    form = read_form(RefundForm, await request.form(), currency=gift["currency"])

A reader (`Amount`, `Text`, …) turns the strings of a field into its value or raises `Wrong` with a sentence that
says what to do. What was typed stays in `form.typed`, so a 422 page shows it again.
"""

import contextlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import Enum
from functools import cache
from typing import Any, Generic, Protocol, TypeVar, get_type_hints

import msgspec
import phonenumbers
from email_validator import EmailNotValidError, validate_email

from kit import money
from kit.words import _

S = TypeVar("S", bound=msgspec.Struct)
_ABSENT = object()
# A form sent with this field is shown again rather than acted on (staff/drafts.py gives back what was typed).
LOOK_AGAIN = "_look_again"


class Wrong(ValueError):
    """What was typed cannot be taken; the text says what to do. `field` names another field than the one being read."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class Reader(Protocol):
    """Turns what came for one field into a value. `said` is what the handler told read_form (a currency, a country)."""

    def read(self, typed: list[str], said: Mapping[str, Any]) -> Any: ...


class FormData(Protocol):
    def getall(self, key: str, default: Any = ...) -> list[Any]: ...


class Form(Generic[S]):
    """A form as it came: `value` when `ok`, else a sentence per field in `errors` (and under "" for the whole)."""

    def __init__(
        self, typed: dict[str, Any], errors: dict[str, str] | None = None, value: S | None = None
    ) -> None:
        self.typed = typed
        self.errors = errors or {}
        self._value = value

    @property
    def ok(self) -> bool:
        return not self.errors

    @property
    def value(self) -> S:
        if self._value is None or self.errors:
            raise RuntimeError("This form has no value: look at `ok` first.")
        return self._value

    def refuse(self, field: str, sentence: str) -> "Form[S]":
        """Add what a verb said; `""` is the form as a whole."""
        self.errors.setdefault(field, sentence)
        return self


def blank(_shape: type[S] | None = None, /, **typed: Any) -> Form[S]:
    """A form nobody has sent yet, with the given fields filled in (as text, the way they would be typed)."""
    return Form(dict(typed))


def read_form(shape: type[S], data: FormData | Mapping[str, Any], /, **said: Any) -> Form[S]:
    """Read every field of `shape` from what was sent. Never raises for what a person sent."""
    typed: dict[str, Any] = {}
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, reader, default in _fields(shape):
        try:
            raw = [_text(item) for item in _all(data, name)]
            typed[name] = raw if isinstance(reader, Many) else (raw[-1] if raw else "")
            if not raw and default is not _ABSENT and not isinstance(reader, Yes | Many):
                values[name] = default
            else:
                values[name] = reader.read(raw, said)
        except ValueError as wrong:
            typed.setdefault(name, "")
            errors[getattr(wrong, "field", "") or name] = str(wrong)
    if _all(data, LOOK_AGAIN):
        errors.setdefault("", _("Your session had ended. Here is what you typed: look it over and save it."))
    if errors:
        return Form(typed, errors)
    try:
        return Form(typed, value=shape(**values))
    except Wrong as wrong:
        return Form(typed, {wrong.field: str(wrong)})


@cache
def _fields(shape: type[msgspec.Struct]) -> list[tuple[str, Any, Any]]:
    hints = get_type_hints(shape, include_extras=True)
    found = []
    for field in msgspec.structs.fields(shape):
        readers = [
            extra for extra in getattr(hints[field.name], "__metadata__", ()) if hasattr(extra, "read")
        ]
        if not readers:
            raise TypeError(f"{shape.__name__}.{field.name} says no reader.")
        default = field.default if field.default is not msgspec.NODEFAULT else _ABSENT
        if default is _ABSENT and field.default_factory is not msgspec.NODEFAULT:
            default = field.default_factory()
        found.append((field.name, readers[0], default))
    return found


def _all(data: Any, name: str) -> list[Any]:
    if hasattr(data, "getall"):
        return list(data.getall(name, []))
    value = data.get(name, [])
    return list(value) if isinstance(value, list | tuple) else [value]


def _text(item: Any) -> str:
    """Text as it can be stored: no file where text is due, no NUL, no half characters; composed (NFC)."""
    if not isinstance(item, str):
        raise Wrong(_("Type text here; a file came instead."))
    if "\x00" in item or any("\ud800" <= sign <= "\udfff" for sign in item):
        raise Wrong(_("This has a character that cannot be stored. Type it again instead of pasting it."))
    return unicodedata.normalize("NFC", item.replace("\r\n", "\n").replace("\r", "\n"))


class Text(msgspec.Struct, frozen=True):
    """One line, trimmed, or several with `lines`. `required` is the sentence when it is empty."""

    max: int = 200
    required: str = ""
    lines: bool = False

    def read(self, typed: list[str], said: Mapping[str, Any]) -> str:
        text = (typed[-1] if typed else "").strip()
        if not self.lines:
            text = re.sub(r"\s+", " ", text)
        if any(unicodedata.category(sign) == "Cc" and sign not in "\n\t" for sign in text):
            raise Wrong(_("This has a character that cannot be shown. Type it again instead of pasting it."))
        if len(text) > self.max:
            raise Wrong(_("At most {max} characters; these are {count}.", max=self.max, count=len(text)))
        if not text and self.required:
            raise Wrong(self.required)
        return text


class Secret(msgspec.Struct, frozen=True):
    """A password: taken as it is, neither trimmed nor composed anew."""

    required: str = ""
    max: int = 200

    def read(self, typed: list[str], said: Mapping[str, Any]) -> str:
        text = typed[-1] if typed else ""
        if not text and self.required:
            raise Wrong(self.required)
        if len(text) > self.max:
            raise Wrong(_("At most {max} characters.", max=self.max))
        return text


class Amount(msgspec.Struct, frozen=True):
    """Minor units of the currency told to read_form (`currency=`), or None when empty and not required."""

    required: bool = True
    zero: bool = False

    def read(self, typed: list[str], said: Mapping[str, Any]) -> int | None:
        text = (typed[-1] if typed else "").strip()
        if not text and not self.required:
            return None
        return (money.parse_or_zero if self.zero else money.parse)(text, said["currency"])


class Day(msgspec.Struct, frozen=True):
    """A calendar day as browsers send it (2026-11-21); bounds are for typing errors, not for the business."""

    required: str = ""
    future: bool = False
    earliest: int = 1900

    def read(self, typed: list[str], said: Mapping[str, Any]) -> date | None:
        text = (typed[-1] if typed else "").strip()
        if not text:
            if self.required:
                raise Wrong(self.required)
            return None
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
            raise Wrong(_("Type the day like 2026-11-21."))
        try:
            day = date.fromisoformat(text)
        except ValueError:
            raise Wrong(_("There is no such day.")) from None
        if day.year < self.earliest:
            raise Wrong(_("That is before {year}. Check the year.", year=self.earliest))
        if not self.future and day > said["today"]:
            raise Wrong(_("That day has not come yet."))
        if self.future and day.year > said["today"].year + 50:
            raise Wrong(_("That is very far away. Check the year."))
        return day


class Yes(msgspec.Struct, frozen=True):
    """A box that is ticked or not."""

    def read(self, typed: list[str], said: Mapping[str, Any]) -> bool:
        return bool(typed) and typed[-1] not in ("", "0", "no", "off", "false")


class Whole(msgspec.Struct, frozen=True):
    """A whole number in ASCII digits within bounds, or None when empty and not required."""

    required: str = ""
    min: int = 0
    max: int = 2**31 - 1

    def read(self, typed: list[str], said: Mapping[str, Any]) -> int | None:
        text = (typed[-1] if typed else "").strip()
        if not text:
            if self.required:
                raise Wrong(self.required)
            return None
        if not re.fullmatch(r"-?[0-9]{1,18}", text, re.ASCII) or not self.min <= int(text) <= self.max:
            raise Wrong(_("Type a whole number from {min} to {max}.", min=self.min, max=self.max))
        return int(text)


class Choice(msgspec.Struct, frozen=True):
    """One of the given values, an Enum's or plain strings."""

    values: type[Enum] | Sequence[str]
    required: str = ""

    def read(self, typed: list[str], said: Mapping[str, Any]) -> Any:
        text = typed[-1] if typed else ""
        if not text:
            if self.required:
                raise Wrong(self.required)
            return None if isinstance(self.values, type) else ""
        try:
            return (
                self.values(text) if isinstance(self.values, type) else self.values[self.values.index(text)]
            )
        except ValueError:
            raise Wrong(_("Choose one from the list.")) from None


class EmailAddress(msgspec.Struct, frozen=True):
    """An e-mail address as typed; quotes and IDN are fine, and no DNS is asked."""

    required: str = ""

    def read(self, typed: list[str], said: Mapping[str, Any]) -> str:
        text = (typed[-1] if typed else "").strip()
        if not text:
            if self.required:
                raise Wrong(self.required)
            return ""
        try:
            return validate_email(
                text, check_deliverability=False, allow_quoted_local=True, strict=False, test_environment=True
            ).normalized
        except EmailNotValidError:
            raise Wrong(_hint(text)) from None


def email_normal(address: str) -> str:
    """The one form that addresses are compared in: folded case, domain as IDN in ASCII.

    Dots and +tags stay: two people may share a provider's convention, and an address is the donor's word.
    """
    local, at, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    with contextlib.suppress(UnicodeError):
        domain = domain.encode("idna").decode("ascii")
    return f"{local.casefold()}{at}{domain.lower()}"


_USUAL = ("gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "icloud.com", "aol.com", "example.org")


def _hint(typed: str) -> str:
    from difflib import get_close_matches

    local, at, domain = typed.rpartition("@")
    near = get_close_matches(domain.lower(), _USUAL, n=1, cutoff=0.7) if at and local else []
    if near and near[0] != domain.lower():
        return _("That address looks incomplete. Did you mean {address}?", address=f"{local}@{near[0]}")
    return _("That is no e-mail address. It looks like name@example.org.")


class PhoneNumber(msgspec.Struct, frozen=True):
    """E.164, with `;ext=` for an extension. Without a country code, `country=` told to read_form is meant."""

    required: str = ""

    def read(self, typed: list[str], said: Mapping[str, Any]) -> str:
        text = (typed[-1] if typed else "").strip()
        if not text:
            if self.required:
                raise Wrong(self.required)
            return ""
        country = said.get("country")
        try:
            number = phonenumbers.parse(text, country)
        except phonenumbers.NumberParseException:
            raise Wrong(
                _("That is no phone number. Type it with its country code, like +1 503 555 0144.")
            ) from None
        if not phonenumbers.is_possible_number(number):
            raise Wrong(_("That number is too short or too long. Type it like +1 503 555 0144."))
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        return f"{e164};ext={number.extension}" if number.extension else e164


class Many(msgspec.Struct, frozen=True):
    """A field that comes several times, each read by `of`. Empty ones give None or "" in their place."""

    of: Any
    most: int = 100

    def read(self, typed: list[str], said: Mapping[str, Any]) -> list[Any]:
        if len(typed) > self.most:
            raise Wrong(_("At most {most} lines.", most=self.most))
        return [self.of.read([item], said) for item in typed]


def options(values: Iterable[tuple[Any, str]], nothing: str | None = None) -> Sequence[tuple[str, str]]:
    """(value, label) pairs for a select; `nothing` is the label of the empty choice."""
    pairs = [(value.value if isinstance(value, Enum) else str(value), label) for value, label in values]
    return [("", nothing), *pairs] if nothing is not None else pairs
