"""R1 and R2: every payment that Stripe took is in the ledger once, whatever is killed, doubled, lost or shuffled."""

import asyncio
import os
import random
import re
import time

import httpx
import pytest

from kit import db, jobs
from tests import make
from tests.stripe_side import hidden
from tests.whole import Almoner

pytestmark = pytest.mark.reliability

LIVES = int(os.environ.get("R1_LIVES", "60"))
KILLS = int(os.environ.get("R1_KILLS", "20"))
RACES = int(os.environ.get("R2_RACES", "100"))


class Donor:
    """Gives through the real pages, and tries again while the server is down, as people do."""

    def __init__(self, almoner: Almoner, number: int) -> None:
        self.almoner = almoner
        self.number = number
        self.headers = {
            "x-forwarded-for": f"10.1.{number // 250}.{number % 250 + 1}",
            "sec-fetch-site": "same-origin",
        }

    async def give(self, amount: str) -> str:
        """Returns the session that was begun."""
        page = await self._patiently("GET", None)
        typed = {
            "amount": "other", "own_amount": amount, "first_name": "Donor", "last_name": f"Number{self.number}",
            "email": f"donor{self.number}@example.org", "form_key": hidden(page.text, "form_key"),
        }  # fmt: skip
        answer = await self._patiently("POST", typed)
        if answer.status_code == 200:
            typed["seen"] = hidden(answer.text, "seen")
            answer = await self._patiently("POST", typed)
        assert answer.status_code == 303, answer.text
        return re.search(r"cs_\w+", answer.headers["location"])[0]  # type: ignore[index]

    async def _patiently(self, method: str, data: dict[str, str] | None) -> httpx.Response:
        deadline = time.monotonic() + 180  # a child that falls again and again is started with growing pauses
        while time.monotonic() < deadline:
            try:
                async with httpx.AsyncClient(headers=self.headers, timeout=20) as client:
                    answer = await client.request(method, f"{self.almoner.url}/give", data=data)
                if answer.status_code < 500:
                    return answer
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.2)
        raise AssertionError("the server did not come back")


async def live(almoner: Almoner, number: int, luck: random.Random) -> None:
    """One gift's life: paid at once or after a decline, then perhaps refunded in part, in full, or disputed."""
    session = await Donor(almoner, number).give(f"{luck.randrange(5, 400)}.{luck.randrange(100):02d}")
    if luck.random() < 0.2:
        await almoner.control("pay", session=session, card="4000000000000002")
    await almoner.control("pay", session=session)
    await asyncio.sleep(luck.random() * 2)
    fate = luck.random()
    payment = await _payment(almoner, session)
    if fate < 0.2:
        await almoner.control("refund", about=payment, amount=luck.randrange(100, 400))
    elif fate < 0.35:
        await almoner.control("refund", about=payment)
    elif fate < 0.42:
        await almoner.control("dispute", about=payment)


async def _payment(almoner: Almoner, session: str) -> str:
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {await _key(almoner)}"}) as client:
        answer = await client.get(f"{almoner.stripe_url}/v1/checkout/sessions/{session}")
        return answer.json()["payment_intent"]


async def _key(almoner: Almoner) -> str:
    import json

    return json.loads((almoner.folder / "var" / "demo.json").read_text())["stripe_secret_key"]


async def kill_at_random(almoner: Almoner, luck: random.Random, times: int) -> int:
    done = 0
    while done < times:
        await asyncio.sleep(luck.uniform(1, 5))
        done += almoner.kill(luck.choice(["web", "worker"]))
    return done


async def quiet(almoner: Almoner) -> None:
    """Wait until nothing is due any more: no event undone, no job that is due, no letter unsent."""
    database = await almoner.database()
    deadline, undone, due = time.monotonic() + 180, -1, -1
    try:
        while time.monotonic() < deadline:
            undone = await database.fetchval(
                "SELECT count(*) FROM stripe_events WHERE outcome IN ('waiting', 'failed')"
            )
            due = await database.fetchval(
                "SELECT count(*) FROM pgqueuer WHERE status IN ('queued', 'picked') AND execute_after < now()"
            )
            if undone == 0 and due == 0:
                return
            await asyncio.sleep(0.5)
        raise AssertionError(f"{undone} events and {due} jobs are still undone")
    finally:
        await database.close()


@pytest.mark.commits
async def test_the_ledger_is_stripes_books_after_twenty_kills():
    seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
    print(f"SEED={seed}")  # noqa: T201
    luck = random.Random(seed)
    async with Almoner() as almoner:
        await almoner.control("set", webhook_double=True, webhook_shuffle=True)
        killer = asyncio.create_task(kill_at_random(almoner, random.Random(seed + 1), KILLS))
        for start in range(0, LIVES, 6):
            await asyncio.gather(
                *(
                    live(almoner, start + n, random.Random(seed + start + n))
                    for n in range(min(6, LIVES - start))
                )
            )
        await killer
        await almoner.control("redeliver")
        await asyncio.sleep(3)
        await quiet(almoner)
        await almoner.control("redeliver")
        await asyncio.sleep(2)
        await quiet(almoner)
        await _compare(almoner)
    assert luck


