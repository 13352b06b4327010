"""Gifts on screen: recording, listing, showing, correcting, moving, giving back; and what bad input is told."""

import re

import pytest

from donations import gifts, refunds
from kit import changes, db
from tests import make

ENTRY = {
    "amount": "25.00", "currency": "USD", "given_on": "2026-03-04", "method": "cheque", "cheque_number": "0412",
    "kind": "cash", "fund": "", "part": "", "entry_key": "k1",
}  # fmt: skip


async def gift_count() -> int:
    return await db.value("SELECT count(*) FROM gifts")


async def prepared(browser, role="administrator"):
    """Signed in, with a general fund and a donor; returns the donor."""
    gift = await make.gift(amount=100)
    await browser.sign_in(role=role)
    return gift.donor


async def latest() -> dict:
    row = await db.row("SELECT * FROM gifts ORDER BY id DESC LIMIT 1")
    assert row is not None
    return row


# ---------------------------------------------------------------- recording


async def test_a_cheque_is_recorded_and_shown(browser):
    donor = await prepared(browser)

    answer = await browser.submit("/gifts", **ENTRY, donor=donor)

    assert answer.status_code == 303
    gift = await latest()
    assert answer.headers["location"] == f"/gifts/{gift['id']}"
    assert (gift["amount"], gift["cheque_number"], gift["status"], gift["method"]) == (
        2500,
        "0412",
        "settled",
        "cheque",
    )
    assert "$25.00" in (await browser.get(f"/gifts/{gift['id']}")).text


async def test_the_next_cheque_keeps_day_method_and_fund(browser):
    donor = await prepared(browser)
    fund = await make.fund("Kitchen")

    answer = await browser.submit("/gifts", **{**ENTRY, "fund": fund.id, "do": "next"}, donor=donor)

    assert "given_on=2026-03-04" in answer.headers["location"]
    page = (await browser.get(answer.headers["location"])).text
    assert 'value="2026-03-04"' in page and f'<option value="{fund.id}" selected' in page
    assert "Recorded today by you" in page and "1 gift" in page


async def test_a_form_sent_twice_records_once(browser):
    donor = await prepared(browser)
    first = await browser.submit("/gifts", **ENTRY, donor=donor)
    count = await gift_count()
    second = await browser.submit("/gifts", **{**ENTRY, "amount": "99"}, donor=donor)
    assert second.headers["location"] == first.headers["location"]
    assert await gift_count() == count


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("1.000", "Type 1000 or 1.0"),
        ("10.005", "at most 2 digits"),
        ("0", "above zero"),
        ("", "Type an amount"),
        ("1e3", "in digits"),
        ("٥٠", "in digits"),
        ("-5", "minus"),
        ("1_000", "in digits"),
        ("NaN", "in digits"),
        ("99999999999999", "more than any gift"),
    ],
)
async def test_an_amount_that_cannot_be_read_is_asked_back(browser, typed, said):
    donor = await prepared(browser)
    count = await gift_count()
    answer = await browser.submit("/gifts", **{**ENTRY, "amount": typed}, donor=donor)
    assert answer.status_code == 422
    assert said in answer.text and 'value="0412"' in answer.text
    assert await gift_count() == count


@pytest.mark.parametrize(
    ("typed", "minor"), [("1.000,50", 100050), ("1,000.50", 100050), ("$25", 2500), ("1,000", 100000)]
)
async def test_an_amount_is_read_as_it_is_written_here_and_there(browser, typed, minor):
    donor = await prepared(browser)
    assert (await browser.submit("/gifts", **{**ENTRY, "amount": typed}, donor=donor)).status_code == 303
    assert (await latest())["amount"] == minor


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2999-01-01", "not come yet"),
        ("0026-11-21", "before 1900"),
        ("2026-02-30", "no such day"),
        ("", "Type the day"),
    ],
)
async def test_a_day_that_cannot_be_is_refused(browser, day, said):
    donor = await prepared(browser)
    answer = await browser.submit("/gifts", **{**ENTRY, "given_on": day}, donor=donor)
    assert answer.status_code == 422 and said in answer.text


