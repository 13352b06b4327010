"""The day of a shift: the tablet at the door with and without a net, hours approved in one list, the letter at the end."""

import asyncio
import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import asyncpg
import pypdfium2
import pytest
from playwright.async_api import Route

from kit import days
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]
TABLET = (1024, 768)
PIN = "4711"


async def shift_on_now(database: asyncpg.Connection, title: str, *people: str) -> dict[str, Any]:
    """A shift of a new programme that began three hours ago, with these people on it."""
    programme = await database.fetchval(
        "INSERT INTO programmes (name, name_normal, slug) VALUES ($1::text, lower($1::text), lower($1::text)) RETURNING id",
        title,
    )
    role = await database.fetchval(
        "INSERT INTO opportunities (programme, title, place) SELECT $1, $2, min(id) FROM places RETURNING id", programme, title
    )  # fmt: skip
    shift = await database.fetchval(
        """
        INSERT INTO shifts (opportunity, starts_at, ends_at, zone, maximum)
        VALUES ($1, date_trunc('minute', now()) - interval '3 hours', now() + interval '2 hours', 'America/Los_Angeles', 9)
        RETURNING id
        """,
        role,
    )
    ids = {}
    for name in people:
        given, _space, family = name.partition(" ")
        ids[name] = await database.fetchval(
            "INSERT INTO constituents (kind, name, given_name, family_name, sort_key) VALUES ('person', $1::text, $2, $3, lower($1::text))"
            " RETURNING id",
            name, given, family,
        )  # fmt: skip
        await database.execute(
            "INSERT INTO volunteers (constituent, joined_on) VALUES ($1, current_date)", ids[name]
        )
        await database.execute(
            "INSERT INTO signups (shift, constituent, status) VALUES ($1, $2, 'confirmed')", shift, ids[name]
        )
    return {"programme": programme, "shift": shift, "people": ids}


async def open_tablet(staff: Visitor, tablet: Visitor, programme: str) -> None:
    """As a coordinator opens one, and as the PIN is typed on it."""
    await staff.go("/kiosks")
    await staff.fill(name="Front door", pin=PIN, days="1")
    await staff.page.locator("main select[name=programme]").select_option(label=programme)
    await staff.press("Open it")
    address = await staff.page.locator("main code").first.inner_text()
    found = re.search(r"/volunteer/kiosk/\S+", address)
    assert found
    await tablet.go(found[0])
    await tablet.fill(pin=PIN)
    await tablet.press("Open the list")


def line(visitor: Visitor, name: str) -> Any:
    return visitor.page.locator("#press-list > li", has_text=name)


async def told(database: asyncpg.Connection, question: str, *values: Any, until: Any) -> None:
    """Wait until the books say so."""
    found = None
    for _try in range(100):
        found = await database.fetchval(question, *values)
        if found == until:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{found!r}, not {until!r}: {question}")


async def test_the_tablet_works_on_while_the_net_is_gone_and_sends_each_press_once(arrive, database):
    there = await shift_on_now(database, "Netless", "Ada Netless", "Ben Netless", "Cleo Netless")
    staff, tablet = await arrive(), await arrive(size=TABLET)
    await staff.sign_in()
    await open_tablet(staff, tablet, "Netless")
    arrived = "SELECT count(*) FROM signups WHERE shift = $1 AND arrived_at IS NOT NULL"
    presses = "SELECT count(*) FROM check_ins k JOIN signups u ON u.id = k.signup WHERE u.shift = $1"

    # Three letters and Enter, or one tap anywhere on the row.
    await tablet.page.locator("[data-narrow]").fill("ádä")
    assert await tablet.page.locator("#press-list > li:visible").count() == 1
    await tablet.page.keyboard.press("Enter")
    await line(tablet, "Ada").get_by_text("Here since").wait_for()
    await told(database, arrived, there["shift"], until=1)

    await tablet.context.set_offline(True)
    await line(tablet, "Ben").click(position={"x": 60, "y": 20})
    await line(tablet, "Ben").get_by_text("Here since").wait_for()
    await line(tablet, "Ada").get_by_role("button", name="I'm leaving").click()
    await tablet.page.locator("[data-walk-in] > summary").click()
    await tablet.fill(first_name="Wanda", last_name="Netless", email="wanda.netless@example.org")
    await tablet.page.locator("[data-walk-in] form button.main").click()
    await line(tablet, "Wanda Netless").get_by_text("Here since").wait_for()
    await tablet.reads("No connection. Kept here and sent later: 3")
    assert await database.fetchval(presses, there["shift"]) == 1

    # The net is back, but the first answer is lost on its way: all is sent again, and taken once.
    lost = asyncio.Event()

    async def lose(route: Route) -> None:
        if not lost.is_set():
            lost.set()
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    await tablet.context.route("**/presses", lose)
    await tablet.context.set_offline(False)
    await told(database, presses, there["shift"], until=4)
    await tablet.page.wait_for_function(
        "() => !document.querySelector('[data-net]').textContent && document.querySelector('[data-signup]')"
    )
    assert lost.is_set()
    await line(tablet, "Wanda Netless").locator("button.out").wait_for()
    assert await tablet.page.evaluate("Object.values(localStorage)") == ["[]"]
    assert await database.fetchval(presses, there["shift"]) == 4
    assert [
        (row["name"], row["arrived_at"] is not None, row["left_at"] is not None)
        for row in await database.fetch(
            "SELECT c.name, u.arrived_at, u.left_at FROM signups u JOIN constituents c ON c.id = u.constituent"
            " WHERE u.shift = $1 ORDER BY c.name",
            there["shift"],
        )
    ] == [("Ada Netless", True, True), ("Ben Netless", True, False), ("Cleo Netless", False, False), ("Wanda Netless", True, False)]  # fmt: skip
    tablet.complaints[:] = [said for said in tablet.complaints if "net::ERR" not in said]


