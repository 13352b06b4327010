"""Qualifications, checks and waivers: their pages, who holds which, and what ends."""

from datetime import timedelta
from typing import Any

import pytest

from kit import changes, days, db, jobs
from kit.changes import Actor
from tests import make as general
from volunteers import endings, profiles, qualifications, waivers

CORA = Actor("staff", 1, "Cora Lee")
TODAY = lambda: days.today("America/Los_Angeles")  # noqa: E731


async def volunteer(name: str = "Vera Vance", email: str = "") -> int:
    await general.organisation()
    given, _space, family = name.partition(" ")
    id = (await general.person(given, family, **({"email": email} if email else {}))).id
    await profiles.ensure(id, by=CORA)
    return id


async def test_a_kind_is_made_changed_and_closed(browser):
    await browser.sign_in(role="administrator")
    made = await browser.submit("/qualifications", name="Food card", kind="certificate", valid_months="24")
    twice = await browser.submit("/qualifications", name="food  CARD", kind="training", valid_months="")
    empty = await browser.submit("/qualifications", name="", kind="training", valid_months="")
    id = await db.value("SELECT id FROM qualifications")

    assert made.status_code == 303 and twice.status_code == empty.status_code == 422
    assert "called “food CARD” already" in twice.text
    assert (await browser.get(f"/qualifications/{id}/edit")).status_code == 200
    form = {
        "name": "Food handler's card",
        "kind": "certificate",
        "valid_months": "36",
        "closed": "yes",
        "version": "1",
    }
    assert (await browser.submit(f"/qualifications/{id}", **form)).status_code == 303
    stands = await qualifications.get(id)
    assert (stands["name"], stands["valid_months"], stands["closed_at"] is None) == (
        "Food handler's card",
        36,
        False,
    )
    assert id not in [one["id"] for one in await qualifications.open_ones()]
    second = await browser.submit(f"/qualifications/{id}", **{**form, "name": "Card", "closed": ""})
    assert second.status_code == 409 and "Saved now" in second.text
    assert (await qualifications.get(id))["name"] == "Food handler's card"
    assert (
        await browser.submit(
            f"/qualifications/{id}", **{**form, "name": "Card", "closed": "", "version": "2"}
        )
    ).status_code == 303
    assert (await qualifications.get(id))["closed_at"] is None


@pytest.mark.parametrize("path", ["/qualifications/99/edit", "/waivers/99", "/volunteers/99"])
async def test_what_is_not_there_is_not_found(browser, path):
    await browser.sign_in(role="administrator")
    assert (await browser.get(path)).status_code == 404


async def test_it_is_noted_that_somebody_holds_one_and_taken_away_again(browser):
    await browser.sign_in(role="administrator")
    vera = await volunteer()
    card = await qualifications.define("Food card", "certificate", 12, by=CORA)
    path = f"/volunteers/{vera}/qualifications"

    assert (
        await browser.submit(path, qualification=card, from_day="2026-03-06", status="valid", number="C-17")
    ).status_code == 303
    held = await db.row("SELECT * FROM qualifications_held")
    page = await browser.get(f"/volunteers/{vera}")
    assert held is not None and str(held["until_day"]) == "2027-03-05" and "C-17" in page.text
    wrong = await browser.submit(
        path, qualification=card, from_day="2026-03-06", until_day="2026-03-05", status="valid"
    )
    assert wrong.status_code == 422 and "It ends before it begins" in wrong.text
    assert (await browser.submit(path, qualification="", from_day="", status="valid")).status_code == 422
    assert (
        await browser.submit(path, qualification="9999", from_day="2026-03-06", status="valid")
    ).status_code == 422
    assert (await browser.submit(f"/qualifications-held/{held['id']}/removals")).status_code == 303
    assert await db.value("SELECT count(*) FROM qualifications_held") == 0
    assert [row["action"] for row in await changes.of("constituent", vera)][:2] == [
        "qualification.taken_away",
        "qualification.held",
    ]


async def test_of_a_check_nothing_but_state_and_end_can_be_kept(browser):
    await browser.sign_in(role="administrator")
    vera = await volunteer()
    check = await qualifications.define("Background check", "check", 24, by=CORA)
    path = f"/volunteers/{vera}/qualifications"

    refused = await browser.submit(
        path, qualification=check, from_day="2026-03-06", status="refused", number="shoplifting"
    )
    taken = await browser.submit(path, qualification=check, from_day="2026-03-06", status="refused")

    assert refused.status_code == 422 and "only its state and its end are kept" in refused.text
    assert taken.status_code == 303
    told = [(row["action"], row["before"], row["after"]) for row in await changes.of("constituent", vera)]
    assert ("check.held", {}, {}) in told and "Background" not in str(told)


