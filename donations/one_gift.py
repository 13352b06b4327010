"""One gift, as its page shows it: with names, splits, what can be done, and what happened."""

from datetime import date
from typing import Any

import msgspec

from donations import corrections, ledger, words
from donations.tables import Account, GiftMethod, GiftSource, GiftStatus
from kit import db, money
from kit.errors import NotFound
from kit.templates import day, moment
from kit.words import _


async def get(gift_id: int) -> dict[str, Any]:
    """The gift with the names of what it points to; raises NotFound."""
    gift = (
        await db.row(
            """
            SELECT g.*, c.name AS donor_name, c.place AS donor_place, c.kind AS donor_kind, k.name AS campaign_name,
                   a.name AS appeal_name, a.source_code, p.id AS payment, p.charge, p.payment_intent, p.fee, p.net,
                   i.cover_offered, i.cover AS cover_added
              FROM gifts g JOIN constituents c ON c.id = g.donor
              LEFT JOIN campaigns k ON k.id = g.campaign LEFT JOIN appeals a ON a.id = g.appeal
              LEFT JOIN stripe_payments p ON p.gift = g.id LEFT JOIN giving_intents i ON i.id = p.intent
             WHERE g.id = $1
            """,
            gift_id,
        )
        if 0 < gift_id < 2**63
        else None
    )
    if gift is None:
        raise NotFound(f"gift {gift_id}")
    return gift


async def splits(gift_id: int) -> list[dict[str, Any]]:
    """What each fund has of a gift, the largest part first."""
    return await db.rows(
        """
        SELECT s.fund, s.amount, f.name, f.restricted, f.account_code, f.closed_at
          FROM gift_splits s JOIN funds f ON f.id = s.fund WHERE s.gift = $1 ORDER BY s.amount DESC, s.id
        """,
        gift_id,
    )


class Deeds(msgspec.Struct):
    """What the state of a gift allows; whether the person may is asked by the page."""

    correct: bool
    move: bool
    refund: bool
    void: bool
    bounce: bool
    thank: bool
    deposit: bool


def deeds(gift: dict[str, Any]) -> Deeds:
    """Mirrors the verbs' own refusals, so that the page offers no deed that would be refused."""
    settled, free = gift["status"] == GiftStatus.SETTLED, gift["receipted_at"] is None
    holds = gift["status"] in (GiftStatus.SETTLED, GiftStatus.PARTLY_REFUNDED)
    goods = gift["kind"] in ledger.GOODS
    staffs_own = gift["source"] != GiftSource.ONLINE
    return Deeds(
        correct=settled or gift["status"] in (GiftStatus.PENDING, GiftStatus.PARTLY_REFUNDED),
        move=free,
        refund=holds and not goods,
        void=staffs_own and free and gift["status"] in (GiftStatus.PENDING, GiftStatus.SETTLED),
        bounce=settled and free and gift["method"] == GiftMethod.CHEQUE,
        thank=gift["thanked_at"] is None and (holds or gift["status"] == GiftStatus.PENDING),
        deposit=holds and gift["deposited_on"] is None and ledger.holds(gift) is Account.UNDEPOSITED,
    )


def fixed(gift: dict[str, Any]) -> tuple[str, set[str]]:
    """Why not all of a gift can be corrected, in a sentence, and which columns stay; ("", set()) when all can.

    Mirrors the verb's own refusals, so that the form offers no field that would be refused.
    """
    if gift["receipted_at"] is not None:
        why = _("This gift is on a receipt: what it prints is locked until the receipt is void.")
        names = corrections.PRINTED | {"cheque_date"}
    elif gift["source"] == GiftSource.ONLINE:
        why, names = _("Stripe says what was paid, when and how."), corrections.STRIPES_OWN | {"cheque_date"}
    else:
        why, names = "", set()
    if gift["status"] not in (GiftStatus.PENDING, GiftStatus.SETTLED):
        why = why or _("A part of this gift went back: what is in the books stays as it was.")
        names = names | corrections.BOOKED | {"cheque_number", "cheque_date", "in_kind_description"}
    return why, names


