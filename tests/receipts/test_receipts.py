"""Receipts: issued once and whole, void with a reason, never changed."""

from datetime import UTC, date, datetime

import asyncpg
import pytest

from donations import gifts, refunds
from donations.tables import GiftKind, GiftSource, GiftStatus
from kit import changes, days, db, facts, files, jobs, pdf
from kit.errors import NotFound
from receipts import delivery, finding, letter, receipts
from receipts import jobs as receipt_jobs  # noqa: F401  its listeners
from receipts.receipts import NotReceiptable, NotVoidable
from tests import make


@pytest.fixture(autouse=True, scope="module")
async def press():
    facts.verify()
    yield
    await pdf.stop()


@pytest.fixture(autouse=True)
def in_november():
    with days.frozen(datetime(2026, 11, 12, 18, tzinfo=UTC)):
        yield


async def snapshot_of(receipt_id: int) -> letter.Snapshot:
    return letter.from_json((await receipts.get(receipt_id))["snapshot"])


async def mails() -> list[dict]:
    return await db.rows("SELECT * FROM mails ORDER BY id")


async def with_email(address: str = "margaret@example.org") -> int:
    donor = await make.person("Margaret", "Okafor")
    await make.insert(
        "emails", constituent=donor.id, address=address, normal=address, kind="home", preferred=True
    )
    return donor.id


async def test_the_first_receipt_of_a_year_is_number_one_and_the_next_is_two():
    first = await receipts.issue_for_gift((await make.gift()).id, by=make.STAFF)
    second = await receipts.issue_for_gift((await make.gift()).id, by=make.STAFF)

    assert (await receipts.get(first))["label"] == "US-2026-000001"
    assert (await receipts.get(second))["label"] == "US-2026-000002"


async def test_a_new_year_where_the_organisation_is_begins_a_new_series():
    with days.frozen(datetime(2027, 1, 1, 7, tzinfo=UTC)):  # still 2026 in Los Angeles
        old = await receipts.issue_for_gift((await make.gift()).id, by=make.STAFF)
    with days.frozen(datetime(2027, 1, 1, 9, tzinfo=UTC)):
        new = await receipts.issue_for_gift((await make.gift()).id, by=make.STAFF)

    assert (await receipts.get(old))["label"] == "US-2026-000001"
    assert (await receipts.get(new))["label"] == "US-2027-000001"


async def test_issuing_twice_is_issuing_once():
    gift = await make.gift()

    assert await receipts.issue_for_gift(gift.id, by=make.STAFF) == await receipts.issue_for_gift(
        gift.id, by=make.STAFF
    )
    assert await db.value("SELECT count(*) FROM receipts") == 1


async def test_the_snapshot_holds_what_is_printed_and_does_not_follow_later_changes():
    donor = await with_email()
    await make.insert(
        "addresses", constituent=donor, street="18 Alder Lane", city="Portland", region="OR", postal_code="97206",
        country="US", kind="home", preferred=True,
    )  # fmt: skip
    gift = await make.gift(donor=donor, amount=15000, given_on=date(2026, 11, 10), cheque_number="1042")
    receipt_id = await receipts.issue_for_gift(gift.id, by=make.STAFF)
    await db.row("UPDATE constituents SET name = 'Peg' WHERE id = $1", donor)
    await db.row("UPDATE organisations SET legal_name = 'Another'")

    snapshot = await snapshot_of(receipt_id)

    assert snapshot.addressee == ("Margaret Okafor", "18 Alder Lane", "Portland, OR 97206")
    assert snapshot.head.name == "Riverbend Food Bank, Inc."
    assert snapshot.head.registration == "EIN 93-1234567"
    assert snapshot.thanks == "Thank you for your gift to Riverbend Food Bank, Inc."
    assert snapshot.amount == 15000
    assert snapshot.lines[0].detail == "by check 1042"
    assert snapshot.given_on == date(2026, 11, 10)
    assert snapshot.sentences == ("No goods or services were provided in exchange for this contribution.",)


async def test_a_receipt_locks_its_gift_and_is_told_on_the_timeline_and_in_the_history():
    gift = await make.gift()
    receipt_id = await receipts.issue_for_gift(gift.id, by=make.STAFF)

    assert await db.value("SELECT receipted_at FROM gifts WHERE id = $1", gift.id)
    line = await db.row(
        "SELECT * FROM timeline_entries WHERE kind = 'receipt' AND source_id = $1", receipt_id
    )
    assert line
    assert (line["constituent"], line["title"], line["permission"]) == (
        gift.donor,
        "US-2026-000001",
        "receipts.read",
    )
    (change,) = await changes.of("receipt", receipt_id)
    assert (change["action"], change["actor_label"]) == ("receipt.issued", "Ana Ruiz")


