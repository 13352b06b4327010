"""Money: what people type, what is shown, and arithmetic that is exact in every currency."""

from decimal import Decimal

import pytest
from babel.numbers import list_currencies
from hypothesis import given
from hypothesis import strategies as st

from kit import money

CURRENCIES = st.sampled_from(sorted(list_currencies()))
AMOUNTS = st.integers(0, money.LARGEST)


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("25", "USD", 2500), ("25.5", "USD", 2550), ("25,50", "USD", 2550), ("$25", "USD", 2500), ("25 USD", "USD", 2500),
        ("1,234.50", "USD", 123450), ("1.234,50", "USD", 123450), ("1 234,50", "EUR", 123450), ("1'234.50", "CHF", 123450),
        ("1,000", "USD", 100000), ("1,000,000", "USD", 100000000), ("1.000.000", "USD", 100000000), ("0.01", "USD", 1),
        (".5", "USD", 50), (" 25 ", "USD", 2500), ("1\u202f234,50 €", "EUR", 123450), ("500", "JPY", 500), ("1,500", "JPY", 1500),
        ("1.5", "KWD", 1500), ("1.2345", "CLF", 12345), ("007", "USD", 700),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_people_write_it(typed, currency, minor):
    assert money.parse(typed, currency) == minor


@pytest.mark.parametrize(
    ("typed", "currency"),
    [
        ("", "USD"), ("0", "USD"), ("0.00", "USD"), ("1.000", "USD"), ("10.005", "USD"), ("1e3", "USD"), ("٥٠", "USD"),
        ("½", "USD"), ("1_000", "USD"), ("NaN", "USD"), ("Infinity", "USD"), ("-5", "USD"), ("(5)", "USD"), ("5-", "USD"),
        ("1.2.3", "USD"), ("1,2,3", "USD"), ("1,23,456", "USD"), ("12,34.50", "USD"), ("1.5", "JPY"), ("1,234", "KWD"),
        ("0x10", "USD"), ("+5", "USD"), ("5 000 00", "USD"), ("1,234.50.6", "USD"), ("25€", "USD"), ("twenty", "USD"), (".", "USD"),
        ("10000000000000", "USD"), ("99999999999999999999999999", "USD"), ("1 0 0", "USD"), ("\u200b5", "USD"),
    ],
)  # fmt: skip
def test_what_can_be_read_in_two_ways_or_none_is_asked_back(typed, currency):
    with pytest.raises(money.NotAnAmount) as asked:
        money.parse(typed, currency)
    assert str(asked.value).endswith(".")


def outcome(parse, typed: str, currency: str) -> int | str:
    """The amount, or the sentence that asks back."""
    try:
        return parse(typed, currency)
    except money.NotAnAmount as asked:
        return str(asked)


@given(AMOUNTS, CURRENCIES)
def test_what_is_plain_is_read_back(amount, currency):
    # With three digits behind the point, 1.500 is one and a half or fifteen hundred: asked back, never guessed.
    read = outcome(money.parse_or_zero, money.plain(amount, currency), currency)
    assert read == amount or (money.digits(currency) == 3 and "two ways" in str(read))


@given(AMOUNTS, CURRENCIES)
def test_what_is_shown_says_the_exact_amount(amount, currency):
    shown = money.show(amount, currency)
    digits = "".join(sign for sign in shown if sign.isascii() and sign.isdigit())
    assert int(digits) == amount
    assert money.show(-amount, currency) == (f"-{shown}" if amount else shown)
    assert money.decimal(amount, currency) * 10 ** money.digits(currency) == amount


@given(st.text(max_size=30), CURRENCIES)
def test_nothing_typed_is_an_accident(typed, currency):
    read = outcome(money.parse, typed, currency)
    assert 0 < read <= money.LARGEST if isinstance(read, int) else read


@given(AMOUNTS, st.lists(st.integers(0, 10**12), min_size=1, max_size=12).filter(any))
def test_parts_sum_to_the_whole_and_none_is_off_by_a_cent(total, weights):
    parts = money.split(total, weights)
    assert sum(parts) == total and all(part >= 0 for part in parts)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(Decimal(part) - Decimal(total) * weight / sum(weights)) < 1
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)


@given(st.lists(st.integers(0, 10**10), min_size=1, max_size=8).filter(any), st.data())
def test_what_goes_back_never_asks_more_of_a_fund_than_it_has(left, data):
    back = data.draw(st.integers(0, sum(left)))
    assert all(part <= has for part, has in zip(money.split(back, left), left, strict=True))


def test_nothing_to_weigh_by_is_refused():
    for weights in ([], [0, 0], [1, -1]):
        with pytest.raises(ValueError, match="weights"):
            money.split(100, weights)


@given(st.integers(1, 10**11), st.integers(0, 2000), st.integers(0, 500))
def test_a_grossed_up_gift_leaves_exactly_what_was_meant_and_is_the_smallest(net, basis_points, fixed):
    gross = money.gross_up(net, basis_points, fixed)
    assert gross - money.fee(gross, basis_points, fixed) >= net
    assert gross == net or gross - 1 - money.fee(gross - 1, basis_points, fixed) < net


def test_a_fee_is_rounded_as_stripe_rounds_it():
    assert money.fee(2500, 290, 30) == 103
    assert money.fee(100, 290, 30) == 33
    assert money.gross_up(2500, 290, 30) == 2606


def test_there_is_no_float_in_money():
    from pathlib import Path

    source = Path(money.__file__).read_text()
    assert "float(" not in source and "/ 100" not in source
