"""Pages of receipts: six questions each."""

from datetime import UTC, datetime

import pytest

from kit import days, db, facts, jobs, pdf
from receipts import finding, receipts
from tests import make


@pytest.fixture(autouse=True, scope="module")
async def press():
    facts.verify()
    yield
    await pdf.stop()


async def issued(name: str = "Margaret", *, mailed: bool = False, **given) -> int:
    donor = await make.person(name, "Okafor")
    if mailed:
        await make.insert(
            "emails",
            constituent=donor.id,
            address="m@example.org",
            normal="m@example.org",
            kind="home",
            preferred=True,
        )
    return await receipts.issue_for_gift((await make.gift(donor=donor, **given)).id, by=make.STAFF)


# The list


async def test_the_list_shows_number_donor_amount_and_state_newest_first(browser):
    await issued("Margaret", amount=15000)
    await issued("Ada", amount=2500)
    await browser.sign_in(role="auditor")

    answer = await browser.get("/receipts")

    assert answer.status_code == 200
    assert "$150.00" in answer.text
    assert answer.text.index("000002</a>") < answer.text.index("000001</a>")


@pytest.mark.parametrize(
    ("q", "found"), [("margar", 1), ("000002", 1), ("okafor", 2), ("100%", 0), ("\\", 0), ("'", 0)]
)
async def test_the_list_is_searched_by_number_and_donor(browser, q, found):
    await issued("Margaret")
    await issued("Ada")
    await browser.sign_in()

    answer = await browser.get("/receipts", params={"q": q})

    assert answer.text.count('class="lead num"') == found
    assert ("No receipt like that" in answer.text) == (found == 0)


async def test_the_list_is_filtered_by_state(browser):
    void, _live = await issued(), await issued()
    await receipts.void(void, reason="Wrong donor", by=make.STAFF)
    await browser.sign_in()

    for state, count in (("void", 1), ("live", 1), ("needs_correction", 0), ("nonsense", 2)):
        answer = await browser.get("/receipts", params={"state": state})
        assert answer.text.count('class="lead num"') == count


async def test_the_list_goes_on_where_the_page_before_ended(browser, monkeypatch):
    monkeypatch.setattr(finding, "PAGE", 2)
    for minute in range(5):
        with days.frozen(datetime(2026, 11, 12, 18, minute, tzinfo=UTC)):
            await issued()
    seen: list[str] = []
    after = None
    while True:
        found, after = await finding.page(after=finding.Place.read(str(after)) if after else None)
        seen += [receipt["label"] for receipt in found]
        if after is None:
            break

    assert seen == [f"US-2026-00000{n}" for n in (5, 4, 3, 2, 1)]


@pytest.mark.parametrize(
    "after", ["", "x", "2026-01-01~", "~1", "2026-01-01T00:00:00~1", "2026-01-01T00:00:00+00:00~" + "9" * 30]
)
async def test_a_place_that_is_none_is_the_first_page(browser, after):
    await issued()
    await browser.sign_in()

    answer = await browser.get("/receipts", params={"after": after})

    assert answer.status_code == 200
    assert answer.text.count('class="lead num"') == 1


async def test_an_empty_list_says_how_to_begin(browser):
    await browser.sign_in()

    assert "No receipts yet" in (await browser.get("/receipts")).text


async def test_htmx_gets_the_list_alone(browser):
    await issued()
    await browser.sign_in()

    answer = await browser.part("/receipts")

    assert answer.text.strip().startswith('<section id="receipt-list"')
    assert "<html" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/receipts",
        "/receipts/{id}",
        "/receipts/{id}/pdf",
        "/receipts/{id}/picture",
        "/receipts/{id}/void-copy",
        "/gifts/{gift}/receipts",
    ],
)
async def test_who_may_not_read_receipts_gets_403_and_a_stranger_is_asked_to_sign_in(browser, path):
    gift = await make.gift()
    receipt_id = await receipts.issue_for_gift(gift.id, by=make.STAFF)
    path = path.format(id=receipt_id, gift=gift.id)

    assert (await browser.get(path)).status_code in (303, 401)
    await browser.sign_in(role="volunteer_coordinator")
    assert (await browser.get(path)).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/receipts/999999",
        "/receipts/999999/pdf",
        "/receipts/999999/picture",
        "/receipts/999999/void-copy",
        "/gifts/999999/receipts",
    ],
)
async def test_an_unknown_id_is_404(browser, path):
    await browser.sign_in()

    assert (await browser.get(path)).status_code == 404


@pytest.mark.parametrize("path", ["/receipts", "/receipts/1", "/receipts/1/pdf", "/receipts/1/picture"])
async def test_a_wrong_method_is_refused(browser, path):
    await browser.sign_in()

    assert (await browser.post(path)).status_code == 405


# One receipt


async def test_a_receipt_shows_its_facts_its_gift_and_its_mail(browser):
    receipt_id = await issued(mailed=True, amount=15000)
    await jobs.drain()
    await browser.sign_in(role="auditor")

    answer = await browser.get(f"/receipts/{receipt_id}")

    assert answer.status_code == 200
    for words in (
        "US-2026-000001",
        "Margaret Okafor",
        "$150.00",
        "m@example.org",
        "Nothing in return",
        f"/receipts/{receipt_id}/picture",
    ):
        assert words in answer.text
    assert "Void receipt" not in answer.text  # an auditor reads


