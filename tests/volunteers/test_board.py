"""The board by need and by calendar, roles by themselves, and every sentence that the form can say."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from kit import days, db, jobs
from kit.changes import Actor
from tests.test_questions import questions
from tests.volunteers import make
from tests.volunteers.test_public_pages import TYPED, link_in_mail, sign_up
from volunteers import asks, board, profiles, signups, waiting, waivers

CORA = Actor("staff", 1, "Cora")


async def board_of(**chosen) -> list[str]:
    found = await board.shifts_one_can_do(
        board.Chosen(**chosen), days.now(), days.now() + timedelta(days=60), limit=100
    )
    return [shift["title"] for shift in found]


async def fill(shift, people: int) -> None:
    for n in range(people):
        await signups.sign_up(shift.id, await make.person(f"Some {n}"), by=CORA, overrule=True)


async def test_gaps_of_the_next_days_come_first_and_full_shifts_last():
    def starts(n: int) -> datetime:
        return days.wall_clock(days.now() + timedelta(days=n), "America/New_York").replace(
            minute=0, second=0, microsecond=0
        )

    planned = {
        name: await make.shift(await make.opportunity(name), starts=starts(day), minimum=2, maximum=3)
        for name, day in (("Full", 2), ("Roomy", 3), ("Later gap", 20), ("Soon short", 5), ("Soon empty", 4))
    }
    await fill(planned["Full"], 3)
    await fill(planned["Roomy"], 2)
    await fill(planned["Soon short"], 1)

    assert await board_of() == ["Soon empty", "Soon short", "Later gap", "Roomy", "Full"]
    first = await board.shifts_one_can_do(board.Chosen(), days.now(), starts(60), limit=2)
    rest = await board.shifts_one_can_do(
        board.Chosen(), days.now(), starts(60), after=board.place_in_order(first[-1])
    )
    assert [shift["title"] for shift in rest] == ["Later gap", "Roomy", "Full"]


async def test_the_board_leaves_out_what_takes_nobody_now_or_is_not_looked_for():
    kitchen, hall = await make.programme("Kitchen"), await make.place("Town Hall")
    open_one = await make.shift(
        await make.opportunity("Open", programme=kitchen.id, place=hall.id), maximum=2
    )
    await make.shift(await make.opportunity("Not yet", opens_days=2), maximum=2)
    await make.shift(await make.opportunity("Closed", closes_hours=24 * 8), maximum=2)
    day = days.day_of(open_one.starts_at, open_one.zone)

    assert await board_of() == ["Open"]
    assert await board_of(place=hall.id, role=open_one.opportunity, programme=kitchen.slug, day=day) == [
        "Open"
    ]
    assert await board_of(day=day + timedelta(days=1)) == await board_of(place=hall.id + 99) == []


@pytest.mark.parametrize("what", ["opportunities", "programmes"])
async def test_what_is_closed_is_not_on_the_board_whatever_is_planned_there(what):
    await make.shift(await make.opportunity("Soup"), maximum=2)
    assert await board_of() == ["Soup"]

    await db.row(f"UPDATE {what} SET closed_at = $1", days.now())

    assert await board_of() == []


@pytest.mark.parametrize(
    "query", ["", "?place=x&role=-1&day=2026-99-99&after=..", "?after=9.9.9", "?day=0001-01-01"]
)
async def test_what_cannot_be_read_in_an_address_is_everything_or_nothing(browser, query):
    await make.shift(maximum=3)
    assert (await browser.get(f"/volunteer{query}")).status_code == 200
    assert (await browser.get(f"/volunteer/calendar{query}")).status_code == 200


@pytest.mark.parametrize("view", ["month", "week", "day", "list"])
async def test_the_calendar_says_in_words_who_is_missing(browser, view):
    shift = await make.shift(minimum=2, maximum=3)
    await make.shift(await make.opportunity("Secret work", is_public=False), maximum=3)
    day = days.day_of(shift.starts_at, shift.zone)

    answer = await browser.get(f"/volunteer/calendar?view={view}&on={day}")
    other = await browser.get(f"/volunteer/calendar?view={view}&on={day + timedelta(days=90)}")

    assert f"/volunteer/shifts/{shift.id}" in answer.text and "2 people missing" in answer.text
    assert "Secret work" not in answer.text
    assert "Nothing is planned here." in other.text


async def test_a_role_stands_by_itself_with_its_dates(browser):
    role = await make.opportunity(
        "Baking", description="Bread for two hundred.", bring="An apron", minimum_age=16
    )
    shift = await make.shift(role, maximum=3)
    inside = await make.opportunity("Secret work", is_public=False)

    text = (await browser.get(f"/volunteer/roles/{role.id}")).text

    for words in (
        "Baking",
        "Bread for two hundred.",
        "An apron",
        "16 or older",
        f"/volunteer/shifts/{shift.id}",
    ):
        assert words in text
    assert (await browser.get(f"/volunteer/roles/{inside.id}")).status_code == 404


async def test_a_full_shift_says_before_and_after_that_one_waits(browser):
    shift = await make.shift(maximum=1)
    await fill(shift, 1)

    before = (await browser.get(f"/volunteer/shifts/{shift.id}")).text
    after = await browser.get((await sign_up(browser, shift)).headers["location"])

    assert "This shift is full." in before and "Put me on the waiting list" in before
    assert "This shift was full, so it is about its waiting list." in after.text


async def test_a_shift_that_is_closed_says_so_and_shows_other_days(browser):
    role = await make.opportunity(closes_hours=24 * 10)
    shift = await make.shift(role, maximum=1)
    later = await make.shift(
        role,
        starts=days.wall_clock(days.now() + timedelta(days=20), role.zone).replace(microsecond=0),
        maximum=1,
    )
    text = (await browser.get(f"/volunteer/shifts/{shift.id}")).text
    assert "Sign-up for this shift has closed." in text and "<form" not in text
    assert f"/volunteer/shifts/{later.id}" in text


async def test_minors_name_a_guardian_who_signs(browser):
    await waivers.publish("House rules", "Be kind.", None, by=CORA)
    waiver = await db.value("SELECT id FROM waivers")
    shift = await make.shift(await make.opportunity(waivers=["House rules"], minimum_age=14), maximum=3)
    born_on = str(days.today("UTC").replace(year=days.today("UTC").year - 15, day=1))

    refused = await sign_up(browser, shift, born_on=born_on)
    signed = await sign_up(
        browser, shift, born_on=born_on, guardian_name="Mia Vance", guardian_phone="+12125550199",
        **{f"waiver-{waiver}": "Mia Vance"},
    )  # fmt: skip

    assert refused.status_code == 422
    for sentence in ("name of your parent or guardian", "phone number of your parent", "Read “House rules”"):
        assert sentence in refused.text
    assert signed.status_code == 303
    assert await db.value("SELECT is_guardian FROM waiver_signatures") is True
    assert await db.value("SELECT guardian_name FROM volunteers_private") == "Mia Vance"


async def test_who_signed_before_need_not_sign_again(browser):
    await waivers.publish("House rules", "Be kind.", None, by=CORA)
    shift = await make.shift(await make.opportunity(waivers=["House rules"]), maximum=3)
    answer = await sign_up(browser, shift, signed_before="yes")
    await jobs.drain()
    assert answer.status_code == 303
    assert "“House rules”" in await db.value("SELECT body_text FROM mails")  # it was not true


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"size": "9"}, "At most 4 people"),
        ({"size": "2", "names": "Ann\nBen\nCid"}, "with you that is 4"),
        ({"names": "Ann\nBen\nCid\nDan"}, "At most 4 people"),
    ],
)
async def test_a_group_is_as_large_as_it_says(browser, typed, sentence):
    shift = await make.shift(await make.opportunity(largest_group=4), maximum=9)
    answer = await sign_up(browser, shift, **typed)
    assert answer.status_code == 422 and sentence in answer.text


async def test_a_group_by_names_counts_each(browser):
    shift = await make.shift(await make.opportunity(largest_group=4), maximum=9)
    await sign_up(browser, shift, names="Ann\n\n Ben ")
    assert await db.value("SELECT size FROM signups") == 3
    assert await db.value("SELECT array_agg(name ORDER BY id) FROM group_members") == ["Ann", "Ben"]


async def test_a_lost_link_is_sent_and_nobody_learns_to_whom(browser):
    shift = await make.shift(maximum=3)
    await sign_up(browser, shift)
    await jobs.drain()
    known = await browser.submit("/volunteer/links", email=TYPED["email"])
    unknown = await browser.submit("/volunteer/links", email="nobody@example.org")
    await jobs.drain()

    assert (known.status_code, known.headers["location"]) == (
        unknown.status_code,
        unknown.headers["location"],
    )
    assert await db.value("SELECT count(*) FROM mails WHERE subject = 'Your shifts: a new link'") == 1
    for _try in range(4):
        await browser.submit("/volunteer/links", email=TYPED["email"])
    assert (await browser.submit("/volunteer/links", email=TYPED["email"])).status_code == 429


async def test_a_link_that_opens_nothing_leads_to_a_new_one(browser):
    answer = await browser.get("/volunteer/mine/never-was-one")
    assert answer.status_code == 404 and "This link is no longer good" in answer.text


async def test_an_offer_that_is_over_says_so_on_the_own_page(browser):
    shift = await make.shift(maximum=1)
    await fill(shift, 1)
    await sign_up(browser, shift)
    await jobs.drain()
    id = await db.value("SELECT max(id) FROM signups")
    await signups.withdraw(await db.value("SELECT min(id) FROM signups"), by=CORA)
    token = await link_in_mail()
    assert "Take the place" in (await browser.get(f"/volunteer/mine/{token}")).text

    with days.frozen(days.now() + timedelta(days=3)):
        await waiting.fill_due()
        answer = await browser.submit(f"/volunteer/mine/{token}/sign-ups/{id}/acceptances")

    assert answer.status_code == 409
    assert "no longer held for you" in answer.text and "Your shifts, Vera Vance" in answer.text


async def test_who_does_not_want_to_be_asked_says_so_once(browser):
    from tests import make as general
    from tests.volunteers.test_asks import token_for

    shift, other = await make.shift(maximum=1), await make.shift(await make.opportunity("Driving"), maximum=1)
    ada = await make.person("Ada Ames")
    await general.insert("emails", constituent=ada, address="a@example.org", normal="a@example.org")
    await profiles.save(ada, profiles.Profile(), version=0, by=CORA)
    await asks.ask(shift.id, [ada], by=CORA)
    await browser.submit(f"/volunteer/asks/{await token_for(ada)}", answer="never")

    assert await asks.candidates(other.id) == []
    await jobs.drain()
    from volunteers import links

    token = await links.new_for(ada)
    assert "do not want to be asked" in (await browser.get(f"/volunteer/mine/{token}")).text
    await browser.submit(f"/volunteer/mine/{token}/wishes", may_be_asked="yes")
    assert [one["id"] for one in await asks.candidates(other.id)] == [ada]


@pytest.fixture
def in_the_middle_of_a_month() -> Iterator[None]:
    """A list of the calendar is one of a month."""
    with days.frozen(days.now().replace(day=10)):
        yield


@pytest.mark.usefixtures("in_the_middle_of_a_month")
@pytest.mark.parametrize("path", ["/volunteer", "/volunteer/calendar?view=list", "/volunteer/roles/{role}"])
async def test_a_page_asks_as_few_questions_of_thirty_shifts_as_of_one(browser, path):
    role = await make.opportunity(waivers=[])
    starts = days.wall_clock(days.now() + timedelta(days=1), role.zone).replace(
        minute=0, second=0, microsecond=0
    )
    for n in range(30):
        await make.shift(role, starts=starts + timedelta(hours=4 * n), maximum=2)
    where = path.format(role=role.id)
    await browser.get(where)

    with questions() as asked:
        answer = await browser.get(where)

    assert answer.status_code == 200 and answer.text.count("/volunteer/shifts/") >= 18
    assert 0 < len(asked) <= 6, "\n".join(asked)