async def test_splits_that_do_not_add_up_say_the_difference(browser):
    donor, one, two = await prepared(browser), await make.fund(), await make.fund()
    entry = {**ENTRY, "amount": "100", "fund": [str(one.id), str(two.id)]}

    answer = await browser.submit("/gifts", **{**entry, "part": ["60", "30"]}, donor=donor)
    assert answer.status_code == 422 and "$10.00 is missing" in answer.text

    answer = await browser.submit("/gifts", **{**entry, "part": ["60", "50"]}, donor=donor)
    assert answer.status_code == 422 and "$10.00 too much" in answer.text

    assert (await browser.submit("/gifts", **{**entry, "part": ["60", ""]}, donor=donor)).status_code == 303
    rows = await db.rows(
        "SELECT fund, amount FROM gift_splits WHERE gift = $1 ORDER BY id", (await latest())["id"]
    )
    assert [(row["fund"], row["amount"]) for row in rows] == [(one.id, 6000), (two.id, 4000)]


async def test_another_fund_is_a_step_that_keeps_what_was_typed(browser):
    donor = await prepared(browser)
    count = await gift_count()
    answer = await browser.submit("/gifts", **{**ENTRY, "amount": "nonsense", "do": "add_split"}, donor=donor)
    assert answer.status_code == 200
    assert (
        answer.text.count('name="part"') == 2
        and "nonsense" in answer.text
        and "needs another look" not in answer.text
    )
    assert await gift_count() == count


async def test_the_donor_is_found_without_script(browser):
    await prepared(browser)
    answer = await browser.submit("/gifts", **{**ENTRY, "amount": "", "donor_q": "Dana"})
    assert answer.status_code == 200
    assert 'type="radio" name="donor"' in answer.text and "Dana Donor" in answer.text


async def test_the_donor_is_found_while_typing(browser):
    await prepared(browser)
    answer = await browser.part("/gift-donors", donor_q="Dana")
    assert answer.text.strip().startswith('<div id="donor-choices"') and "Dana Donor" in answer.text


async def test_a_gift_needs_a_donor(browser):
    await prepared(browser)
    answer = await browser.submit("/gifts", **ENTRY)
    assert answer.status_code == 422 and "Choose the donor" in answer.text
    answer = await browser.submit("/gifts", **ENTRY, donor=2_000_000_000)
    assert answer.status_code == 422 and "not there any more" in answer.text


@pytest.mark.parametrize("column", ["deceased = true", "archived_at = now()"])
async def test_a_donor_who_is_archived_or_has_died_is_asked_about(browser, column):
    donor = await prepared(browser)
    await db.row(f"UPDATE constituents SET {column} WHERE id = $1", donor)

    answer = await browser.submit("/gifts", **ENTRY, donor=donor)
    assert answer.status_code == 422 and 'name="confirmed"' in answer.text

    assert (await browser.submit("/gifts", **ENTRY, donor=donor, confirmed="yes")).status_code == 303


async def test_goods_are_described_and_may_be_worth_nothing(browser):
    donor = await prepared(browser)
    entry = {**ENTRY, "kind": "in_kind", "amount": "0"}
    answer = await browser.submit("/gifts", **entry, donor=donor)
    assert answer.status_code == 422 and "Say what was given" in answer.text
    answer = await browser.submit("/gifts", **entry, in_kind_description="40 folding chairs", donor=donor)
    assert answer.status_code == 303


async def test_a_benefit_with_a_value_says_what_it_was(browser):
    donor = await prepared(browser)
    answer = await browser.submit("/gifts", **ENTRY, benefit_value="10", donor=donor)
    assert answer.status_code == 422 and "Say what the donor got" in answer.text


async def test_a_closed_fund_is_said(browser):
    from donations import funds

    donor, fund = await prepared(browser), await make.fund("Roof")
    await funds.close(fund.id, by=make.STAFF)
    answer = await browser.submit("/gifts", **{**ENTRY, "fund": fund.id}, donor=donor)
    assert answer.status_code == 422 and "“Roof” is closed" in answer.text


async def test_a_fundraiser_may_look_but_not_record(browser):
    donor = await prepared(browser, role="fundraiser")
    count = await gift_count()
    assert (await browser.get("/gifts")).status_code == 200
    assert (await browser.get("/gifts/new")).status_code == 403
    assert (await browser.submit("/gifts", **ENTRY, donor=donor)).status_code == 403
    assert await gift_count() == count


async def test_htmx_gets_the_form_back_and_goes_on(browser):
    donor = await prepared(browser)
    part = {"hx-request": "true", "hx-request-type": "partial"}
    wrong = await browser.post("/gifts", data={**ENTRY, "amount": "x", "donor": str(donor)}, headers=part)
    assert wrong.status_code == 422 and wrong.text.strip().startswith('<form id="gift-form"')
    right = await browser.post("/gifts", data={**ENTRY, "donor": str(donor)}, headers=part)
    assert right.headers["hx-redirect"].startswith("/gifts/")


