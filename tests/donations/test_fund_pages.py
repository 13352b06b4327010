"""Funds, campaigns and appeals on screen."""

import pytest

from donations import appeals, campaigns, funds
from kit import db
from tests import make


async def test_the_first_fund_can_be_the_general_one_and_the_next_takes_over(browser):
    await browser.sign_in(role="finance")
    assert "No funds yet" in (await browser.get("/funds")).text
    for name in ("General", "Everything else"):
        answer = await browser.submit(
            "/funds", name=name, is_general="yes", account_code="4000", public="yes"
        )
        assert answer.status_code == 303
    rows = await db.rows("SELECT name FROM funds WHERE is_general")
    assert [row["name"] for row in rows] == ["Everything else"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"name": ""}, "Type the name"), ({"name": "x" * 151}, "At most 150"), ({"name": "  kitchen "}, "called “kitchen” already"),
     ({"name": "New", "is_general": "yes", "restricted": "yes"}, "cannot be restricted")],
)  # fmt: skip
async def test_a_fund_that_cannot_be_is_refused(browser, fields, said):
    await make.organisation()
    await make.fund("Kitchen")
    await browser.sign_in(role="finance")
    answer = await browser.submit("/funds", **fields)
    assert answer.status_code == 422 and said in answer.text
    assert await db.value("SELECT count(*) FROM funds") == 1


async def test_a_fund_is_changed_closed_and_opened(browser):
    await make.organisation()
    fund = await make.fund("Kitchen")
    await browser.sign_in(role="finance")
    assert 'value="Kitchen"' in (await browser.get(f"/funds/{fund.id}/edit")).text

    assert (
        await browser.submit(f"/funds/{fund.id}", name="New kitchen", restricted="yes", version=1)
    ).status_code == 303
    assert (await browser.submit(f"/funds/{fund.id}/closures")).status_code == 303
    row = await funds.get(fund.id)
    assert (row["name"], row["restricted"], row["closed_at"] is None) == ("New kitchen", True, False)
    assert (await browser.submit(f"/funds/{fund.id}/openings")).status_code == 303
    assert (await funds.get(fund.id))["closed_at"] is None


async def test_the_general_fund_stays_open_and_general(browser):
    await make.organisation()
    general = await make.general_fund()
    await browser.sign_in(role="finance")
    assert (await browser.submit(f"/funds/{general}/closures")).status_code == 422
    assert (await browser.submit(f"/funds/{general}", name="General fund", version=1)).status_code == 422
    assert (await funds.get(general))["is_general"]


async def test_a_campaign_has_an_address_of_its_own(browser):
    await browser.sign_in(role="finance")
    answer = await browser.submit(
        "/campaigns",
        name="Clean Water 2026!",
        goal="10,000",
        starts_on="2026-01-01",
        ends_on="2026-12-31",
        public="yes",
    )
    campaign = await campaigns.by_slug("clean-water-2026")
    assert campaign and answer.headers["location"] == f"/campaigns/{campaign['id']}"
    assert campaign["goal"] == 1_000_000
    assert "$10,000.00" in (await browser.get(answer.headers["location"])).text
    taken = await browser.submit("/campaigns", name="Clean water 2026")
    assert taken.status_code == 422 and "Choose another" in taken.text


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"name": ""}, "Type the name"), ({"name": "A", "goal": "1.000"}, "two ways"),
     ({"name": "A", "slug": "No Spaces"}, "small letters"),
     ({"name": "A", "starts_on": "2026-02-01", "ends_on": "2026-01-01"}, "end before it begins")],
)  # fmt: skip
async def test_a_campaign_that_cannot_be_is_refused(browser, fields, said):
    await browser.sign_in(role="finance")
    answer = await browser.submit("/campaigns", **fields)
    assert answer.status_code == 422 and said in answer.text
    assert await db.value("SELECT count(*) FROM campaigns") == 0