_EVENTS = {
    "recorded": _("recorded the gift"),
    "settled": _("settled it"),
    "failed": _("marked it as failed"),
    "abandoned": _("marked it as abandoned"),
    "bounced": _("marked the cheque as given back"),
    "voided": _("voided it"),
    "corrected": _("corrected it"),
    "moved": _("moved it to the right donor"),
    "thanked": _("marked the donor as thanked"),
    "deposited": _("noted the deposit"),
    "refund asked": _("asked Stripe for a refund"),
    "refunded": _("refunded it"),
    "refund failed": _("noted that a refund failed"),
    "inquired": _("told of a bank’s inquiry"),
    "bank took": _("told that the donor’s bank took money back"),
    "bank gave back": _("told that the donor’s bank gave money back"),
    "disputed": _("opened a dispute"),
    "dispute won": _("closed the dispute in our favour"),
    "dispute lost": _("closed the dispute in the donor’s favour"),
}
_LABELS = {
    "amount": _("Amount"), "currency": _("Currency"), "given_on": _("Given on"), "received_on": _("Received on"),
    "deposited_on": _("Deposited on"), "kind": _("Kind"), "method": _("Method"), "splits": _("Funds"),
    "cheque_number": _("Cheque number"), "cheque_date": _("Cheque date"), "campaign": _("Campaign"),
    "appeal": _("Appeal"), "in_kind_description": _("Description"), "benefit_description": _("Given in return"),
    "benefit_value": _("Fair value"), "fee_cover": _("Fee cover"), "note": _("Note"), "anonymous": _("Anonymous"),
    "receipt_wanted": _("Receipt wanted"), "donor": _("Donor"), "refunded_amount": _("Refunded"),
    "status": _("State"), "reason": _("Reason"),
}  # fmt: skip
_MONEY = ("amount", "benefit_value", "fee_cover", "refunded_amount")


async def history(gift: dict[str, Any], zone: str) -> list[dict[str, Any]]:
    """What happened to the gift, newest first, as `ui.history` shows it; names instead of numbers."""
    events = await db.rows("SELECT * FROM gift_events WHERE gift = $1 ORDER BY id DESC LIMIT 200", gift["id"])
    decoded = [(event, _decoded(event["before"]), _decoded(event["after"])) for event in events]
    names = await _names([values for _event, before, after in decoded for values in (before, after)])
    told = []
    for event, before, after in decoded:
        values = [
            (
                _LABELS[name],
                _shown(name, before.get(name), gift, names),
                _shown(name, after.get(name), gift, names),
            )
            for name in _LABELS
            if name in before or name in after
        ]
        if event["kind"] == "recorded":
            values = [value for value in values if value[0] not in (_LABELS["currency"], _LABELS["status"])]
        if event["reason"]:
            values.append((_LABELS["reason"], "", event["reason"]))
        told.append(
            {
                "at": moment(event["at"], zone),
                "who": event["actor_label"] or event["actor_kind"].capitalize(),
                "what": _EVENTS.get(event["kind"], event["kind"]),
                "values": values,
            }
        )
    return told


def _decoded(text: str | None) -> dict[str, Any]:
    return msgspec.json.decode(text) if text else {}


async def _names(values: list[dict[str, Any]]) -> dict[tuple[str, int], str]:
    """The names behind the numbers that events keep."""
    wanted: dict[str, set[int]] = {"donor": set(), "campaign": set(), "appeal": set(), "fund": set()}
    for each in values:
        for name in ("donor", "campaign", "appeal"):
            if isinstance(each.get(name), int):
                wanted[name].add(each[name])
        wanted["fund"] |= {fund for fund, _amount in each.get("splits", ())}
    rows = await db.rows(
        """
        SELECT 'donor' AS kind, id, name FROM constituents WHERE id = ANY ($1)
     UNION ALL SELECT 'campaign', id, name FROM campaigns WHERE id = ANY ($2)
     UNION ALL SELECT 'appeal', id, name FROM appeals WHERE id = ANY ($3)
     UNION ALL SELECT 'fund', id, name FROM funds WHERE id = ANY ($4)
        """,
        *(sorted(wanted[name]) for name in ("donor", "campaign", "appeal", "fund")),
    )
    return {(row["kind"], row["id"]): row["name"] for row in rows}


def _shown(name: str, value: Any, gift: dict[str, Any], names: dict[tuple[str, int], str]) -> str:
    if value is None or value == "":
        return ""
    if name in _MONEY:
        return money.show(value, gift["currency"])
    if name == "splits":
        return ", ".join(
            f"{names.get(('fund', fund), fund)} {money.show(part, gift['currency'])}" for fund, part in value
        )
    if name in ("donor", "campaign", "appeal"):
        return names.get((name, value), str(value))
    if name.endswith(("_on", "_date")):
        return day(date.fromisoformat(value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    worded = {"kind": words.KINDS, "method": words.METHODS, "status": words.STATUSES}.get(name, {})
    return worded.get(value, str(value))
