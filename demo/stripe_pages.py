"""Checkout's hosted page: what the donor sees between the giving page and the thank-you."""

import re
from typing import Any
from urllib.parse import parse_qsl

from litestar import Request, Response, get, post
from litestar.params import FromPath

from demo import stripe_methods, stripe_objects, stripe_payments
from demo.pages import from_our_own_page, origin, page, see, stylesheet
from demo.stand_in import StandIn
from demo.stripe_methods import METHODS
from demo.stripe_payments import Closed, Payer
from demo.stripe_store import Body
from demo.stripe_world import World, new_id

OFFERED = {
    "card": ("4242424242424242", "4000000000000002", "4000000000009995", "4000002500003155"),
    "us_bank_account": ("000123456789", "000222222227"),
}
_E_MAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]+\Z")
FIELDS = ("email", "name", "pay_with", "number", "line1", "city", "state", "postal_code", "country")
REQUIRED_ADDRESS = {"line1": "Address", "city": "City", "postal_code": "Postal code", "country": "Country"}


async def form_of(request: Request) -> dict[str, str]:
    """A posted form, without the ways in which a multipart parser can be surprised."""
    text = (await request.body()).decode()
    pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=200, errors="strict")
    if any("\0" in part for pair in pairs for part in pair):
        raise ValueError("NUL in a form")
    return {name: value.strip() for name, value in pairs}


def handlers(stand_in: StandIn) -> list:
    """The routes of Checkout, for this stand-in."""
    world = stand_in.world

    @get("/c/pay/{session_id:str}", name="checkout:show")
    async def show(session_id: FromPath[str]) -> Response[Any]:
        world.tick()
        session = world.get(session_id, "checkout.session")
        if session is None or session["status"] != "open":
            return _closed(session)
        return _checkout(world, session, _typed(session))

    @post("/c/pay/{session_id:str}", name="checkout:pay", status_code=200)
    async def pay(request: Request, session_id: FromPath[str]) -> Response[Any]:
        from_our_own_page(request)
        world.tick()
        session = world.get(session_id, "checkout.session")
        if session is None or session["status"] != "open":
            return _closed(session)
        typed = _typed(session) | {
            name: value for name, value in (await form_of(request)).items() if name in FIELDS
        }
        errors, method = _look(session, typed)
        if errors or method is None:
            return _checkout(world, session, typed, errors=errors, status=422)
        with world.on_behalf(new_id("req_", 14), new_id("", 32)):
            try:
                outcome = stripe_payments.attempt(world, session_id, method, _payer(typed))
            except Closed:
                return _closed(world.get(session_id, "checkout.session"))
        world.tick()
        if outcome.status == "authenticate":
            return see(f"/c/pay/{session_id}/authenticate", form_to=_leads_to(session))
        if outcome.status == "declined":
            session = world.sure(session_id)
            return _checkout(world, session, typed, declined=outcome.sentence, status=402)
        return see(_back(session), form_to=_leads_to(session))

    @get("/c/pay/{session_id:str}/authenticate", name="checkout:ask")
    async def ask(session_id: FromPath[str]) -> Response[Any]:
        session = world.get(session_id, "checkout.session")
        if session is None or session["status"] != "open":
            return _closed(session)
        intent = world.get(session["payment_intent"] or "", "payment_intent")
        if intent is None or intent["status"] != "requires_action":
            return see(f"/c/pay/{session_id}")
        method = stripe_methods.of(world, intent)
        return page(
            "authenticate.html",
            session=session,
            merchant=world.merchant,
            last4=method.last4,
            form_to=_leads_to(session),
        )

    @post("/c/pay/{session_id:str}/authenticate", name="checkout:answer", status_code=200)
    async def answer(request: Request, session_id: FromPath[str]) -> Response[Any]:
        from_our_own_page(request)
        approved = (await form_of(request)).get("answer") == "approve"
        with world.on_behalf(new_id("req_", 14), new_id("", 32)):
            try:
                outcome = stripe_payments.authenticate(world, session_id, approved=approved)
            except Closed:
                return _closed(world.get(session_id, "checkout.session"))
            except stripe_payments.NotPossible:
                return see(f"/c/pay/{session_id}")
        world.tick()
        session = world.sure(session_id)
        if outcome.status == "paid":
            return see(_back(session), form_to=_leads_to(session))
        return _checkout(world, session, _typed(session), declined=outcome.sentence, status=402)

    return [show, pay, ask, answer, stylesheet]