async def test_a_campaign_is_changed_closed_and_opened(browser):
    campaign = await make.campaign("Roof")
    await browser.sign_in(role="finance")
    assert (await browser.get(f"/campaigns/{campaign.id}/edit")).status_code == 200
    assert (
        await browser.submit(f"/campaigns/{campaign.id}", name="New roof", slug="roof", version=1)
    ).status_code == 303
    assert (await browser.submit(f"/campaigns/{campaign.id}/closures")).status_code == 303
    assert (await campaigns.get(campaign.id))["closed_at"] is not None
    assert "Closed" in (await browser.get("/campaigns")).text
    assert (await browser.submit(f"/campaigns/{campaign.id}/openings")).status_code == 303


async def test_an_appeal_has_a_code_that_no_other_has(browser):
    campaign = await make.campaign()
    await browser.sign_in(role="finance")
    path = f"/campaigns/{campaign.id}/appeals"
    assert (await browser.get(f"{path}/new")).status_code == 200
    assert (
        await browser.submit(path, name="Spring letter", source_code="SP26", asked_on="2026-04-01")
    ).status_code == 303
    again = await browser.submit(path, name="Another", source_code="SP26")
    assert again.status_code == 422 and "has the source code" in again.text
    assert (await browser.submit(path, name="", source_code="")).status_code == 422
    assert "SP26" in (await browser.get(f"/campaigns/{campaign.id}")).text


async def test_an_appeal_is_changed_closed_and_opened(browser):
    appeal = await make.appeal()
    await browser.sign_in(role="finance")
    assert (await browser.get(f"/appeals/{appeal.id}/edit")).status_code == 200
    assert (
        await browser.submit(f"/appeals/{appeal.id}", name="New", source_code="N1", version=1)
    ).status_code == 303
    assert (await browser.submit(f"/appeals/{appeal.id}/closures")).status_code == 303
    assert (await appeals.get(appeal.id))["closed_at"] is not None
    assert (await browser.submit(f"/appeals/{appeal.id}/openings")).status_code == 303


async def test_a_closed_campaign_takes_no_new_appeal(browser):
    campaign = await make.campaign()
    await campaigns.close(campaign.id, by=make.STAFF)
    await browser.sign_in(role="finance")
    answer = await browser.submit(f"/campaigns/{campaign.id}/appeals", name="Late", source_code="L1")
    assert answer.status_code == 422 and "closed" in answer.text


async def test_unknown_ones_are_not_found(browser):
    await browser.sign_in(role="finance")
    for path in ("/funds/9999/edit", "/campaigns/9999", "/campaigns/9999/edit", "/campaigns/9999/appeals/new",
                 "/appeals/9999/edit", "/funds/99999999999/edit"):  # fmt: skip
        assert (await browser.get(path)).status_code == 404, path
    for path in ("/funds/9999", "/funds/9999/closures", "/funds/9999/openings", "/campaigns/9999", "/campaigns/9999/closures",
                 "/campaigns/9999/appeals", "/appeals/9999", "/appeals/9999/closures"):  # fmt: skip
        assert (await browser.submit(path, name="x", source_code="x", version=1)).status_code == 404, path


async def test_a_fundraiser_may_look_but_not_change(browser):
    campaign, fund = await make.campaign(), await make.fund("Kitchen")
    appeal = await make.appeal(campaign=campaign.id)
    await browser.sign_in(role="fundraiser")
    for path in ("/funds", "/campaigns", f"/campaigns/{campaign.id}"):
        assert (await browser.get(path)).status_code == 200, path
    for path in (
        "/funds/new",
        f"/funds/{fund.id}/edit",
        "/campaigns/new",
        f"/campaigns/{campaign.id}/edit",
        f"/appeals/{appeal.id}/edit",
    ):
        assert (await browser.get(path)).status_code == 403, path
    for path in ("/funds", f"/funds/{fund.id}", f"/funds/{fund.id}/closures", "/campaigns", f"/campaigns/{campaign.id}/closures",
                 f"/campaigns/{campaign.id}/appeals", f"/appeals/{appeal.id}/closures"):  # fmt: skip
        assert (await browser.submit(path, name="x", source_code="x", version=1)).status_code == 403, path


