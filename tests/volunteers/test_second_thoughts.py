"""What people do after they signed up: answer late, click twice, leave a group, come back to a link that led to an offer."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from kit import days, db, jobs
from kit.changes import Actor
from tests import make as general
from tests.volunteers import make
from tests.volunteers.test_asks import token_for
from volunteers import (
    asks,
    letters,
    links,
    placements,
    profiles,
    reminders,
    shifts,
    signups,
    visitors,
    waiting,
)

CORA = Actor("staff", 1, "Cora")


async def volunteer(name: str) -> int:
    """Somebody with an address, who may be asked."""
    id = await make.person(name)
    address = f"{name.replace(' ', '.').lower()}@example.org"
    await general.insert("emails", constituent=id, address=address, normal=address, preferred=True)
    await profiles.ensure(id, by=CORA)
    return id


async def written(signup_id: int) -> list[dict[str, Any]]:
    """The letters about a sign-up, oldest first."""
    await jobs.drain()
    return await db.rows("SELECT * FROM mails WHERE what = $1 ORDER BY id", f"signup:{signup_id}")


async def moved(shift: Any, by: timedelta) -> None:
    row = await shifts.get(shift.id)
    await shifts.move(
        shift.id, days.wall_clock(row["starts_at"], row["zone"]) + by, version=row["version"], by=CORA
    )


# ---------------------------------------------------------------- reminders


async def test_who_is_on_a_shift_that_moved_is_reminded_of_the_new_time_and_is_no_risk_until_then():
    role = await make.opportunity(remind_hours=[48])
    shift = await make.shift(role, starts=datetime(2027, 3, 6, 9), maximum=3)
    with days.frozen(shift.starts_at - timedelta(days=5)):
        signed = await signups.sign_up(shift.id, await volunteer("Vera Vance"), by=CORA)
    with days.frozen(shift.starts_at - timedelta(hours=47)):
        assert await reminders.send_due() == 1
        await moved(shift, timedelta(days=7))
        assert [one["silent"] for one in await signups.of_shift(shift.id)] == [False]
        assert await reminders.send_due() == 0
    with days.frozen(shift.starts_at + timedelta(days=7) - timedelta(hours=47)):
        assert await reminders.send_due() == 1
        assert [one["silent"] for one in await signups.of_shift(shift.id)] == [True]
    assert len([one for one in await written(signed.id) if one["purpose"].startswith("reminder")]) == 2


async def test_who_had_the_place_an_hour_ago_is_not_reminded_of_what_they_were_just_told():
    role = await make.opportunity(remind_hours=[48, 3])
    shift = await make.shift(role, starts=datetime(2027, 3, 6, 9), maximum=1)
    with days.frozen(shift.starts_at - timedelta(days=9)):
        taker = await signups.sign_up(shift.id, await volunteer("Tara Tan"), by=CORA)
        waits = await signups.sign_up(shift.id, await volunteer("Nora Neal"), by=CORA)
        await jobs.drain()
    with days.frozen(shift.starts_at - timedelta(hours=30)):
        await signups.withdraw(taker.id, by=CORA)
        assert await waiting.take(waits.id, by=CORA) == "confirmed"
        await jobs.drain()
        assert await reminders.send_due() == 0
    with days.frozen(shift.starts_at - timedelta(hours=2)):
        assert await reminders.send_due() == 1


async def test_who_said_yes_is_not_asked_again_whether_they_come():
    shift = await make.shift(await make.opportunity(remind_hours=[48, 3]), maximum=1)
    signed = await signups.sign_up(shift.id, await volunteer("Vera Vance"), by=CORA)

    await letters.reminder(signed.id, 48)
    await signups.answer(signed.id, coming=True, by=CORA)
    await letters.reminder(signed.id, 3)

    asked, told = [one["body_text"] for one in await written(signed.id) if one["purpose"][:8] == "reminder"]
    assert "Are you coming?" in asked and "I’ll be there, or I can’t" in asked
    assert "You said that you come" in told and "Are you coming?" not in told


@pytest.mark.usefixtures("clock_of_2026")
async def test_a_reminder_of_the_last_hours_can_be_answered_on_the_page(browser):
    shift = await make.shift(starts=datetime(2027, 3, 6, 9), maximum=1)
    vera = await volunteer("Vera Vance")
    signed = await signups.sign_up(shift.id, vera, by=CORA)
    with days.frozen(shift.starts_at - timedelta(hours=3)):
        token = await links.new_for(vera)
        page = (await browser.get(f"/volunteer/mine/{token}")).text
        assert page.index("I&#39;ll be there") < page.index("I&#39;m here")
        await browser.submit(f"/volunteer/mine/{token}/sign-ups/{signed.id}/answers", coming="yes")
        assert "I&#39;ll be there" not in (await browser.get(f"/volunteer/mine/{token}")).text


@pytest.mark.parametrize(
    ("hours_before", "said"),
    [(30, "say so before Fri 5 Mar 2027, 09:00"), (20, "say so early"), (None, "say so early")],
)
async def test_the_mail_says_until_when_one_may_withdraw(hours_before, said):
    role = await make.opportunity(withdraw_hours=0 if hours_before is None else 24)
    shift = await make.shift(role, starts=datetime(2027, 3, 6, 9), maximum=1)
    with days.frozen(shift.starts_at - timedelta(hours=hours_before or 30)):
        signed = await signups.sign_up(shift.id, await volunteer("Vera Vance"), by=CORA)
        [letter] = await written(signed.id)

    assert said in letter["body_text"] and said in letter["body_html"]


# ---------------------------------------------------------------- fewer places


async def test_nobody_loses_a_place_for_which_there_is_room():
    role = await make.opportunity(largest_group=4)
    shift = await make.shift(role, maximum=5)
    first, second, group = [
        await signups.sign_up(shift.id, await volunteer(f"{name} Neal"), size=size, by=CORA)
        for name, size in (("Ann", 1), ("Ben", 1), ("Cleo", 3))
    ]
    await cut_to_one(shift, to_waiting=[first.id, second.id, group.id])

    found = [(await signups.get(one.id))["status"] for one in (first, second, group)]

    assert found == ["confirmed", "waiting", "waiting"]


# ---------------------------------------------------------------- two clicks


async def test_two_clicks_on_i_cannot_come_are_one(browser):
    shift = await make.shift(maximum=1)
    vera = await volunteer("Vera Vance")
    signed = await signups.sign_up(shift.id, vera, by=CORA)
    token = await links.new_for(vera)

    answers = [
        await browser.submit(f"/volunteer/mine/{token}/sign-ups/{signed.id}/answers", coming="no")
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert (await signups.get(signed.id))["status"] == "withdrawn"


async def test_two_clicks_on_find_somebody_ask_once():
    shift = await make.shift(maximum=1)
    place = await signups.sign_up(shift.id, await volunteer("Lea Ving"), by=CORA)
    people = [await volunteer(f"P{number} Person") for number in range(4)]

    assert await asks.ask(shift.id, people[:2], by=CORA, instead_of=place.id) == 2
    assert await asks.ask(shift.id, people[2:], by=CORA, instead_of=place.id) == 2

    assert await db.value("SELECT count(*) FROM asks") == 2


async def test_the_form_of_somebody_else_is_no_second_click():
    shift = await make.shift(maximum=3)
    vera = visitors.Visit(entry_key="one-form", given_name="Vera", family_name="Vance", email="v@example.org")
    ned = msgspec.structs.replace(vera, given_name="Ned", family_name="Neal")

    first, again = [await visitors.sign_up(shift.id, vera) for _ in range(2)]
    friend, friend_again = [await visitors.sign_up(shift.id, ned) for _ in range(2)]

    assert first["id"] == again["id"] and friend["id"] == friend_again["id"] != first["id"]
    assert (await shifts.get(shift.id))["taken"] == 2


async def test_a_spouse_with_the_same_address_is_told_how_both_can_come():
    """The rules of gifts take one address and last name for one person."""
    shift = await make.shift(maximum=3)
    vera = visitors.Visit(entry_key="a", given_name="Vera", family_name="Vance", email="v@example.org")
    await visitors.sign_up(shift.id, vera)
    await visitors.sign_up(shift.id, msgspec.structs.replace(vera, entry_key="b"))
    await visitors.sign_up(shift.id, msgspec.structs.replace(vera, entry_key="c", given_name="Victor"))
    await jobs.drain()

    same, other = await db.rows("SELECT body_text FROM mails WHERE purpose = 'refused' ORDER BY id")

    assert "Is Victor somebody else" in other["body_text"] and "somebody else" not in same["body_text"]


# ---------------------------------------------------------------- somebody else takes the place


async def test_one_who_takes_a_place_of_a_group_takes_one_and_the_line_has_the_rest():
    shift = await make.shift(await make.opportunity(largest_group=5), maximum=3)
    leaving = await signups.sign_up(shift.id, await volunteer("Lea Ving"), size=3, names=["Ann"], by=CORA)
    waits = await signups.sign_up(shift.id, await volunteer("Walt Waiting"), by=CORA)
    ready = await volunteer("Rea Dy")
    await asks.ask(shift.id, [ready], by=CORA, instead_of=leaving.id)

    assert await asks.say_yes(await token_for(ready), by=CORA) == "yes"

    found = await db.row("SELECT size, status FROM signups WHERE constituent = $1", ready)
    assert found == {"size": 1, "status": "confirmed"}
    assert (await signups.get(waits.id))["status"] == "offered"
    assert (await shifts.get(shift.id))["taken"] == 2


async def test_staff_who_put_somebody_at_the_head_of_a_group_keep_the_group():
    shift = await make.shift(await make.opportunity(largest_group=5), maximum=3)
    leaving = await signups.sign_up(shift.id, await volunteer("Lea Ving"), size=3, names=["Ann"], by=CORA)

    id = await placements.replace(leaving.id, await volunteer("Rea Dy"), by=CORA)

    new = next(one for one in await signups.of_shift(shift.id) if one["id"] == id)
    assert (new["size"], new["names"], new["status"]) == (3, ["Ann"], "confirmed")
    [letter] = [one for one in await written(leaving.id) if one["purpose"].startswith("withdrawn")]
    assert letter["subject"].endswith(": somebody else has your place now")
    assert "you need not come" in letter["body_text"] and "given your place back" not in letter["body_text"]


async def test_who_takes_anothers_place_is_looked_at_where_the_role_asks_for_it(browser):
    shift = await make.shift(await make.opportunity(needs_approval=True), maximum=1)
    leaving = await signups.sign_up(shift.id, await volunteer("Lea Ving"), by=CORA)
    await signups.approve(leaving.id, by=CORA)
    ready = await volunteer("Rea Dy")
    await asks.ask(shift.id, [ready], by=CORA, instead_of=leaving.id)
    token = await token_for(ready)

    assert await asks.say_yes(token, by=CORA) == "yes"

    assert await db.value("SELECT status FROM signups WHERE constituent = $1", ready) == "pending"
    said = (await browser.get(f"/volunteer/asks/{token}")).text
    assert "The coordinator looks at it" in said and "The place is yours" not in said
    await jobs.drain()
    subjects = await db.rows("SELECT subject FROM mails WHERE name = 'Rea' ORDER BY id")
    assert subjects[-1]["subject"].endswith(": we look at your sign-up")


async def test_an_ask_for_anothers_place_says_their_first_name_only():
    shift = await make.shift(maximum=1)
    leaving = await signups.sign_up(shift.id, await volunteer("Margaret Private"), by=CORA)
    await asks.ask(shift.id, [await volunteer("Rea Dy")], by=CORA, instead_of=leaving.id)
    await jobs.drain()

    words = await db.value("SELECT body_text FROM mails WHERE purpose = 'ask'")

    assert "Margaret cannot come" in words and "Private" not in words


# ---------------------------------------------------------------- what ended


async def test_the_link_to_an_offer_that_ran_out_says_so_also_in_the_minute_before_the_job(browser):
    shift = await make.shift(await make.opportunity(offer_hours=2), maximum=1)
    taker = await signups.sign_up(shift.id, await volunteer("Tara Tan"), by=CORA)
    nora = await volunteer("Nora Neal")
    waits = await signups.sign_up(shift.id, nora, by=CORA)
    await signups.withdraw(taker.id, by=CORA)
    token = await links.new_for(nora)
    assert "A place is free for you" in (await browser.get(f"/volunteer/mine/{token}")).text

    with days.frozen(days.now() + timedelta(hours=3)):
        for fill in (False, True):
            if fill:
                await waiting.fill_due()
            page = (await browser.get(f"/volunteer/mine/{token}")).text
            assert "No longer held for you" in page and f'id="sign-up-{waits.id}"' in page
            assert "Take the place" not in page and f"/volunteer/shifts/{shift.id}" in page
        await signups.sign_up(shift.id, nora, by=CORA)
        assert "No longer held" not in (await browser.get(f"/volunteer/mine/{token}")).text


async def test_who_was_declined_before_they_had_a_place_is_not_told_that_they_lost_one():
    shift = await make.shift(await make.opportunity(needs_approval=True), maximum=2)
    asks_for_it = await signups.sign_up(shift.id, await volunteer("Petra Pending"), by=CORA)
    has_it = await signups.sign_up(shift.id, await volunteer("Hana Has"), by=CORA)
    await signups.approve(has_it.id, by=CORA)
    await jobs.drain()
    for one in (asks_for_it, has_it):
        await signups.decline(one.id, reason="", by=CORA)

    never, lost = [(await written(one.id))[-1] for one in (asks_for_it, has_it)]

    assert never["subject"].endswith(": we cannot give you a place")
    assert lost["subject"].endswith(": you are no longer down for it")
    assert [len(msgspec.json.decode(one["attachments"])) for one in (never, lost)] == [0, 1]


async def test_a_calendar_is_told_once_that_the_shift_is_gone():
    """Else the letter that offers the place again would carry a cancellation, and mail programs show that first."""
    role = await make.opportunity()
    shift = await make.shift(role, maximum=2)
    stays, loses = [
        await signups.sign_up(shift.id, await volunteer(name), by=CORA) for name in ("Sam Stays", "Lou Loses")
    ]
    await jobs.drain()
    await cut_to_one(shift, to_waiting=[loses.id])
    await jobs.drain()
    await signups.withdraw(stays.id, by=CORA)

    attached = {
        one["purpose"].split()[0]: len(msgspec.json.decode(one["attachments"]))
        for one in await written(loses.id)
    }

    assert attached == {"confirmed": 1, "waiting": 1, "offered": 0}


async def cut_to_one(shift: Any, to_waiting: list[int]) -> None:
    row = await shifts.get(shift.id)
    starts, ends = (days.wall_clock(row[name], row["zone"]) for name in ("starts_at", "ends_at"))
    cut = shifts.ShiftDetails(opportunity=row["opportunity"], starts=starts, ends=ends, maximum=1)
    await shifts.update(shift.id, cut, version=row["version"], by=CORA, to_waiting=to_waiting)
