"""A donor gives on her phone, the gift lands once, the receipt arrives, staff see it."""

import asyncio
import re
from io import BytesIO

import pypdfium2
import pytest

from tests.journeys.visitor import PHONE, Visitor, mail_to

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]
PAYS, DECLINED = "4242424242424242", "4000000000000002"


async def give(donor: Visitor, first: str, last: str, email: str, *, amount: str = "25.00") -> None:
    """From the giving page to Stripe's."""
    await donor.go("/give")
    await donor.page.locator(f"label:has(input[name=amount][value='{amount}'])").click()
    await donor.fill(first_name=first, last_name=last, email=email)
    await donor.page.get_by_role("button", name="Continue to payment").click()
    await donor.page.wait_for_url(re.compile("/c/pay/"))


async def pay(donor: Visitor, card: str = PAYS, name: str = "") -> None:
    """On Stripe's page."""
    await donor.page.locator(f"label:has(input[name=pay_with][value='{card}'])").click()
    if name:
        await donor.page.fill("#name", name)
    await donor.page.locator("form button.main").click()


async def thanked(donor: Visitor) -> None:
    """The page behind Stripe's tells the truth as soon as it is known."""
    await donor.page.wait_for_url(re.compile("/give/thanks/"))
    await donor.page.get_by_role("heading", name="Thank you").wait_for(timeout=60_000)


async def receipt_text(visitor: Visitor, email: str) -> str:
    """The words of the PDF in the newest receipt mail."""
    await mail_to(visitor, email, subject="receipt")
    file = visitor.page.locator(".files a").first
    answer = await visitor.context.request.get(
        visitor.almoner.stripe_url + (await file.get_attribute("href") or "")
    )
    assert answer.headers["content-type"] == "application/pdf"
    document = pypdfium2.PdfDocument(BytesIO(await answer.body()))
    return "\n".join(page.get_textpage().get_text_bounded() for page in document)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
async def test_25_dollars_from_the_giving_page_to_the_record_that_staff_see(arrive, script):
    first, last = ("Wilma", "Quensel") if script else ("Otto", "Quensel")
    email = f"{first.lower()}.quensel@example.org"
    donor = await arrive(size=PHONE, script=script)

    await give(donor, first, last, email)
    await pay(donor, name=f"{first} {last}")
    await thanked(donor)
    await donor.reads("Your gift of $25.00 has arrived")

    printed = await receipt_text(donor, email)
    assert f"{first} {last}" in printed and "$25.00" in printed and "Riverbend Food Bank" in printed

    staff = await arrive()
    await staff.sign_in()
    await staff.page.keyboard.press("/")
    await staff.page.keyboard.type(f"{first} quens")
    await staff.page.locator(".find-panel a", has_text=last).first.click()
    await staff.page.get_by_role("heading", name=f"{first} {last}").wait_for()
    await staff.page.locator("#giving-panel", has_text="$25.00").wait_for()
    number = re.search(r"US-\d{4}-\d{6}", await staff.page.locator("#timeline").inner_text())
    assert number and number[0] in printed

    await staff.page.locator("#giving-panel ul.lines a").first.click()
    ledger = await staff.page.locator("table.ledger").inner_text()
    assert "Stripe" in ledger and "Income" in ledger and "$25.00" in ledger
    await staff.page.locator("#gift-receipts", has_text=number[0]).wait_for()


async def test_a_card_is_declined_and_the_next_one_is_good(arrive, database):
    donor = await arrive(size=PHONE)
    await give(donor, "Dora", "Zweitkarte", "dora.zweitkarte@example.org")

    await pay(donor, DECLINED, "Dora Zweitkarte")
    await donor.reads("Nothing was taken. Try another card.")
    assert not await database.fetchval("SELECT count(*) FROM constituents WHERE name = 'Dora Zweitkarte'")
    await pay(donor)
    await thanked(donor)

    gifts = await database.fetch(
        "SELECT g.status, g.amount FROM gifts g JOIN constituents c ON c.id = g.donor WHERE c.name = 'Dora Zweitkarte'"
    )
    assert [tuple(gift) for gift in gifts] == [("settled", 2500)]


async def test_the_donor_who_turns_back_finds_what_she_typed(arrive):
    donor = await arrive(size=PHONE)
    await give(donor, "Berta", "Umkehr", "berta.umkehr@example.org")

    await donor.page.locator("a.back").click()
    await donor.reads("You came back without paying")
    await donor.press("Try again")

    assert await donor.page.input_value("[name=email]") == "berta.umkehr@example.org"
    assert await donor.page.is_checked("input[name=amount][value='25.00']")


async def test_the_gift_lands_though_the_webhook_never_comes(arrive, almoner, database):
    await almoner.control("set", webhooks="dropped")
    try:
        donor = await arrive(size=PHONE)
        await give(donor, "Nora", "Ohnehaken", "nora.ohnehaken@example.org")
        await pay(donor, name="Nora Ohnehaken")
        await thanked(donor)
    finally:
        await almoner.control("set", webhooks="on")

    assert "Nora Ohnehaken" in await receipt_text(donor, "nora.ohnehaken@example.org")
    assert (
        await database.fetchval(
            "SELECT count(*) FROM gifts g JOIN constituents c ON c.id = g.donor WHERE c.name = 'Nora Ohnehaken'"
        )
        == 1
    )


async def test_two_clicks_on_continue_are_one_payment_page(arrive, database):
    donor = await arrive(size=PHONE)
    await donor.go("/give")
    await donor.fill(first_name="Ida", last_name="Doppelklick", email="ida.doppelklick@example.org")
    await donor.page.get_by_role("button", name="Continue to payment").dblclick()
    await donor.page.wait_for_url(re.compile("/c/pay/"))
    await asyncio.sleep(0.5)

    assert (
        await database.fetchval(
            "SELECT count(*) FROM giving_intents WHERE email = 'ida.doppelklick@example.org'"
        )
        == 1
    )


async def test_the_giving_page_weighs_under_100_kilobytes(arrive):
    donor = await arrive(size=PHONE)
    sizes: list[int] = []
    donor.page.on("response", lambda answer: sizes.append(int(answer.headers.get("content-length", "0"))))
    await donor.go("/give")

    assert len(sizes) >= 4 and all(sizes) and sum(sizes) < 100_000