async def test_htmx_gets_the_form_back(browser):
    await browser.sign_in(role="finance")
    part = {"hx-request": "true", "hx-request-type": "partial"}
    for path, block in (("/funds", "fund-form"), ("/campaigns", "campaign-form")):
        answer = await browser.post(path, data={"name": ""}, headers=part)
        assert answer.status_code == 422 and answer.text.strip().startswith(f'<form id="{block}"')


async def test_the_second_of_two_editors_sees_both_and_may_then_save(browser):
    fund, campaign, appeal = await make.fund("Kitchen"), await make.campaign("Roof"), await make.appeal()
    await browser.sign_in(role="finance")
    for path, fields in (
        (f"/funds/{fund.id}", {"description": "Pots"}),
        (f"/campaigns/{campaign.id}", {"slug": "roof", "goal": "1000"}),
        (f"/appeals/{appeal.id}", {"source_code": "N1"}),
    ):
        assert (await browser.submit(path, name="First", **fields, version=1)).status_code == 303, path

        second = await browser.submit(path, name="Second", **fields, version=1)
        assert second.status_code == 409 and "meanwhile" in second.text, path
        assert ">First</td>" in second.text and ">Second</td>" in second.text, path
        assert second.text.count('<th scope="row">') == 1, path  # what both say alike is not listed
        assert (await browser.submit(path, name="Second", **fields, version=2)).status_code == 303, path
    assert (await funds.get(fund.id))["name"] == "Second"


async def test_a_fund_has_a_page_that_everybody_reads_and_its_history_for_whom_it_is(browser):
    fund = await make.fund("Kitchen", description="Pots and pans")
    await make.gift(amount=2500, splits=[(fund.id, 2500)])
    await browser.sign_in(role="fundraiser")
    assert f'href="/funds/{fund.id}"' in (await browser.get("/funds")).text

    text = (await browser.get(f"/funds/{fund.id}")).text

    assert "Pots and pans" in text and "$25.00" in text and f"/gifts?fund={fund.id}" in text
    assert (
        "History" not in text and "closures" not in text and "/edit" not in text and "Record gift" not in text
    )
    await browser.sign_in(role="auditor")
    assert "History" in (await browser.get(f"/funds/{fund.id}")).text
    await browser.sign_in(role="volunteer_coordinator")
    assert (await browser.get(f"/funds/{fund.id}")).status_code == 403


async def test_who_changed_a_campaign_and_its_appeals_is_for_those_who_may_read_changes(browser):
    appeal = await make.appeal()
    await browser.sign_in(role="finance")
    await browser.submit(f"/appeals/{appeal.id}", name="Autumn", source_code="AUT", version=1)

    text = (await browser.get(f"/campaigns/{appeal.campaign}")).text

    assert "History of Autumn" in text and "<ins>AUT</ins>" in text and "changed it" in text
    await browser.sign_in(role="fundraiser")
    assert "History" not in (await browser.get(f"/campaigns/{appeal.campaign}")).text


async def test_a_campaign_keeps_the_closed_fund_that_it_suggests(browser):
    fund = await make.fund("Kitchen")
    campaign = await make.campaign("Roof", fund=fund.id)
    await funds.close(fund.id, by=make.STAFF)
    await browser.sign_in(role="finance")

    text = (await browser.get(f"/campaigns/{campaign.id}/edit")).text

    assert f'<option value="{fund.id}" selected>Kitchen (closed)' in text


async def test_a_history_names_what_it_means_instead_of_numbers(browser):
    fund, campaign = await make.fund("Kitchen"), await make.campaign("Roof")
    await browser.sign_in(role="finance")
    await browser.submit(f"/campaigns/{campaign.id}", name="Roof", slug="the-roof", fund=fund.id, version=1)

    text = (await browser.get(f"/campaigns/{campaign.id}")).text

    assert "<dt>Suggested fund</dt><dd><ins>Kitchen</ins>" in text
    assert "<dt>Address</dt>" in text and "<ins>the-roof</ins>" in text and "Slug" not in text