def _typed(session: Body) -> dict[str, str]:
    """What stands in the form before the donor changes it."""
    payer = session.get("_payer") or {}
    address = payer.get("address") or {}
    kinds = session["payment_method_types"]
    return {
        "email": session["customer_email"] or payer.get("email") or "",
        "name": payer.get("name") or "",
        "pay_with": OFFERED[kinds[0]][0],
        "number": "",
        **{name: address.get(name) or "" for name in ("line1", "city", "state", "postal_code")},
        "country": address.get("country") or "US",
    }


def _look(session: Body, typed: dict[str, str]) -> tuple[dict[str, str], stripe_methods.Method | None]:
    """What is wrong with the form, and the method it names."""
    errors = {}
    if session["customer_email"]:
        typed["email"] = session["customer_email"]
    if not _E_MAIL.match(typed["email"]):
        errors["email"] = "That does not look like an e-mail address. It should be like name@example.org."
    if not typed["name"]:
        errors["name"] = "Type the name on the card or account."
    if session["billing_address_collection"] == "required":
        errors |= {
            name: f"{label} is missing." for name, label in REQUIRED_ADDRESS.items() if not typed[name]
        }
    other = typed["pay_with"] == "other"
    method = stripe_methods.by_number(typed["number"] if other else typed["pay_with"])
    if method is None or method.kind not in session["payment_method_types"]:
        errors["number" if other else "pay_with"] = (
            "No pretend card has that number. Real card numbers do not work here; choose one from the list."
        )
    return errors, method


def _payer(typed: dict[str, str]) -> Payer:
    address = stripe_objects.NO_ADDRESS | {
        n: typed[n] or None for n in ("line1", "city", "state", "postal_code", "country")
    }
    return Payer(email=typed["email"], name=typed["name"] or None, address=address)


def _checkout(
    world: World,
    session: Body,
    typed: dict[str, str],
    *,
    errors: dict[str, str] | None = None,
    declined: str = "",
    status: int = 200,
) -> Response[str]:
    kinds = session["payment_method_types"]
    verbs = {"donate": "Donate", "book": "Book"}
    return page(
        "checkout.html",
        status=status,
        form_to=_leads_to(session),
        session=session,
        merchant=world.merchant,
        items=session["_line_items"],
        typed=typed,
        errors=errors or {},
        declined=declined,
        verb=verbs.get(session["submit_type"] or "", "Pay"),
        cards=[METHODS[number] for number in OFFERED["card"]] if "card" in kinds else [],
        banks=[METHODS[number] for number in OFFERED["us_bank_account"]]
        if "us_bank_account" in kinds
        else [],
        others=[method for method in METHODS.values() if method.kind == "card" and "card" in kinds],
    )


def _leads_to(session: Body) -> tuple[str, ...]:
    return tuple(sorted({origin(session[name]) for name in ("success_url", "cancel_url") if session[name]}))


def _back(session: Body) -> str:
    """Where the donor goes when it is done."""
    url = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])
    return re.sub(r"[^\x21-\x7e]", lambda m: "".join(f"%{byte:02X}" for byte in m[0].encode()), url)


def _closed(session: Body | None) -> Response[str]:
    if session is None:
        return page(
            "problem.html",
            status=404,
            title="There is no such payment page.",
            sentence="Go back to the site you came from and begin again.",
            link=None,
        )
    if session["status"] == "complete":
        link = (_back(session), "Back to the site")
        return page(
            "problem.html",
            title="This payment is complete.",
            sentence="Nothing more will be taken.",
            link=link,
        )
    link = (session["cancel_url"], "Back to the site") if session["cancel_url"] else None
    return page(
        "problem.html",
        title="This payment page has expired.",
        sentence="Nothing was taken. Go back and begin again.",
        link=link,
    )