async def test_a_gift_for_two_funds_says_what_each_gets_until_a_part_is_given_back():
    kitchen = await make.fund("Kitchen")
    general = await make.general_fund()
    gift = await make.gift(amount=5000, splits=[(general, 2000), (kitchen.id, 3000)])
    first = await receipts.issue_for_gift(gift.id, by=make.STAFF)
    (line,) = (await snapshot_of(first)).lines

    assert line.description == "Gift: 2 funds"
    assert line.shares == (
        letter.Share(of="Kitchen", amount=3000),
        letter.Share(of="General fund", amount=2000),
    )

    await receipts.void(first, reason="to be refunded", by=make.STAFF)
    await refunds.record(gift.id, 1000, reason="too much", by=make.STAFF)
    (line,) = (await snapshot_of(await receipts.issue_for_gift(gift.id, by=make.STAFF))).lines

    assert [share.amount for share in line.shares] == [None, None]


async def test_a_year_without_limits_is_told_to_staff_in_the_history():
    """A small present of 2026 is a part payment, because nobody knows the limits of that year; somebody must hear it."""
    small = await make.gift(amount=50000, benefit_description="a mug", benefit_value=800)
    plain = await make.gift()

    told = [
        (await changes.of("receipt", await receipts.issue_for_gift(gift.id, by=make.STAFF)))[0]["after"]
        for gift in (small, plain)
    ]

    assert "limits for thank-you presents of 2026 are not known" in told[0]["wording"]
    assert "wording" not in told[1]


async def test_goods_are_receipted_without_a_value():
    gift = await make.gift(kind=GiftKind.IN_KIND, amount=80000, in_kind_description="40 winter coats")
    snapshot = await snapshot_of(await receipts.issue_for_gift(gift.id, by=make.STAFF))

    assert snapshot.amount is None
    assert (snapshot.lines[0].description, snapshot.lines[0].amount) == ("40 winter coats", None)


async def test_a_part_payment_keeps_value_and_deductible_part_in_its_line():
    gift = await make.gift(amount=15000, benefit_description="a dinner", benefit_value=9000)
    receipt_id = await receipts.issue_for_gift(gift.id, by=make.STAFF)

    (line,) = await finding.lines_of(receipt_id)
    assert (line["amount"], line["benefit"], line["deductible"]) == (15000, 9000, 6000)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"source": GiftSource.IMPORT}, "imported"),
        ({"status": GiftStatus.PENDING}, "settled"),
        (
            {"amount": 5000, "benefit_description": "a dinner", "benefit_value": 5000},
            "nothing of it is deductible",
        ),
    ],
)
async def test_a_gift_that_gets_no_receipt_is_refused_with_the_reason_and_takes_no_number(given, words):
    gift = await make.gift(**given)

    with pytest.raises(NotReceiptable, match=words):
        await receipts.issue_for_gift(gift.id, by=make.STAFF)
    assert await db.value("SELECT count(*) FROM receipt_series") == 0


async def test_nothing_is_receipted_until_the_organisation_is_complete_and_it_says_what_lacks():
    await make.organisation()
    await db.row("UPDATE organisations SET registration_number = '', street = ' '")
    gift = await make.gift()

    with pytest.raises(NotReceiptable, match=r"Street, Registration number"):
        await receipts.issue_for_gift(gift.id, by=make.STAFF)


async def test_a_name_that_cannot_be_set_takes_no_number_and_becomes_a_task():
    donor = await make.person("小明", "王")
    gift = await make.gift(donor=donor, receipt_wanted=True)
    await jobs.drain()

    with pytest.raises(NotReceiptable, match=r"no sign for .*U\+738B"):
        await receipts.issue_for_gift(gift.id, by=make.STAFF)
    task = await db.row("SELECT * FROM tasks WHERE kind = 'receipt'")
    assert task
    assert (task["route"], task["route_id"]) == ("gifts:show", gift.id)
    assert "U+738B" in task["detail"]

    await db.row("UPDATE constituents SET name = 'Wang Xiaoming' WHERE id = $1", donor.id)
    await receipts.issue_for_gift(gift.id, by=make.STAFF)
    assert await db.value("SELECT done_at FROM tasks WHERE id = $1", task["id"])


async def test_an_unknown_gift_is_not_found():
    await make.organisation()
    with pytest.raises(NotFound):
        await receipts.issue_for_gift(999_999, by=make.STAFF)


# By itself


@pytest.mark.parametrize(
    ("given", "count"),
    [
        ({"source": GiftSource.ONLINE}, 1),
        ({"receipt_wanted": True}, 1),
        ({"receipt_wanted": False}, 0),
        ({"source": GiftSource.IMPORT, "receipt_wanted": True}, 0),
    ],
)
async def test_an_online_gift_gets_its_receipt_a_typed_one_by_its_box_an_imported_one_never(given, count):
    await make.gift(donor=await with_email(), **given)
    await jobs.drain()

    assert await db.value("SELECT count(*) FROM receipts") == count
    assert len(await mails()) == count


