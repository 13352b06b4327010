"""A donor pays at Checkout: what happens to the payment, its charge and the session, and which events say so."""

from dataclasses import dataclass, field

from demo import stripe_methods, stripe_objects
from demo.stripe_errors import NotPossible
from demo.stripe_methods import Method
from demo.stripe_store import Body
from demo.stripe_world import World
from demo.webhooks import say


class Closed(Exception):
    """The session takes no payment any more; `.status` says why."""

    def __init__(self, status: str) -> None:
        super().__init__(f"This session is {status}.")
        self.status = status


@dataclass
class Payer:
    """What the donor typed at Checkout."""

    email: str
    name: str | None = None
    phone: str | None = None
    address: Body = field(default_factory=lambda: dict(stripe_objects.NO_ADDRESS))


@dataclass(frozen=True)
class Outcome:
    """paid, processing, declined, authenticate; and the sentence for the donor."""

    status: str
    sentence: str = ""


def attempt(world: World, session_id: str, method: Method, payer: Payer) -> Outcome:
    """Press Pay. A session that is complete or expired raises Closed; a decline leaves it open."""
    with world.tx():
        session = _open(world, session_id)
        intent = _intent(world, session, method, payer)
        if method.kind == "us_bank_account":
            return _start_debit(world, session, intent, method)
        if method.decline:
            return _decline(world, intent, method, method.decline)
        if method.asks:
            return _ask(world, session, intent)
        _take(world, session, intent, method)
        return Outcome("paid")


def authenticate(world: World, session_id: str, *, approved: bool) -> Outcome:
    """The donor answers her bank's question."""
    with world.tx():
        session = _open(world, session_id)
        intent = world.get(session["payment_intent"] or "", "payment_intent")
        if intent is None or intent["status"] != "requires_action":
            raise NotPossible("Nothing waits for 3-D Secure here.")
        intent["next_action"] = None
        if approved:
            _take(world, session, intent, stripe_methods.of(world, intent))
            return Outcome("paid")
        sentence = "We are unable to authenticate your payment method. Please choose a different payment method and try again."
        _set_back(
            world,
            intent,
            {
                "code": "payment_intent_authentication_failure",
                "message": sentence,
                "type": "invalid_request_error",
            },
        )
        return Outcome("declined", sentence)


def _open(world: World, session_id: str) -> Body:
    session = world.get(session_id, "checkout.session")
    if session is None:
        raise Closed("unknown")
    if session["status"] != "open":
        raise Closed(session["status"])
    return session


def _intent(world: World, session: Body, method: Method, payer: Payer) -> Body:
    """The payment of this session, made at the first attempt, with the method of this one."""
    given = session["_payment_intent_data"]
    if session["payment_intent"]:
        intent = world.sure(session["payment_intent"])
    else:
        intent = stripe_objects.payment_intent(
            world,
            amount=session["amount_total"],
            currency=session["currency"],
            customer=session["customer"],
            description=given.get("description"),
            metadata=given.get("metadata", {}),
            payment_method_types=session["payment_method_types"],
            receipt_email=given.get("receipt_email"),
            statement_descriptor=given.get("statement_descriptor"),
            statement_descriptor_suffix=given.get("statement_descriptor_suffix"),
            transfer_group=given.get("transfer_group"),
            _session=session["id"],
        )
        session["payment_intent"] = intent["id"]
        world.put(intent)
        say(world, "payment_intent.created", intent)
    billing = {
        "address": payer.address,
        "email": payer.email,
        "name": payer.name,
        "phone": payer.phone,
        "tax_id": None,
    }
    payment_method = stripe_objects.payment_method(
        world, billing_details=billing, _number=method.number, **stripe_methods.kept(method)
    )
    intent["payment_method"] = world.put(payment_method)["id"]
    session["_payer"] = {
        "email": payer.email,
        "name": payer.name,
        "phone": payer.phone,
        "address": payer.address,
    }
    world.put(intent)
    world.put(session)
    return intent


def _charge(world: World, intent: Body, method: Method) -> Body:
    payment_method = world.sure(intent["payment_method"])
    descriptor = intent["statement_descriptor"]
    return stripe_objects.charge(
        world,
        "py_3" if method.kind == "us_bank_account" else "ch_3",
        amount=intent["amount"],
        amount_captured=intent["amount"],
        billing_details=payment_method["billing_details"],
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        metadata=intent["metadata"],
        outcome={
            "advice_code": None,
            "network_advice_code": None,
            "network_decline_code": None,
            "network_status": "approved_by_network",
            "reason": None,
            "risk_level": "normal",
            "risk_score": 12,
            "seller_message": "Payment complete.",
            "type": "authorized",
        },
        payment_intent=intent["id"],
        payment_method=intent["payment_method"],
        payment_method_details=stripe_methods.details(method, intent["amount"]),
        receipt_email=intent["receipt_email"],
        statement_descriptor=descriptor,
        calculated_statement_descriptor=descriptor or world.merchant.upper()[:22],
        transfer_group=intent["transfer_group"],
    )


def _take(world: World, session: Body, intent: Body, method: Method) -> None:
    """A card pays: charge, payment and session are done; the balance transaction comes later."""
    _as_customer(world, session, intent)
    charge = world.put(_charge(world, intent, method))
    _succeed(world, intent, charge)
    _complete(world, session, "paid")
    if method.disputed:
        world.later(world.settings.balance_delay, "open_dispute", charge["id"])


