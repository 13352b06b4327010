"""Numbers are unique and gapless whatever happens to those who issue, with real commits (R3)."""

import asyncio
import random

import pytest

from kit import db, facts
from receipts import jobs as receipt_jobs  # noqa: F401  its listeners
from receipts import receipts
from reports import invariants
from tests import make

ISSUERS = 20
GIFTS = 1_000


class Away(Exception):
    """The issuer changes her mind."""


async def issue(gift_id: int, fate: float) -> None:
    """Seven in ten end well; the others are rolled back, cancelled or lose their connection, before the commit."""
    try:
        async with db.tx() as connection:
            await receipts.issue_for_gift(gift_id, by=make.STAFF)
            if fate < 0.1:
                raise Away
            if fate < 0.2:
                task = asyncio.current_task()
                assert task
                task.cancel()
                await asyncio.sleep(0)
            if fate < 0.3:
                backend = await connection.fetchval("SELECT pg_backend_pid()")
                assert db.engine().pool
                async with db.engine().pool.acquire() as other:  # type: ignore[union-attr]
                    await other.fetchval("SELECT pg_terminate_backend($1)", backend)
                await connection.fetchval("SELECT pg_sleep(1)")
    except Away:
        pass
    except asyncio.CancelledError:
        task = asyncio.current_task()
        assert task
        task.uncancel()
    except Exception:
        if not 0.2 <= fate < 0.3:
            raise


async def books() -> tuple[list[int], int]:
    numbers = [row["number"] for row in await db.rows("SELECT number FROM receipts ORDER BY number")]
    return numbers, await db.value("SELECT next_number FROM receipt_series")


@pytest.mark.commits
@pytest.mark.reliability
async def test_twenty_issuers_of_whom_three_in_ten_fail_leave_no_gap():
    facts.verify()
    seed = random.randrange(10**6)
    dice = random.Random(seed)
    donor = await make.person()
    waiting = [(await make.gift(donor=donor)).id for _ in range(GIFTS)]
    good = 0

    async def issuer() -> None:
        nonlocal good
        while waiting:
            gift_id, fate = waiting.pop(), dice.random()
            await issue(gift_id, fate)
            good += fate >= 0.3

    await asyncio.gather(*(issuer() for _ in range(ISSUERS)))

    numbers, next_number = await books()
    assert numbers == list(range(1, good + 1)), f"seed {seed}"
    assert next_number == good + 1
    assert await db.value("SELECT count(*) FROM receipt_lines WHERE live") == good
    assert await db.value("SELECT count(DISTINCT gift) FROM receipt_lines") == good
    assert await db.value("SELECT count(*) FROM gifts WHERE receipted_at IS NOT NULL") == good
    assert await db.value("SELECT count(*) FROM changes WHERE action = 'receipt.issued'") == good
    assert await invariants.check() == []


@pytest.mark.commits
async def test_ten_who_issue_the_same_gift_at_once_make_one_receipt():
    facts.verify()
    gift = await make.gift()

    made = await asyncio.gather(*(receipts.issue_for_gift(gift.id, by=make.STAFF) for _ in range(10)))

    assert len(set(made)) == 1
    assert await books() == ([1], 2)


@pytest.mark.commits
async def test_the_first_numbers_of_a_series_are_taken_by_several_at_once():
    facts.verify()
    given = [await make.gift() for _ in range(8)]

    await asyncio.gather(*(receipts.issue_for_gift(gift.id, by=make.STAFF) for gift in given))

    assert await books() == (list(range(1, 9)), 9)


@pytest.mark.commits
async def test_a_void_and_a_delivery_at_once_never_mail_a_void_receipt_unseen():
    from kit import pdf
    from receipts import delivery

    facts.verify()
    donor = await make.person()
    await make.insert(
        "emails",
        constituent=donor.id,
        address="m@example.org",
        normal="m@example.org",
        kind="home",
        preferred=True,
    )
    gift = await make.gift(donor=donor)
    receipt_id = await receipts.issue_for_gift(gift.id, by=make.STAFF)

    await asyncio.gather(
        delivery.deliver(receipt_id), receipts.void(receipt_id, reason="Wrong donor", by=make.STAFF)
    )
    await delivery.deliver(receipt_id)

    mails = await db.value("SELECT count(*) FROM mails")
    assert mails <= 1
    assert (await receipts.get(receipt_id))["void_reason"] == "Wrong donor"
    assert await db.value("SELECT count(*) FROM receipt_files WHERE receipt = $1", receipt_id) == 1
    await pdf.stop()