async def _compare(almoner: Almoner) -> None:
    database = await almoner.database()
    try:
        held = await database.fetchval("SELECT sum(amount)::bigint FROM postings WHERE account = 'stripe'")
        transactions = await _balance_transactions(almoner)
        assert held == sum(t["net"] for t in transactions if t["type"] != "payout")
        charges = [t["source"] for t in transactions if t["type"] in ("charge", "payment")]
        kept = [
            row["charge"]
            for row in await database.fetch("SELECT charge FROM stripe_payments WHERE gift IS NOT NULL")
        ]
        assert sorted(charges) == sorted(kept)
        gifts = await database.fetchval("SELECT count(*) FROM gifts WHERE source = 'online'")
        assert gifts == len(charges)
        doubled = await database.fetch(
            "SELECT gift FROM receipt_lines WHERE live GROUP BY gift HAVING count(*) > 1"
        )
        assert doubled == []
        unsent = await database.fetch(
            "SELECT what, status, error FROM mails WHERE status NOT IN ('sent', 'unsure')"
        )
        assert unsent == []
    finally:
        await database.close()
    await _check_passes(almoner)


async def _balance_transactions(almoner: Almoner) -> list[dict]:
    found: list[dict] = []
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {await _key(almoner)}"}) as client:
        after: dict[str, str] = {}
        while True:
            page = (
                await client.get(
                    f"{almoner.stripe_url}/v1/balance_transactions", params={"limit": "100", **after}
                )
            ).json()
            found += page["data"]
            if not page["has_more"]:
                return found
            after = {"starting_after": page["data"][-1]["id"]}


async def _check_passes(almoner: Almoner) -> None:
    import sys

    from tests.whole import ROOT

    checking = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cli", "check", cwd=ROOT,
        env={**os.environ, "ALMONER_VAR": str(almoner.folder / "var"), "PORT": str(almoner.port)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await checking.communicate()
    assert checking.returncode == 0, said.decode()


@pytest.mark.commits
async def test_a_donor_is_charged_once_in_a_hundred_races(stripe_side, browser):
    """The form twice at once, an answer of Stripe's lost on the way, webhooks three times while our own look runs."""
    await make.organisation()
    await make.general_fund()
    seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
    print(f"SEED={seed}")  # noqa: T201
    luck = random.Random(seed)
    for number in range(RACES):
        await _race(stripe_side, browser, number, luck)

    assert await db.value("SELECT count(*) FROM gifts") == RACES
    assert await db.value("SELECT count(*) FROM constituents") == RACES
    assert await db.value("SELECT count(*) FROM receipts") == RACES
    assert await db.value("SELECT count(*) FROM mails WHERE purpose = 'receipt'") == RACES
    assert len([t for t in stripe_side.stand_in.balance_transactions() if t["type"] == "charge"]) == RACES


async def _race(stripe_side, browser, number: int, luck: random.Random) -> None:
    from donations import convergence

    await db.row("DELETE FROM attempts")  # the limits against card testing are another test's matter
    page = await browser.get("/give")
    typed = {
        "amount": "25.00", "first_name": "Donor", "last_name": f"Number{number}", "email": f"d{number}@example.org",
        **{name: hidden(page.text, name) for name in ("form_key", "total", "seen")},
    }  # fmt: skip
    if luck.random() < 0.3:
        stripe_side.stand_in.set(lose_answer=1)
    answers = await asyncio.gather(*(browser.submit("/give", **typed) for _ in range(3)))
    sent = [answer for answer in answers if answer.status_code == 303]
    while not sent:  # she tries again until it works
        sent = [answer for answer in [await browser.submit("/give", **typed)] if answer.status_code == 303]
    sessions = {stripe_side.session_of(answer) for answer in sent}
    assert len(sessions) == 1
    assert stripe_side.pay(sent[0]) == "paid"
    session = sessions.pop()
    due = [delivery for delivery in stripe_side.stand_in.deliveries() for _time in range(3)]
    luck.shuffle(due)
    await asyncio.gather(
        convergence.converge("session", session),
        *(browser.post("/webhooks/stripe", content=body, headers=headers) for headers, body in due[:4]),
        convergence.converge("session", session),
        browser.submit("/give", **typed),
    )
    for headers, body in due[4:]:
        await browser.post("/webhooks/stripe", content=body, headers=headers)
    await jobs.drain()
