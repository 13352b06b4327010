"""Staff at work: finding somebody with a slip, a cheque from entry to refund, and what goes wrong on the way."""

import re

import pytest

from tests.journeys.visitor import PHONE, Visitor

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


async def record(staff: Visitor, donor: str, amount: str) -> None:
    """The gift form of this donor, filled in."""
    await staff.go("/gifts/new")
    await staff.page.fill("#f-donor_q", donor)
    await staff.page.locator("#donor-choices label").first.click()
    await staff.fill(amount=amount, method="cheque", cheque_number="4711")


async def test_a_cheque_is_entered_corrected_and_given_back(arrive, database):
    staff = await arrive()
    await staff.sign_in()

    await staff.go("/constituents")
    await staff.page.fill("main [name=q]", "Lukasiewcz")  # one letter is missing, and the Ł has no stroke
    await staff.page.locator("#constituent-list a", has_text="Łukasiewicz, Zbigniew").click()
    await staff.page.get_by_role("heading", name="Zbigniew Łukasiewicz").wait_for()

    await staff.page.locator("main").get_by_role("link", name="Record gift").click()
    await staff.reads("Zbigniew Łukasiewicz")
    await staff.fill(amount="60.00", method="cheque", cheque_number="815", note="With the spring letter")
    await staff.press("Record gift")
    await staff.reads("Recorded $60.00 from Zbigniew Łukasiewicz.")
    gift = await staff.path()

    await staff.press("Correct")
    await staff.fill(amount="65.00", reason="The cheque says sixty-five")
    await staff.press("Save the correction")
    await staff.reads("The gift is corrected.")
    ledger = await staff.page.locator("table.ledger").inner_text()
    assert "$60.00" in ledger and "$65.00" in ledger

    await staff.page.locator("main summary", has_text="More").click()
    await staff.press("Give it back")
    await staff.fill(amount="20.00", reason="Paid twice")
    await staff.press("Give it back")
    await staff.page.wait_for_url(re.compile(f"{gift}$"))
    await staff.reads("Partly refunded", "$45.00")
    await staff.page.locator("main .history", has_text="$65.00").wait_for()
    assert (
        await database.fetchval(
            "SELECT refunded_amount FROM gifts WHERE cheque_number = '815' AND source = 'staff'"
        )
        == 2000
    )


async def test_the_filtered_gifts_are_taken_along_as_often_as_one_likes(arrive):
    staff = await arrive()
    await staff.sign_in()
    await staff.go("/gifts")
    await staff.page.locator("main [name=method]").select_option("cheque")
    await staff.page.wait_for_url(re.compile("method=cheque"))
    await staff.page.locator("#gift-list .chip", has_text="Cheque").wait_for()

    for _ in range(2):
        async with staff.page.expect_download() as coming:
            await staff.press("Export")
        file = (await (await coming.value).path()).read_text("utf-8-sig").splitlines()
        assert len(file) > 1 and all(",Cheque," in line for line in file[1:])


async def test_gift_entry_on_a_phone_records_but_does_not_refund(arrive, database):
    clerk = await arrive(size=PHONE)
    await clerk.sign_in("gift_entry")
    await record(clerk, "okonjo", "12.00")
    await clerk.press("Record gift")
    await clerk.reads("Recorded $12.00 from Okonjo Foundation.")
    gift = await clerk.path()

    assert await clerk.page.get_by_role("link", name="Give it back").count() == 0
    assert await clerk.page.get_by_role("link", name="Correct", exact=True).count() == 0
    assert await clerk.go(f"{gift}/refunds/new") == 403
    await clerk.reads("Not yours to open", "Your role does not include this.")
    for path in ("/staff", "/payments/events", "/jobs", "/organisation"):
        assert await clerk.go(path) == 403, path
    await clerk.go("/")
    assert "Payments" not in await clerk.page.locator("nav").all_inner_texts()


async def test_two_clicks_on_record_are_one_gift(arrive, database):
    staff = await arrive()
    await staff.sign_in()
    await record(staff, "abernathy", "77.10")
    await staff.page.get_by_role("button", name="Record gift", exact=True).last.dblclick()
    await staff.page.wait_for_url(re.compile(r"/gifts/\d+$"))

    assert await database.fetchval("SELECT count(*) FROM gifts WHERE amount = 7710") == 1


async def test_without_script_a_cheque_is_entered_all_the_same(arrive, database):
    staff = await arrive(script=False)
    await staff.sign_in()
    await staff.page.goto("/gifts/new")
    await staff.page.fill("#f-donor_q", "haddad")
    await staff.page.get_by_role("button", name="Find").click()
    await staff.page.locator("#donor-choices label").first.click()
    await staff.page.fill("main [name=amount]", "31,50")
    await staff.page.get_by_role("button", name="Record gift", exact=True).last.click()

    await staff.page.get_by_role("heading", name="$31.50").wait_for()
    assert await database.fetchval("SELECT count(*) FROM gifts WHERE amount = 3150") == 1


async def test_a_session_ends_while_typing_and_the_words_come_back(arrive, database):
    staff = await arrive()
    await staff.sign_in("finance")
    await record(staff, "priya", "19.84")
    await staff.fill(note="Half an hour of typing")
    await database.execute(
        "UPDATE sessions SET expires_at = last_seen_at"
        " WHERE member = (SELECT id FROM members WHERE email = 'fiona@riverbend.example')"
    )
    await staff.page.get_by_role("button", name="Record gift", exact=True).last.click()

    await staff.reads("Your session had ended.")
    await staff.type_password("finance")
    await staff.reads("What you were typing is still here", "Half an hour of typing")
    await staff.press("Back to the form")
    assert await staff.page.input_value("main [name=amount]") == "19.84"
    assert await staff.page.input_value("main [name=note]") == "Half an hour of typing"
    assert not await database.fetchval("SELECT count(*) FROM gifts WHERE amount = 1984")
    await staff.page.get_by_role("button", name="Record gift", exact=True).last.click()
    await staff.reads("Recorded $19.84 from Priya Raghunathan.")


async def test_the_second_of_two_editors_sees_both(arrive, database):
    peter = await database.fetchval("SELECT id FROM constituents WHERE name = 'Peter Lind'")
    ana, felix = await arrive(), await arrive()
    await ana.sign_in()
    await felix.sign_in("fundraiser")
    await ana.go(f"/constituents/{peter}/edit")
    await felix.go(f"/constituents/{peter}/edit")

    await ana.fill(job_title="Baker")
    await ana.press("Save")
    await felix.fill(nickname="Pete")
    await felix.press("Save")

    await felix.reads("Baker")
    assert await felix.page.input_value("main [name=nickname]") == "Pete"
    assert await database.fetchval("SELECT nickname FROM constituents WHERE id = $1", peter) != "Pete"