async def test_whom_the_role_asks_more_of_the_lead_takes_knowingly_though_the_net_was_gone(arrive, database):
    there = await shift_on_now(database, "Overruled", "Gus Overruled")
    await database.execute("UPDATE opportunities SET minimum_age = 18 WHERE title = 'Overruled'")
    lead = await arrive()
    await lead.sign_in()
    await lead.go(f"/shifts/{there['shift']}/door")
    await lead.context.set_offline(True)
    await lead.page.locator("[data-walk-in] > summary").click()
    await lead.fill(first_name="Wilma", last_name="Overruled")
    await lead.page.locator("[data-walk-in] form button.main").click()
    await line(lead, "Wilma").get_by_text("Here since").wait_for()
    await lead.context.set_offline(False)
    await line(lead, "Wilma").get_by_text("A date of birth is needed").wait_for()

    await line(lead, "Wilma").get_by_role("button", name="Try again").click()
    assert await lead.page.locator("[name=first_name]").input_value() == "Wilma"
    await lead.page.get_by_label("I have seen that").check()
    await lead.page.locator("[data-walk-in] form button.main").click()

    await line(lead, "Wilma").get_by_role("button", name="Leaves").wait_for()
    await lead.reads("1 here, 1 still expected")
    arrived = "SELECT count(*) FROM signups WHERE shift = $1 AND arrived_at IS NOT NULL"
    assert await database.fetchval(arrived, there["shift"]) == 1
    lead.complaints[:] = [said for said in lead.complaints if "net::ERR" not in said]


async def test_hours_from_the_door_are_approved_in_one_list_and_become_a_letter(arrive, database):
    there = await shift_on_now(database, "Lettered", "Dora Lettered", "Emil Lettered")
    lead = await arrive()
    await lead.sign_in()
    await lead.go(f"/shifts/{there['shift']}/door")
    await line(lead, "Dora").get_by_role("button", name="Is here").click()
    await line(lead, "Dora").get_by_text("Here since").wait_for()
    await line(lead, "Dora").get_by_role("button", name="Undo").click()
    await told(
        database,
        "SELECT count(*) FROM check_ins k JOIN signups u ON u.id = k.signup WHERE u.shift = $1",
        there["shift"],
        until=2,
    )
    # What the lead pressed hours ago, where there was no net, comes now.
    signups = await database.fetch("SELECT id FROM signups WHERE shift = $1", there["shift"])
    now = days.now().replace(second=30)
    late = [
        {
            "key": f"late-press-{row['id']}-{what}",
            "signup": row["id"],
            "what": what,
            "at": (now - ago).isoformat(),
        }
        for row in signups
        for what, ago in (("in", timedelta(minutes=165)), ("out", timedelta(minutes=40)))
    ]
    await lead.page.evaluate(
        """async ([to, presses]) => { await fetch(to, {method: "POST", headers: {"content-type": "application/json"},
        body: JSON.stringify({presses})}); }""",
        [f"/shifts/{there['shift']}/presses", late],
    )

    await lead.go(f"/hours?programme={there['programme']}")
    await lead.page.get_by_label(re.compile("^Hours of Emil Lettered")).fill("1:30")
    await lead.page.keyboard.press("Enter")
    await lead.reads("2 entries are approved.", "Nothing waits for approval")
    sums = await database.fetch(
        "SELECT minutes, status FROM hours WHERE programme = $1 ORDER BY minutes", there["programme"]
    )
    assert [(row["minutes"], row["status"]) for row in sums] == [(90, "approved"), (125, "approved")]

    # Said from when: in the first hours of a year they are of the last.
    since = (now - timedelta(days=2)).date()
    await lead.go(f"/hours/entries?programme={there['programme']}&first={since}")
    await lead.reads("3 h 35 min")
    await lead.go(f"/volunteers/{there['people']['Dora Lettered']}")
    await lead.press("Service letter")
    await lead.reads("2 h 5 min")
    async with lead.page.expect_download() as coming:
        await lead.page.get_by_role("link", name="Download the letter").click()
    document = pypdfium2.PdfDocument(BytesIO((await (await coming.value).path()).read_bytes()))
    text = " ".join(document[0].get_textpage().get_text_range().split())
    assert "This confirms that Dora Lettered gave 2 h 5 min of voluntary service to Riverbend" in text
