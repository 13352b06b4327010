"""Intents: what a donor said she would give, stored before Stripe is called, and what became of it."""

import asyncio
from datetime import timedelta
from typing import Any

import msgspec

from constituents import tasks
from donations import stripe_api
from donations.tables import IntentStatus
from kit import config, days, db, jobs, security
from kit.errors import NotFound
from kit.forms import email_normal
from kit.templates import url_for
from kit.words import _
from staff import organisation

# The return page only reads; the answer comes by webhook or, if that never arrives, by these looks at Stripe.
_LOOKS = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(hours=1),
    timedelta(hours=24, minutes=1),
)


class IntentDetails(msgspec.Struct, frozen=True, kw_only=True):
    """A filled-in giving page. Amounts in minor units; `cover` is what the donor adds for the card fee."""

    form_key: str
    amount: int
    cover_offered: int
    cover: int
    currency: str
    fund: int
    given_name: str
    family_name: str
    email: str
    campaign: int | None = None
    appeal: int | None = None
    address: dict[str, str] = {}
    comment: str = ""
    anonymous: bool = False


async def open(details: IntentDetails) -> dict[str, Any]:
    """Keep an intent; the same form sent again with the same words finds the first one.

    Returns its row. The token of the thank-you page follows from the row, so that it need not be stored.
    """
    ours = await organisation.needed()
    form_key = _form_key(details)
    async with db.tx():
        row = await db.row(
            """
            INSERT INTO giving_intents (organisation, token_hash, form_key, campaign, appeal, fund, amount, cover_offered,
                                        cover, currency, given_name, family_name, email, email_normal, address, comment,
                                        anonymous, status, stripe_url, failure, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 'open', '', '', $18, $18)
            ON CONFLICT (form_key) DO NOTHING RETURNING *
            """,
            ours["id"], security.token_hash(_token(form_key)), form_key, details.campaign, details.appeal,
            details.fund, details.amount, details.cover_offered, details.cover, details.currency,
            details.given_name, details.family_name, details.email, email_normal(details.email),
            msgspec.json.encode(details.address).decode(), details.comment, details.anonymous, days.now(),
        )  # fmt: skip
        if row is None:
            row = await db.row("SELECT * FROM giving_intents WHERE form_key = $1", form_key)
    assert row is not None
    return row


async def known(details: IntentDetails) -> dict[str, Any] | None:
    """The intent that this very form has made already, if it has."""
    return await db.row("SELECT * FROM giving_intents WHERE form_key = $1", _form_key(details))


def _form_key(details: IntentDetails) -> str:
    return security.sign(msgspec.json.encode(details).decode(), "giving form")


def token_of(intent: dict[str, Any]) -> str:
    """What the link to this donor's thank-you page carries."""
    return _token(intent["form_key"])


def _token(form_key: str) -> str:
    return security.sign(form_key, "thank-you page")[:32]


async def by_token(token: str) -> dict[str, Any]:
    """The intent behind a thank-you link. Raises NotFound."""
    row = await db.row(
        """
        SELECT i.*, f.name AS fund_name, c.name AS campaign_name, c.slug AS campaign_slug,
               a.source_code, g.receipted_at, g.given_on
          FROM giving_intents i JOIN funds f ON f.id = i.fund LEFT JOIN appeals a ON a.id = i.appeal
          LEFT JOIN campaigns c ON c.id = i.campaign LEFT JOIN gifts g ON g.id = i.gift
         WHERE i.token_hash = $1
        """,
        security.token_hash(token),
    )
    if row is None:
        raise NotFound("No such intent.")
    return row


async def leave(token: str, *, but: int) -> None:
    """The donor begins anew: the payment page of this earlier try is closed, soon and if nobody has paid there."""
    earlier = await db.row(
        """
        SELECT stripe_session FROM giving_intents
         WHERE token_hash = $1 AND id <> $2 AND status IN ('open', 'failed') AND stripe_url <> ''
        """,
        security.token_hash(token), but,
    )  # fmt: skip
    if earlier is not None:
        async with db.tx():
            await jobs.enqueue("leave session", {"id": earlier["stripe_session"]})


def is_over(intent: dict[str, Any]) -> bool:
    """Whether its payment page is closed: it was paid, it expired, or a bank debit made on it came to nothing."""
    return intent["status"] not in (IntentStatus.OPEN, IntentStatus.FAILED) or (
        intent["stripe_session"] is not None and not intent["stripe_url"]
    )


