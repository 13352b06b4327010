"""Signing up without an account."""

import asyncio
from datetime import date
from typing import Any

import msgspec
import pytest

from kit import days, db, jobs
from kit.changes import Actor
from kit.errors import NotFound
from tests import make as general
from tests.volunteers import make
from tests.volunteers.make import titled
from volunteers import gates, links, qualifications, shifts, signups, visitors, waiting, waivers

CORA = Actor("staff", 1, "Cora")


def visit(key: str = "k1", **values: Any) -> visitors.Visit:
    return visitors.Visit(
        **{
            "entry_key": key,
            "given_name": "Vera",
            "family_name": "Vance",
            "email": "vera@example.org",
            **values,
        }
    )


async def test_a_stranger_becomes_a_person_a_volunteer_and_signed_up():
    shift = await make.shift(maximum=3)
    request = await visitors.sign_up(shift.id, visit(phone="+12125550123"))

    person = request["constituent"]
    assert await db.row("SELECT name, kind FROM constituents WHERE id = $1", person) == {
        "name": "Vera Vance",
        "kind": "person",
    }
    assert await db.value("SELECT status FROM volunteers WHERE constituent = $1", person) == "active"
    assert (await signups.get(request["signup"]))["status"] == "confirmed"
    assert "Became a volunteer" in [
        row["title"]
        for row in await db.rows("SELECT title FROM timeline_entries WHERE constituent = $1", person)
    ]


async def test_two_clicks_are_one_sign_up():
    shift = await make.shift(maximum=3)
    first, second = [await visitors.sign_up(shift.id, visit()) for _ in range(2)]
    assert first["id"] == second["id"]
    assert (await shifts.get(shift.id))["taken"] == 1


async def test_the_same_person_is_found_again_and_another_name_is_another_person():
    one, other = await make.shift(maximum=3), await make.shift(await make.opportunity("Driving"), maximum=3)
    vera = (await visitors.sign_up(one.id, visit()))["constituent"]
    again = await visitors.sign_up(other.id, visit("k2", email="VERA@example.org"))
    ned = await visitors.sign_up(other.id, visit("k3", given_name="Ned", family_name="Neal"))

    assert again["constituent"] == vera and ned["constituent"] != vera
    assert await db.value("SELECT count(*) FROM duplicate_candidates") == 1


async def test_a_clash_is_told_only_by_mail():
    one, other = await make.shift(maximum=3), await make.shift(await make.opportunity("Driving"), maximum=3)
    await visitors.sign_up(one.id, visit())
    await jobs.drain()

    request = await visitors.sign_up(other.id, visit("k2"))
    await jobs.drain()

    assert request["signup"] is None and "already at Sorting" in request["refused"]
    last = (await db.rows("SELECT subject, body_text FROM mails ORDER BY id"))[-1]
    assert last["subject"] == f"{titled('Driving', other)}: we could not put you down"
    assert "Vera Vance is already at Sorting" in last["body_text"]


async def test_who_lacks_a_certificate_is_a_task_for_the_coordinator():
    first_aid = await qualifications.define("First aid", "certificate", 24, by=CORA)
    shift = await make.shift(await make.opportunity(qualifications=[first_aid]), maximum=3)
    request = await visitors.sign_up(shift.id, visit())

    assert request["signup"] is None
    assert await db.value("SELECT title FROM tasks") == "Vera Vance wants to help with Sorting"

    await visitors.sign_up(shift.id, visit("k2"))
    await visitors.sign_up(
        shift.id, visit("k3", given_name="Ned", family_name="Neal", email="ned@example.org")
    )
    task = await db.row("SELECT title, detail FROM tasks")
    assert task and task["title"].startswith("Vera Vance")
    assert [task["detail"].count(f"{name}: ") for name in ("Vera Vance", "Ned Neal")] == [1, 1]


async def test_a_waiver_is_signed_and_an_age_is_said_on_the_way():
    await waivers.publish("House rules", "Be kind.", None, by=CORA)
    shift = await make.shift(await make.opportunity(waivers=["House rules"], minimum_age=16), maximum=3)
    waiver = await db.value("SELECT id FROM waivers")

    refused = await visitors.sign_up(shift.id, visit("k1"))
    signed = await visitors.sign_up(
        shift.id, visit("k2", born_on=date(1990, 5, 1), signatures={waiver: "Vera Vance"})
    )

    assert "date of birth" in refused["refused"] and "House rules" in refused["refused"]
    assert (await signups.get(signed["signup"]))["status"] == "confirmed"
    assert await db.value("SELECT signed_name FROM waiver_signatures") == "Vera Vance"