async def test_the_receipt_is_mailed_once_with_its_pdf():
    gift = await make.gift(donor=await with_email(), amount=2500, receipt_wanted=True)
    await jobs.drain()
    receipt_id = await receipts.live_receipt_of(gift.id)
    assert receipt_id
    await delivery.deliver(receipt_id)
    await jobs.drain()

    (mail,) = await mails()
    assert mail["address"] == "margaret@example.org"
    assert mail["subject"] == "Your receipt US-2026-000001 from Riverbend Food Bank, Inc."
    assert "$25.00" in mail["body_text"]
    assert "No goods or services" in mail["body_html"]
    assert '"US-2026-000001.pdf"' in mail["attachments"]


async def test_a_grant_from_a_donor_advised_fund_is_thanked_by_mail_without_tax_words():
    gift = await make.gift(donor=await with_email(), kind=GiftKind.DONOR_ADVISED)
    await receipts.issue_for_gift(gift.id, by=make.STAFF)
    await jobs.drain()
    await refunds.record(gift.id, gift.amount, reason="asked", by=make.STAFF)
    await jobs.drain()

    thanks, void = await mails()
    assert thanks["subject"] == "Thank you from Riverbend Food Bank, Inc."
    assert "US-2026-000001" in thanks["body_text"]
    for mail in (thanks, void):
        said = f"{mail['subject']} {mail['body_text']} {mail['body_html']}".casefold()
        for word in ("receipt", "tax", "deduct", "your records"):
            assert word not in said, word


async def test_a_donor_without_an_address_gets_a_pdf_to_print_and_no_mail():
    gift = await make.gift(receipt_wanted=True)
    await jobs.drain()

    receipt_id = await receipts.live_receipt_of(gift.id)
    assert receipt_id
    assert (await receipts.get(receipt_id))["file"]
    assert await mails() == []


async def test_an_address_that_is_none_becomes_a_task_and_the_pdf_is_there_to_print():
    gift = await make.gift(donor=await with_email("none of your business"), receipt_wanted=True)
    await jobs.drain()

    receipt_id = await receipts.live_receipt_of(gift.id)
    assert receipt_id
    assert (await receipts.get(receipt_id))["file"]
    assert await db.value("SELECT route_id FROM tasks WHERE route = 'receipts:show'") == receipt_id
    assert await mails() == []


async def test_the_receipt_of_an_online_gift_goes_where_its_donor_typed():
    gift = await make.gift(donor=await with_email("old@example.org"), source=GiftSource.ONLINE)
    fund = await make.general_fund()
    await make.insert(
        "giving_intents", organisation=(await make.organisation()).id, token_hash="0" * 64, form_key="k", fund=fund,
        amount=5000, cover_offered=0, cover=0, currency="USD", given_name="", family_name="", email="new@example.org",
        email_normal="new@example.org", address="{}", comment="", anonymous=False, status="paid", stripe_url="",
        failure="", gift=gift.id, created_at=days.now(), updated_at=days.now(),
    )  # fmt: skip
    await jobs.drain()

    (mail,) = await mails()
    assert mail["address"] == "new@example.org"


async def test_the_bytes_stay_the_same_when_the_template_changes(monkeypatch):
    receipt_id = await receipts.issue_for_gift((await make.gift()).id, by=make.STAFF)
    before = (await files.read(await delivery.document_of(receipt_id))).data
    page = letter.page(await snapshot_of(receipt_id))
    changed = letter._environment().overlay()
    changed.cache = {}
    changed.globals = {**changed.globals, "_": lambda sentence, **values: f"NEW {sentence}"}
    monkeypatch.setattr(letter, "_environment", lambda: changed)
    assert letter.page(await snapshot_of(receipt_id)) != page

    after = (await files.read(await delivery.document_of(receipt_id))).data

    assert after == before
    assert after.startswith(b"%PDF")


# Void


async def test_a_void_keeps_the_number_and_frees_the_gift():
    gift = await make.gift()
    first = await receipts.issue_for_gift(gift.id, by=make.STAFF)
    await receipts.void(first, reason="Wrong donor", by=make.STAFF)
    second = await receipts.issue_for_gift(gift.id, by=make.STAFF)

    assert (await receipts.get(first))["void_reason"] == "Wrong donor"
    assert (await receipts.get(second))["label"] == "US-2026-000002"
    assert [receipt["state"] for receipt in await finding.of_gift(gift.id)] == ["issued", "void"]
    assert (
        await db.value("SELECT status FROM timeline_entries WHERE kind = 'receipt' AND source_id = $1", first)
        == "void"
    )