# ---------------------------------------------------------------- one gift


async def test_an_unknown_gift_is_not_found(browser):
    await prepared(browser)
    for path in ("/gifts/99999999", "/gifts/99999999999999999999", "/gifts/99999999/edit", "/gifts/99999999/refunds/new",
                 "/gifts/99999999/moves/new", "/gifts/99999999/voids/new", "/constituents/99999999/gifts"):  # fmt: skip
        assert (await browser.get(path)).status_code == 404, path
    for path in ("refunds", "moves", "voids", "bounces", "thanks", "deposits"):
        answer = await browser.submit(
            f"/gifts/99999999/{path}", reason="x", amount="1", deposited_on="2026-01-01"
        )
        assert answer.status_code == 404, path


async def test_wrong_methods_are_refused(browser):
    donor = await prepared(browser)
    gift = await make.gift(donor=donor)
    assert (await browser.get(f"/gifts/{gift.id}/thanks")).status_code == 405
    assert (await browser.put(f"/gifts/{gift.id}")).status_code == 405
    assert (await browser.delete(f"/gifts/{gift.id}")).status_code == 405


async def test_a_volunteer_coordinator_sees_no_gift(browser):
    donor = await prepared(browser, role="volunteer_coordinator")
    gift = await latest()
    for path in ("/gifts", f"/gifts/{gift['id']}", f"/constituents/{donor}/gifts", "/funds", "/campaigns"):
        assert (await browser.get(path)).status_code == 403, path


async def test_a_correction_shows_old_and_new(browser):
    donor = await prepared(browser, role="finance")
    gift = await make.gift(donor=donor, amount=10000)
    page = await browser.get(f"/gifts/{gift.id}/edit")
    assert 'value="100.00"' in page.text

    answer = await browser.submit(
        f"/gifts/{gift.id}", **{**ENTRY, "amount": "10"}, version=1, reason="a nought too many"
    )

    assert answer.status_code == 303
    text = (await browser.get(f"/gifts/{gift.id}")).text
    assert "<del>$100.00</del>" in text and "a nought too many" in text and "Received reversed" in text


async def test_the_second_of_two_editors_sees_both_and_may_then_save(browser):
    donor = await prepared(browser)
    gift = await make.gift(donor=donor)
    await gifts.correct(gift.id, {"note": "first"}, version=1, by=make.STAFF)
    typed = {**ENTRY, "note": "second", "amount": "50"}

    answer = await browser.submit(f"/gifts/{gift.id}", **typed, version=1)

    assert answer.status_code == 409 and "meanwhile" in answer.text
    assert ">first</td>" in answer.text and ">second</td>" in answer.text
    assert '<th scope="row">Amount</th>' not in answer.text  # 50 is 50.00
    assert (await latest())["note"] == "first" and 'name="version" value="2"' in answer.text
    assert (await browser.submit(f"/gifts/{gift.id}", **typed, version=2)).status_code == 303
    assert (await latest())["note"] == "second"


async def test_what_a_receipt_prints_or_what_went_back_stands_as_text(browser):
    donor = await prepared(browser)
    fund = await make.fund("Kitchen")
    gift = await make.gift(
        donor=donor, amount=5000, splits=[(fund.id, 2000), (await make.general_fund(), 3000)],
        benefit_description="A dinner", benefit_value=500,
    )  # fmt: skip
    await refunds.record(gift.id, 1000, reason="asked", by=make.STAFF)

    text = (await browser.get(f"/gifts/{gift.id}/edit")).text

    assert "A part of this gift went back" in text
    for name in ("amount", "fund", "part", "received_on", "deposited_on"):
        assert f'type="hidden" name="{name}"' in text, name
        assert f'id="f-{name}"' not in text, name
    assert 'id="f-benefit_value"' in text and 'id="f-note"' in text
    await db.row("UPDATE gifts SET receipted_at = now() WHERE id = $1", gift.id)
    text = (await browser.get(f"/gifts/{gift.id}/edit")).text
    assert "on a receipt" in text and 'id="f-benefit_value"' not in text and "Another fund" not in text
    await db.row("UPDATE gifts SET receipted_at = NULL WHERE id = $1", gift.id)


