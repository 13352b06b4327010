"""The ledger: what each event moves between the few accounts that gifts touch.

Debits are positive, credits negative. A journal is written once, with its postings, and never altered: what was wrong
is reversed and booked anew. It names its source (a gift, a refund, a dispute) and no people.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from donations.tables import Account, GiftKind, GiftMethod, GiftSource
from kit import days, db, money

GOODS = (GiftKind.IN_KIND, GiftKind.VEHICLE)


class Line(NamedTuple):
    """One posting: `amount` above zero is a debit. Income names its fund."""

    account: Account
    amount: int
    currency: str
    fund: int | None = None


async def book(
    event: str,
    source: tuple[str, int],
    lines: Sequence[Line],
    *,
    organisation: int,
    on: date,
    reverses: int | None = None,
) -> int | None:
    """Write a journal with its postings; the same event of the same source is booked once (None the second time)."""
    lines = [line for line in lines if line.amount]
    if not lines:
        return None
    # One statement, so that it is whole with or without a transaction around it.
    return await db.value(
        """
        WITH journal AS (
            INSERT INTO journals (organisation, day, event, source_kind, source_id, reverses, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (source_kind, source_id, event) DO NOTHING RETURNING id),
             written AS (
            INSERT INTO postings (journal, account, fund, amount, currency)
            SELECT journal.id, line.account, line.fund, line.amount, line.currency
              FROM journal,
                   unnest($8::text[], $9::int[], $10::bigint[], $11::text[]) AS line (account, fund, amount, currency))
        SELECT id FROM journal
        """,
        organisation,
        on,
        event,
        *source,
        reverses,
        days.now(),
        [line.account.value for line in lines],
        [line.fund for line in lines],
        [line.amount for line in lines],
        [line.currency for line in lines],
    )


async def book_gift(gift_id: int) -> None:
    """Book a gift as it stands now, and its deposit if that has a day. What is booked already stays once."""
    gift = await _gift(gift_id)
    splits = await db.rows("SELECT fund, amount FROM gift_splits WHERE gift = $1 ORDER BY id", gift_id)
    where, income, currency = holds(gift), earns(gift), gift["currency"]
    booked, names = await _booked(gift_id)
    if "received" not in booked:
        await book(
            names["received"],
            ("gift", gift_id),
            [
                Line(where, gift["amount"], currency),
                *(Line(income, -split["amount"], currency, split["fund"]) for split in splits),
            ],
            organisation=gift["organisation"],
            on=gift["received_on"] or gift["given_on"],
        )
    if "deposited" not in booked and gift["deposited_on"] and where is Account.UNDEPOSITED:
        await book(
            names["deposited"],
            ("gift", gift_id),
            [Line(Account.BANK, gift["amount"], currency), Line(where, -gift["amount"], currency)],
            organisation=gift["organisation"],
            on=gift["deposited_on"],
        )


def holds(gift: dict[str, Any]) -> Account:
    """The account that a gift's money (or goods) comes into."""
    if gift["source"] == GiftSource.IMPORT:
        return Account.PRIOR_SYSTEM
    if gift["kind"] in GOODS:
        return Account.IN_KIND
    if gift["source"] == GiftSource.ONLINE:
        return Account.STRIPE
    if gift["kind"] != GiftKind.STOCK and gift["method"] in (
        GiftMethod.TRANSFER, GiftMethod.CARD, GiftMethod.BANK_DEBIT
    ):  # fmt: skip
        return Account.BANK
    return Account.UNDEPOSITED


def earns(gift: dict[str, Any]) -> Account:
    """The income account of a gift: goods stand apart from money."""
    return Account.INCOME_IN_KIND if gift["kind"] in GOODS else Account.INCOME


async def take_back_gift(gift_id: int, *, on: date | None = None) -> None:
    """Reverse whatever of a gift is booked and not yet reversed: a slip, a bounced cheque, a correction.

    A bounce happened on a day (`on`). What was typed wrong never was: without a day, each entry is reversed on its own,
    so that no year holds the wrong one, and none the reversal alone. When it was booked stands in the journal, too.
    """
    for journal in await db.rows(
        """
        SELECT j.id, j.day FROM journals j
         WHERE j.source_kind = 'gift' AND j.source_id = $1 AND j.reverses IS NULL
           AND (j.event ~ '^(received|deposited)( [0-9]+)?$')
           AND NOT EXISTS (SELECT FROM journals r WHERE r.reverses = j.id)
      ORDER BY j.id
        """,
        gift_id,
    ):
        await reverse(journal["id"], on=on or journal["day"])


async def reverse(journal_id: int, *, on: date) -> int | None:
    """Book the opposite of a journal; once, whoever asks again."""
    journal = await db.row("SELECT * FROM journals WHERE id = $1", journal_id)
    assert journal is not None
    lines = await db.rows(
        "SELECT account, amount, currency, fund FROM postings WHERE journal = $1 ORDER BY id", journal_id
    )
    return await book(
        f"{journal['event']} reversed",
        (journal["source_kind"], journal["source_id"]),
        [Line(Account(line["account"]), -line["amount"], line["currency"], line["fund"]) for line in lines],
        organisation=journal["organisation"],
        on=on,
        reverses=journal_id,
    )


async def book_refund(refund_id: int) -> None:
    """Money that went back: each fund gives its share of what is left of the gift; Stripe keeps its fee."""
    refund = await db.row("SELECT * FROM refunds WHERE id = $1", refund_id)
    assert refund is not None
    gift = await _gift(refund["gift"])
    parts = await shares(gift["id"], refund["amount"])
    currency = refund["currency"]
    await book(
        "refunded",
        ("refund", refund_id),
        [Line(earns(gift), part, currency, fund) for fund, part in parts.items()]
        + [Line(Account.STRIPE if refund["via"] == "stripe" else Account.BANK, -refund["amount"], currency)],
        organisation=gift["organisation"],
        on=refund["refunded_on"],
    )


async def take_back_refund(refund_id: int, *, on: date) -> None:
    """A refund that did not reach its card after all: the money is ours again."""
    journal = await db.value(
        "SELECT id FROM journals WHERE source_kind = 'refund' AND source_id = $1 AND event = 'refunded'",
        refund_id,
    )
    if journal is not None:
        await reverse(journal, on=on)


async def book_fee(gift_id: int, amount: int, *, on: date) -> None:
    """What Stripe kept of a gift, once its balance transaction says so."""
    gift = await _gift(gift_id)
    currency = gift["currency"]
    await book(
        "fee", ("gift", gift_id), [Line(Account.FEES, amount, currency), Line(Account.STRIPE, -amount, currency)],
        organisation=gift["organisation"], on=on,
    )  # fmt: skip


async def book_payout(payout_id: int, amount: int, currency: str, *, organisation: int, on: date) -> None:
    """Money that Stripe sent to the bank."""
    await book(
        "paid out", ("payout", payout_id), [Line(Account.BANK, amount, currency), Line(Account.STRIPE, -amount, currency)],
        organisation=organisation, on=on,
    )  # fmt: skip


async def shares(gift_id: int, amount: int) -> dict[int, int]:
    """An amount that leaves a gift, shared over what its funds still have of it.

    A bank may take more than is left, for example after a refund: then by the gift's splits.
    """
    held = await left_by_fund(gift_id)
    if sum(held.values()) < amount:
        rows = await db.rows("SELECT fund, amount FROM gift_splits WHERE gift = $1 ORDER BY fund", gift_id)
        held = {row["fund"]: row["amount"] for row in rows}
    return dict(zip(held, money.split(amount, list(held.values())), strict=True))


async def left_by_fund(gift_id: int) -> dict[int, int]:
    """What each fund still has of a gift: its income, less what went back. Funds with nothing left are left out."""
    return {
        row["fund"]: row["held"]
        for row in await db.rows(
            """
            SELECT p.fund, -sum(p.amount)::bigint AS held
              FROM journals j JOIN postings p ON p.journal = j.id
             WHERE p.account IN ('income', 'income_in_kind')
               AND (j.source_kind, j.source_id) IN (
                   SELECT source_kind, source_id FROM gift_sources WHERE gift = $1)
          GROUP BY p.fund HAVING sum(p.amount) < 0 ORDER BY p.fund
            """,
            gift_id,
        )
    }


async def balance(account: Account, currency: str) -> int:
    """What an account holds: debits less credits, in minor units."""
    return await db.value(
        "SELECT coalesce(sum(amount), 0)::bigint FROM postings WHERE account = $1 AND currency = $2",
        account.value, currency,
    )  # fmt: skip


async def of_gift(gift_id: int) -> list[dict[str, Any]]:
    """The journals of a gift, its refunds and disputes, in order, each with `lines` (account, fund name, amount, currency)."""
    lines = await db.rows(
        """
        SELECT j.id, j.day, j.event, j.source_kind, j.source_id, j.reverses, p.account, f.name AS fund,
               p.amount, p.currency
          FROM journals j JOIN postings p ON p.journal = j.id LEFT JOIN funds f ON f.id = p.fund
         WHERE (j.source_kind, j.source_id) IN (
                   SELECT source_kind, source_id FROM gift_sources WHERE gift = $1)
      ORDER BY j.id, p.id
        """,
        gift_id,
    )
    journals: dict[int, dict[str, Any]] = {}
    for line in lines:
        journal = journals.setdefault(line["id"], {**line, "lines": []})
        journal["lines"].append(line)
    return list(journals.values())


async def _gift(gift_id: int) -> dict[str, Any]:
    gift = await db.row("SELECT * FROM gifts WHERE id = $1", gift_id)
    assert gift is not None
    return gift


async def _booked(gift_id: int) -> tuple[set[str], dict[str, str]]:
    """Which events of a gift are booked and stand, and what the next entry of each is called.

    The first is `received`; when it was reversed the next is `received 2`: one entry per source and event.
    """
    rows = await db.rows(
        """
        SELECT event, EXISTS (SELECT FROM journals r WHERE r.reverses = j.id) AS undone FROM journals j
         WHERE source_kind = 'gift' AND source_id = $1 AND reverses IS NULL
        """,
        gift_id,
    )
    begun = [row["event"].split(" ")[0] for row in rows]
    return (
        {event for event, row in zip(begun, rows, strict=True) if not row["undone"]},
        {
            event: f"{event} {begun.count(event) + 1}" if event in begun else event
            for event in ("received", "deposited")
        },
    )