async def begin_checkout(intent: dict[str, Any]) -> str:
    """The address of Stripe's page for this intent; made once, however often it is asked for.

    Raises stripe_api.Unreachable (try again) and RefusedByStripe.
    """
    if intent["stripe_url"]:
        return intent["stripe_url"]
    # Another installation on the same Stripe account, or this one before a restore, has an intent 1 of its own.
    key = f"intent-{intent['id']}-session-{intent['token_hash'][:16]}"
    try:
        made = await stripe_api.create_session(await _session_params(intent), key=key)
    except stripe_api.Busy:
        return await _address_that_another_gets(intent["id"])
    except stripe_api.RefusedByStripe as no:
        await tasks.open(
            "stripe_refuses", _("Stripe refuses to begin payments"),
            detail=_("“{words}” A donor could not give. Look at the key and the account in Stripe's dashboard.", words=str(no)[:500]),
            permission="payments.read",
        )  # fmt: skip
        raise
    async with db.tx():
        recorded = await db.value(
            """
            UPDATE giving_intents SET stripe_session = $2, stripe_url = $3, updated_at = $4
             WHERE id = $1 AND stripe_session IS NULL RETURNING id
            """,
            intent["id"], made["id"], made["url"] or "", days.now(),
        )  # fmt: skip
        if recorded:
            for look in _LOOKS:
                await jobs.enqueue("converge", {"kind": "session", "id": made["id"]}, after=look)
    return made["url"]


async def _address_that_another_gets(intent_id: int) -> str:
    """A second click came while Stripe was still answering the first: what the first one gets is for both."""
    for _time in range(5):
        await asyncio.sleep(1)
        if url := await db.value("SELECT stripe_url FROM giving_intents WHERE id = $1", intent_id):
            return url
    raise stripe_api.Unreachable("Stripe is still busy.")


async def _session_params(intent: dict[str, Any]) -> dict[str, Any]:
    ours = await organisation.needed()
    fund = await db.value("SELECT name FROM funds WHERE id = $1", intent["fund"])
    back = config.settings().base_url + url_for("thanks:show", token=token_of(intent))
    marks = {"almoner_intent": _mark_of(intent)}
    return {
        "mode": "payment",
        "submit_type": "donate",
        "client_reference_id": str(intent["id"]),
        **_email_for_stripe(intent["email"]),
        "metadata": marks,
        "payment_intent_data": {"metadata": marks, "description": f"{ours['name']}: {fund}"[:1000]},
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": intent["currency"].lower(),
                    "unit_amount": intent["amount"] + intent["cover"],
                    "product_data": {"name": f"{ours['name']}: {fund}"[:250]},
                },
            }
        ],
        "success_url": back,
        "cancel_url": f"{back}?left=yes",
    }


def _email_for_stripe(email: str) -> dict[str, str]:
    """The address that stands on Stripe's page already; a quoted one ("a b"@example.org) Stripe does not take.

    Then Stripe asks for one itself. The gift is the donor's who typed it here, and the receipt goes to that address.
    """
    return {} if email.startswith('"') else {"customer_email": email}


async def mark(intent_id: int, status: IntentStatus, *, failure: str = "") -> None:
    """What Stripe says of an intent. Paid stays paid, whatever older news arrives later.

    Stripe cancels the payment of a page that expired: expired is what the donor is told.
    """
    await db.row(
        """
        UPDATE giving_intents SET status = $2, failure = $3, updated_at = $4
         WHERE id = $1 AND status <> 'paid' AND (status <> $2 OR failure <> $3)
           AND NOT (status = 'expired' AND $2 = 'cancelled')
        """,
        intent_id, status.value, failure, days.now(),
    )  # fmt: skip


def _mark_of(intent: dict[str, Any]) -> str:
    """What Stripe's objects carry of an intent: its id, and a part of its hash, so that no other intent 1 fits."""
    return f"{intent['id']}-{intent['token_hash'][:16]}"


async def marked(object_: dict[str, Any]) -> int | None:
    """The intent that an object of Stripe's was made for, if it is one of ours."""
    mark = (object_.get("metadata") or {}).get("almoner_intent", "")
    number, _dash, proof = mark.partition("-")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return None
    # Without proof: begun before marks carried one.
    return await db.value(
        "SELECT id FROM giving_intents WHERE id = $1 AND ($2 = '' OR left(token_hash, 16) = $2)",
        int(number), proof,
    )  # fmt: skip


async def of_session(session: dict[str, Any]) -> dict[str, Any] | None:
    """The intent that a session was made for, even if our record of the session was lost in a crash.

    A session that is over leads nowhere any more: its address is forgotten.
    """
    row = await db.row("SELECT * FROM giving_intents WHERE stripe_session = $1", session["id"])
    if row is None and (intent := await marked(session)) is not None:
        row = await db.row(
            """
            UPDATE giving_intents SET stripe_session = $2, updated_at = $3
             WHERE id = $1 AND stripe_session IS NULL RETURNING *
            """,
            intent, session["id"], days.now(),
        )  # fmt: skip
    if row is not None and row["stripe_url"] and not session.get("url"):
        await db.row("UPDATE giving_intents SET stripe_url = '' WHERE id = $1", row["id"])
    return row