async def test_a_form_with_fixed_parts_saves_the_rest(browser):
    donor = await prepared(browser)
    fund = await make.fund("Kitchen")
    gift = await make.gift(
        donor=donor, amount=5000, splits=[(fund.id, 2000), (await make.general_fund(), 3000)]
    )
    await refunds.record(gift.id, 1000, reason="asked", by=make.STAFF)
    text = (await browser.get(f"/gifts/{gift.id}/edit")).text
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text):
        fields.setdefault(name, []).append(value)

    answer = await browser.submit(f"/gifts/{gift.id}", **fields, note="She moved away")

    assert answer.status_code == 303
    assert (await latest())["note"] == "She moved away"


async def test_gift_entry_may_not_correct(browser):
    donor = await prepared(browser, role="gift_entry")
    gift = await make.gift(donor=donor, amount=10000)
    assert (await browser.get(f"/gifts/{gift.id}/edit")).status_code == 403
    for path, fields in (("", ENTRY), ("/voids", {"reason": "x"}), ("/moves", {"donor": donor, "version": 1}),
                         ("/refunds", {"amount": "1", "reason": "x"})):  # fmt: skip
        assert (await browser.submit(f"/gifts/{gift.id}{path}", **fields)).status_code == 403
    assert (await latest())["version"] == 1


async def test_a_gift_is_moved_to_the_right_donor(browser):
    await prepared(browser)
    gift, right = await make.gift(), await make.gift()
    name = await db.value("SELECT name FROM constituents WHERE id = $1", right.donor)

    step = await browser.submit(f"/gifts/{gift.id}/moves", donor_q=name, version=1)
    assert step.status_code == 200 and name in step.text
    assert (await browser.submit(f"/gifts/{gift.id}/moves", version=1)).status_code == 422
    answer = await browser.submit(
        f"/gifts/{gift.id}/moves", donor=right.donor, version=1, reason="two of one name"
    )

    assert answer.status_code == 303
    assert "two of one name" in (await browser.get(f"/gifts/{gift.id}")).text
    assert await db.value("SELECT donor FROM gifts WHERE id = $1", gift.id) == right.donor


async def test_of_two_who_move_a_gift_the_second_looks_again(browser):
    await prepared(browser)
    gift, right, wrong = await make.gift(), await make.gift(), await make.gift()
    await gifts.move(gift.id, wrong.donor, by=make.STAFF)

    answer = await browser.submit(f"/gifts/{gift.id}/moves", donor=right.donor, version=1)

    assert answer.status_code == 409 and "meanwhile" in answer.text
    assert (await browser.submit(f"/gifts/{gift.id}/moves", donor=right.donor, version=2)).status_code == 303


async def test_a_refund_is_recorded_once(browser):
    donor = await prepared(browser, role="finance")
    gift = await make.gift(donor=donor, amount=2500)
    assert 'value="25.00"' in (await browser.get(f"/gifts/{gift.id}/refunds/new")).text

    for _ in range(2):
        answer = await browser.submit(
            f"/gifts/{gift.id}/refunds", amount="10.00", reason="asked", via="record", entry_key="r1"
        )
        assert answer.status_code == 303
    assert [refund["amount"] for refund in await refunds.of(gift.id)] == [1000]


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"amount": "10.00", "reason": ""}, "Say why"), ({"amount": "26.00", "reason": "x"}, "Only $25.00"),
     ({"amount": "1.000", "reason": "x"}, "two ways"), ({"amount": "5", "reason": "x", "via": "stripe"}, "did not come through Stripe")],
)  # fmt: skip
async def test_a_refund_that_cannot_be_is_refused_beside_its_field(browser, fields, said):
    donor = await prepared(browser, role="finance")
    gift = await make.gift(donor=donor, amount=2500)
    answer = await browser.submit(f"/gifts/{gift.id}/refunds", **fields)
    assert answer.status_code == 422
    assert said in answer.text and f'value="{fields["amount"]}"' in answer.text
    assert await refunds.of(gift.id) == []


async def test_a_fundraiser_may_not_refund(browser):
    donor = await prepared(browser, role="fundraiser")
    gift = await make.gift(donor=donor)
    answer = await browser.submit(f"/gifts/{gift.id}/refunds", amount="10.00", reason="asked")
    assert answer.status_code == 403
    assert await refunds.of(gift.id) == []


