"""The list of gifts: search, filters, pages both ways, how many there are, and the same as a file."""

import re

from constituents import search
from donations import funds, gift_list, gifts
from kit import db
from tests import make


async def prepared(browser, role="administrator"):
    """Signed in, with a general fund, a donor and a gift of a dollar; returns the donor."""
    gift = await make.gift(amount=100)
    await browser.sign_in(role=role)
    return gift.donor


async def test_the_list_is_searched_by_donor_cheque_amount_and_number(browser):
    await prepared(browser)
    gift = await make.gift(amount=123456, cheque_number="A-77")
    name = await db.value("SELECT name FROM constituents WHERE id = $1", gift.donor)

    for q in (name, "A-77", "1,234.56", f"#{gift.id}"):
        answer = await browser.part("/gifts", q=q)
        assert answer.text.strip().startswith('<section id="gift-list"')
        assert "$1,234.56" in answer.text, q
    assert "No gift fits" in (await browser.get("/gifts?q=nobodyhere")).text


async def test_each_filter_filters(browser):
    await prepared(browser)
    appeal, fund = await make.appeal(), await make.fund()
    gift = await make.gift(
        amount=777, method=gifts.GiftMethod.CASH, kind=gifts.GiftKind.MATCH, appeal=appeal.id,
        splits=[(fund.id, 777)], given_on=make.days.now().date().replace(year=2024),
    )  # fmt: skip
    await gifts.thank(gift.id, by=make.STAFF)

    for query in (
        "method=cash", "kind=match", f"appeal={appeal.id}", f"campaign={appeal.campaign}", f"fund={fund.id}",
        "until=2024-12-31", "thanked=yes", "status=settled&method=cash",
    ):  # fmt: skip
        text = (await browser.get(f"/gifts?{query}")).text
        assert "$7.77" in text and "$1.00" not in text, query
    assert "$7.77" not in (await browser.get("/gifts?thanked=no")).text
    assert "$7.77" not in (await browser.get("/gifts?status=refunded&correction=yes&since=2999-01-01")).text


async def test_junk_in_a_filter_is_as_if_it_were_not_there(browser):
    await prepared(browser)
    junk = "method=x&kind=x&status=x&fund=99999999999999999999&campaign=x&since=x&until=2026-99-99&after=2026-01-01.x&q=%00"
    answer = await browser.get(f"/gifts?{junk}")
    assert answer.status_code == 200 and "$1.00" in answer.text


async def test_the_list_goes_on_by_pages_without_a_gap(browser):
    donor = await prepared(browser)
    for _ in range(6):
        await make.gift(donor=donor)
    ids, after = [], ""
    while True:
        page = await gift_list.page(gift_list.Filter(), currency="USD", after=after, limit=3)
        ids += [gift["id"] for gift in page.gifts]
        if page.older is None:
            break
        after = page.older
    assert len(ids) == len(set(ids)) == 7
    back = [page.gifts]
    while page.newer is not None:
        page = await gift_list.page(gift_list.Filter(), currency="USD", before=page.newer, limit=3)
        back.insert(0, page.gifts)
    assert [gift["id"] for piece in back for gift in piece] == ids


async def test_how_many_is_a_block_of_its_own(browser):
    await prepared(browser)
    answer = await browser.part("/gifts/count")
    assert answer.text.strip().startswith('<span class="tiny num" id="gift-count"')
    assert "1 gift" in answer.text and "$1.00" in answer.text


async def test_the_export_holds_what_is_filtered_and_no_formula(browser):
    await prepared(browser)
    gift = await make.gift(
        amount=777, kind=gifts.GiftKind.IN_KIND, in_kind_description='=HYPERLINK("http://x")'
    )
    await db.row("UPDATE constituents SET name = '+cmd|calc' WHERE id = $1", gift.donor)

    answer = await browser.submit("/gifts/export", kind="in_kind")

    assert answer.status_code == 200 and "attachment" in answer.headers["content-disposition"]
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2 and "7.77" in lines[1]
    assert "'+cmd|calc" in lines[1] and "'=HYPERLINK" in lines[1]
    noted = await db.value("SELECT count(*) FROM changes WHERE action = 'gift.exported'")
    assert noted == 1


async def test_gift_entry_may_not_take_the_file_along(browser):
    await prepared(browser, role="gift_entry")
    assert (await browser.submit("/gifts/export")).status_code == 403
    assert "Export" not in (await browser.get("/gifts")).text


async def test_each_page_of_the_list_leads_to_the_ones_beside_it(browser, monkeypatch):
    monkeypatch.setattr(gift_list, "PAGE", 50)
    donor = await prepared(browser)
    for _ in range(105):
        await make.gift(donor=donor)

    first = (await browser.get("/gifts")).text
    second = (await browser.get(_link(first, "next"))).text
    third = (await browser.get(_link(second, "next"))).text
    again = (await browser.get(_link(third, "prev"))).text

    assert 'rel="prev"' not in first and 'rel="next"' not in third
    assert _gifts(again) == _gifts(second) and len(_gifts(second)) == 50
    assert _gifts((await browser.get(_link(again, "prev"))).text) == _gifts(first)


def _link(html: str, rel: str) -> str:
    found = re.search(rf'href="([^"]+)" rel="{rel}"', html)
    assert found, f"no link {rel}"
    return found[1].replace("&amp;", "&")


def _gifts(html: str) -> list[str]:
    return re.findall(r'href="/gifts/(\d+)"', html)


async def test_the_gifts_of_one_donor_are_a_link(browser):
    donor = await prepared(browser)
    await make.gift(amount=777)

    text = (await browser.get(f"/gifts?donor={donor}&since=2026-01-01")).text

    assert "$1.00" in text and "$7.77" not in text
    assert f'type="hidden" name="donor" value="{donor}"' in text  # another filter keeps it
    assert 'href="/gifts?since=2026-01-01"' in text  # and its chip takes it away


async def test_a_closed_fund_can_still_be_filtered(browser):
    await prepared(browser)
    fund = await make.fund("Kitchen")
    await funds.close(fund.id, by=make.STAFF)

    text = (await browser.get(f"/gifts?fund={fund.id}")).text

    assert f'<option value="{fund.id}" selected>Kitchen' in text


async def test_a_name_of_too_many_is_said_and_makes_no_file_with_gaps(browser, monkeypatch):
    await prepared(browser)
    for number in range(4):
        await make.gift(donor=await make.person("Ada", f"Lind{number}"), amount=777)
    monkeypatch.setattr(search, "MOST", 3)

    text = (await browser.get("/gifts?q=lind")).text
    count = await browser.part("/gifts/count", q="lind")
    file = await browser.submit("/gifts/export", q="lind")

    assert "too many people" in text and "Export" not in text
    assert "more than" in count.text and "$" not in count.text
    assert file.status_code == 409 and "too many people" in file.text
    assert "Export" in (await browser.get("/gifts")).text


async def test_a_phone_without_its_code_is_one_of_the_organisations_country(browser):
    await make.organisation(country="GB", currency="GBP")
    donor = await make.person(phone="+442079460123")
    await make.gift(donor=donor, amount=777, currency="GBP")
    await browser.sign_in()

    assert "£7.77" in (await browser.get("/gifts?q=020 7946 0123")).text