async def test_what_was_pending_is_replaced_by_what_came_of_it(browser):
    await browser.sign_in(role="administrator")
    vera = await volunteer()
    card = await qualifications.define("Food card", "certificate", 24, by=CORA)
    path = f"/volunteers/{vera}/qualifications"

    for status, number in (("pending", ""), ("pending", "C-17"), ("valid", "")):
        assert (
            await browser.submit(
                path, qualification=card, from_day="2026-03-06", status=status, number=number
            )
        ).status_code == 303
        held = await db.rows("SELECT status, number, until_day IS NULL AS open FROM qualifications_held")
        assert held == [
            {"status": status, "number": number or held[0]["number"], "open": status == "pending"}
        ]
    assert held[0]["number"] == "C-17"
    twice = {"qualification": card, "from_day": "2026-03-06", "status": "valid", "number": "C-17"}
    assert (await browser.submit(path, **twice)).status_code == 303
    assert await db.value("SELECT count(*) FROM qualifications_held") == 1
    told = (await changes.of("constituent", vera))[0]
    assert told["before"]["status"] == "pending" and told["after"]["status"] == "valid"


async def test_what_was_refused_since_is_counted_nowhere(browser):
    await browser.sign_in(role="administrator")
    vera = await volunteer()
    check = await qualifications.define("Background check", "check", 24, by=CORA)
    valid: dict[str, Any] = {
        "from_day": TODAY() - timedelta(days=700),
        "until_day": TODAY() + timedelta(days=20),
    }
    await qualifications.hold(vera, check, by=CORA, **valid)
    lists = [f"/volunteers?qualification={check}&standing={how}" for how in ("valid", "ending")]
    lists += ["/qualifications/ending"]
    for path in lists:
        assert "Vera Vance" in (await browser.get(path)).text, path
    assert ">1 person<" in (await browser.get("/qualifications")).text

    await qualifications.hold(vera, check, by=CORA, from_day=TODAY(), status="refused")
    for path in lists:
        assert "Vera Vance" not in (await browser.get(path)).text, path
    assert ">0 people<" in (await browser.get("/qualifications")).text
    assert "No longer" in (await browser.get(f"/volunteers/{vera}")).text
    assert await endings.tell() == 0


async def test_what_ends_in_sixty_days_is_listed_unless_it_is_renewed(browser):
    today = TODAY()
    card = (
        await qualifications.define("Food card", "certificate", None, by=CORA)
        if await general.organisation()
        else 0
    )
    for name, until in (
        ("Ann Ames", 60),
        ("Bob Boyd", 0),
        ("Cid Cole", 61),
        ("Dee Dunn", -1),
        ("Eve Ells", 5),
    ):
        id = await volunteer(name)
        await qualifications.hold(
            id, card, from_day=today - timedelta(days=400), until_day=today + timedelta(days=until), by=CORA
        )
        if name == "Eve Ells":
            await qualifications.hold(id, card, from_day=today, by=CORA)
    await browser.sign_in(role="administrator")
    soon, late = (
        await browser.get("/qualifications/ending"),
        await browser.get("/qualifications/ending?late=yes"),
    )

    assert [
        name for name in ("Ann Ames", "Bob Boyd", "Cid Cole", "Dee Dunn", "Eve Ells") if name in soon.text
    ] == ["Ann Ames", "Bob Boyd"]
    assert "Dee Dunn" in late.text and "Ann Ames" not in late.text
    assert soon.text.index("Bob Boyd") < soon.text.index("Ann Ames") and "60 days" in soon.text


async def test_a_long_list_of_what_ends_is_walked_in_pages(browser):
    today = TODAY()
    card = (
        await qualifications.define("Food card", "certificate", None, by=CORA)
        if await general.organisation()
        else 0
    )
    for number in range(53):
        await qualifications.hold(
            await volunteer(f"Person{number} Pine"), card, from_day=today, until_day=today + timedelta(days=number % 7), by=CORA
        )  # fmt: skip
    first = await qualifications.ending(today, today + timedelta(days=60))
    rest = await qualifications.ending(today, today + timedelta(days=60), first[49]["id"])
    await browser.sign_in(role="administrator")

    assert len(first) == 51 and len({one["id"] for one in first[:50] + rest}) == 53
    assert (
        f"/qualifications/ending?after={first[49]['id']}"
        in (await browser.get("/qualifications/ending")).text
    )