async def test_void_bounce_thank_and_deposit(browser):
    donor = await prepared(browser)
    for path, fields, status in (
        ("voids", {"reason": "typed twice"}, "voided"),
        ("bounces", {"reason": "no funds"}, "bounced"),
        ("thanks", {}, "settled"),
        ("deposits", {"deposited_on": "2026-03-05"}, "settled"),
    ):
        gift = await make.gift(donor=donor)
        if fields:
            assert (await browser.get(f"/gifts/{gift.id}/{path}/new")).status_code == 200
            assert (
                await browser.submit(f"/gifts/{gift.id}/{path}", **dict.fromkeys(fields, ""))
            ).status_code == 422
        assert (await browser.submit(f"/gifts/{gift.id}/{path}", **fields)).status_code == 303
        row = await db.row("SELECT * FROM gifts WHERE id = $1", gift.id)
        assert row and row["status"] == status
        assert len(await changes.of("gift", gift.id)) == 2
        assert (await browser.get(f"/gifts/{gift.id}")).status_code == 200


async def test_what_a_gift_cannot_become_is_said_on_its_form(browser):
    await prepared(browser)
    online = await make.gift(source=gifts.GiftSource.ONLINE, method=gifts.GiftMethod.CARD)
    for path in ("voids", "bounces"):
        assert (await browser.submit(f"/gifts/{online.id}/{path}", reason="x")).status_code == 422
    assert (
        await browser.submit(f"/gifts/{online.id}/deposits", deposited_on="2026-03-05")
    ).status_code == 422


async def test_money_of_a_page_is_only_for_who_may_read_gifts_and_the_panel_is_a_block(browser):
    donor = await prepared(browser)
    await make.insert("pledges", donor=donor, amount=30000, currency="USD", paid_amount=15000, status="open")
    other = await make.gift(amount=9900)
    await make.insert("soft_credits", gift=other.id, constituent=donor, amount=9900, role="Spouse")

    panel = await browser.part(f"/constituents/{donor}/gifts")

    assert panel.text.strip().startswith('<section class="card" id="giving-panel"')
    assert "$1.00" in panel.text and "$150.00" in panel.text and "Spouse" in panel.text
    assert (await browser.get(f"/constituents/{donor}/gifts")).status_code == 200


async def test_the_top_bar_finds_a_gift_by_number_and_says_nothing_of_words(browser):
    await prepared(browser)
    gift = await make.gift(amount=4321, cheque_number="0777")
    for q in (str(gift.id), "0777", "43.21"):
        answer = await browser.part("/gift-matches", q=q)
        assert answer.text.strip().startswith('<div id="gift-matches"') and "$43.21" in answer.text
    assert "$" not in (await browser.part("/gift-matches", q="Dana")).text


async def test_a_refund_through_stripe_is_asked_and_says_so(browser):
    donor = await prepared(browser, role="finance")
    gift = await make.gift(
        donor=donor, amount=2500, source=gifts.GiftSource.ONLINE, method=gifts.GiftMethod.CARD
    )
    page = (await browser.get(f"/gifts/{gift.id}/refunds/new")).text
    assert "Through Stripe" in page and "Stripe keeps the fee" in page

    answer = await browser.submit(f"/gifts/{gift.id}/refunds", amount="25", reason="asked", via="stripe")

    assert answer.status_code == 303
    assert [(refund["via"], refund["status"]) for refund in await refunds.of(gift.id)] == [
        ("stripe", "asked")
    ]
    assert "Asked" in (await browser.get(f"/gifts/{gift.id}")).text
    again = await browser.submit(f"/gifts/{gift.id}/refunds", amount="1", reason="asked", via="stripe")
    assert again.status_code == 422 and "on its way" in again.text


async def test_of_an_online_gift_only_what_stripe_does_not_know_is_corrected(browser):
    donor = await prepared(browser)
    gift = await make.gift(
        donor=donor, amount=2500, source=gifts.GiftSource.ONLINE, method=gifts.GiftMethod.CARD
    )
    fund = await make.fund("Kitchen")
    page = (await browser.get(f"/gifts/{gift.id}/edit")).text
    assert 'type="hidden" name="amount" value="25.00"' in page

    same = {
        **ENTRY,
        "method": "card",
        "given_on": gift.given_on.isoformat(),
        "amount": "25.00",
        "cheque_number": "",
    }
    answer = await browser.submit(f"/gifts/{gift.id}", **{**same, "fund": fund.id}, version=1)
    assert answer.status_code == 303
    answer = await browser.submit(f"/gifts/{gift.id}", **{**same, "amount": "26.00"}, version=2)
    assert answer.status_code == 422 and "Stripe says" in answer.text
