"""Gifts: what a verb does, does whole, and refuses."""

from datetime import UTC, date, datetime

import pytest

from donations import gifts, ledger, refunds
from donations.corrections import AsksFirst, Closed, NotCorrectable, WrongSplits
from donations.gifts import NotPossible, Receipted
from donations.tables import Account
from kit import changes, days, db
from kit.errors import Conflict, NotFound
from tests import make

DAY = date(2026, 3, 4)


async def status(gift) -> str:
    return await db.value("SELECT status FROM gifts WHERE id = $1", gift.id)


async def total_of(donor: int) -> int | None:
    return await db.value("SELECT hard_total FROM giving_totals WHERE constituent = $1", donor)


async def test_a_cheque_is_settled_booked_counted_told_and_noted():
    gift = await make.gift(amount=2500, given_on=DAY)

    assert gift.status == "settled"
    assert await ledger.balance(Account.UNDEPOSITED, "USD") == 2500
    assert await ledger.balance(Account.INCOME, "USD") == -2500
    assert await total_of(gift.donor) == 2500
    line = await db.row("SELECT * FROM timeline_entries WHERE kind = 'gift' AND source_id = $1", gift.id)
    assert line and (line["constituent"], line["amount"], line["happened_on"]) == (gift.donor, 2500, DAY)
    assert [change["action"] for change in await changes.of("gift", gift.id)] == ["gift.recorded"]


async def test_a_transfer_is_in_the_bank_and_a_deposited_cheque_too():
    await make.gift(amount=1000, method=gifts.GiftMethod.TRANSFER)
    await make.gift(amount=200, deposited_on=DAY)

    assert await ledger.balance(Account.BANK, "USD") == 1200
    assert await ledger.balance(Account.UNDEPOSITED, "USD") == 0


async def test_goods_stand_apart_from_money_and_may_be_worth_nothing():
    gift = await make.gift(amount=0, kind=gifts.GiftKind.IN_KIND, in_kind_description="40 chairs")
    await make.gift(donor=gift.donor, amount=9000, kind=gifts.GiftKind.IN_KIND, in_kind_description="A piano")

    assert await ledger.balance(Account.INCOME, "USD") == 0
    assert await ledger.balance(Account.INCOME_IN_KIND, "USD") == -9000
    assert await total_of(gift.donor) == 0


async def test_the_same_entry_key_finds_the_first_gift():
    donor = (await make.gift()).donor
    one = await make.gift(donor=donor, entry_key="once")
    other = await make.gift(donor=donor, entry_key="once")

    assert one.id == other.id
    assert await total_of(donor) == 10000


async def test_splits_that_do_not_add_up_say_the_difference():
    fund = await make.fund()
    for part, words in ((900, "$1.00 is missing"), (1100, "$1.00 too much")):
        with pytest.raises(WrongSplits, match=words.replace("$", r"\$")):
            await make.gift(amount=1000, splits=[(fund.id, part)])
    with pytest.raises(WrongSplits, match="stands twice"):
        await make.gift(amount=1000, splits=[(fund.id, 500), (fund.id, 500)])


async def test_a_closed_fund_takes_no_new_gift_and_keeps_what_it_has():
    from donations import funds

    fund = await make.fund("Roof")
    gift = await make.gift(amount=1000, splits=[(fund.id, 1000)])
    await funds.close(fund.id, by=make.STAFF)

    with pytest.raises(Closed, match="Roof"):
        await make.gift(amount=1000, splits=[(fund.id, 1000)])
    await gifts.correct(gift.id, {"amount": 1100, "splits": [(fund.id, 1100)]}, version=1, by=make.STAFF)
    assert await total_of(gift.donor) == 1100


async def test_money_that_came_online_is_kept_whatever_closed_meanwhile():
    from donations import funds

    fund = await make.fund()
    await funds.close(fund.id, by=make.STAFF)

    gift = await make.gift(amount=1000, splits=[(fund.id, 1000)], source=gifts.GiftSource.ONLINE)

    assert gift.status == "settled"
    assert await ledger.balance(Account.STRIPE, "USD") == 1000


@pytest.mark.parametrize("column", ["deceased = true", "archived_at = now()"])
async def test_an_archived_or_deceased_donor_is_asked_about(column):
    donor = (await make.gift()).donor
    await db.row(f"UPDATE constituents SET {column} WHERE id = $1", donor)

    with pytest.raises(AsksFirst, match="Dana"):
        await make.gift(donor=donor)
    with pytest.raises(AsksFirst, match="Dana"):
        await gifts.move((await make.gift()).id, donor, by=make.STAFF)


