"""Corrections: a gift keeps its id and shows what is right; what was wrong stays in its events and in the ledger."""

from collections.abc import Mapping, Sequence
from typing import Any

from donations import gift_events, ledger, refunds
from donations.gift_events import Receipted
from donations.tables import GiftSource, GiftStatus
from kit import days, db, facts, money
from kit.changes import Actor
from kit.errors import Conflict, NotFound, Refused
from kit.words import _

# What a receipt prints, what Stripe knows better, and what the ledger holds.
PRINTED = {
    "amount", "currency", "given_on", "kind", "method", "cheque_number", "in_kind_description", "benefit_description",
    "benefit_value", "fee_cover", "splits",
}  # fmt: skip
STRIPES_OWN = {"amount", "currency", "given_on", "kind", "method", "fee_cover"}
BOOKED = {"amount", "currency", "kind", "method", "splits", "given_on", "received_on", "deposited_on"}
FREE = {"cheque_date", "note", "anonymous", "campaign", "appeal", "receipt_wanted"}
CHANGEABLE = PRINTED | BOOKED | FREE


class AsksFirst(Refused):
    """The donor is archived or deceased: a person says that this is meant, and asks again with `confirmed`."""


class Closed(Refused):
    """A fund, campaign or appeal that takes no new gifts."""


class WrongSplits(Refused):
    """The parts do not add up to the gift."""


class NotCorrectable(Refused):
    """Nothing of this gift can be corrected, or not this."""


async def correct(
    gift_id: int,
    new: Mapping[str, Any],
    *,
    version: int,
    by: Actor,
    reason: str = "",
    confirmed: bool = False,
) -> None:
    """Set right what was typed wrong. Where it touches the books, the old entry is reversed and a new one booked.

    `new` holds columns of the gift and `splits` [(fund, amount)]; what does not differ is left alone. Raises Conflict
    when somebody else changed the gift since `version`, Receipted, NotCorrectable, WrongSplits, Closed.
    """
    if unknown := set(new) - CHANGEABLE:
        raise TypeError(f"a gift has no {', '.join(sorted(unknown))} to correct")
    async with db.tx():
        gift = await gift_events.lock(gift_id)
        if gift["version"] != version:
            raise Conflict(_("Somebody else changed this gift meanwhile. Look at it again before you save."))
        splits = [
            (row["fund"], row["amount"])
            for row in await db.rows(
                "SELECT fund, amount FROM gift_splits WHERE gift = $1 ORDER BY id", gift_id
            )
        ]
        was = {**gift, "splits": splits}
        now = {**was, **new, "splits": [tuple(split) for split in new.get("splits", splits)]}
        differ = {name for name in CHANGEABLE if _plain(was[name], name) != _plain(now[name], name)}
        if not differ:
            return
        _refuse(gift, differ)
        check_splits(now["splits"], now["amount"], now["currency"])
        await _check_what_is_new(was, now, differ)
        await _update(gift_id, {name: now[name] for name in differ - {"splits"}})
        if "splits" in differ or "amount" in differ:
            await db.row("DELETE FROM gift_splits WHERE gift = $1", gift_id)
            await save_splits(gift_id, now["splits"])
        if differ & BOOKED and gift["status"] == GiftStatus.SETTLED:
            if differ & BOOKED != {"deposited_on"} or was["deposited_on"] is not None:
                await ledger.take_back_gift(gift_id)
            await ledger.book_gift(gift_id)
        await gift_events.keep(
            "corrected", gift, by=by, reason=reason,
            before={name: was[name] for name in differ}, after={name: now[name] for name in differ},
        )  # fmt: skip
        await facts.say("gift.corrected", gift_id)


async def move(
    gift_id: int,
    donor: int,
    *,
    by: Actor,
    reason: str = "",
    version: int | None = None,
    confirmed: bool = False,
) -> None:
    """The gift was typed under the wrong donor: give it to the right one. Totals and timelines follow."""
    async with db.tx():
        gift = await gift_events.lock(gift_id)
        if version is not None and gift["version"] != version:
            raise Conflict(_("Somebody else changed this gift meanwhile. Look at it again before you save."))
        if gift["donor"] == donor:
            return
        if gift["receipted_at"] is not None:
            raise Receipted(_("This gift is on a receipt in the donor’s name. Void the receipt first."))
        await check_donor(donor, confirmed=confirmed)
        await _update(gift_id, {"donor": donor})
        await gift_events.keep(
            "moved", gift, by=by, reason=reason, before={"donor": gift["donor"]}, after={"donor": donor}
        )
        await refunds.tell(gift_id)
        await facts.say("gift.moved", gift_id)


