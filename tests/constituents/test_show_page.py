"""The page of one constituent: who they are, their story and the notes on it."""

import re
from datetime import UTC, date, datetime

from constituents import tasks
from kit import days, db
from tests import make
from tests.constituents.pages import FORM, gave


async def test_a_record_tells_who_it_is_and_how_to_reach_them(browser):
    from constituents.contacts import AddressLine

    margaret = await make.person(
        email="m.okafor@example.org",
        phone="+15035550144",
        language="es",
        addresses=[AddressLine("18 Alder Lane", "Portland", "OR", "97206", "US")],
    )
    household = await make.household("Okafor and Lind household", members=[margaret])
    await gave(margaret)
    await browser.sign_in()

    text = (await browser.get(f"/constituents/{margaret.id}")).text

    for words in (
        "Margaret Okafor", "Okafor and Lind household", "$3,480.00", "m.okafor@example.org", "+1 503-555-0144",
        "18 Alder Lane<br>Portland, OR 97206", "Spanish", "created",
    ):  # fmt: skip
        assert words in text, words
    assert "Margaret Okafor" in (await browser.get(f"/constituents/{household.id}")).text


async def test_a_seasonal_address_is_shown_with_its_season_and_survives_an_edit(browser):
    margaret = await make.person()
    await make.insert(
        "addresses", constituent=margaret.id, street="4 Palm Court", city="Tucson", region="AZ", postal_code="85701",
        country="US", kind="seasonal", preferred=False, season_from_month=12, season_from_day=1, season_until_month=3,
        season_until_day=31,
    )  # fmt: skip
    await browser.sign_in()

    await browser.submit(f"/constituents/{margaret.id}", **FORM, version=1)
    text = (await browser.get(f"/constituents/{margaret.id}")).text

    assert "4 Palm Court" in text and "1 Dec to 31 Mar" in text


async def test_history_is_for_those_who_may_read_changes(browser):
    margaret = await make.person()
    await browser.sign_in(role="fundraiser")

    assert "History" not in (await browser.get(f"/constituents/{margaret.id}")).text


async def test_relationships_show_from_both_sides(browser):
    ada, margaret = await make.person("Ada", "Lind"), await make.person()
    await make.insert("relationships", constituent=ada.id, other=margaret.id, kind="Parent", former=False)
    await browser.sign_in()

    assert "Parent</dt>" in (await browser.get(f"/constituents/{ada.id}")).text
    assert "is Parent of" in (await browser.get(f"/constituents/{margaret.id}")).text


async def test_a_note_stands_on_the_timeline_at_once(browser):
    margaret = await make.person()
    await browser.sign_in(role="volunteer_coordinator")

    part = await browser.post(
        f"/constituents/{margaret.id}/notes", data={"note": "Met at the market <script>"},
        headers={"hx-request": "true", "hx-request-type": "partial"},
    )  # fmt: skip

    assert part.text.strip().startswith('<section class="card" id="timeline"')
    assert "Met at the market &lt;script&gt;" in part.text
    empty = await browser.submit(f"/constituents/{margaret.id}/notes", note="  ")
    assert empty.status_code == 422 and "Type a note first." in empty.text
    assert await db.value("SELECT count(*) FROM notes") == 1


async def test_a_long_note_has_its_page(browser):
    margaret = await make.person()
    await browser.sign_in()

    await browser.submit(f"/constituents/{margaret.id}/notes", note="long " * 500)

    note = await db.value("SELECT id FROM notes")
    assert f"/notes/{note}" in (await browser.get(f"/constituents/{margaret.id}")).text
    assert (await browser.get(f"/notes/{note}")).text.count("long") >= 500


async def test_a_timeline_is_paged(browser):
    margaret = await make.person()
    await browser.sign_in()
    for number in range(25):
        await browser.submit(f"/constituents/{margaret.id}/notes", note=f"note {number:02}!")

    first = (await browser.get(f"/constituents/{margaret.id}")).text
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    second = (await browser.get(older[1].replace("&amp;", "&"))).text

    assert (
        "note 24!" in first and "note 04!" not in first and "note 04!" in second and "note 05!" not in second
    )


async def test_the_day_of_a_record_is_the_organisations_day(browser):
    with days.frozen(datetime(2026, 11, 22, 3, 0, tzinfo=UTC)):  # still the 21st in Portland, Oregon
        margaret = await make.person()
        await tasks.open("archived_donor", "Look at this", constituent=margaret.id)
        await browser.sign_in()

        for path in (f"/constituents/{margaret.id}", "/", "/tasks"):
            text = (await browser.get(path)).text
            assert "21 Nov 2026" in text and "22 Nov 2026" not in text, path


async def test_the_figures_of_a_record_lead_to_the_gifts_behind_them(browser):
    await make.organisation(fiscal_year_start=7)
    with days.frozen(datetime(2026, 11, 22, 12, 0, tzinfo=UTC)):
        margaret = await make.person()
        await make.gift(donor=margaret, amount=1000, given_on=date(2026, 6, 30))
        await make.gift(donor=margaret, amount=2500, given_on=date(2026, 7, 1))
        await browser.sign_in()

        text = (await browser.get(f"/constituents/{margaret.id}")).text
        behind = f"/gifts?donor={margaret.id}&since=2026-07-01"

        assert f'href="{behind.replace("&", "&amp;")}">$25.00</a>' in text
        gifts = (await browser.get(behind)).text
        assert "$25.00" in gifts and "$10.00" not in gifts
