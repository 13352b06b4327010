"""Stripe's events and payments, for those who look after the money's way in."""

from typing import Any

import msgspec
from litestar import Request, Response, Router, get, post
from litestar.params import FromPath

from donations import inbox, payments
from kit import days
from kit.pages import page, see

_OUTCOMES = ("", "waiting", "failed", "refused", "done", "ignored")
_PAGE = 50


@get("/events", name="stripe_events:index", needs="payments.read")
async def index(request: Request[Any, Any, Any]) -> Response[Any]:
    outcome = request.query_params.get("outcome", "")
    outcome = outcome if outcome in _OUTCOMES else ""
    before = request.query_params.get("before", "")
    is_number = before.isascii() and before.isdigit() and len(before) < 19
    found = await inbox.page_of(outcome, int(before) if is_number else None, _PAGE + 1)
    return page(
        request, "donations/payments/events.html", "event_list", events=found[:_PAGE], outcome=outcome,
        outcomes=_OUTCOMES, counts=await inbox.counts(), later=found[_PAGE - 1]["id"] if len(found) > _PAGE else None,
        now=days.now(),
    )  # fmt: skip


@get("/events/{event_id:int}", name="stripe_events:show", needs="payments.read")
async def show(request: Request[Any, Any, Any], event_id: FromPath[int]) -> Response[Any]:
    event = await inbox.get(event_id)
    pretty = msgspec.json.format(msgspec.json.encode(event["payload"]), indent=2).decode()
    return page(request, "donations/payments/event.html", event=event, payload=pretty)


@post("/events/{event_id:int}/tries", name="stripe_event_tries:create", needs="payments.repair")
async def try_again(request: Request[Any, Any, Any], event_id: FromPath[int]) -> Response[Any]:
    await inbox.try_again(event_id, by=request.user.actor)
    return see(request, "stripe_events:show", event_id=event_id, notice="It is tried again now.")


@get("/{payment_id:int}", name="stripe_payments:show", needs="payments.read")
async def show_payment(request: Request[Any, Any, Any], payment_id: FromPath[int]) -> Response[Any]:
    return page(request, "donations/payments/payment.html", payment=await payments.get(payment_id))


router = Router(path="/payments", route_handlers=[index, show, try_again, show_payment])
