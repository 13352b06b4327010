"""A volunteer signs up on her phone, waits, is offered a place, cannot come; and nobody is in two places."""

import asyncio
import re
import time
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from kit import days
from tests.journeys.visitor import DESKTOP, PHONE, Visitor, mail_to

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]


async def plan(
    database: asyncpg.Connection,
    title: str,
    *,
    places: int = 1,
    in_days: int = 20,
    hour: int = 17,
    **role: Any,
) -> int:
    """A shift of a new public role, as a coordinator would have planned it."""
    programme = await database.fetchval("SELECT min(id) FROM programmes WHERE closed_at IS NULL")
    where = await database.fetchrow("SELECT id, zone FROM places WHERE closed_at IS NULL ORDER BY id LIMIT 1")
    assert where is not None
    columns = {"programme": programme, "place": where["id"], "title": title, "remind_hours": [48], **role}
    values = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
    opportunity = await database.fetchval(
        f"INSERT INTO opportunities ({', '.join(columns)}) VALUES ({values}) RETURNING id",
        *columns.values(),
    )
    starts = (days.now() + timedelta(days=in_days)).replace(hour=hour, minute=0, second=0, microsecond=0)
    id = await database.fetchval(
        """
        INSERT INTO shifts (opportunity, starts_at, ends_at, zone, maximum) VALUES ($1, $2, $3, $4, $5) RETURNING id
        """,
        opportunity, starts, starts + timedelta(hours=3), where["zone"], places,
    )  # fmt: skip
    assert id is not None
    return id


async def sign_up(visitor: Visitor, shift: int, first: str, last: str, *, waits: bool = False) -> str:
    """From the shift's page to the thanks; returns the address to which mails go."""
    email = f"{first}.{last}@example.org".lower()
    await visitor.page.goto(f"/volunteer/shifts/{shift}")
    await visitor.fill(first_name=first, last_name=last, email=email, phone="503 555 0142")
    await visitor.press("Put me on the waiting list" if waits else "Sign me up")
    await visitor.reads("Thank you. Look into your mail")
    return email


async def own_page(visitor: Visitor, email: str, *, subject: str) -> None:
    """Follow the link in the newest mail with this subject."""
    await mail_to(visitor, email, subject=subject)
    text = await visitor.page.inner_text("body")
    link = re.search(r"http://\S+/volunteer/mine/\S+", text)
    assert link, text
    await visitor.page.goto(link[0])


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])
async def test_from_the_board_to_a_place_in_under_a_minute_on_a_phone(arrive, database, script):
    title = f"Apple press {'quick' if script else 'plain'}"
    await plan(database, title, places=4, in_days=3)
    vera = await arrive(size=PHONE, script=script)
    first = "Vera" if script else "Wanda"

    began = time.monotonic()
    await vera.page.goto("/volunteer")
    await vera.page.locator("a.shift", has_text=title).click()
    await vera.fill(first_name=first, last_name="Quirin", email=f"{first}.quirin@example.org".lower())
    await vera.press("Sign me up")
    await vera.reads("Thank you. Look into your mail")
    took = time.monotonic() - began
    await own_page(vera, f"{first}.quirin@example.org".lower(), subject=f"You are down for {title}")
    await vera.reads(title, "The place is yours")
    await vera.press("I'll be there")
    await vera.reads("Good. See you there.", "You said that you come")

    assert took < 60
    assert await database.fetchval(
        "SELECT u.answer FROM signups u JOIN constituents c ON c.id = u.constituent WHERE c.name = $1", f"{first} Quirin"
    ) == "coming"  # fmt: skip


async def test_who_withdraws_leaves_the_place_to_the_next_who_takes_it_from_the_mail(arrive, database):
    shift = await plan(database, "Lantern walk")
    tara, nora = await arrive(size=PHONE), await arrive(size=PHONE, script=False)
    first = await sign_up(tara, shift, "Tara", "Vorrang")
    await own_page(tara, first, subject="You are down")

    second = await sign_up(nora, shift, "Nora", "Nachrueck", waits=True)
    await own_page(nora, second, subject="waiting list")
    await nora.reads("You are first in line.")
    await tara.page.locator("details.cannot summary").click()
    await tara.press("Give my place back")
    await tara.reads("Thank you for telling us", "Nothing is planned.")

    await own_page(nora, second, subject="A place is free")
    await nora.reads("A place is free for you", "Take it before")
    await nora.press("Take the place")
    await nora.reads("The place is yours")
    await mail_to(nora, second, subject="You are down for Lantern walk")
    await mail_to(tara, first, subject="you gave your place back")
    found = await database.fetch("SELECT status FROM signups WHERE shift = $1 ORDER BY id", shift)
    assert [row["status"] for row in found] == ["withdrawn", "confirmed"]