def _refuse(gift: dict[str, Any], differ: set[str]) -> None:
    if gift["receipted_at"] is not None and differ & PRINTED:
        raise Receipted(_("This gift is on a receipt. Void the receipt first, then correct the gift."))
    if gift["source"] == GiftSource.ONLINE and differ & STRIPES_OWN:
        raise NotCorrectable(_("Stripe says what was paid, when and how; that cannot be corrected here."))
    if gift["status"] not in (GiftStatus.PENDING, GiftStatus.SETTLED) and differ & BOOKED:
        raise NotCorrectable(
            _("Only a pending or settled gift can be corrected. What went back or ended stays as it was.")
        )


async def _check_what_is_new(was: dict[str, Any], now: dict[str, Any], differ: set[str]) -> None:
    """A closed fund may keep what it has; it takes nothing new."""
    had = {fund for fund, _amount in was["splits"]}
    if now["appeal"] is not None and now["campaign"] != await db.value(
        "SELECT campaign FROM appeals WHERE id = $1", now["appeal"]
    ):
        raise Refused(_("This appeal belongs to another campaign."))
    await check_open(
        [fund for fund, _amount in now["splits"] if fund not in had],
        now["campaign"] if "campaign" in differ else None,
        now["appeal"] if "appeal" in differ else None,
    )


async def _update(gift_id: int, columns: dict[str, Any]) -> None:
    columns = {name: getattr(value, "value", value) for name, value in columns.items()}
    sets = "".join(f"{name} = ${place}, " for place, name in enumerate(columns, 3))
    await db.row(
        f"UPDATE gifts SET {sets}updated_at = $2, version = version + 1 WHERE id = $1",  # noqa: S608 - our own names
        gift_id, days.now(), *columns.values(),
    )  # fmt: skip


def _plain(value: Any, name: str) -> Any:
    return sorted(value) if name == "splits" else getattr(value, "value", value)


# ---------------------------------------------------------------- what every entry is held against


def check_splits(splits: Sequence[tuple[int, int]], amount: int, currency: str) -> None:
    """Raises WrongSplits, which says how much is missing or too much."""
    funds = [fund for fund, _amount in splits]
    if len(set(funds)) < len(funds):
        raise WrongSplits(_("A fund stands twice in the split. Put its parts together."))
    off = amount - sum(part for _fund, part in splits)
    if any(part < 0 for _fund, part in splits) or (amount > 0 and any(part == 0 for _fund, part in splits)):
        raise WrongSplits(_("Each fund of a split needs a part above zero."))
    if off:
        raise WrongSplits(
            _(
                "The parts come to {sum}: {off} is missing.",
                sum=money.show(amount - off, currency),
                off=money.show(off, currency),
            )
            if off > 0
            else _(
                "The parts come to {sum}: {off} too much.",
                sum=money.show(amount - off, currency),
                off=money.show(-off, currency),
            )
        )


async def save_splits(gift_id: int, splits: Sequence[tuple[int, int]]) -> None:
    await db.row(
        "INSERT INTO gift_splits (gift, fund, amount) SELECT $1, * FROM unnest($2::int[], $3::bigint[])",
        gift_id, [fund for fund, _amount in splits], [amount for _fund, amount in splits],
    )  # fmt: skip


async def check_donor(donor: int, *, confirmed: bool) -> None:
    """Raises NotFound, or AsksFirst for a donor who is archived or has died."""
    known = 0 < donor < 2**31
    row = (
        await db.row("SELECT name, archived_at, deceased FROM constituents WHERE id = $1", donor)
        if known
        else None
    )
    if row is None:
        raise NotFound(f"constituent {donor}")
    if confirmed:
        return
    if row["deceased"]:
        raise AsksFirst(
            _("{name} has died. Is the gift really theirs, and not their estate’s?", name=row["name"])
        )
    if row["archived_at"] is not None:
        raise AsksFirst(_("{name} is archived. Is this the right record?", name=row["name"]))


async def check_open(funds: Sequence[int], campaign: int | None, appeal: int | None) -> None:
    """Raises Closed for the first of them that takes no new gifts, NotFound for one that is not there."""
    for table, ids in (("funds", list(funds)), ("campaigns", [campaign]), ("appeals", [appeal])):
        wanted = [id for id in ids if id is not None]
        if not wanted:
            continue
        # Held, so that nobody closes it between this look and the commit.
        found = await db.rows(
            f"SELECT id, name, closed_at FROM {table} WHERE id = ANY ($1) ORDER BY id FOR SHARE",  # noqa: S608
            wanted,
        )
        if len(found) < len(set(wanted)):
            raise NotFound(table)
        for row in found:
            if row["closed_at"] is not None:
                raise Closed(_("“{name}” is closed and takes no new gifts.", name=row["name"]))
