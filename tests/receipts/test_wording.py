"""Wording: what the rules of the United States want said, as data with days and sources."""

from datetime import date

import pytest

from receipts import wording
from receipts.wording import Given

DAY = date(2025, 11, 12)


def given(**values):
    return Given(**{"kind": "cash", "amount": 15000, "currency": "USD", "on": DAY, **values})


def said(statement):
    return " ".join(statement.sentences)


@pytest.mark.parametrize("kind", ["cash", "match", "bequest"])
def test_a_gift_without_anything_in_return_says_so_and_is_wholly_deductible(kind):
    statement = wording.statement("US", given(kind=kind))

    assert said(statement) == "No goods or services were provided in exchange for this contribution."
    assert statement.rule == "nothing_in_return"
    assert statement.deductible == 15000
    assert "170(f)(8)" in statement.source


def test_a_part_payment_describes_what_was_received_and_names_the_rest():
    statement = wording.statement("US", given(benefit="two seats at the harvest dinner.", benefit_value=9000))

    assert (
        "two seats at the harvest dinner. In good faith we estimate the fair value of this at $90.00."
        in said(statement)
    )
    assert "deductible for federal income tax purposes is limited to the excess" in said(statement)
    assert "$60.00" in said(statement)
    assert statement.deductible == 6000


def test_what_was_received_may_be_worth_more_than_was_paid():
    assert wording.statement("US", given(benefit="a car", benefit_value=20000)).deductible == 0


def test_a_token_within_the_limits_of_its_year_leaves_the_whole_gift_deductible():
    statement = wording.statement("US", given(amount=15000, benefit="a mug", benefit_value=300))

    assert statement.rule == "token"
    assert (
        "is not substantial; therefore, the full amount of your payment is a deductible contribution"
        in said(statement)
    )
    assert statement.deductible == 15000


@pytest.mark.parametrize(("amount", "value"), [(15000, 301), (1_000_000, 13601)])
def test_a_token_over_either_limit_is_a_part_payment(amount, value):
    statement = wording.statement("US", given(amount=amount, benefit="a mug", benefit_value=value))

    assert statement.rule == "part_payment"


@pytest.mark.parametrize("year", [2015, 2022, 2026, 2027])
def test_a_year_without_limits_stops_the_rule_and_never_takes_those_of_another_year(year):
    statement = wording.statement("US", given(on=date(year, 6, 1), benefit="a mug", benefit_value=1))

    assert statement.rule == "part_payment"
    assert statement.deductible == 14999
    assert str(year) in statement.note
    assert "not known" in statement.note
    with pytest.raises(wording.NoLimits, match=str(year)):
        wording.token_limits("US", year)


def test_limits_are_those_of_the_year():
    assert wording.token_limits("US", 2025).benefit_at_most == 13600
    assert wording.token_limits("US", 2024).gift_at_least == 6600
    assert wording.token_limits("US", 2023).item_at_most == 1250


def test_the_limits_count_in_their_own_currency_only():
    assert (
        wording.statement("US", given(currency="EUR", benefit="a mug", benefit_value=1)).rule
        == "part_payment"
    )


@pytest.mark.parametrize("kind", ["in_kind", "stock", "vehicle"])
def test_goods_and_shares_are_described_and_not_valued(kind):
    statement = wording.statement("US", given(kind=kind, amount=80000, description="40 winter coats"))

    assert statement.deductible is None
    assert "$" not in said(statement)
    assert "for the donor to determine" in said(statement)
    assert "No goods or services were provided" in said(statement)


def test_goods_given_for_something_name_the_value_of_what_was_received_only():
    statement = wording.statement(
        "US", given(kind="in_kind", amount=80000, benefit="a dinner", benefit_value=4000)
    )

    assert "$40.00" in said(statement)
    assert "$800.00" not in said(statement)


def test_a_grant_from_a_donor_advised_fund_is_thanked_without_tax_words():
    statement = wording.statement("US", given(kind="donor_advised", fee_cover=100))

    assert statement.deductible is None
    assert "Thank you" in said(statement)
    assert not {"tax", "deductible", "goods"} & set(said(statement).lower().replace(".", "").split())


def test_a_covered_fee_is_part_of_the_total_and_named():
    statement = wording.statement("US", given(amount=15465, fee_cover=465))

    assert statement.deductible == 15465
    assert "includes $4.65" in said(statement)


def test_a_country_without_rules_is_refused_with_its_name():
    with pytest.raises(wording.NoRule, match="CA"):
        wording.statement("CA", given())


def test_a_day_before_the_rule_is_refused():
    with pytest.raises(wording.NoRule, match="1990"):
        wording.statement("US", given(on=date(1990, 1, 1)))


def test_every_rule_names_its_source_and_no_two_are_valid_at_once():
    for one in wording.rules():
        assert one.source
        for other in wording.rules():
            if one is not other and (one.country, one.code) == (other.country, other.code):
                ends, begins = (one.valid_to or date.max), other.valid_from
                assert ends < begins or (other.valid_to or date.max) < one.valid_from


def test_every_wording_has_a_rule():
    codes = {rule.code for rule in wording.rules() if rule.unit == "wording"}
    assert codes == set(wording._WORDINGS)