async def test_a_pending_gift_counts_when_it_settles_and_once():
    gift = await make.gift(amount=700, status=gifts.GiftStatus.PENDING, method=gifts.GiftMethod.BANK_DEBIT)
    assert await total_of(gift.donor) is None

    for _ in range(2):
        await gifts.settle(gift.id, on=DAY, by=make.STAFF)

    assert (await status(gift), await total_of(gift.donor)) == ("settled", 700)
    assert len(await ledger.of_gift(gift.id)) == 1


@pytest.mark.parametrize(("verb", "then"), [(gifts.fail, "failed"), (gifts.abandon, "abandoned")])
async def test_a_pending_gift_may_come_to_nothing_and_then_to_something_after_all(verb, then):
    gift = await make.gift(status=gifts.GiftStatus.PENDING)

    await verb(gift.id, by=make.STAFF, reason="no funds")
    assert (await status(gift), await ledger.of_gift(gift.id)) == (then, [])

    await gifts.settle(gift.id, by=make.STAFF)
    assert await status(gift) == "settled"


async def test_a_bounced_cheque_counts_no_longer():
    gift = await make.gift(amount=700, deposited_on=DAY)

    await gifts.bounce(gift.id, reason="no funds", by=make.STAFF)

    assert (await status(gift), await total_of(gift.donor)) == ("bounced", None)
    assert await ledger.balance(Account.BANK, "USD") == await ledger.balance(Account.INCOME, "USD") == 0
    with pytest.raises(NotPossible):
        await gifts.bounce((await make.gift(method=gifts.GiftMethod.CASH)).id, reason="?", by=make.STAFF)


async def test_a_gift_typed_twice_is_voided_but_not_money_from_stripe():
    gift = await make.gift()
    await gifts.void(gift.id, reason="typed twice", by=make.STAFF)
    assert (await status(gift), await ledger.balance(Account.INCOME, "USD")) == ("voided", 0)

    with pytest.raises(NotPossible, match="Stripe"):
        await gifts.void((await make.gift(source=gifts.GiftSource.ONLINE)).id, reason="?", by=make.STAFF)


async def test_a_correction_reverses_books_anew_and_keeps_the_old_values():
    gift = await make.gift(amount=10000, deposited_on=DAY)

    await gifts.correct(
        gift.id, {"amount": 1000, "splits": [(await make.general_fund(), 1000)]},
        version=gift.version, by=make.STAFF, reason="a nought too many",
    )  # fmt: skip

    assert await total_of(gift.donor) == 1000
    assert await ledger.balance(Account.BANK, "USD") == 1000
    assert [journal["event"] for journal in await ledger.of_gift(gift.id)] == [
        "received", "deposited", "received reversed", "deposited reversed", "received 2", "deposited 2",
    ]  # fmt: skip
    before = await db.value("SELECT before FROM gift_events WHERE gift = $1 AND kind = 'corrected'", gift.id)
    assert '"amount":10000' in before.replace(" ", "")


async def test_correcting_a_note_books_nothing_and_nothing_changed_is_no_correction():
    gift = await make.gift()

    await gifts.correct(gift.id, {"note": "In memory of Ruth"}, version=1, by=make.STAFF)
    await gifts.correct(gift.id, {"note": "In memory of Ruth"}, version=2, by=make.STAFF)

    assert len(await ledger.of_gift(gift.id)) == 1
    assert await db.value("SELECT version FROM gifts WHERE id = $1", gift.id) == 2


async def test_the_second_of_two_editors_is_told():
    gift = await make.gift()
    await gifts.correct(gift.id, {"note": "one"}, version=1, by=make.STAFF)
    with pytest.raises(Conflict, match="meanwhile"):
        await gifts.correct(gift.id, {"note": "two"}, version=1, by=make.STAFF)


async def test_what_stripe_knows_is_not_corrected():
    gift = await make.gift(source=gifts.GiftSource.ONLINE)
    with pytest.raises(NotCorrectable, match="Stripe"):
        await gifts.correct(gift.id, {"given_on": DAY}, version=1, by=make.STAFF)


