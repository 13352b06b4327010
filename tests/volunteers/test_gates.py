"""What a shift asks for, looked at on its day: qualifications, ages, waivers; and the sentence that says what to do."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kit import days, db
from kit.changes import Actor
from tests import make as general
from tests.volunteers import make
from volunteers import gates, profiles, qualifications, record, signups, waivers
from volunteers.profiles import Private

CORA = Actor("staff", 1, "Cora Lee")
DAY = date(2027, 3, 6)


async def asks_for(kind: str = "certificate", **values) -> tuple[int, int, int]:
    """A person, a qualification, and a shift on 6 March 2027 that asks for it."""
    await general.organisation()
    card = await qualifications.define("First aid", kind, None, by=CORA)
    role = await make.opportunity(qualifications=[card], **values)
    shift = await make.shift(role, starts=datetime(2027, 3, 6, 9), maximum=5)
    return await make.person("Vera Vance"), card, shift.id


@pytest.mark.parametrize(
    ("held", "sentence"),
    [
        ({"from_day": date(2026, 1, 1)}, ""),
        ({"from_day": date(2026, 1, 1), "until_day": DAY}, ""),
        ({"from_day": DAY}, ""),
        (
            {"from_day": date(2026, 1, 1), "until_day": date(2027, 3, 5)},
            "The one we know ends on 5 Mar 2027: show the coordinator a newer one.",
        ),
        ({"from_day": date(2027, 3, 7)}, "The one we know begins on 7 Mar 2027."),
        ({"from_day": date(2026, 1, 1), "status": "pending"}, "It is still being looked at."),
        ({"from_day": date(2026, 1, 1), "status": "refused"}, "Show it to the coordinator, who notes it."),
    ],
)
async def test_a_qualification_is_looked_at_on_the_day_of_the_shift(held, sentence):
    vera, card, shift = await asks_for()
    await qualifications.hold(vera, card, by=CORA, **held)

    said = await gates.missing(vera, shift)
    assert said == ([f"First aid is needed, valid on 6 Mar 2027. {sentence}"] if sentence else [])


@pytest.mark.parametrize(
    ("refused", "lacks"),
    [
        ({"from_day": date(2026, 9, 1)}, True),
        ({"from_day": date(2026, 1, 1)}, True),
        ({"from_day": DAY}, True),
        ({"from_day": date(2027, 3, 7)}, False),
        ({"from_day": date(2025, 12, 31)}, False),
        ({"from_day": date(2026, 9, 1), "until_day": date(2027, 3, 5)}, False),
    ],
)
async def test_what_was_refused_since_is_valid_no_more(refused, lacks):
    vera, card, shift = await asks_for()
    await qualifications.hold(vera, card, by=CORA, from_day=date(2026, 1, 1), until_day=date(2028, 1, 1))
    await qualifications.hold(vera, card, by=CORA, status="refused", **refused)

    said = ["First aid is needed, valid on 6 Mar 2027. Show it to the coordinator, who notes it."]
    assert await gates.missing(vera, shift) == (said if lacks else [])
    if lacks:
        await qualifications.hold(vera, card, by=CORA, from_day=DAY)
        assert await gates.missing(vera, shift) == []


async def test_of_several_one_that_is_valid_is_enough():
    vera, card, shift = await asks_for()
    several: tuple[dict[str, Any], ...] = (
        {"from_day": date(2020, 1, 1), "until_day": date(2021, 1, 1)},
        {"from_day": date(2026, 1, 1), "status": "refused"},
        {"from_day": date(2026, 5, 1), "until_day": date(2027, 5, 1)},
    )
    for held in several:
        await qualifications.hold(vera, card, by=CORA, **held)
    assert await gates.missing(vera, shift) == []


@pytest.mark.parametrize("status", ["pending", "refused", "valid"])
async def test_how_a_check_stands_is_in_no_sentence(status):
    vera, card, shift = await asks_for("check")
    await qualifications.hold(
        vera, card, by=CORA, from_day=date(2025, 1, 1), until_day=date(2026, 1, 1), status=status
    )
    assert await gates.missing(vera, shift) == [
        "First aid is needed, valid on 6 Mar 2027. Ask the coordinator about it."
    ]


async def test_the_day_is_the_one_at_the_place():
    """Seven in the evening in Los Angeles is the next day in UTC, and the morning after in Auckland."""
    await general.organisation()
    card = await qualifications.define("First aid", "certificate", None, by=CORA)
    vera = await make.person("Vera Vance")
    await qualifications.hold(vera, card, by=CORA, from_day=date(2026, 1, 1), until_day=DAY)
    for zone, lacks in (("America/Los_Angeles", 0), ("Pacific/Auckland", 1)):
        role = await make.opportunity(f"Role {zone}", qualifications=[card], zone=zone)
        local = datetime(2027, 3, 6, 19) if zone.startswith("America") else datetime(2027, 3, 7, 16)
        assert len(await gates.missing(vera, (await make.shift(role, starts=local)).id)) == lacks


@pytest.mark.parametrize(
    ("born", "day", "years"),
    [
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2028, 2, 28), 19),
        (date(2008, 2, 29), date(2028, 2, 29), 20),
        (date(2011, 3, 6), date(2027, 3, 5), 15),
        (date(2011, 3, 6), date(2027, 3, 6), 16),
        (date(2011, 3, 6), date(2011, 3, 6), 0),
    ],
)
def test_age_in_years_on_a_day(born, day, years):
    assert gates.age_on(born, day) == years


@pytest.mark.parametrize(
    ("born", "old_enough"),
    [(date(2011, 3, 6), True), (date(2011, 3, 7), False), (date(2008, 2, 29), True)],
)
async def test_one_is_old_enough_on_the_day_of_the_shift(born, old_enough):
    await general.organisation()
    shift = await make.shift(await make.opportunity(minimum_age=16), starts=datetime(2027, 3, 6, 9))
    vera = await make.person("Vera Vance")
    await profiles.save_private(vera, Private(born_on=born, guardian_name="Ida Vance"), by=CORA)

    assert (await gates.missing(vera, shift.id) == []) is old_enough


async def test_who_stopped_volunteering_takes_no_shift_and_may_begin_again():
    shift = await make.shift(starts=datetime(2027, 3, 6, 9))
    vera = await make.person("Vera Vance")
    await profiles.ensure(vera, by=CORA)
    await db.row("UPDATE volunteers SET status = 'ended' WHERE constituent = $1", vera)
    assert await gates.missing(vera, shift.id) == ["Vera Vance no longer volunteers here."]

    await db.row("UPDATE volunteers SET status = 'active' WHERE constituent = $1", vera)
    assert await gates.missing(vera, shift.id) == []


async def test_nobody_is_signed_up_who_has_died():
    shift = await make.shift(starts=datetime(2027, 3, 6, 9))
    vera = await make.person("Vera Vance")
    await db.row("UPDATE constituents SET deceased = true WHERE id = $1", vera)

    assert await gates.missing(vera, shift.id) == ["Vera Vance has died."]


async def test_a_group_is_at_most_as_large_as_its_role_takes():
    shift = await make.shift(
        await make.opportunity(largest_group=4), starts=datetime(2027, 3, 6, 9), maximum=9
    )
    vera = await make.person("Vera Vance")

    assert await gates.missing(vera, shift.id, size=4) == []
    assert await gates.missing(vera, shift.id, size=5) == ["A group here has at most 4 people."]


# ---------------------------------------------------------------- waivers


async def with_waiver(months: int | None = None) -> tuple[int, int, int]:
    """A person, the first edition of a waiver, and a shift on 6 March 2027 that asks for it."""
    await general.organisation()
    edition = await waivers.publish("House rules", "Be kind.", months, by=CORA)
    role = await make.opportunity(waivers=["House rules"])
    return (
        await make.person("Vera Vance"),
        edition,
        (await make.shift(role, starts=datetime(2027, 3, 6, 9))).id,
    )


async def test_a_new_text_has_to_be_signed_anew_and_the_old_signature_stays():
    vera, edition, shift = await with_waiver()
    assert await gates.missing(vera, shift) == ["“House rules” has to be signed first."]
    await waivers.sign(vera, edition, "Vera Vance", by=CORA)
    assert await gates.missing(vera, shift) == []

    same = await waivers.publish("House rules", "Be kind.", None, by=CORA)
    assert same == edition and await gates.missing(vera, shift) == []
    newer = await waivers.publish("House rules", "Be kind, and wash your hands.", None, by=CORA)
    assert await gates.missing(vera, shift) == ["“House rules” has a new text, which has to be signed first."]
    await waivers.sign(vera, newer, "V. Vance", by=CORA)
    assert await gates.missing(vera, shift) == []
    newcomer = await make.person("Ned Newcomer")
    await waivers.sign(newcomer, newer, "Ned Newcomer", by=CORA)
    assert await gates.missing(newcomer, shift) == [], "nobody signs a text that no longer holds"

    await profiles.ensure(vera, by=CORA)
    signed = (await record.of(vera, today=DAY)).signed
    assert [(one.edition, one.signed_name, one.current) for one in signed] == [
        (2, "V. Vance", True),
        (1, "Vera Vance", False),
    ]


@pytest.mark.parametrize(("signed", "still"), [(date(2026, 3, 6), False), (date(2026, 3, 7), True)])
async def test_a_signature_ends_like_a_certificate_the_day_before_its_anniversary(signed, still):
    vera, edition, shift = await with_waiver(12)
    at = datetime.combine(signed, datetime.min.time(), UTC) + timedelta(hours=17)
    await waivers.sign(vera, edition, "Vera Vance", by=CORA, on_paper=at)

    said = [] if still else ["“House rules” was signed too long ago. It has to be signed again first."]
    assert await gates.missing(vera, shift) == said


async def test_for_a_minor_a_guardian_signs():
    vera, edition, shift = await with_waiver()
    await profiles.save_private(vera, Private(born_on=date(2009, 3, 7), guardian_name="Ida Vance"), by=CORA)
    await waivers.sign(vera, edition, "Vera Vance", by=CORA)
    assert await gates.missing(vera, shift) == [
        "“House rules” has to be signed by a parent or guardian first."
    ]

    await waivers.sign(vera, edition, "Ida Vance", by=CORA, is_guardian=True)
    assert await gates.missing(vera, shift) == []
    assert await gates.able([vera], shift) == {vera}


async def test_who_is_grown_up_on_the_day_signs_for_themselves():
    vera, edition, shift = await with_waiver()
    await profiles.save_private(vera, Private(born_on=date(2009, 3, 6)), by=CORA)
    await waivers.sign(vera, edition, "Vera Vance", by=CORA)

    assert await gates.missing(vera, shift) == []


async def test_a_signature_is_never_altered():
    vera, edition, _shift = await with_waiver()
    await waivers.sign(vera, edition, "Vera Vance", by=CORA)
    for deed in ("UPDATE waiver_signatures SET signed_name = 'Eve'", "DELETE FROM waiver_signatures"):
        with pytest.raises(Exception, match="waiver_signatures"):
            async with db.tx():
                await db.row(deed)
    assert await db.value("SELECT signed_name FROM waiver_signatures") == "Vera Vance"


async def test_who_has_a_place_and_lacks_by_now_what_the_shift_asks_for_is_shown_to_who_can_act(browser):
    await general.organisation()
    card = await qualifications.define("First aid", "certificate", None, by=CORA)
    role = await make.opportunity(qualifications=[card])
    shift = await make.shift(role, maximum=5)
    day = shift.starts_at.date()
    for name in ("Vera Vance", "Walt Wise"):
        id = await make.person(name)
        await qualifications.hold(id, card, by=CORA, from_day=day - timedelta(days=9))
        await signups.sign_up(shift.id, id, by=CORA)
    path, sentence = f"/shifts/{shift.id}", "First aid is needed, valid on"
    await browser.sign_in(role="administrator")
    assert sentence not in (await browser.get(path)).text

    await qualifications.hold(id, card, by=CORA, from_day=day - timedelta(days=1), status="refused")
    text = (await browser.get(path)).text
    assert text.count(sentence) == 1 and text.index("Walt Wise</a>") < text.index(sentence)
    await browser.sign_in(role="fundraiser")
    assert sentence not in (await browser.get(path)).text
    for at, told in ((shift.starts_at, 1), (shift.ends_at + timedelta(days=2), 0)):
        with days.frozen(at):
            await browser.sign_in(role="administrator")
            for place in (path, f"{path}/door"):
                assert (await browser.get(place)).text.count(sentence) == told, place
