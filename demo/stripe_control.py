"""The control page: what Stripe's dashboard, the banks, the clock and bad luck do.

Each button is a POST to `/control/<deed>`. The same POST with JSON answers with JSON, for tests and scripts.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import msgspec
from litestar import MediaType, Request, Response, get, post
from litestar.params import FromPath, FromQuery

from demo.pages import from_our_own_page, headers, page, see
from demo.stand_in import StandIn
from demo.stripe_currencies import digits, show
from demo.stripe_disputes import REASONS
from demo.stripe_errors import ApiError, NotPossible
from demo.stripe_pages import form_of
from demo.stripe_store import Body
from demo.stripe_world import DAY, Settings

ROWS = 25
_AMOUNT = re.compile(r"[0-9]{1,7}(\.[0-9]{1,3})?\Z")

Deed = Callable[[StandIn, dict[str, Any]], Any]


def _amount(stand_in: StandIn, given: dict[str, Any]) -> int | None:
    """JSON has minor units; the page has what a person types."""
    amount = given.get("amount")
    if amount in (None, ""):
        return None
    if isinstance(amount, int):
        return amount
    body = stand_in.world.get(str(given.get("about", "")))
    places = digits(body["currency"]) if body else 2
    if not _AMOUNT.match(str(amount)) or len(str(amount).partition(".")[2]) > places:
        raise NotPossible(f"“{amount}” is not an amount. Type it like 12.50, or leave it empty for all.")
    whole, _, part = str(amount).partition(".")
    return int(whole + part.ljust(places, "0"))


def _clock(stand_in: StandIn, given: dict[str, Any]) -> float:
    if "at" in given:
        at = given["at"]
        stand_in.set_clock(
            datetime.fromtimestamp(at, UTC) if isinstance(at, int | float) else datetime.fromisoformat(at)
        )
    stand_in.advance(float(given.get("advance") or 0))
    return stand_in.world.now()


def _skip(stand_in: StandIn, given: dict[str, Any]) -> None:
    stand_in.skip(float(given.get("seconds") or 0))


def _set(stand_in: StandIn, given: dict[str, Any]) -> dict[str, Any]:
    unknown = set(given) - set(Settings.__struct_fields__)
    if unknown:
        raise NotPossible(f"There is no setting {', '.join(sorted(unknown))}.")
    try:
        stand_in.set(**given)
    except msgspec.ValidationError as error:
        raise NotPossible(str(error)) from None
    return msgspec.structs.asdict(stand_in.world.settings)


def _pay(stand_in: StandIn, given: dict[str, Any]) -> str:
    card = str(given.get("card", "4242424242424242"))
    extra = {name: given[name] for name in ("email", "name", "approve") if name in given}
    return stand_in.pay(str(given.get("session", "")), card, **extra)


def _expire(stand_in: StandIn, given: dict[str, Any]) -> Body:
    return stand_in.expire(str(given.get("session", "")))


def _dispute(stand_in: StandIn, given: dict[str, Any]) -> Body:
    reason = str(given.get("reason", "fraudulent"))
    if reason not in REASONS:
        raise NotPossible(f"A dispute has one of these reasons: {', '.join(REASONS)}.")
    inquiry = given.get("inquiry") in (True, "yes")
    return stand_in.dispute(
        str(given.get("about", "")), reason=reason, amount=_amount(stand_in, given), inquiry=inquiry
    )


def _own_fee(stand_in: StandIn, given: dict[str, Any]) -> Body:
    amount = _amount(stand_in, given)
    if not amount or amount < 0:
        raise NotPossible("Type how much Stripe takes, like 12.50.")
    return stand_in.own_fee(amount)


def _close_dispute(stand_in: StandIn, given: dict[str, Any]) -> Body:
    return stand_in.close_dispute(str(given.get("dispute", "")), won=given.get("outcome") == "won")


DEEDS: dict[str, Deed] = {
    "refund": lambda s, g: s.refund(str(g.get("about", "")), _amount(s, g), reason="requested_by_customer"),
    "fail-refund": lambda s, g: s.fail_refund(str(g.get("refund", ""))),
    "dispute": _dispute,
    "close-dispute": _close_dispute,
    "escalate": lambda s, g: s.escalate(str(g.get("dispute", ""))),
    "own-fee": _own_fee,
    "settle": lambda s, g: s.settle(str(g.get("payment", ""))),
    "fail": lambda s, g: s.fail(str(g.get("payment", ""))),
    "expire": _expire,
    "pay": _pay,
    "pay-out": lambda s, g: s.pay_out(),
    "clock": _clock,
    "skip": _skip,
    "set": _set,
    "redeliver": lambda s, g: s.redeliver(only_dropped=g.get("only") == "dropped"),
    "reset": lambda s, g: s.reset(),
}


# What the page says when it is done.
SAID = {
    "refund": "The refund is made.",
    "fail-refund": "The bank has sent the refund back.",
    "dispute": "The bank has taken the money back.",
    "close-dispute": "The dispute is decided.",
    "escalate": "The bank has taken the money back.",
    "own-fee": "Stripe has taken its fee.",
    "settle": "The bank has paid.",
    "fail": "The bank has refused.",
    "expire": "The payment page is closed.",
    "pay": "The payment page is paid.",
    "pay-out": "What was available is on its way to the bank.",
    "clock": "The clock is set.",
    "skip": "What would have happened in that time has happened.",
    "set": "It is set.",
    "redeliver": "The webhooks go out again.",
    "reset": "Everything is forgotten.",
}


def handlers(stand_in: StandIn) -> list:
    """The routes of the control page."""

    @get("/", name="control:home", sync_to_thread=False)
    def home() -> Response[None]:
        return see("/control")

    @get("/control", name="control:index", sync_to_thread=False)
    def index(done: FromQuery[str] = "", refused: FromQuery[str] = "") -> Response[str]:
        stand_in.world.tick()
        return page("control.html", **_shown(stand_in), done=SAID.get(done, ""), refused=refused[:300])

    @post("/control/{deed:str}", name="control:do", status_code=200)
    async def do(request: Request, deed: FromPath[str]) -> Response[Any]:
        from_our_own_page(request)
        as_json = (request.content_type[0] or "") == "application/json"
        if deed not in DEEDS:
            return _told({"error": f"There is no deed {deed}."}, 404)
        given = await _given(request, as_json)
        try:
            with stand_in.world.store.lock:
                result = DEEDS[deed](stand_in, given)
        except (NotPossible, ApiError, ValueError, TypeError, OverflowError) as error:
            return _refusal(str(error), as_json)
        return _told({"ok": True, "result": result}, 200) if as_json else see(f"/control?done={deed}")

    return [home, index, do]


async def _given(request: Request, as_json: bool) -> dict[str, Any]:
    if not as_json:
        return dict(await form_of(request))
    try:
        given = msgspec.json.decode(await request.body() or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError):
        given = None
    return given if isinstance(given, dict) else {}


def _refusal(sentence: str, as_json: bool) -> Response[Any]:
    if as_json:
        return _told({"error": sentence}, 409)
    return see(f"/control?refused={quote(sentence[:300])}")


def _told(answer: dict[str, Any], status: int) -> Response[bytes]:
    return Response(
        msgspec.json.encode(answer), status_code=status, media_type=MediaType.JSON, headers=headers()
    )


def _shown(stand_in: StandIn) -> dict[str, Any]:
    """What the page says."""
    world = stand_in.world
    counts = dict(world.store.query("SELECT status, count(*) FROM deliveries GROUP BY status"))
    latest = world.store.query(
        "SELECT type, event, status, attempts, answer FROM deliveries ORDER BY id DESC LIMIT 12"
    )
    sessions = world.store.find("checkout.session", "AND json_extract(body, '$.status') = 'open'", limit=10)
    balance = world.store.query(
        """SELECT json_extract(body, '$.currency'), sum(json_extract(body, '$.net'))
             FROM objects WHERE kind = 'balance_transaction' GROUP BY 1 ORDER BY 1"""
    )
    return {
        "merchant": world.merchant,
        "payments": [_payment(stand_in, charge) for charge in world.store.find("charge", limit=ROWS)],
        "sessions": sessions,
        "balance": [show(net, currency) for currency, net in balance] or ["$0.00"],
        "counts": counts,
        "latest": [
            dict(zip(("type", "event", "status", "attempts", "answer"), row, strict=True)) for row in latest
        ],
        "knobs": world.settings,
        "clock": datetime.fromtimestamp(world.moment(), UTC).strftime("%d %b %Y, %H:%M UTC"),
        "ahead": _span(world.settings.clock_offset),
        "webhook_url": stand_in.webhook_url,
        "reasons": REASONS,
        "moment": lambda at: datetime.fromtimestamp(at, UTC).strftime("%d %b, %H:%M"),
    }


def _payment(stand_in: StandIn, charge: Body) -> dict[str, Any]:
    """One row: the charge, in what state, and what can be done to it."""
    world = stand_in.world
    disputes = world.store.find("dispute", "AND json_extract(body, '$.charge') = ?", (charge["id"],))
    refunds = world.store.find("refund", "AND json_extract(body, '$.charge') = ?", (charge["id"],))
    state = charge["status"]
    if disputes:
        states = {
            "won": "dispute won",
            "lost": "dispute lost",
            "warning_needs_response": "inquiry",
            "warning_closed": "inquiry closed",
        }
        state = states.get(disputes[0]["status"], "disputed")
    elif charge["amount_refunded"]:
        state = "refunded" if charge["refunded"] else "partly refunded"
    entry = world.get(charge["balance_transaction"] or "")
    open_one = charge["status"] == "succeeded" and not disputes and not charge["refunded"]
    return {
        "charge": charge,
        "state": state,
        "fee": entry["fee"] if entry else None,
        "left": charge["amount"] - charge["amount_refunded"],
        "refundable": open_one,
        "undecided": next(
            (d for d in disputes if d["status"] not in ("won", "lost", "warning_closed")), None
        ),
        "disputable": charge["status"] == "succeeded"
        and all(d["status"] in ("won", "warning_closed") for d in disputes),
        "refunds": [refund for refund in refunds if refund["status"] != "failed"],
    }


def _span(seconds: float) -> str:
    days, rest = divmod(abs(int(seconds)), DAY)
    hours, rest = divmod(rest, 3600)
    words = [
        f"{n} {word}{'s' if n != 1 else ''}"
        for n, word in ((days, "day"), (hours, "hour"), (rest // 60, "minute"))
        if n
    ]
    return " ".join(words) + (" ahead" if seconds > 0 else " behind") if words else ""