async def test_volunteers_hear_once_of_what_ends_and_coordinators_of_checks():
    today = TODAY()
    vera, walt = await volunteer(email="vera@example.org"), await volunteer("Walt Wise", "walt@example.org")
    card = await qualifications.define("Food card", "certificate", None, by=CORA)
    check = await qualifications.define("Background check", "check", None, by=CORA)
    in_time: dict[str, Any] = {
        "from_day": today - timedelta(days=300),
        "until_day": today + timedelta(days=30),
    }
    await qualifications.hold(vera, card, by=CORA, **in_time)
    await qualifications.hold(walt, card, by=CORA, **{**in_time, "until_day": today + timedelta(days=31)})
    await qualifications.hold(walt, check, by=CORA, **in_time)

    for _night in range(2):
        await endings.tell()
    await jobs.drain()

    mails = await db.rows("SELECT address, subject, body_text FROM mails")
    assert [one["address"] for one in mails] == ["vera@example.org"] and mails[0]["subject"].startswith(
        "Food card: valid until"
    )
    found = await db.rows("SELECT title, detail, permission, constituent FROM tasks")
    assert [(one["constituent"], one["permission"]) for one in found] == [(walt, "volunteers.write")]
    assert "Background" not in str(found) and "Background" not in str(mails)


# ---------------------------------------------------------------- waivers


async def test_a_waiver_gets_editions_and_the_old_ones_are_read(browser):
    await browser.sign_in(role="administrator")
    empty = await browser.submit("/waivers", waiver_name="House rules", text="", waiver_months="")
    await browser.submit("/waivers", waiver_name="House rules", text="Be kind.", waiver_months="")
    first = await db.value("SELECT id FROM waivers")
    again = await browser.get(f"/waivers/new?of={first}")
    answer = await browser.submit(
        "/waivers", waiver_name="House rules", text="Be kind, and wash your hands.", waiver_months="12"
    )

    assert empty.status_code == 422 and "Be kind." in again.text and answer.status_code == 303
    await browser.sign_in(role="auditor")
    old, new = await browser.get(f"/waivers/{first}"), await browser.get(answer.headers["location"])
    assert "Be kind." in old.text and "Older edition" in old.text and "New edition" not in old.text
    assert "wash your hands" in new.text and f"/waivers/{first}" in new.text


async def test_staff_note_a_signature_on_paper(browser):
    await browser.sign_in(role="administrator")
    vera = await volunteer()
    waiver = await waivers.publish("House rules", "Be kind.", None, by=CORA)
    path = f"/volunteers/{vera}/signatures"

    wrong = await browser.submit(path, waiver=waiver, signed_name="", signed_on="2999-01-01")
    done = await browser.submit(
        path, waiver=waiver, signed_name="Ida Vance", signed_on="2026-03-06", is_guardian="yes"
    )

    page = await browser.get(f"/volunteers/{vera}")
    assert (
        wrong.status_code == 422
        and "Type the name as it is signed." in wrong.text
        and done.status_code == 303
    )
    assert "“Ida Vance”, 6 Mar 2026, as guardian, on paper" in page.text
    assert (await changes.of("constituent", vera))[0]["action"] == "waiver.signed"


@pytest.mark.parametrize("role", ["fundraiser", "finance", "auditor", "gift_entry"])
async def test_only_coordinators_note_anything(browser, role):
    vera = await volunteer()
    waiver = await waivers.publish("House rules", "Be kind.", None, by=CORA)
    await browser.sign_in(role=role)
    page = await browser.get(f"/volunteers/{vera}")

    assert "Note a signature" not in page.text and "Edit profile" not in page.text
    for path, fields in (
        (f"/volunteers/{vera}/signatures", {"waiver": waiver, "signed_name": "X", "signed_on": "2026-03-06"}),
        (
            f"/volunteers/{vera}/qualifications",
            {"qualification": 1, "from_day": "2026-03-06", "status": "valid"},
        ),
        ("/qualifications", {"name": "X", "kind": "check"}),
        ("/waivers", {"waiver_name": "X", "text": "X"}),
    ):
        assert (await browser.submit(path, **fields)).status_code == 403
    assert (await browser.get("/qualifications/ending")).status_code == 403
    assert await db.value("SELECT count(*) FROM waiver_signatures") == 0