async def test_a_receipt_whose_pdf_is_not_made_yet_asks_again(browser):
    receipt_id = await issued()
    await browser.sign_in()

    answer = await browser.part(f"/receipts/{receipt_id}")
    assert answer.text.strip().startswith('<section class="card" id="receipt-preview"')
    assert 'hx-trigger="every 2s"' in answer.text
    assert (await browser.get(f"/receipts/{receipt_id}/pdf")).status_code == 404

    await jobs.drain()
    assert "hx-trigger" not in (await browser.part(f"/receipts/{receipt_id}")).text


async def test_the_pdf_is_the_same_bytes_at_each_download(browser):
    receipt_id = await issued()
    await jobs.drain()
    await browser.sign_in()

    first = await browser.get(f"/receipts/{receipt_id}/pdf")

    assert first.headers["content-type"] == "application/pdf"
    assert first.headers["content-disposition"] == 'attachment; filename="US-2026-000001.pdf"'
    assert first.content.startswith(b"%PDF")
    assert (await browser.get(f"/receipts/{receipt_id}/pdf")).content == first.content


async def test_the_picture_is_a_png(browser):
    receipt_id = await issued()
    await jobs.drain()
    await browser.sign_in()

    answer = await browser.get(f"/receipts/{receipt_id}/picture")

    assert answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")


async def test_a_name_with_markup_is_shown_as_typed(browser):
    receipt_id = await issued("<script>alert(1)</script>")
    await browser.sign_in()

    for path in ("/receipts", f"/receipts/{receipt_id}"):
        assert "<script>alert(1)" not in (await browser.get(path)).text


# Void


async def test_finance_voids_a_receipt_with_a_reason(browser):
    receipt_id = await issued()
    await browser.sign_in(role="finance")

    answer = await browser.submit(f"/receipts/{receipt_id}/voids", reason="Wrong donor")

    assert answer.status_code == 303
    assert answer.headers["location"] == f"/receipts/{receipt_id}"
    shown = (await browser.get(f"/receipts/{receipt_id}")).text
    assert "Wrong donor" in shown
    assert "Void receipt" not in shown


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
async def test_a_void_without_a_reason_is_asked_for_one(browser, reason):
    receipt_id = await issued()
    await browser.sign_in()

    answer = await browser.submit(f"/receipts/{receipt_id}/voids", reason=reason)

    assert answer.status_code == 422
    assert "Say why" in answer.text or "At most 500" in answer.text
    assert reason in answer.text
    assert (await receipts.get(receipt_id))["voided_at"] is None


async def test_voiding_twice_says_so(browser):
    receipt_id = await issued()
    await browser.sign_in()
    await browser.submit(f"/receipts/{receipt_id}/voids", reason="Wrong donor")

    answer = await browser.submit(f"/receipts/{receipt_id}/voids", reason="Again")

    assert answer.status_code == 422
    assert "void already" in answer.text


@pytest.mark.parametrize("role", ["gift_entry", "fundraiser", "auditor", "volunteer_coordinator"])
async def test_who_may_not_void_gets_403_and_nothing_changes(browser, role):
    receipt_id = await issued()
    await browser.sign_in(role=role)

    assert (await browser.submit(f"/receipts/{receipt_id}/voids", reason="x")).status_code == 403
    assert await db.value("SELECT count(*) FROM receipt_voids") == 0


async def test_the_void_copy_is_stamped_and_the_original_stays(browser):
    receipt_id = await issued()
    await jobs.drain()
    await browser.sign_in()
    original = (await browser.get(f"/receipts/{receipt_id}/pdf")).content
    assert (await browser.get(f"/receipts/{receipt_id}/void-copy")).status_code == 404
    await browser.submit(f"/receipts/{receipt_id}/voids", reason="Wrong donor")

    copy = await browser.get(f"/receipts/{receipt_id}/void-copy")

    assert copy.content.startswith(b"%PDF")
    assert copy.content != original
    assert (await browser.get(f"/receipts/{receipt_id}/pdf")).content == original


async def test_voiding_an_unknown_receipt_is_404(browser):
    await browser.sign_in()

    assert (await browser.submit("/receipts/999999/voids", reason="x")).status_code == 404


# A gift's receipts


async def test_the_panel_of_a_gift_issues_its_receipt(browser):
    gift = await make.gift()
    await browser.sign_in(role="gift_entry")
    panel = await browser.part(f"/gifts/{gift.id}/receipts")
    assert panel.text.strip().startswith('<section class="card" id="gift-receipts"')
    assert "Issue receipt" in panel.text

    answer = await browser.submit(f"/gifts/{gift.id}/receipts")

    assert answer.status_code == 303
    assert answer.headers["location"] == f"/receipts/{await receipts.live_receipt_of(gift.id)}"
    panel = await browser.part(f"/gifts/{gift.id}/receipts")
    assert "US-2026-000001" in panel.text
    assert "Issue receipt" not in panel.text


async def test_the_panel_says_why_no_receipt_was_issued(browser):
    gift = await make.gift()
    await db.row("UPDATE organisations SET registration_number = ''")
    await browser.sign_in()

    answer = await browser.submit(f"/gifts/{gift.id}/receipts")

    assert answer.status_code == 422
    assert "Registration number" in answer.text
    assert await db.value("SELECT count(*) FROM receipts") == 0


async def test_who_only_reads_gets_no_button_and_403(browser):
    gift = await make.gift()
    await browser.sign_in(role="auditor")

    assert "Issue receipt" not in (await browser.get(f"/gifts/{gift.id}/receipts")).text
    assert (await browser.submit(f"/gifts/{gift.id}/receipts")).status_code == 403
    assert await db.value("SELECT count(*) FROM receipts") == 0
