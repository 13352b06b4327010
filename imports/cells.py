"""Cells: what one cell of an export says, as a value of ours. A cell that says nothing sensible is a ValueError.

The text of the error is a sentence; who called knows the file, the row and the column.
"""

import re
import unicodedata
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache

import phonenumbers
from babel import Locale
from email_validator import EmailNotValidError, validate_email

from kit import forms, money
from kit.words import _

_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ][0-9:.]+(?:Z|[+-][0-9:]+)?)?", re.ASCII)
_SCIENTIFIC = re.compile(r"-?[0-9]+(\.[0-9]+)?[eE]\+?[0-9]{1,2}", re.ASCII)
_PLAIN = re.compile(r"(-?)([0-9]{1,11})(?:\.([0-9]{1,2}))?", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)
_EARLIEST, _LATEST = 1800, 2200


def text(cell: str, most: int) -> str:
    """The words of a cell in one form (NFC). Longer than `most` is a ValueError: cutting would lose something."""
    words = unicodedata.normalize("NFC", cell.strip())
    if len(words) > most:
        raise ValueError(_("This is longer than {most} characters ({count}).", most=most, count=len(words)))
    return words


def amount(cell: str, currency: str) -> int | None:
    """Minor units, negative ones too; None for an empty cell."""
    cell = cell.strip()
    if not cell:
        return None
    if plain := _PLAIN.fullmatch(cell):
        sign, whole_part, fraction = plain.groups(default="")
        # Salesforce writes a point and a digit for every currency: 1000.0 yen are a thousand.
        fraction = fraction.rstrip("0")
        places = _digits(currency)
        if len(fraction) <= places:
            units = int(whole_part) * 10**places + int(fraction.ljust(places, "0") or "0")
            return -units if sign else units
    if _SCIENTIFIC.fullmatch(cell):
        # Data Loader writes ten million as 1.0E7.
        cell = f"{Decimal(cell):f}"
        cell = cell if "." in cell else cell + ".00"
    negative = cell.startswith("-") or (cell.startswith("(") and cell.endswith(")"))
    bare = cell.strip("-()").strip() if negative else cell
    try:
        units = money.parse_or_zero(bare, currency)
    except money.NotAnAmount as not_an_amount:
        raise ValueError(_("“{cell}” is not an amount. {why}", cell=cell[:60], why=not_an_amount)) from None
    return -units if negative else units


@cache
def _digits(currency: str) -> int:
    return money.digits(currency)


def percent(cell: str) -> Decimal | None:
    """A share of a hundred; None for an empty cell."""
    cell = cell.strip().removesuffix("%").strip()
    if not cell:
        return None
    if not _NUMBER.fullmatch(cell) or not 0 <= Decimal(cell) <= 100:
        raise ValueError(_("“{cell}” is not a percentage between 0 and 100.", cell=cell[:60]))
    return Decimal(cell)


@lru_cache(maxsize=20_000)
def day(cell: str) -> date | None:
    """A day as 2019-07-15, with or without a time after it; None for an empty cell."""
    cell = cell.strip()
    if not cell:
        return None
    parts = _DAY.fullmatch(cell)
    try:
        found = date(*(int(part) for part in parts.groups())) if parts else None
    except ValueError:
        found = None
    if found is None or not _EARLIEST <= found.year <= _LATEST:
        raise ValueError(_("“{cell}” is not a date like 2019-07-15.", cell=cell[:60]))
    return found


def whole(cell: str) -> int | None:
    """A whole number, also one that a database wrote as 6.0; None for an empty cell."""
    cell = cell.strip()
    if not cell:
        return None
    if not _NUMBER.fullmatch(cell) or Decimal(cell) != int(Decimal(cell)):
        raise ValueError(_("“{cell}” is not a whole number.", cell=cell[:60]))
    return int(Decimal(cell))


_ALSO = {
    "usa": "US",
    "u.s.a.": "US",
    "u.s.": "US",
    "united states of america": "US",
    "uk": "GB",
    "great britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northern ireland": "GB",
    "czech republic": "CZ",
    "holland": "NL",
    "the netherlands": "NL",
    "republic of ireland": "IE",
    "turkey": "TR",
    "ivory coast": "CI",
    "burma": "MM",
    "macedonia": "MK",
    "swaziland": "SZ",
    "korea, republic of": "KR",
    "republic of korea": "KR",
    "viet nam": "VN",
    "russian federation": "RU",
    "hong kong": "HK",
    "macau": "MO",
    "palestine": "PS",
    "bosnia and herzegovina": "BA",
    "trinidad and tobago": "TT",
    "antigua and barbuda": "AG",
}


@cache
def _countries() -> dict[str, str]:
    names = {
        name.casefold(): code
        for code, name in Locale("en").territories.items()
        if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN", "ZZ", "QO", "XA", "XB")
    }
    return {**names, **{code.casefold(): code for code in names.values()}, **_ALSO}


def country(cell: str) -> str:
    """The ISO code of a country's English name; the words themselves where nobody can tell."""
    words = text(cell, 100)
    return _countries().get(" ".join(words.split()).casefold(), words)


def email_normal(said: str) -> str | None:
    """The form in which e-mail addresses are compared; None when it is none."""
    try:
        validate_email(
            said, check_deliverability=False, allow_quoted_local=True, strict=False, test_environment=True
        )
    except EmailNotValidError:
        return None
    return forms.email_normal(said) if len(said) <= 320 else None


def phone(said: str, region: str) -> tuple[str, str, bool]:
    """E.164 and an extension where some country knows the number; else the words as they came, and False."""
    try:
        number = phonenumbers.parse(said, region)
    except phonenumbers.NumberParseException:
        return said, "", False
    if not phonenumbers.is_valid_number(number):
        return said, "", False
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return e164, number.extension or "", True
