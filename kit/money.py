"""Money: an integer of minor units and a currency; Decimal only on the way in and out, floats nowhere."""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from babel import Locale
from babel.numbers import get_currency_precision, get_currency_symbol

from kit.words import _

# What a bigint column and Stripe both hold with room to spare: 99,999,999,999.99.
LARGEST = 10**13 - 1
_SIGNS = "  \u202f'’"


class NotAnAmount(ValueError):
    """What was typed is not an amount of money; the text says what to type instead."""


def digits(currency: str) -> int:
    """How many digits stand behind the point: 2 for USD, 0 for JPY, 3 for KWD (ISO 4217)."""
    return get_currency_precision(currency)


def parse(typed: str, currency: str) -> int:
    """Minor units of what a person typed: `1,234.50`, `1.234,50`, `1234.5`, `$25`.

    Raises NotAnAmount for anything that can be read in two ways (`1.000`) or not at all. Zero and negative
    amounts are refused here; the one field that allows zero asks for it (`parse_or_zero`).
    """
    amount = parse_or_zero(typed, currency)
    if amount == 0:
        raise NotAnAmount(_("Type an amount above zero."))
    return amount


def parse_or_zero(typed: str, currency: str) -> int:
    """As `parse`, and 0 is an amount."""
    text = _bare(typed, currency)
    if not text:
        raise NotAnAmount(_("Type an amount."))
    if text.startswith(("-", "(")):
        raise NotAnAmount(_("Type an amount without a minus sign."))
    if not re.fullmatch(r"[0-9][0-9.,]*|[.,][0-9]+", text, re.ASCII):
        raise NotAnAmount(_("Type the amount in digits, for example 25 or 25.50."))
    whole, fraction = _sides(text, digits(currency))
    places = digits(currency)
    if len(fraction) > places:
        raise NotAnAmount(
            _(
                "{currency} has no fractions of its smallest coin: type at most {places} digits after the point.",
                currency=currency,
                places=places,
            )
            if places
            else _("{currency} has no smaller coin: type a whole number.", currency=currency)
        )
    amount = int(whole or "0") * 10**places + int(fraction.ljust(places, "0") or "0")
    if amount > LARGEST:
        raise NotAnAmount(_("That is more than any gift. Check the number of zeros."))
    return amount


def _bare(typed: str, currency: str) -> str:
    text = typed.strip()
    for mark in (currency, get_currency_symbol(currency, locale="en_US"), get_currency_symbol(currency)):
        text = text.removeprefix(mark).removesuffix(mark).strip()
    return re.sub(f"(?<=[0-9])[{_SIGNS}](?=[0-9]{{3}}(?![0-9]))", "", text, flags=re.ASCII)


def _sides(text: str, places: int) -> tuple[str, str]:
    """The digits before and after the decimal sign, whichever sign that is."""
    points, commas = text.count("."), text.count(",")
    if points and commas:
        decimal, thousands = (".", ",") if text.rfind(".") > text.rfind(",") else (",", ".")
        if text.count(decimal) > 1:
            raise NotAnAmount(_("Type the amount like 1,234.50."))
        whole, fraction = text.split(decimal)
        return _ungrouped(whole, thousands), fraction
    sign = "." if points else "," if commas else ""
    if not sign:
        return text, ""
    if text.count(sign) > 1:
        return _ungrouped(text, sign), ""
    whole, fraction = text.split(sign)
    if len(fraction) == 3 and whole and whole != "0" and len(whole) <= 3:
        return _three_digits(text, sign, whole, fraction, places)
    return whole, fraction


def _three_digits(text: str, sign: str, whole: str, fraction: str, places: int) -> tuple[str, str]:
    """`1,000` is a thousand in English writing; `1.000` may be a thousand or one, so it is asked back."""
    if sign == "," and places < 3:
        return whole + fraction, ""
    if fraction.endswith("0") or places == 3:
        raise NotAnAmount(
            _(
                "{typed} can be read in two ways. Type {thousand} or {one}.",
                typed=text,
                thousand=whole + fraction,
                one=f"{whole}.{fraction.rstrip('0') or '0'}",
            )
        )
    return whole, fraction


def _ungrouped(text: str, sign: str) -> str:
    groups = text.split(sign)
    if not (1 <= len(groups[0]) <= 3 and all(len(group) == 3 for group in groups[1:])):
        raise NotAnAmount(_("The thousands are not in groups of three. Type the amount like 1,234.50."))
    return "".join(groups)


def decimal(amount: int, currency: str) -> Decimal:
    """The amount in major units, exact."""
    return Decimal(amount).scaleb(-digits(currency))


def plain(amount: int, currency: str) -> str:
    """`1234.50`: for a form field or a file, no sign and no groups."""
    return f"{decimal(amount, currency):f}"


def show(amount: int, currency: str, locale: str = "en_US") -> str:
    """`$1,234.50`, in the way of the reader's language."""
    # Babel's own formatter parses its pattern on every call, 60 µs each; a list has fifty of these.
    before, after, group, point, places = _style(currency, locale)
    whole, fraction = divmod(abs(amount), 10**places)
    number = f"{whole:,}" if group == "," else f"{whole:,}".replace(",", group)
    tail = f"{point}{fraction:0{places}d}" if places else ""
    return f"{'-' if amount < 0 else ''}{before}{number}{tail}{after}"


@cache
def _style(currency: str, locale: str) -> tuple[str, str, str, str, int]:
    """Sign before, sign after, group sign, decimal sign and digits behind it of a currency in a locale."""
    parsed = Locale.parse(locale)
    symbol = get_currency_symbol(currency, locale=locale)
    pattern = parsed.currency_formats["standard"].pattern.split(";")[0]
    gap = "\u00a0" if len(symbol) > 1 and symbol.isalpha() else ""
    first = pattern.lstrip().startswith("¤")
    symbols = parsed.number_symbols["latn"]
    return (
        symbol + gap if first else "",
        "" if first else "\u00a0" + symbol,
        symbols["group"],
        symbols["decimal"],
        digits(currency),
    )


def split(total: int, weights: Sequence[int]) -> list[int]:
    """`total` in parts proportional to `weights`, summing to it exactly: the largest remainders get the odd cents.

    Raises ValueError when there is nothing to weigh by.
    """
    whole = sum(weights)
    if whole <= 0 or any(weight < 0 for weight in weights):
        raise ValueError("weights must be non-negative and not all zero")
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts


def fee(amount: int, basis_points: int, fixed: int) -> int:
    """A card fee of `basis_points` (hundredths of a percent) and `fixed` minor units, half a cent rounded up."""
    share = Decimal(amount) * basis_points / 10_000
    return int(share.quantize(Decimal(1), rounding=ROUND_HALF_UP)) + fixed


def gross_up(net: int, basis_points: int, fixed: int) -> int:
    """The smallest payment of which at least `net` is left after the fee.

    Raises ValueError for a fee of 100 % or more.
    """
    if not 0 <= basis_points < 10_000 or fixed < 0:
        raise ValueError("a fee lies between 0 and 100 %")
    gross = (net + fixed) * 10_000 // (10_000 - basis_points)
    while gross - fee(gross, basis_points, fixed) < net:
        gross += 1
    while gross > net and gross - 1 - fee(gross - 1, basis_points, fixed) >= net:
        gross -= 1
    return gross