async def test_what_is_not_public_is_not_there():
    shift = await make.shift(await make.opportunity(is_public=False), maximum=3)
    with pytest.raises(NotFound):
        await visitors.sign_up(shift.id, visit())


async def test_a_shift_that_takes_nobody_makes_nobody():
    shift = await make.shift(maximum=3)
    await general.insert("signups", shift=shift.id, constituent=await make.person(), status="confirmed")
    await shifts.cancel(shift.id, reason="", by=CORA)
    with pytest.raises(gates.NotYet):
        await visitors.sign_up(shift.id, visit())
    assert await db.value("SELECT count(*) FROM signup_requests") == 0


@pytest.mark.commits
async def test_a_crowd_of_strangers_waits_in_line_and_not_for_each_other():
    """Forty at once, each with connections of their own: none is thrown out because two held what the other wanted."""
    shift = await make.shift(await make.opportunity(waivers=[], largest_group=2), maximum=10)
    crowd = [
        visit(f"k{n}", given_name=f"N{n}", family_name=f"Fam{n}", email=f"n{n}@example.org")
        for n in range(40)
    ]

    done = await asyncio.gather(*(visitors.sign_up(shift.id, one) for one in crowd + crowd[:5]))

    assert len({request["id"] for request in done}) == 40
    found = [
        row["status"]
        for row in await db.rows("SELECT status FROM signups WHERE shift = $1 ORDER BY id", shift.id)
    ]
    assert found == ["confirmed"] * 10 + ["waiting"] * 30


async def test_what_is_said_of_age_and_guardian_is_kept_for_the_offer_and_never_overwrites():
    shift = await make.shift(await make.opportunity(minimum_age=14), maximum=1)
    await signups.sign_up(shift.id, await make.person(), by=CORA, overrule=True)
    young = visit(
        born_on=days.today("UTC").replace(year=days.today("UTC").year - 16, day=1),
        is_minor=True, guardian_name="Mia Vance", guardian_phone="+12125550199",
    )  # fmt: skip
    waits = await visitors.sign_up(shift.id, young)
    taker = await db.value("SELECT id FROM signups WHERE status = 'confirmed'")
    await signups.withdraw(taker, by=CORA)

    assert await waiting.take(waits["signup"], by=CORA) == "confirmed"
    again = msgspec.structs.replace(young, entry_key="k2", born_on=date(1990, 1, 1), guardian_name="Eve Evil")
    await visitors.sign_up((await make.shift(await make.opportunity("Soup"), maximum=1)).id, again)
    assert await db.row("SELECT born_on, guardian_name, guardian_phone FROM volunteers_private") == {
        "born_on": young.born_on, "guardian_name": "Mia Vance", "guardian_phone": "+12125550199",
    }  # fmt: skip


async def test_who_is_under_age_and_names_no_guardian_is_told_by_mail():
    shift = await make.shift(await make.opportunity(minimum_age=14), maximum=1)
    born_on = days.today("UTC").replace(year=days.today("UTC").year - 16, day=1)
    request = await visitors.sign_up(shift.id, visit(born_on=born_on))
    assert request["signup"] is None and "guardian" in request["refused"]


async def test_who_signs_up_twice_is_told_that_nothing_has_changed():
    shift = await make.shift(maximum=3)
    await visitors.sign_up(shift.id, visit("k1"))
    await visitors.sign_up(shift.id, visit("k2"))
    await jobs.drain()

    last = (await db.rows("SELECT subject, body_text FROM mails ORDER BY id"))[-1]
    assert last["subject"] == f"{titled('Sorting', shift)}: you signed up before"
    assert "nothing has changed" in last["body_text"]
    assert await db.value("SELECT count(*) FROM mails WHERE subject LIKE 'You are down%'") == 1


async def test_a_lost_link_goes_to_the_stored_address_of_each_volunteer_and_to_nobody_else():
    shift = await make.shift(maximum=3)
    await visitors.sign_up(shift.id, visit("k1"))
    await visitors.sign_up(shift.id, visit("k2", given_name="Ned", family_name="Neal"))
    await jobs.drain()
    before = await db.value("SELECT count(*) FROM mails")

    for address in ("VERA@example.org", "nobody@example.org"):
        await links.ask_for(address)
    await jobs.drain()

    new = await db.rows("SELECT name, address FROM mails ORDER BY id OFFSET $1", before)
    assert [(row["name"], row["address"]) for row in new] == [
        ("Vera", "vera@example.org"), ("Ned", "vera@example.org"),
    ]  # fmt: skip