def _succeed(world: World, intent: Body, charge: Body) -> None:
    intent.update(
        amount_received=intent["amount"],
        last_payment_error=None,
        latest_charge=charge["id"],
        next_action=None,
        processing=None,
        status="succeeded",
    )
    world.put(intent)
    say(world, "charge.succeeded", charge)
    say(world, "payment_intent.succeeded", intent)
    world.later(world.settings.balance_delay, "book_charge", charge["id"])


def _decline(world: World, intent: Body, method: Method, why: tuple[str, str, str]) -> Outcome:
    code, decline_code, sentence = why
    charge = world.put(_failed(_charge(world, intent, method), why))
    intent["latest_charge"] = charge["id"]
    say(world, "charge.failed", charge)
    error: Body = {
        "charge": charge["id"],
        "code": code,
        "decline_code": decline_code,
        "message": sentence,
        "type": "card_error",
    }
    error["doc_url"] = "https://stripe.com/docs/error-codes/" + code.replace("_", "-")
    _set_back(world, intent, error)
    return Outcome("declined", sentence)


def _failed(charge: Body, why: tuple[str, str, str]) -> Body:
    code, decline_code, sentence = why
    charge.update(
        amount_captured=0,
        captured=False,
        failure_code=code,
        failure_message=sentence,
        paid=False,
        status="failed",
    )
    charge["outcome"].update(
        network_decline_code="51" if decline_code == "insufficient_funds" else "05",
        network_status="declined_by_network",
        reason=decline_code,
        seller_message=f"The bank returned the decline code `{decline_code}`.",
        type="issuer_declined",
    )
    return charge


def _set_back(world: World, intent: Body, error: Body) -> None:
    """The payment asks for another method."""
    shown = stripe_objects.outside(world.sure(intent["payment_method"]))
    intent.update(last_payment_error=error | {"payment_method": shown}, payment_method=None, processing=None)
    intent["status"] = "requires_payment_method"
    world.put(intent)
    say(world, "payment_intent.payment_failed", intent)


def _ask(world: World, session: Body, intent: Body) -> Outcome:
    url = f"{world.base_url}/c/pay/{session['id']}/authenticate"
    intent["status"] = "requires_action"
    intent["next_action"] = {
        "redirect_to_url": {"return_url": session["success_url"], "url": url},
        "type": "redirect_to_url",
    }
    world.put(intent)
    say(world, "payment_intent.requires_action", intent)
    return Outcome("authenticate", "Your bank asks you to confirm this payment.")


def _start_debit(world: World, session: Body, intent: Body, method: Method) -> Outcome:
    """A bank debit is on its way: the session is complete and not paid until the bank has said so."""
    _as_customer(world, session, intent)
    charge = _charge(world, intent, method)
    charge.update(status="pending", paid=False)
    charge["outcome"] |= {"network_status": "approved_by_network", "seller_message": "Payment complete."}
    world.put(charge)
    intent.update(status="processing", latest_charge=charge["id"], last_payment_error=None)
    world.put(intent)
    say(world, "charge.pending", charge)
    say(world, "payment_intent.processing", intent)
    _complete(world, session, "unpaid")
    world.later(world.settings.bank_delay, "end_debit", intent["id"])
    return Outcome("processing")


def end_debit(world: World, intent_id: str, *, good: bool | None = None) -> None:
    """The bank has said yes or no; by itself it says what the account number stands for."""
    with world.tx():
        intent = world.get(intent_id, "payment_intent")
        if intent is None or intent["status"] != "processing":
            raise NotPossible("No bank debit of this payment is under way.")
        world.forget("end_debit", intent_id)
        method = stripe_methods.of(world, intent)
        charge = world.sure(intent["latest_charge"])
        session = world.sure(intent["_session"])
        why = method.decline or stripe_methods.METHODS["000222222227"].decline
        assert why is not None
        if good if good is not None else method.decline is None:
            charge.update(status="succeeded", paid=True)
            _succeed(world, intent, world.put(charge))
            session["payment_status"] = "paid"
            say(world, "checkout.session.async_payment_succeeded", world.put(session))
            return
        say(world, "charge.failed", world.put(_failed(charge, why)))
        code, decline_code, sentence = why
        error = {
            "charge": charge["id"],
            "code": "payment_method_provider_decline" if code != decline_code else code,
            "message": sentence,
        }
        _set_back(world, intent, error | {"type": "card_error"})
        say(world, "checkout.session.async_payment_failed", session)


def _as_customer(world: World, session: Body, intent: Body) -> None:
    """Make the customer that the session asked for."""
    if session["customer"] or session["customer_creation"] != "always":
        return
    payer = session["_payer"]
    customer = stripe_objects.customer(
        world, email=payer["email"], name=payer["name"], phone=payer["phone"], address=payer["address"]
    )
    world.put(customer)
    session["customer"] = intent["customer"] = customer["id"]
    say(world, "customer.created", customer)


def _complete(world: World, session: Body, payment_status: str) -> None:
    payer = session["_payer"]
    session.update(
        status="complete",
        payment_status=payment_status,
        url=None,
        collected_information={"business_name": None, "individual_name": None, "shipping_details": None},
        customer_details={
            "address": payer["address"],
            "business_name": None,
            "email": payer["email"],
            "individual_name": None,
            "name": payer["name"],
            "phone": payer["phone"],
            "tax_exempt": "none",
            "tax_ids": [],
        },
    )
    world.forget("expire_session", session["id"])
    say(world, "checkout.session.completed", world.put(session))


DUTIES = {"end_debit": end_debit}