async def test_a_clash_is_named_in_the_mail_and_never_on_the_page(arrive, database):
    one = await plan(database, "Seed sale", places=3, in_days=21)
    other = await plan(database, "Book table", places=3, in_days=21, hour=18)
    clara = await arrive(size=PHONE)
    await sign_up(clara, one, "Clara", "Zweimal")
    email = await sign_up(clara, other, "Clara", "Zweimal")

    assert "Seed sale" not in await clara.text()
    await mail_to(clara, email, subject="we could not put you down")
    await clara.reads("Clara Zweimal is already at Seed sale")
    assert await database.fetchval("SELECT count(*) FROM signups WHERE shift = $1", other) == 0


async def test_a_lost_link_comes_anew_and_the_page_says_the_same_to_strangers(arrive, database):
    shift = await plan(database, "Soup stall", places=3, in_days=25)
    lotte = await arrive(size=PHONE, script=False)
    email = await sign_up(lotte, shift, "Lotte", "Verloren")
    said = []
    for address in (email, "nobody.at.all@example.org"):
        await lotte.page.goto("/volunteer")
        await lotte.press("Send me a new link")
        await lotte.fill(email=address)
        await lotte.press("Send me a new link")
        said.append(await lotte.text())

    assert said[0] == said[1] and "a mail with a new link is on its way" in said[0]
    await own_page(lotte, email, subject="Your shifts: a new link")
    await lotte.reads("Your shifts, Lotte Verloren", "Soup stall")
    assert not await database.fetchval(
        "SELECT count(*) FROM mails WHERE address = 'nobody.at.all@example.org'"
    )


async def test_two_hundred_at_once_on_ten_places_are_ten_and_a_line_in_order(almoner, database):
    shift = await plan(database, "Concert stewards", places=10, in_days=30)

    async def visit(client: httpx.AsyncClient, n: int) -> int:
        answer = await client.post(
            f"/volunteer/shifts/{shift}/sign-ups",
            data={
                "first_name": f"Steward {n}", "last_name": f"Gedrang{n}", "email": f"steward{n}@example.org",
                "form_key": f"steward-{n}",
            },
            headers={"x-forwarded-for": f"198.51.100.{n}"},
        )  # fmt: skip
        return answer.status_code

    limits = httpx.Limits(max_connections=200)
    async with httpx.AsyncClient(
        base_url=almoner.url, timeout=120, limits=limits, headers={"sec-fetch-site": "same-origin"}
    ) as client:
        answers = await asyncio.gather(*(visit(client, n) for n in range(200)))

    assert answers == [303] * 200
    signed = await database.fetch(
        "SELECT id, status, queued_at FROM signups WHERE shift = $1 ORDER BY id", shift
    )
    assert [row["status"] for row in signed] == ["confirmed"] * 10 + ["waiting"] * 190
    queued = [row["queued_at"] for row in signed[10:]]
    assert queued == sorted(queued)
    counted = await database.fetchrow("SELECT taken, waiting FROM shifts WHERE id = $1", shift)
    assert counted is not None and tuple(counted) == (10, 190)


async def test_the_pages_of_volunteering_weigh_under_100_kilobytes(arrive, database):
    shift = await plan(database, "Weighing in", places=3, in_days=5)
    role = await database.fetchval("SELECT opportunity FROM shifts WHERE id = $1", shift)
    for size in (PHONE, DESKTOP):
        for path in (
            "/volunteer", "/volunteer/calendar?view=month", "/volunteer/calendar?view=list", f"/volunteer/shifts/{shift}",
            f"/volunteer/roles/{role}",
        ):  # fmt: skip
            guest = await arrive(size=size)
            sizes: list[int] = []
            guest.page.on(
                "response", lambda answer, to=sizes: to.append(int(answer.headers.get("content-length", "0")))
            )
            await guest.page.goto(path)
            await guest.page.wait_for_load_state("networkidle")

            assert len(sizes) >= 4 and all(sizes) and sum(sizes) < 100_000, (path, sizes)
            assert await guest.overflow() == []
