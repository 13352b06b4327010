"""Places that are closed, and opened again."""

import pytest

from kit import db
from kit.changes import Actor
from kit.errors import NotFound, Refused
from tests import make as general
from tests.volunteers import make
from volunteers import opportunities, places, shifts

CORA = Actor("staff", 1, "Cora")


async def test_a_place_in_use_is_not_closed_and_the_sentence_says_which_roles():
    hall = await make.place("Hall")
    cook = await make.opportunity("Cook", place=hall.id)
    await make.opportunity("Drive", place=hall.id)

    with pytest.raises(Refused, match="Roles are here: Cook, Drive"):
        await places.close(hall.id, by=CORA)
    await make.opportunity("Secret", place=hall.id, programme=(await make.programme("Shelter")).id)
    with pytest.raises(Refused, match="Roles are here: Cook, Drive, some of other programmes"):
        await places.close(hall.id, by=CORA, seen=[cook.programme])
    assert (await places.get(hall.id))["closed_at"] is None


async def test_a_place_is_not_closed_before_the_shifts_that_are_planned_there():
    barn = await make.place("Barn")
    shift = await make.shift(await make.opportunity("Cook"), place=barn.id)

    with pytest.raises(Refused, match="Shifts are still to come here: Cook"):
        await places.close(barn.id, by=CORA)
    await shifts.cancel(shift.id, reason="", by=CORA)
    await places.close(barn.id, by=CORA)
    assert (await places.get(barn.id))["closed_at"] is not None


async def test_nothing_is_planned_at_a_closed_place_until_it_is_open_again():
    barn = await make.place("Barn")
    role = await make.opportunity("Cook")
    gone = await make.opportunity("Bake", place=barn.id)
    await opportunities.close(gone.id, by=CORA)
    for _twice in range(2):
        await places.close(barn.id, by=CORA)

    with pytest.raises(Refused, match="This place is closed"):
        await make.shift(role, place=barn.id)
    with pytest.raises(Refused, match="This place is closed"):
        await make.opportunity("Drive", place=barn.id)
    with pytest.raises(Refused, match="This place is closed"):
        await opportunities.reopen(gone.id, by=CORA)
    for _twice in range(2):
        await places.reopen(barn.id, by=CORA)
    assert (await make.shift(role, place=barn.id)).place == barn.id

    said = await db.rows(
        "SELECT action FROM changes WHERE object_kind = 'place' AND object_id = $1 ORDER BY id", barn.id
    )
    assert [row["action"] for row in said] == ["place.made", "place.closed", "place.reopened"]


async def test_the_page_closes_and_opens_and_lists_and_offers_no_closed_one(browser):
    await general.organisation()
    await browser.sign_in(await general.member(role="administrator"))
    barn = await make.place("Barn")
    role = await make.opportunity("Cook")
    new = f"/opportunities/{role.id}/shifts/new"
    assert "Barn</option>" in (await browser.get(new)).text

    assert (await browser.submit(f"/places/{barn.id}/closures")).status_code == 303
    assert "no shift can be planned here" in (await browser.get(f"/places/{barn.id}/edit")).text
    assert 'class="off"' in (await browser.get("/places")).text
    assert "Barn</option>" not in (await browser.get(new)).text
    assert (await browser.submit(f"/places/{barn.id}/openings")).status_code == 303
    assert "Barn</option>" in (await browser.get(new)).text

    refused = await browser.submit(f"/places/{role.place}/closures")
    assert "Roles are here: Cook" in refused.text
    page = f"/places/{role.place}/edit"
    for said, there in (
        (f"https://almoner.test{page}", True),
        (f"https://evil.example{page}", False),
        ("http://[::1", False),
        ("", False),
    ):
        refused = await browser.post(f"/places/{role.place}/closures", headers={"referer": said})
        assert (f'href="{page}">Back</a>' in refused.text) == there, said
    assert (await browser.submit("/places/99/closures")).status_code == 404


async def test_a_place_that_is_not_there():
    for verb in (places.close, places.reopen):
        with pytest.raises(NotFound):
            await verb(2**40, by=CORA)
