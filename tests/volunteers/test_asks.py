"""Asking for help: who is asked, who was first, and what the rest hear."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from kit import days, db, jobs, security
from kit.changes import Actor
from tests import make as general
from tests.volunteers import make
from volunteers import asks, profiles, qualifications, shifts, signups

CORA = Actor("staff", 1, "Cora")


async def volunteer(name: str, **profile: Any) -> int:
    id = await make.person(name)
    address = f"{name.split()[0].lower()}@example.org"
    await general.insert("emails", constituent=id, address=address, normal=address, preferred=True)
    await profiles.save(id, profiles.Profile(**profile), version=0, by=CORA)
    return id


async def token_for(constituent: int) -> str:
    """What the mail to this person has in its link."""
    token = security.new_token()
    await db.row(
        "UPDATE asks SET token_hash = $2 WHERE constituent = $1", constituent, security.token_hash(token)
    )
    return token


async def test_only_the_free_willing_and_qualified_are_asked_least_recently_asked_first():
    shift = await make.shift(maximum=1)
    overlapping = await make.shift(await make.opportunity("Driving"), maximum=3)
    busy, willing, unwilling, paused, never = [
        await volunteer(name, **profile)
        for name, profile in (
            ("Busy Bea", {}), ("Will Ing", {}), ("Una Willing", {"may_be_asked": False}),
            ("Paul Paused", {"status": "paused"}), ("Neva Asked", {}),
        )
    ]  # fmt: skip
    await signups.sign_up(overlapping.id, busy, by=CORA)
    await db.row(
        "UPDATE volunteers SET last_asked_at = $2 WHERE constituent = $1",
        willing,
        days.now() - timedelta(days=9),
    )

    assert [one["id"] for one in await asks.candidates(shift.id)] == [never, willing]
    assert {unwilling, paused} & {one["id"] for one in await asks.candidates(shift.id)} == set()


async def test_the_first_yes_has_the_place_and_the_rest_are_told_at_once():
    shift = await make.shift(maximum=1)
    people = [await volunteer(name) for name in ("Ada Ames", "Ben Bell", "Cleo Cole")]
    assert await asks.ask(shift.id, people, by=CORA) == 3
    await jobs.drain()

    tokens = [await token_for(person) for person in people]
    said = [await asks.say_yes(token, by=CORA) for token in (tokens[1], tokens[0])]
    await jobs.drain()

    assert said == ["yes", "too_late"]
    told = await db.rows(
        "SELECT name FROM mails WHERE subject LIKE 'Sorting, %: the place is taken' ORDER BY name"
    )
    assert [row["name"] for row in told] == ["Ada", "Cleo"]


async def test_the_yes_that_fills_the_gap_is_the_first_and_the_rest_are_told_though_more_could_come():
    shift = await make.shift(minimum=1, maximum=3)
    people = [await volunteer(name) for name in ("Ada Ames", "Ben Bell", "Cleo Cole")]
    assert await asks.ask_who_could(shift.id, by=CORA) == 3

    assert await asks.say_yes(await token_for(people[0]), by=CORA) == "yes"
    assert await asks.say_yes(await token_for(people[1]), by=CORA) == "too_late"
    assert [(one["name"], one["status"]) for one in await asks.of_shift(shift.id)] == [
        ("Ada Ames", "yes"), ("Ben Bell", "too_late"), ("Cleo Cole", "too_late"),
    ]  # fmt: skip


async def test_two_are_missing_so_the_first_yes_leaves_the_others_asked():
    shift = await make.shift(minimum=2, maximum=3)
    people = [await volunteer(name) for name in ("Ada Ames", "Ben Bell", "Cleo Cole")]
    await asks.ask_who_could(shift.id, by=CORA)

    said = [await asks.say_yes(await token_for(person), by=CORA) for person in people]
    assert said == ["yes", "yes", "too_late"]


async def test_nobody_left_to_ask_is_said_in_a_sentence():
    shift = await make.shift(maximum=1)
    with pytest.raises(asks.NobodyToAsk, match="Nobody is left to ask"):
        await asks.ask_who_could(shift.id, by=CORA)


async def test_nobody_is_asked_twice_for_a_shift():
    shift = await make.shift(maximum=2)
    ada = await volunteer("Ada Ames")
    await asks.ask(shift.id, [ada], by=CORA)
    await asks.say_no(await token_for(ada), by=CORA)
    with pytest.raises(asks.NobodyToAsk):
        await asks.ask(shift.id, [ada], by=CORA)


async def test_a_replacement_takes_the_place_before_anybody_in_line():
    shift = await make.shift(maximum=1)
    leaving, waiting, ready = [await volunteer(name) for name in ("Lea Ving", "Walt Waiting", "Rea Dy")]
    place = await signups.sign_up(shift.id, leaving, by=CORA)
    in_line = await signups.sign_up(shift.id, waiting, by=CORA)
    await asks.ask(shift.id, [ready], by=CORA, instead_of=place.id)

    assert await asks.say_yes(await token_for(ready), by=CORA) == "yes"

    found = await db.rows("SELECT constituent, status FROM signups WHERE shift = $1 ORDER BY id", shift.id)
    assert found == [
        {"constituent": leaving, "status": "withdrawn"}, {"constituent": waiting, "status": "waiting"},
        {"constituent": ready, "status": "confirmed"},
    ]  # fmt: skip
    assert (await signups.get(in_line.id))["status"] == "waiting"


@pytest.mark.commits
async def test_twenty_yeses_at_once_are_one_place():
    shift = await make.shift(maximum=1)
    people = [await volunteer(f"P{n} Person") for n in range(20)]
    await asks.ask(shift.id, people, by=CORA)
    tokens = [await token_for(person) for person in people]

    said = await asyncio.gather(*(asks.say_yes(token, by=CORA) for token in tokens))

    assert sorted(said) == ["too_late"] * 19 + ["yes"]


async def test_the_one_qualified_is_found_behind_many_who_are_not(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(asks, "_AT_ONCE", 3)
    certificate = await qualifications.define("First aid", "certificate", None, by=CORA)
    shift = await make.shift(await make.opportunity("Sorting", qualifications=(certificate,)), maximum=1)
    for number in range(7):
        await volunteer(f"Person{number} Unqualified")
    nurse = await volunteer("Nora Nurse")
    await qualifications.hold(nurse, certificate, from_day=days.today("UTC"), by=CORA)

    assert [one["id"] for one in await asks.candidates(shift.id, limit=5)] == [nurse]


async def test_a_swap_leaves_those_alone_who_were_asked_for_another_place():
    shift = await make.shift(maximum=2)
    leaving = [
        (await signups.sign_up(shift.id, await volunteer(f"{name} Leaving"), by=CORA)).id
        for name in ("Ann", "Bob")
    ]
    for_ann, for_bob = await volunteer("Cleo Cole"), await volunteer("Dora Dean")
    await asks.ask(shift.id, [for_ann], by=CORA, instead_of=leaving[0])
    await asks.ask(shift.id, [for_bob], by=CORA, instead_of=leaving[1])
    await jobs.drain()

    assert await asks.say_yes(await token_for(for_ann), by=CORA) == "yes"
    assert await asks.say_yes(await token_for(for_bob), by=CORA) == "yes"

    standing = [
        one["constituent"] for one in await signups.of_shift(shift.id) if one["status"] == "confirmed"
    ]
    assert sorted(standing) == sorted([for_ann, for_bob])


async def test_who_is_asked_may_come_though_sign_up_has_closed_or_is_not_open_yet():
    """Gaps are asked about at short notice: windows are for who comes by themselves."""
    closed = await make.opportunity("Late", closes_hours=24 * 30)
    unopened = await make.opportunity("Early", opens_days=1)
    for role in (closed, unopened):
        shift = await make.shift(role, minimum=1, maximum=2)
        ada = await volunteer("Ada Ames")
        assert await asks.ask_who_could(shift.id, by=CORA) == 1
        assert await asks.say_yes(await token_for(ada), by=CORA) == "yes"
        await db.row("UPDATE volunteers SET status = 'paused'")


async def test_a_link_to_a_shift_that_is_cancelled_or_has_begun_says_so_and_not_that_others_were_faster(
    browser,
):
    words = {"cancelled": "This shift was cancelled", "begun": "This shift has begun"}
    for state, said in words.items():
        shift = await make.shift(await make.opportunity(state.title()), minimum=1)
        ada = await volunteer("Ada Ames")
        await asks.ask(shift.id, [ada], by=CORA)
        token = await token_for(ada)
        if state == "cancelled":
            await shifts.cancel(shift.id, reason="Flood", by=CORA)
        later = days.now() if state == "cancelled" else shift.starts_at + timedelta(minutes=1)
        with days.frozen(later):
            answer = await browser.submit(f"/volunteer/asks/{token}", answer="yes")
            seen = await browser.get(f"/volunteer/asks/{token}")
        assert answer.status_code == 409 and said in answer.text and said in seen.text
        assert "faster" not in seen.text and 'value="yes"' not in seen.text
        await db.row("UPDATE volunteers SET status = 'paused'")


async def test_an_answer_that_is_none_is_not_taken_for_a_no(browser):
    shift = await make.shift(minimum=1)
    ada = await volunteer("Ada Ames")
    await asks.ask(shift.id, [ada], by=CORA)
    answer = await browser.submit(f"/volunteer/asks/{await token_for(ada)}", answer="maybe")
    assert answer.status_code == 409 and "Choose one of the answers" in answer.text
    assert (await asks.of_shift(shift.id))[0]["status"] == "open"


async def test_nobody_is_asked_whom_no_mail_would_reach():
    shift = await make.shift()
    ada = await volunteer("Ada Able")
    silent = await make.person("Sam Silent")
    await profiles.save(silent, profiles.Profile(), version=0, by=CORA)

    assert [one["id"] for one in await asks.candidates(shift.id)] == [ada]
    assert await asks.ask(shift.id, [ada, silent], by=CORA) == 1