async def test_a_void_needs_a_reason_and_happens_once():
    receipt_id = await receipts.issue_for_gift((await make.gift()).id, by=make.STAFF)
    with pytest.raises(NotVoidable, match="Say why"):
        await receipts.void(receipt_id, reason="  ", by=make.STAFF)
    await receipts.void(receipt_id, reason="Wrong donor", by=make.STAFF)
    with pytest.raises(NotVoidable, match="already"):
        await receipts.void(receipt_id, reason="Again", by=make.STAFF)


async def test_a_receipt_that_is_void_before_it_is_mailed_is_not_mailed():
    gift = await make.gift(donor=await with_email())
    receipt_id = await receipts.issue_for_gift(gift.id, by=make.STAFF)
    await receipts.void(receipt_id, reason="Wrong donor", by=make.STAFF)
    await jobs.drain()

    assert await mails() == []


async def test_a_full_refund_voids_the_receipt_and_tells_the_donor():
    gift = await make.gift(donor=await with_email(), amount=2500, receipt_wanted=True)
    await jobs.drain()
    await refunds.record(gift.id, 2500, reason="asked", by=make.STAFF)
    await jobs.drain()

    assert await receipts.live_receipt_of(gift.id) is None
    _issued, told = await mails()
    assert told["subject"] == "Your receipt US-2026-000001 no longer stands"
    assert "refunded in full" in told["body_text"]


async def test_a_partial_refund_marks_the_receipt_and_asks_somebody():
    gift = await make.gift(donor=await with_email(), amount=2500, receipt_wanted=True)
    await jobs.drain()
    await refunds.record(gift.id, 500, reason="asked", by=make.STAFF)
    await jobs.drain()

    receipt_id = await receipts.live_receipt_of(gift.id)
    assert receipt_id
    ((found,), _more) = await finding.page(state="needs_correction")
    assert found["id"] == receipt_id
    assert await db.value("SELECT count(*) FROM tasks WHERE route = 'receipts:show' AND done_at IS NULL") == 1

    await receipts.void(receipt_id, reason="Part refunded", by=make.STAFF)
    snapshot = await snapshot_of(await receipts.issue_for_gift(gift.id, by=make.STAFF))
    assert snapshot.amount == 2000
    assert "what is left after a refund" in snapshot.lines[0].detail
    assert await db.value("SELECT count(*) FROM tasks WHERE done_at IS NULL") == 0


async def test_a_receipted_gift_is_not_corrected_before_its_receipt_is_void():
    gift = await make.gift()
    await receipts.issue_for_gift(gift.id, by=make.STAFF)

    with pytest.raises(gifts.Receipted):
        await gifts.bounce(gift.id, reason="no money", by=make.STAFF)


# What the database allows


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE receipts SET total = 1",
        "DELETE FROM receipts",
        "UPDATE receipt_voids SET reason = 'x'",
        "DELETE FROM receipt_files",
        "UPDATE receipt_lines SET amount = 1",
        "DELETE FROM receipt_lines",
        "UPDATE receipt_lines SET live = true",
        "UPDATE receipt_series SET next_number = 1",
    ],
)
async def test_nobody_alters_a_receipt(statement):
    receipt_id = await receipts.issue_for_gift((await make.gift()).id, by=make.STAFF)
    await delivery.document_of(receipt_id)
    await receipts.void(receipt_id, reason="Wrong donor", by=make.STAFF)

    with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.RestrictViolationError)):
        async with db.tx() as connection:
            await connection.execute(statement)


async def test_a_gift_is_on_one_live_receipt_at_most():
    gift = await make.gift()
    receipt_id = await receipts.issue_for_gift(gift.id, by=make.STAFF)

    with pytest.raises(asyncpg.UniqueViolationError):
        async with db.tx():
            await make.insert(
                "receipt_lines",
                receipt=receipt_id,
                gift=gift.id,
                amount=1,
                benefit=0,
                deductible=1,
                live=True,
            )


async def test_a_dispute_marks_the_receipt_winning_clears_it_and_losing_voids_it():
    await make.organisation()
    won, lost = await make.gift(receipt_wanted=True), await make.gift(receipt_wanted=True)
    await jobs.drain()
    for gift in (won, lost):
        await make.dispute(gift.id)
    await jobs.drain()
    assert await db.value("SELECT count(*) FROM gifts WHERE receipt_needs_correction") == 2

    await make.dispute(won.id, "won")
    await make.dispute(lost.id, "lost")
    await jobs.drain()

    assert await db.value("SELECT receipt_needs_correction FROM gifts WHERE id = $1", won.id) is False
    assert await receipts.live_receipt_of(won.id) is not None
    assert await receipts.live_receipt_of(lost.id) is None
