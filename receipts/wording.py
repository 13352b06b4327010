"""Wording: what a country's rules want a receipt to say about a gift.

The rules are data: `rules.csv` names each with its country, the days it is valid and its source. Here are only the
sentences, and which rule a gift falls under. Legal texts change; a person confirms them before a release.
"""

import csv
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import msgspec

from kit import money
from kit.errors import Refused
from kit.words import _

RULES = Path(__file__).resolve().parent / "rules.csv"


class NoRule(Refused):
    """No rule of that country is known for that day."""


class NoLimits(Refused):
    """The limits of a year are not known, and those of another year are never taken instead."""


class Rule(msgspec.Struct, frozen=True):
    """One line of `rules.csv`."""

    country: str
    code: str
    valid_from: date
    valid_to: date | None
    value: str
    unit: str
    source: str


class TokenLimits(msgspec.Struct, frozen=True):
    """Up to which value a thank-you present counts as nothing, in minor units of the country's currency."""

    currency: str
    share: int
    benefit_at_most: int
    gift_at_least: int
    item_at_most: int


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What the wording depends on. `description` is of goods or shares, `benefit` is what the donor got in return."""

    kind: str
    amount: int
    currency: str
    on: date
    description: str = ""
    benefit: str = ""
    benefit_value: int = 0
    fee_cover: int = 0


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What to print. `deductible` is None where the receipt must not name a value; `note` is for staff, not printed."""

    rule: str
    sentences: tuple[str, ...]
    deductible: int | None
    source: str
    note: str = ""


def statement(country: str, given: Given, locale: str = "en_US") -> Statement:
    """The words for one gift.

    Raises NoRule when the country's rules have none for that kind of gift on that day.
    """
    code, note = _which(country, given)
    rule = rule_for(country, code, given.on)
    sentences, deductible = _WORDINGS[code](given, locale)
    if given.fee_cover and deductible is not None:
        cover = money.show(given.fee_cover, given.currency, locale)
        sentences = (
            *sentences,
            _("The amount includes {cover} that you added to cover the card fee.", cover=cover),
        )
    return Statement(rule=code, sentences=sentences, deductible=deductible, source=rule.source, note=note)


def rule_for(country: str, code: str, on: date) -> Rule:
    """The rule that is valid on a day. Raises NoRule."""
    for rule in rules():
        if (
            rule.country == country
            and rule.code == code
            and rule.valid_from <= on <= (rule.valid_to or date.max)
        ):
            return rule
    if not any(rule.country == country for rule in rules()):
        raise NoRule(_("There are no receipt rules for the country {country} yet.", country=country))
    raise NoRule(
        _("The receipt rules of {country} have no “{code}” on {day}.", country=country, code=code, day=on)
    )


def token_limits(country: str, year: int) -> TokenLimits:
    """The limits of a year. Raises NoLimits when one of them is not known; another year's are never used."""
    on = date(year, 12, 31)
    try:
        share, *limits = [
            rule_for(country, f"token_{name}", on) for name in TokenLimits.__struct_fields__[1:]
        ]
    except NoRule:
        raise NoLimits(
            _(
                "The {country} limits for thank-you presents of {year} are not known, so what the donor received is described"
                " with its value.",
                country=country,
                year=year,
            )
        ) from None
    return TokenLimits(limits[0].unit.split()[0], int(share.value), *(int(limit.value) for limit in limits))


@cache
def rules() -> tuple[Rule, ...]:
    with RULES.open(encoding="utf-8", newline="") as file:
        rows = [{**row, "valid_to": row["valid_to"] or None} for row in csv.DictReader(file)]
    return tuple(msgspec.convert(rows, list[Rule]))


def _which(country: str, given: Given) -> tuple[str, str]:
    """The code of the rule that a gift falls under, and what staff should know about the choice."""
    if given.kind in ("in_kind", "stock", "vehicle", "donor_advised"):
        return given.kind, ""
    if given.benefit_value == 0 and not given.benefit:
        return "nothing_in_return", ""
    try:
        small = _is_token(given, token_limits(country, given.on.year))
    except NoLimits as unknown:
        return "part_payment", str(unknown)
    return ("token" if small else "part_payment"), ""


def _is_token(given: Given, limits: TokenLimits) -> bool:
    """The 2 % rule alone: the one by cost asks what an item cost the organisation, which a gift does not say."""
    share = given.amount * limits.share // 10_000
    return given.currency == limits.currency and given.benefit_value <= min(share, limits.benefit_at_most)


def _nothing_in_return(given: Given, locale: str) -> tuple[tuple[str, ...], int | None]:
    return (_("No goods or services were provided in exchange for this contribution."),), given.amount


def _part_payment(given: Given, locale: str) -> tuple[tuple[str, ...], int | None]:
    deductible = max(0, given.amount - given.benefit_value)
    return (
        _in_return(given, locale),
        _(
            "The amount of your contribution that is deductible for federal income tax purposes is limited to the"
            " excess of what you paid over the value of what you received: {deductible}.",
            deductible=money.show(deductible, given.currency, locale),
        ),
    ), deductible


def _token(given: Given, locale: str) -> tuple[tuple[str, ...], int | None]:
    return (
        _("In return you received: {benefit}.", benefit=_ended(given.benefit)),
        _(
            "Under Internal Revenue Service guidelines the estimated value of what you received is not substantial;"
            " therefore, the full amount of your payment is a deductible contribution."
        ),
    ), given.amount


def _described(given: Given, locale: str) -> tuple[tuple[str, ...], int | None]:
    """Goods and shares: described, not valued; their value is the donor's to find."""
    if given.benefit_value or given.benefit:
        back = _in_return(given, locale)
    else:
        back = _("No goods or services were provided in exchange for this contribution.")
    return (
        _(
            "We received from you what is described above. The value of a gift of property is for the donor to determine."
        ),
        back,
    ), None


def _donor_advised(given: Given, locale: str) -> tuple[tuple[str, ...], int | None]:
    return (_("Thank you for this grant from a donor-advised fund."),), None


def _in_return(given: Given, locale: str) -> str:
    return _(
        "In return you received: {benefit}. In good faith we estimate the fair value of this at {value}.",
        benefit=_ended(given.benefit),
        value=money.show(given.benefit_value, given.currency, locale),
    )


def _ended(description: str) -> str:
    return " ".join(description.split()).rstrip(".")


_Wording = Callable[[Given, str], tuple[tuple[str, ...], int | None]]
_WORDINGS: dict[str, _Wording] = {
    "nothing_in_return": _nothing_in_return,
    "part_payment": _part_payment,
    "token": _token,
    "in_kind": _described,
    "stock": _described,
    "vehicle": _described,
    "donor_advised": _donor_advised,
}