async def receipt(gift) -> None:
    """The gift on a live receipt, as receipts would put it."""
    from kit import days

    series = await make.insert(
        "receipt_series", organisation=gift.organisation, code=f"T{gift.id}", next_number=1
    )
    row = await make.insert(
        "receipts", series=series.id, number=1, label=f"T-{gift.id}", issued_on=DAY, total=gift.amount, currency="USD",
        rule="us", template_version="1", issued_at=days.now(),
    )  # fmt: skip
    await db.row("UPDATE receipt_series SET next_number = 2 WHERE id = $1", series.id)
    await make.insert(
        "receipt_lines", receipt=row.id, gift=gift.id, amount=gift.amount, deductible=gift.amount, live=True
    )
    await db.row("UPDATE gifts SET receipted_at = $2 WHERE id = $1", gift.id, days.now())


async def test_a_receipted_gift_is_locked_but_for_its_note():
    gift, other = await make.gift(), await make.gift()
    await receipt(gift)

    for verb in (
        gifts.correct(gift.id, {"amount": 1}, version=1, by=make.STAFF),
        gifts.move(gift.id, other.donor, by=make.STAFF),
        gifts.void(gift.id, reason="?", by=make.STAFF),
        gifts.bounce(gift.id, reason="?", by=make.STAFF),
    ):
        with pytest.raises(Receipted, match="Void the receipt first"):
            await verb
    await gifts.correct(gift.id, {"note": "Met her at the market"}, version=1, by=make.STAFF)
    assert await total_of(gift.donor) == 5000


async def test_a_moved_gift_takes_totals_and_timeline_along():
    gift, right = await make.gift(amount=700), await make.gift(amount=100)

    await gifts.move(gift.id, right.donor, by=make.STAFF)

    assert (await total_of(gift.donor), await total_of(right.donor)) == (None, 800)
    line = await db.value(
        "SELECT constituent FROM timeline_entries WHERE kind = 'gift' AND source_id = $1", gift.id
    )
    assert line == right.donor


async def test_a_moved_gift_takes_what_went_back_of_it_along():
    gift, right = await make.gift(amount=2500), await make.person("Ada", "Lind")
    await refunds.record(gift.id, 1000, reason="asked", by=make.STAFF)

    await gifts.move(gift.id, right.id, reason="two of one name", by=make.STAFF)

    lines = await db.rows("SELECT kind, constituent FROM timeline_entries ORDER BY kind")
    assert [(line["kind"], line["constituent"]) for line in lines] == [
        ("gift", right.id),
        ("refund", right.id),
    ]
    assert await db.value("SELECT reason FROM gift_events WHERE kind = 'moved'") == "two of one name"


async def test_what_was_typed_wrong_leaves_no_year_of_the_books_off():
    year = "SELECT -sum(amount) FROM journals j JOIN postings p ON p.journal = j.id WHERE account = 'income' AND day < '2026-01-01'"
    with days.frozen(datetime(2026, 3, 1, tzinfo=UTC)):
        gift = await make.gift(amount=10_000, given_on=date(2025, 12, 30), deposited_on=date(2026, 1, 2))
        await gifts.correct(
            gift.id, {"amount": 1000, "splits": [(await make.general_fund(), 1000)]}, version=1, by=make.STAFF
        )
        assert await db.value(year) == 1000
        assert await ledger.balance(ledger.Account.UNDEPOSITED, "USD") == 0

        await gifts.void(gift.id, reason="twice", by=make.STAFF)
        assert await db.value(year) == 0

        bounced = await make.gift(amount=700, given_on=date(2025, 12, 30))
        await gifts.bounce(bounced.id, reason="no cover", by=make.STAFF)
        assert await db.value(year) == 700  # it bounced this year


async def test_thanking_twice_is_thanking_once_and_no_receipt():
    gift = await make.gift()
    for _ in range(2):
        await gifts.thank(gift.id, by=make.STAFF)
    row = await db.row("SELECT thanked_at, receipted_at FROM gifts WHERE id = $1", gift.id)
    assert row and row["thanked_at"] and not row["receipted_at"]
    assert len(await changes.of("gift", gift.id)) == 2


async def test_a_deposit_moves_the_cheque_to_the_bank_once():
    gift = await make.gift(amount=700)
    for _ in range(2):
        await gifts.deposit(gift.id, on=DAY, by=make.STAFF)
    assert await ledger.balance(Account.BANK, "USD") == 700
    assert await ledger.balance(Account.UNDEPOSITED, "USD") == 0


async def test_a_gift_of_nobody_is_not_found():
    await make.gift()
    with pytest.raises(NotFound):
        await make.gift(donor=99_999_999)
    with pytest.raises(NotFound):
        await gifts.settle(99_999_999, by=make.STAFF)


async def test_an_appeal_brings_its_campaign():
    appeal = await make.appeal()
    gift = await make.gift(appeal=appeal.id)
    assert gift.campaign == appeal.campaign
