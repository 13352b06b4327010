"""The profile of a volunteer: the list, one of them, changing it, and who sees what of it."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from kit import changes, days, db
from kit.changes import SYSTEM, Actor
from tests import make as general
from tests.browser import Browser
from tests.test_questions import questions
from tests.volunteers import make
from volunteers import hours, people, profiles, qualifications, record, signups, waivers
from volunteers.profiles import Private, Profile

CORA = Actor("staff", 1, "Cora Lee")


async def volunteer(name: str = "Vera Vance", **profile) -> int:
    await general.organisation()
    id = await make.person(name)
    await profiles.save(id, Profile(**profile), version=0, by=CORA)
    return id


async def gave(id: int, minutes: int, *, days_ago: int = 1) -> None:
    """Approved hours, not long ago."""
    day = days.today("America/Los_Angeles") - timedelta(days=days_ago)
    await general.insert(
        "hours", constituent=id, programme=(await make.programme()).id, day=day, minutes=minutes, status="approved", came_by="staff"
    )  # fmt: skip


async def names(browser: Browser, query: str) -> list[str]:
    page = await browser.get(f"/volunteers?{query}")
    assert page.status_code == 200
    known = await db.rows("SELECT name FROM constituents ORDER BY length(name) DESC")
    found = [(page.text.find(f">{row['name']}</a>"), row["name"]) for row in known]
    return [name for place, name in sorted(found) if place >= 0]


FORM = {
    "status": "active", "languages": "Spanish, vi", "skills": "Cooking, driving", "interests": "Food", "notes": "Left-handed.",
    "availability": ["sat-morning", "tue-evening"], "may_be_asked": "yes", "may_be_asked_for_money": "yes",
}  # fmt: skip


async def test_saving_a_profile_makes_a_volunteer_and_shows_languages_by_their_names(browser):
    await browser.sign_in(role="volunteer_coordinator")
    id = await make.person("Vera Vance")
    assert (await browser.get(f"/volunteers/{id}")).status_code == 404
    assert (await browser.get(f"/volunteers/{id}/edit")).status_code == 200

    answer = await browser.submit(f"/volunteers/{id}", **FORM)

    page = await browser.get(f"/volunteers/{id}")
    assert answer.status_code == 303 and page.status_code == 200
    assert "Spanish, Vietnamese" in page.text and "Left-handed." in page.text
    assert page.text.count('class="yes"') == 2
    assert (await profiles.get(id))["languages"] == ["es", "vi"]
    assert 'value="Spanish, Vietnamese"' in (await browser.get(f"/volunteers/{id}/edit")).text


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"languages": "Spanish, Elvishh"}, "“Elvishh” is no language we know"),
        ({"skills": "x" * 61}, "is too long"),
        ({"status": "asleep"}, "Choose one from the list"),
        ({"emergency_name": "Otis"}, "Under which number?"),
        ({"guardian_phone": "+1 503 555 0146"}, "Who answers under this number?"),
        ({"guardian": "999999"}, "Choose one from the list, or type the name below."),
        ({"born_on": "2999-01-01"}, "has not come yet"),
    ],
)
async def test_what_cannot_be_is_said_beside_its_field(browser, said, sentence):
    await browser.sign_in(role="volunteer_coordinator")
    id = await volunteer()
    answer = await browser.submit(f"/volunteers/{id}", **{**FORM, "version": "2", **said})

    assert answer.status_code == 422 and sentence in answer.text
    assert (await profiles.get(id))["version"] == 2


async def test_the_second_of_two_editors_sees_both_and_may_then_save(browser):
    await browser.sign_in(role="volunteer_coordinator")
    id = await volunteer(skills=["Cooking"], languages=["en"])
    await profiles.save(id, Profile(skills=["Plumbing"], languages=["en"]), version=2, by=CORA)

    answer = await browser.submit(
        f"/volunteers/{id}",
        **{**FORM, "version": "2", "emergency_name": "Otis", "emergency_phone": "+15035550144"},
    )
    assert answer.status_code == 409
    assert "Plumbing" in answer.text and "Cooking, driving" in answer.text and "Saved now" in answer.text
    assert "Sat Morning" in answer.text
    assert (await profiles.get(id))["skills"] == ["Plumbing"]

    again = await browser.submit(f"/volunteers/{id}", **{**FORM, "version": "3"})
    assert again.status_code == 303
    assert (await profiles.get(id))["skills"] == ["Cooking", "driving"]


async def test_a_form_opened_before_there_was_a_profile_does_not_overwrite_one(browser):
    id = await volunteer(skills=["Plumbing"])
    with pytest.raises(profiles.ChangedMeanwhile):
        await profiles.save(id, Profile(), version=0, by=CORA)


async def test_one_skill_is_spelled_one_way():
    await volunteer("Ann Ames", skills=["Cooking"])
    other = await volunteer("Bob Boyd", skills=["cooking", "COOKING", "Sewing"])
    assert (await profiles.get(other))["skills"] == ["Cooking", "Sewing"]


# ---------------------------------------------------------------- the list


async def test_the_list_is_narrowed_by_what_volunteers_can(browser):
    await browser.sign_in(role="fundraiser")
    await volunteer("Ann Ames", skills=["Cooking"], languages=["es"], availability=["sat-morning"])
    await volunteer(
        "Bob Boyd", skills=["Driving"], languages=["en"], availability=["sat-evening", "mon-morning"]
    )
    await volunteer("Cid Cole", status="paused")
    await make.person("Dan Donor")

    assert await names(browser, "") == ["Ann Ames", "Bob Boyd", "Cid Cole"]
    assert await names(browser, "q=boyd") == ["Bob Boyd"]
    assert await names(browser, "status=paused") == ["Cid Cole"]
    assert await names(browser, "skill=cooking") == ["Ann Ames"]
    assert await names(browser, "language=es") == ["Ann Ames"]
    assert await names(browser, "day=sat") == ["Ann Ames", "Bob Boyd"]
    assert await names(browser, "day=sat&part=evening") == ["Bob Boyd"]
    assert await names(browser, "part=morning") == ["Ann Ames", "Bob Boyd"]
    assert await names(browser, "skill=cooking&language=en") == []
    page = await browser.get("/volunteers?skill=cooking&day=sat")
    assert "/volunteers?day=sat" in page.text and "/volunteers?skill=Cooking" in page.text


async def test_the_list_is_narrowed_by_how_a_qualification_stands(browser):
    today = days.today("America/Los_Angeles")
    card = (
        await qualifications.define("Food card", "certificate", None, by=CORA)
        if await general.organisation()
        else 0
    )
    check = await qualifications.define("Background check", "check", None, by=CORA)
    for name, until in (
        ("Ann Ames", None),
        ("Bob Boyd", today + timedelta(days=60)),
        ("Cid Cole", today - timedelta(days=1)),
        ("Dee Dunn", today + timedelta(days=61)),
    ):
        await qualifications.hold(
            await volunteer(name), card, from_day=today - timedelta(days=90), until_day=until, by=CORA
        )
    renewed = await volunteer("Eve Ells")
    await qualifications.hold(renewed, card, from_day=today - timedelta(days=90), until_day=today, by=CORA)
    await qualifications.hold(renewed, card, from_day=today, by=CORA)
    checked = await volunteer("Fay Ford")
    await qualifications.hold(checked, check, from_day=today - timedelta(days=9), until_day=today, by=CORA)

    await browser.sign_in(role="administrator")
    assert await names(browser, f"qualification={card}") == ["Ann Ames", "Bob Boyd", "Dee Dunn", "Eve Ells"]
    assert await names(browser, f"qualification={card}&standing=ending") == ["Bob Boyd"]
    assert await names(browser, f"qualification={card}&standing=ended") == ["Cid Cole"]
    assert await names(browser, "standing=ending") == ["Bob Boyd", "Fay Ford"]
    assert await names(browser, f"qualification={check}") == ["Fay Ford"]
    await browser.sign_in(role="fundraiser")
    assert await names(browser, f"qualification={check}") == []
    assert await names(browser, "standing=ending") == ["Bob Boyd"]


async def test_a_coordinator_lists_and_counts_the_checks_of_whom_they_know(browser):
    today = days.today("America/Los_Angeles")
    kitchen, garden = await make.programme("Kitchen"), await make.programme("Garden")
    check = await qualifications.define("Background check", "check", None, by=CORA)
    for name, programme in (("Ann Ames", kitchen), ("Bob Boyd", garden)):
        id = await volunteer(name)
        await qualifications.hold(id, check, from_day=today, by=CORA)
        role = await make.opportunity(f"Role in {programme.name}", programme=programme.id)
        await signups.sign_up((await make.shift(role)).id, id, by=CORA, overrule=True)
    member = await browser.sign_in(role="volunteer_coordinator")
    await general.insert("programme_coordinators", programme=kitchen.id, member=member.id)

    listed = f"qualification={check}&standing=valid"
    assert await names(browser, listed) == ["Ann Ames"]
    assert ">1 person<" in (await browser.get("/qualifications")).text
    taken = (await browser.submit("/volunteers/export", qualification=check, standing="valid")).text
    assert "Ames" in taken and "Boyd" not in taken
    await browser.sign_in(role="administrator")
    assert await names(browser, listed) == ["Ann Ames", "Bob Boyd"]
    assert ">2 people<" in (await browser.get("/qualifications")).text


async def test_each_order_walks_over_everybody_once(browser):
    await general.organisation()
    at = days.now()
    for number in range(people.PAGE + 7):
        id = await volunteer(f"Person{number % 9} Number{number:03}")
        if number % 3:
            await gave(id, 60 * (number % 5 + 1), days_ago=number % 4)
    for sort in people.SORTS:
        look = people.Look.of({"sort": sort})
        first, later = await people.page(look, today=at.date())
        rest, end = await people.page(people.Look.of({"sort": sort, "after": later}), today=at.date())
        ids = [row["id"] for row in first + rest]
        assert len(first) == people.PAGE and end == "" and len(set(ids)) == len(ids) == people.PAGE + 7
    by_hours = [
        row["minutes"] for row in (await people.page(people.Look.of({"sort": "hours"}), today=at.date()))[0]
    ]
    assert by_hours == sorted(by_hours, reverse=True) and by_hours[0] > 0
    await browser.sign_in(role="fundraiser")
    assert "sort=hours&amp;after=" in (await browser.get("/volunteers?sort=hours")).text


async def test_time_and_money_are_only_asked_about_where_it_is_welcome(browser):
    gives_time = [await volunteer("Ann Ames"), await volunteer("Bob Boyd", may_be_asked_for_money=False)]
    await volunteer("Cleo Cole")  # signed up once and has given nothing yet
    programme = (await make.programme()).id
    for person in gives_time:
        given = hours.HoursDetails(constituent=person, programme=programme, day=date(2026, 3, 7), minutes=60)
        await hours.record(given, by=SYSTEM)
    donor = await general.person("Dan", "Donor")
    for giver in (donor, SimpleNamespace(id=await volunteer("Una Willing", may_be_asked=False))):
        await general.gift(donor=giver)
    await browser.sign_in(role="fundraiser")

    assert await names(browser, "list=time_not_money") == ["Ann Ames"]
    assert await names(browser, "list=money_not_time") == ["Dan Donor"]


@pytest.mark.parametrize("which", ["time_not_money", "money_not_time"])
async def test_without_seeing_gifts_no_list_tells_who_gives_money_or_does_not(browser, which):
    ann, una = await volunteer("Ann Ames"), await volunteer("Una Willing")
    await gave(ann, 60)
    await gave(una, 60)
    await general.gift(donor=SimpleNamespace(id=una))
    await browser.sign_in(role="volunteer_coordinator")

    assert await names(browser, f"list={which}") == ["Ann Ames", "Una Willing"]
    assert f"list={which}" not in (await browser.get("/volunteers")).text
    assert (await browser.submit("/volunteers/export", list=which)).status_code == 404
    assert (await browser.submit("/volunteers/export", list="")).status_code == 200


async def test_whoever_is_to_be_a_volunteer_is_searched_for_first(browser):
    await browser.sign_in(role="volunteer_coordinator")
    known, volunteering = await general.person("Vera", "Vance"), await volunteer("Walt Vance")
    page = await browser.get("/volunteers/new?q=vance")

    assert f"/volunteers/{known.id}/edit" in page.text and f'/volunteers/{volunteering}"' in page.text
    assert "New person: nobody" in (await browser.get("/volunteers/new?q=nobody")).text
    assert (
        (await browser.part("/volunteers/new", q="vance"))
        .text.strip()
        .startswith('<section id="people-found"')
    )


@pytest.mark.parametrize(
    ("path", "at_most"), [("/volunteers", 5), ("/volunteers?sort=hours&day=sat", 5), ("/qualifications", 5)]
)
async def test_a_page_asks_as_few_questions_for_many_as_for_one(browser, path, at_most):
    card = (
        await qualifications.define("Food card", "certificate", None, by=CORA)
        if await general.organisation()
        else 0
    )
    for number in range(12):
        id = await volunteer(
            f"Person{number} Pine", skills=["Cooking"], languages=["es"], availability=["sat-morning"]
        )
        await qualifications.hold(id, card, from_day=date(2026, 1, 1), by=CORA)
    await browser.sign_in(role="administrator")
    await browser.get(path)

    with questions() as asked:
        await browser.get(path)
    assert 0 < len(asked) <= at_most, "\n".join(asked)


async def test_the_page_of_a_volunteer_asks_as_few_questions_for_many_shifts_as_for_one(browser):
    vera = await volunteer()
    await browser.sign_in(role="administrator")
    counted = []
    for days_ago in range(6):
        await gave(vera, 60, days_ago=days_ago)
        with questions() as asked:
            await browser.get(f"/volunteers/{vera}")
        counted.append(len(asked))
    assert len(set(counted[1:])) == 1 and counted[-1] <= 6, counted


# ---------------------------------------------------------------- shifts, rates


async def test_past_shifts_say_what_came_of_them_and_rates_are_of_what_was_promised(browser):
    vera = await volunteer()
    shift = await make.shift(maximum=2)
    ahead = await signups.sign_up(shift.id, vera, by=CORA)
    over = [await make.shift(await make.opportunity(f"Role {n}"), maximum=2) for n in range(3)]
    for n, one in enumerate(over):
        await general.insert(
            "signups", shift=one.id, constituent=await make.person(f"Other {n}"), status="confirmed"
        )
    states = (
        {"attendance": "present"},
        {"attendance": "absent"},
        {"status": "withdrawn", "ended_late": True},
    )
    for n, (one, state) in enumerate(zip(over, states, strict=True)):
        starts = days.now() - timedelta(days=n + 2)
        await db.row(
            "UPDATE shifts SET starts_at = $2, ends_at = $3 WHERE id = $1",
            one.id,
            starts,
            starts + timedelta(hours=2),
        )
        await general.insert("signups", shift=one.id, constituent=vera, **{"status": "confirmed", **state})
    await browser.sign_in(role="fundraiser")

    page = await browser.get(f"/volunteers/{vera}")

    assert ahead.status == "confirmed" and "Sorting" in page.text and "Has a place" in page.text
    assert "of 2: 50 %" in page.text and "of 3: 33 %" in page.text
    assert [one.title for one in (await record.of(vera, today=days.now().date())).past] == [
        "Role 0",
        "Role 1",
        "Role 2",
    ]
    for words in ("Came", "Did not come", "Withdrew late"):
        assert words in page.text


async def test_a_coordinator_sees_of_a_volunteer_the_shifts_of_their_own_programmes(browser):
    vera = await volunteer()
    mine, theirs = await make.programme("Kitchen"), await make.programme("Hotline")
    cooking = await make.opportunity("Cooking", programme=mine.id)
    calling = await make.opportunity("Calling", programme=theirs.id)
    start = days.wall_clock(days.now() + timedelta(days=9), "America/New_York").replace(
        minute=0, second=0, microsecond=0
    )
    for role, starts in ((cooking, start), (calling, start + timedelta(days=1))):
        await signups.sign_up((await make.shift(role, starts=starts)).id, vera, by=CORA)
    member = await browser.sign_in(role="volunteer_coordinator")
    await general.insert("programme_coordinators", programme=mine.id, member=member.id)

    page = await browser.get(f"/volunteers/{vera}")
    panel = await browser.get(f"/constituents/{vera}/volunteering")

    assert "Cooking" in page.text and "Calling" not in page.text
    assert "Cooking" in panel.text and "Calling" not in panel.text


# ---------------------------------------------------------------- what only those see who need it


async def secretive() -> int:
    """A volunteer of whom everything private is known, with a check."""
    id = await volunteer()
    private = Private(
        born_on=date(2011, 3, 7),
        emergency_name="Otis Zwijnenburg", emergency_phone="+15035550177", guardian_name="Ida Quackenbush",
        guardian_phone="+15035550178",
    )  # fmt: skip
    await profiles.save(id, Profile(skills=["Cooking"]), private, version=2, by=CORA)
    check = await qualifications.define("Background check", "check", 12, by=CORA)
    await qualifications.hold(
        id, check, from_day=days.today("UTC") - timedelta(days=3), status="refused", by=CORA
    )
    return id


@pytest.mark.parametrize(
    ("role", "sees"),
    [
        ("administrator", True),
        ("volunteer_coordinator", True),
        ("fundraiser", False),
        ("finance", False),
        ("auditor", False),
    ],
)
async def test_birth_dates_checks_and_emergency_contacts_are_for_coordinators(browser, role, sees):
    id = await secretive()
    await browser.sign_in(role=role)
    text = (await browser.get(f"/volunteers/{id}")).text

    for secret in ("Otis Zwijnenburg", "Ida Quackenbush", "Background check", "7 Mar 2011"):
        assert (secret in text) is sees, secret


@pytest.mark.parametrize(
    ("role", "sees"), [("administrator", True), ("fundraiser", False), ("auditor", False)]
)
async def test_that_a_guardian_signed_is_private_too(browser, role, sees):
    id = await secretive()
    rules = await waivers.publish("House rules", "Be kind.", None, by=CORA)
    await waivers.sign(id, rules, "Ida Quackenbush", by=CORA, is_guardian=True)
    other = await volunteer("Olga Older")
    await waivers.sign(other, rules, "Olga Older", by=CORA)
    await browser.sign_in(role=role)

    text = (await browser.get(f"/volunteers/{id}")).text
    assert "House rules" in text and ("Quackenbush" in text) is sees and ("as guardian" in text) is sees
    assert "“Olga Older”" in (await browser.get(f"/volunteers/{other}")).text
    assert "Quackenbush" not in str(await changes.of("constituent", id))
    assert "Olga Older" in str(await changes.of("constituent", other))


async def test_a_guardian_on_record_is_called_by_its_own_phone(browser):
    guardian = await general.person("Gus", "Guardian", phone="+15035550199")
    silent = await general.person("Sally", "Silent")
    ward = await volunteer("Wim Ward")
    born = date(days.now().year - 12, 1, 1)
    await browser.sign_in(role="administrator")
    for private, shown, warned in (
        (Private(born_on=born, guardian=guardian.id, guardian_name="Old Name", guardian_phone="+15035550111"), "tel:+15035550199", False),
        (Private(born_on=born, guardian=silent.id), "Sally Silent", True),
        (Private(born_on=born, guardian=silent.id, guardian_phone="+15035550111"), "tel:+15035550111", False),
    ):  # fmt: skip
        await profiles.save_private(ward, private, by=CORA)
        text = (await browser.get(f"/volunteers/{ward}")).text
        assert shown in text and "Old Name" not in text
        assert ("whose guardian cannot be called" in text) is warned


async def test_no_other_page_and_no_trail_tells_them(browser):
    id = await secretive()
    await browser.sign_in(role="auditor")
    for path in (
        f"/constituents/{id}",
        f"/constituents/{id}/volunteering",
        "/volunteers?q=vance",
        "/qualifications",
        "/constituents?q=Zwijnenburg",
    ):
        text = (await browser.get(path)).text
        assert "Zwijnenburg</" not in text and "Quackenbush" not in text and "2011" not in text, path
    trail = await changes.of("constituent", id)

    assert {"volunteer.private_changed", "check.held"} <= {row["action"] for row in trail}
    told = " ".join(str((row["before"], row["after"])) for row in trail)
    assert not any(
        word in told
        for word in ("Zwijnenburg", "Quackenbush", "2011", "+1503555017", "refused", "Background")
    )


async def test_nothing_private_lies_in_any_other_table():
    await secretive()
    tables = await db.rows(
        "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    found = [
        table["name"]
        for table in tables
        if await db.value(
            f"SELECT EXISTS (SELECT FROM {table['name']} t WHERE t::text LIKE ANY ($1))",
            ["%Zwijnenburg%", "%Quackenbush%", "%2011-03-07%", "%+1503555017%"],
        )
    ]
    assert found == ["volunteers_private"]


async def test_the_lead_has_whom_to_call_on_the_day_of_the_shift_only(browser):
    id = await secretive()
    guardian = await general.person("Gus", "Guardian", phone="+15035550199")
    ward = await volunteer("Wim Ward")
    await profiles.save_private(ward, Private(guardian=guardian.id), by=CORA)
    shift = await make.shift(
        await make.opportunity(zone="UTC"),
        starts=days.now().replace(tzinfo=None, minute=0, second=0, microsecond=0)
        + timedelta(days=2, hours=1),
        maximum=3,
    )
    for one in (id, ward):
        await general.insert("signups", shift=shift.id, constituent=one, status="confirmed")
    await browser.sign_in(role="administrator")

    assert "Zwijnenburg" not in (await browser.get(f"/shifts/{shift.id}/door")).text
    with days.frozen(shift.starts_at):
        await browser.sign_in(role="administrator")
        page = await browser.get(f"/shifts/{shift.id}/door")
    assert "Otis Zwijnenburg" in page.text and "Guardian: Gus Guardian" in page.text
    assert 'href="tel:+15035550199">+1 503-555-0199</a>' in page.text


async def test_a_night_shift_has_two_days(browser):
    id = await secretive()
    start = days.now().replace(tzinfo=None, hour=22, minute=0, second=0, microsecond=0) + timedelta(days=2)
    shift = await make.shift(await make.opportunity(zone="UTC"), starts=start, hours=8, maximum=3)
    await general.insert("signups", shift=shift.id, constituent=id, status="confirmed")
    for later, told in (
        (timedelta(hours=5), True),
        (timedelta(hours=27), False),
        (timedelta(hours=-23), False),
    ):
        with days.frozen(shift.starts_at + later):
            await browser.sign_in(role="administrator")
            assert ("Otis Zwijnenburg" in (await browser.get(f"/shifts/{shift.id}/door")).text) is told


async def test_a_guardian_is_chosen_from_household_and_relations(browser):
    ward, mother = await general.person("Wim", "Ward"), await general.person("Mia", "Ward")
    await general.household("Wards", members=[ward, mother])
    await browser.sign_in(role="volunteer_coordinator")

    assert "Mia Ward" in (await browser.get(f"/volunteers/{ward.id}/edit")).text
    answer = await browser.submit(
        f"/volunteers/{ward.id}", **{**FORM, "born_on": "2015-05-01", "guardian": str(mother.id)}
    )

    page = await browser.get(f"/volunteers/{ward.id}")
    assert answer.status_code == 303 and "Mia Ward" in page.text and "Minor" in page.text
    await browser.submit(f"/volunteers/{ward.id}", **{**FORM, "born_on": "2015-05-01", "version": "2"})
    assert "A minor without a guardian" in (await browser.get(f"/volunteers/{ward.id}")).text


# ---------------------------------------------------------------- the constituent's page


async def test_the_panel_offers_to_make_a_volunteer_and_later_tells_of_one(browser):
    person = await general.person("Vera", "Vance")
    await browser.sign_in(role="volunteer_coordinator")
    assert "Make a volunteer" in (await browser.get(f"/constituents/{person.id}/volunteering")).text
    await browser.sign_in(role="auditor")
    assert "Make a volunteer" not in (await browser.get(f"/constituents/{person.id}/volunteering")).text
    await profiles.save(person.id, Profile(skills=["Cooking"]), version=0, by=CORA)
    await gave(person.id, 90)

    part = await browser.part(f"/constituents/{person.id}/volunteering")
    page = await browser.get(f"/constituents/{person.id}")
    assert (
        part.text.strip().startswith('<section class="card" id="volunteering-panel">')
        and "Cooking" in part.text
    )
    assert "Hours given" in page.text and "Became a volunteer" in page.text and "1 h 30" in page.text
    await browser.sign_in(role="gift_entry")
    other = await browser.get(f"/constituents/{person.id}")
    assert (await browser.get(f"/constituents/{person.id}/volunteering")).status_code == 403
    assert (
        "Hours given" not in other.text
        and "Became a volunteer" not in other.text
        and "volunteering-panel" not in other.text
    )


async def test_a_household_is_no_volunteer(browser):
    household = await general.household()
    await browser.sign_in(role="administrator")
    assert (await browser.get(f"/volunteers/{household.id}/edit")).status_code == 404


@pytest.mark.parametrize(
    ("gone", "why", "said"),
    [
        ("archived_at = now()", "is archived", "Archived"),
        ("deceased = true", "Vera Vance has died", "Deceased"),
    ],
)
async def test_who_is_gone_does_not_become_a_volunteer_and_one_who_was_is_shown_as_gone(
    browser, gone, why, said
):
    new, known = await make.person("Vera Vance"), await volunteer("Walt Wise")
    await db.row(f"UPDATE constituents SET {gone}")
    await browser.sign_in(role="administrator")

    for answer in (
        await browser.get(f"/volunteers/{new}/edit"),
        await browser.submit(f"/volunteers/{new}", **FORM),
    ):
        assert answer.status_code == 409 and why in answer.text
    assert await profiles.are_volunteers([new, known]) == {known}
    assert (await browser.get(f"/volunteers/{known}/edit")).status_code == 200
    for path in (f"/volunteers/{known}", f"/constituents/{known}/volunteering"):
        text = (await browser.get(path)).text
        assert said in text and ">Active<" not in text
