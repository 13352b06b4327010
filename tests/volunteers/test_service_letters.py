"""The service letter: approved hours of a period on paper, for staff and behind the volunteer's own link."""

from datetime import date
from io import BytesIO

import pypdfium2
import pytest

from kit import db, jobs, pdf
from kit.changes import Actor
from tests import make as general
from tests.volunteers import make
from volunteers import hours, links, milestones, service_letters
from volunteers.hours import HoursDetails

CORA = Actor("staff", None, "Cora")


@pytest.fixture(autouse=True, scope="module")
async def press():
    yield
    await pdf.stop()


def read(document: bytes) -> str:
    with pypdfium2.PdfDocument(BytesIO(document)) as opened:
        return " ".join(" ".join(page.get_textpage().get_text_range() for page in opened).split())


async def a_year() -> int:
    """Three approved entries of somebody in two programmes, one that waits and one that was refused."""
    await general.organisation(signer_name="Ana Ruiz", signer_title="Director")
    vera = await make.person("Vera Łukasiewicz")
    kitchen = await make.programme("Kitchen")
    garden = (await make.programme("Garden")).id
    role = await make.opportunity("Soup", programme=kitchen.id)
    for day, programme, minutes, people, opportunity in (
        (date(2026, 3, 2), kitchen.id, 125, 1, role.id), (date(2026, 5, 9), kitchen.id, 400, 4, role.id), (date(2026, 6, 1), garden, 61, 1, None),
    ):  # fmt: skip
        await hours.record(
            HoursDetails(constituent=vera, programme=programme, opportunity=opportunity, day=day, minutes=minutes, people=people),
            by=CORA,
        )  # fmt: skip
    more = HoursDetails(constituent=vera, programme=garden, day=date(2026, 7, 1), minutes=999)
    await hours.propose(more, came_by="self", by=CORA)
    await hours.refuse(await hours.propose(more, came_by="self", by=CORA), reason="Not there", by=CORA)
    return vera


async def test_the_letter_says_who_gave_what_and_when_and_counts_what_was_approved():
    text = read(await service_letters.make(await a_year(), None, None))
    for words in (
        "This confirms that Vera Łukasiewicz gave 4 h 46 min of voluntary service to",
        "between March 2, 2026 and June 1, 2026", "Kitchen Soup Mar 2, 2026 – May 9, 2026 2 3 h 45 min",
        "Garden Jun 1, 2026 1 1 h 1 min", "In all 3 4 h 46 min", "one person's share", "Ana Ruiz Director",
    ):  # fmt: skip
        assert words in text, text
    assert "16 h" not in text


async def test_a_persons_share_counts_for_thanks_as_in_the_letter_and_an_organisation_has_all():
    """Twenty people for five hours are not a hundred hours of whoever signed them up."""
    await general.organisation()
    vera, kitchen = await make.person("Vera Vance"), (await make.programme("Kitchen")).id
    acme = (await general.insert("constituents", kind="organisation", name="Acme", sort_key="acme")).id
    await general.insert(
        "emails", constituent=acme, address="office@acme.example", normal="office@acme.example"
    )
    for who in (vera, acme):
        await hours.record(
            HoursDetails(constituent=who, programme=kitchen, day=date(2026, 3, 2), minutes=6000, people=20),
            by=CORA,
        )
    await jobs.drain()

    assert "Vera Vance gave 5 h of voluntary service" in read(await service_letters.make(vera, None, None))
    assert await milestones.of(vera) == []
    text = read(await service_letters.make(acme, None, None))
    assert "Acme gave 100 h of voluntary service" in text and "one person's share" not in text
    assert [row["hours"] for row in await milestones.of(acme)] == [100, 50, 25]
    assert "Dear Acme," in await db.value("SELECT body_text FROM mails")


async def test_a_letter_of_some_days_counts_those_days():
    vera = await a_year()
    text = read(await service_letters.make(vera, date(2026, 6, 1), date(2026, 6, 30)))
    assert (
        "gave 1 h 1 min of voluntary service" in text and "on June 1, 2026" in text and "Kitchen" not in text
    )
    with pytest.raises(service_letters.NothingToConfirm):
        await service_letters.make(vera, date(2025, 1, 1), date(2025, 12, 31))


async def test_staff_and_the_volunteer_download_it_and_nobody_else(browser):
    vera = await a_year()
    token, other = await links.new_for(vera), await links.new_for(await make.person("Otto Other"))

    own = await browser.get(f"/volunteer/mine/{token}/service-letter.pdf")
    assert own.headers["content-type"] == "application/pdf" and "Vera" in read(own.content)
    assert (await browser.get(f"/volunteer/mine/{other}/service-letter.pdf")).status_code in (409, 422)
    assert (await browser.get("/volunteer/mine/nobody/service-letter.pdf")).status_code == 404

    await browser.sign_in(role="auditor")
    assert "4 h 46 min" in (await browser.get(f"/volunteers/{vera}/service-letter")).text
    answer = await browser.get(f"/volunteers/{vera}/service-letter.pdf", params={"last": "2026-04-30"})
    assert 'filename="service-letter-2026-04-30.pdf"' in answer.headers["content-disposition"]
    assert "2 h 5 min" in read(answer.content)


async def test_a_coordinators_letter_has_their_own_programmes(browser):
    vera = await a_year()
    member = await general.member(role="volunteer_coordinator")
    await general.insert(
        "programme_coordinators", programme=(await make.programme("Garden")).id, member=member.id
    )
    await browser.sign_in(member)
    text = read((await browser.get(f"/volunteers/{vera}/service-letter.pdf")).content)
    assert "Garden" in text and "Kitchen" not in text
