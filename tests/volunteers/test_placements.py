"""What staff do with somebody's place before a shift: into the line, to somebody else."""

from types import SimpleNamespace

import pytest

from kit import db, jobs
from kit.changes import Actor
from tests import make as general
from tests.volunteers import make
from volunteers import clashes, gates, placements, profiles, shifts, signups

CORA = Actor("staff", 1, "Cora")


async def placed(shift: SimpleNamespace, name: str = "Vera Volunteer", **values) -> SimpleNamespace:
    """Somebody on a shift, or in its line."""
    person = await make.person(name)
    done = await signups.sign_up(shift.id, person, by=CORA, **values)
    return SimpleNamespace(id=done.id, person=person)


async def states(shift: SimpleNamespace) -> dict[str, str]:
    return {row["name"]: row["status"] for row in await signups.of_shift(shift.id)}


async def test_who_is_put_in_line_stands_at_its_end_and_the_next_has_an_offer():
    shift = await make.shift(maximum=1)
    first = await placed(shift, "First Comer")
    await placed(shift, "Second Comer")
    await placed(shift, "Third Comer")

    await placements.to_line(first.id, by=CORA)
    await placements.to_line(first.id, by=CORA)

    assert await states(shift) == {
        "Second Comer": "offered",
        "Third Comer": "waiting",
        "First Comer": "waiting",
    }
    assert [row["before"] for row in await signups.of_shift(shift.id) if row["status"] == "waiting"] == [0, 1]


async def test_nobody_is_put_in_a_line_in_which_nobody_else_stands():
    shift = await make.shift(maximum=2)
    only = await placed(shift)
    with pytest.raises(placements.NobodyElseWaits):
        await placements.to_line(only.id, by=CORA)
    assert (await signups.get(only.id))["status"] == "confirmed"


async def test_a_place_goes_to_somebody_else_and_never_through_the_line():
    shift = await make.shift(maximum=1)
    leaving = await placed(shift, "Lea Leaving")
    await placed(shift, "Willa Waiting")
    new = await make.person("Nora New")

    id = await placements.replace(leaving.id, new, by=CORA)

    assert await states(shift) == {
        "Nora New": "confirmed",
        "Willa Waiting": "waiting",
        "Lea Leaving": "withdrawn",
    }
    assert (await signups.get(id))["came_by"] == "swap"
    assert (await shifts.get(shift.id))["taken"] == 1


async def test_a_replacement_may_not_be_elsewhere_nor_lack_what_is_asked_unless_it_was_seen():
    shift = await make.shift(await make.opportunity("Driving", minimum_age=18), maximum=2)
    leaving = await placed(shift, overrule=True)
    busy, young = await make.person("Bea Busy"), await make.person("Yara Young")
    await signups.sign_up((await make.shift(await make.opportunity("Cooking"))).id, busy, by=CORA)

    with pytest.raises(clashes.Clash, match="Bea Busy is already at Cooking"):
        await placements.replace(leaving.id, busy, by=CORA, overrule=True)
    with pytest.raises(gates.Lacks, match="date of birth"):
        await placements.replace(leaving.id, young, by=CORA)
    assert await placements.replace(leaving.id, young, by=CORA, overrule=True)
    with pytest.raises(signups.NotPossible):
        await placements.replace(leaving.id, busy, by=CORA, overrule=True)


async def test_silence_and_how_somebody_kept_their_word_stand_beside_the_name():
    shift = await make.shift(maximum=3)
    silent = await placed(shift, "Sila Silent")
    await placed(shift, "Vera Volunteer")
    await general.insert("shift_reminders", signup=silent.id, hours_before=48)
    await db.row("UPDATE signups SET attendance = 'absent' WHERE id = $1", silent.id)

    by_name = {row["name"]: row for row in await signups.of_shift(shift.id)}

    assert [by_name[name]["silent"] for name in ("Sila Silent", "Vera Volunteer")] == [True, False]
    assert (by_name["Sila Silent"]["missed"], by_name["Sila Silent"]["kept"]) == (1, 0)


async def test_staff_change_a_place_in_the_browser(browser):
    shift = await make.shift(await make.opportunity(needs_approval=True), maximum=1)
    pending = await placed(shift, "Petra Pending")
    await placed(shift, "Willa Waiting")
    free = await make.person("Frieda Free")
    await profiles.ensure(free, by=CORA)
    await general.insert("emails", constituent=free, address="f@example.org", normal="f@example.org")
    await browser.sign_in(role="administrator")

    page = (await browser.get(f"/sign-ups/{pending.id}")).text
    assert "Frieda Free" in page and "Put them in line" in page
    assert (await browser.submit(f"/sign-ups/{pending.id}/approvals")).status_code == 303
    assert (await browser.submit(f"/sign-ups/{pending.id}/asks")).status_code == 303
    assert await db.value("SELECT instead_of FROM asks WHERE constituent = $1", free) == pending.id
    assert (
        await browser.submit(f"/sign-ups/{pending.id}/replacements", constituent=free, size=1)
    ).status_code == 303
    await jobs.drain()
    assert (await states(shift))["Frieda Free"] == "confirmed"
    assert "Place 1 in line" in (await browser.get(f"/shifts/{shift.id}")).text
