"""Checkout sessions: made from what the merchant says, open for a day, then complete or expired."""

import re
from typing import Any
from urllib.parse import urlsplit

from demo import stripe_session_objects
from demo.stripe_currencies import known, payable
from demo.stripe_errors import ApiError, missing, required
from demo.stripe_store import Body
from demo.stripe_world import DAY, World
from demo.webhooks import say

HALF_AN_HOUR = 1800
# What the stand-in knows how to do; anything else is a real parameter of Stripe's that it does not play.
NOT_PLAYED = """after_expiration allow_promotion_codes automatic_tax consent_collection custom_fields customer_account
    customer_update discounts invoice_creation managed_payments optional_items payment_method_data permissions
    return_url saved_payment_method_options setup_intent_data shipping_address_collection shipping_options
    subscription_data tax_id_collection""".split()  # noqa: SIM905
TOLD_AS_GIVEN = """billing_address_collection cancel_url client_reference_id customer_creation customer_email
    excluded_payment_method_types integration_identifier locale metadata origin_context payment_method_collection
    phone_number_collection submit_type success_url""".split()  # noqa: SIM905
_E_MAIL = re.compile(r"""[^@\s<>"]+@[^@\s<>]+\.[^@\s<>.]+\Z""")
_DESCRIPTOR = re.compile(r"(?=.*[A-Za-z])[^<>\\'\"*]{5,22}\Z")
PLAYED_METHODS = ("card", "us_bank_account")


def check(world: World, given: dict[str, Any]) -> None:
    """Refuse what Stripe would refuse, before anything is done."""
    for name in NOT_PLAYED:
        if name in given:
            raise ApiError(f"The stand-in does not play `{name}`.", param=name)
    mode = given.get("mode")
    if mode is None:
        raise required("mode")
    if mode != "payment":
        raise ApiError(f"The stand-in plays mode `payment` only, not `{mode}`.", param="mode")
    if given.get("ui_mode", "hosted_page") != "hosted_page":
        raise ApiError("The stand-in plays ui_mode `hosted_page` only.", param="ui_mode")
    _check_urls(given)
    _check_who(world, given)
    _check_times(world, given)
    if not given.get("line_items"):
        raise required("line_items")
    if len(given["line_items"]) > 100:
        raise ApiError("A Checkout Session can have at most 100 line items.", param="line_items")
    for place, item in enumerate(given["line_items"]):
        _check_item(world, item, f"line_items[{place}]")
    _check_methods(given)
    _check_total(world, given)
    descriptor = given.get("payment_intent_data", {}).get("statement_descriptor")
    if descriptor is not None and not _DESCRIPTOR.match(descriptor):
        raise ApiError(
            "The statement descriptor must be 5 to 22 characters, contain a letter and none of < > \\ ' \" *.",
            param="payment_intent_data[statement_descriptor]",
        )


def _check_urls(given: dict[str, Any]) -> None:
    if "success_url" not in given:
        raise required("success_url")
    for name in ("success_url", "cancel_url"):
        if name in given:
            _check_url(given[name], name)


def _check_url(url: str, param: str) -> None:
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"[\s<>\"]", url)
    except ValueError:
        good = False
    if not good:
        raise ApiError("Not a valid URL", code="url_invalid", param=param)
    if len(url) > 5000:
        raise ApiError("Invalid URL: URL must be 5000 characters or less.", code="url_invalid", param=param)


def _check_who(world: World, given: dict[str, Any]) -> None:
    if "customer" in given and "customer_email" in given:
        raise ApiError(
            "You may only specify one of these parameters: customer, customer_email.", param="customer"
        )
    if "customer" in given and "customer_creation" in given:
        raise ApiError(
            "You may only specify one of these parameters: customer, customer_creation.", param="customer"
        )
    if "customer" in given and world.get(given["customer"], "customer") is None:
        raise missing("customer", given["customer"], "customer", status=400)
    for name, email in (
        ("customer_email", given.get("customer_email")),
        ("payment_intent_data[receipt_email]", given.get("payment_intent_data", {}).get("receipt_email")),
    ):
        if email is not None and (len(email) > 512 or not _E_MAIL.match(email)):
            raise ApiError(f"Invalid email address: {email}", code="email_invalid", param=name)
    if len(given.get("client_reference_id", "")) > 200:
        raise ApiError("client_reference_id must be at most 200 characters.", param="client_reference_id")


def _check_times(world: World, given: dict[str, Any]) -> None:
    until = given.get("expires_at")
    if until is not None and not HALF_AN_HOUR <= until - world.moment() <= DAY:
        raise ApiError(
            "The `expires_at` timestamp must be at least 30 minutes and less than 24 hours from Checkout Session creation.",
            param="expires_at",
        )


def _check_item(world: World, item: dict[str, Any], path: str) -> None:
    if "price" in item and "price_data" in item:
        raise ApiError(
            f"You may only specify one of these parameters: {path}[price], {path}[price_data].", param=path
        )
    if "price" not in item and "price_data" not in item:
        raise required(f"{path}[price]")
    if "quantity" not in item:
        raise required(f"{path}[quantity]")
    if not 0 < item["quantity"] <= 999_999:
        code = "parameter_invalid_integer"
        raise ApiError("This value must be greater than or equal to 1.", code=code, param=f"{path}[quantity]")
    if "price" in item:
        if world.get(item["price"], "price") is None:
            raise missing("price", item["price"], f"{path}[price]", status=400)
        return
    _check_price(world, item["price_data"], f"{path}[price_data]")


def _check_price(world: World, price: dict[str, Any], path: str) -> None:
    known(price["currency"], f"{path}[currency]")
    if "product" in price and "product_data" in price:
        raise ApiError(
            f"You may only specify one of these parameters: {path}[product], {path}[product_data].",
            param=path,
        )
    if "product" not in price and "product_data" not in price:
        raise required(f"{path}[product]")
    if "product" in price and world.get(price["product"], "product") is None:
        raise missing("product", price["product"], f"{path}[product]", status=400)
    if "recurring" in price:
        raise ApiError(
            "You specified `payment` mode but passed a recurring price. Either switch to `subscription` mode or use only one-time prices.",
            param=f"{path}[recurring]",
        )
    if "unit_amount" in price and "unit_amount_decimal" in price:
        raise ApiError(
            f"You may only specify one of these parameters: {path}[unit_amount], {path}[unit_amount_decimal].",
            param=path,
        )
    if "unit_amount_decimal" in price:
        raise ApiError("The stand-in plays `unit_amount` only.", param=f"{path}[unit_amount_decimal]")
    if "unit_amount" not in price:
        raise required(f"{path}[unit_amount]")
    if price["unit_amount"] < 0:
        code = "parameter_invalid_integer"
        raise ApiError(
            "This value must be greater than or equal to 0.", code=code, param=f"{path}[unit_amount]"
        )
    for image, url in enumerate(price.get("product_data", {}).get("images", [])):
        _check_url(url, f"{path}[product_data][images][{image}]")


def _check_methods(given: dict[str, Any]) -> None:
    if not _methods(given):
        raise ApiError(
            "No payment method of this session is one that the stand-in plays (card, us_bank_account).",
            param="allowed_payment_method_types",
        )
    both = set(given.get("allowed_payment_method_types", [])) & set(
        given.get("excluded_payment_method_types", [])
    )
    if both:
        raise ApiError(
            f"{sorted(both)[0]} is both allowed and excluded.", param="excluded_payment_method_types"
        )


def _methods(given: dict[str, Any]) -> list[str]:
    allowed = given.get("allowed_payment_method_types", PLAYED_METHODS)
    excluded = given.get("excluded_payment_method_types", ())
    return [kind for kind in PLAYED_METHODS if kind in allowed and kind not in excluded]


def _check_total(world: World, given: dict[str, Any]) -> None:
    prices = [_price_of(world, item) for item in given["line_items"]]
    currencies = {price["currency"].lower() for price in prices}
    if len(currencies) > 1:
        raise ApiError(
            "All line items of a Checkout Session must have the same currency.", param="line_items"
        )
    if "currency" in given and known(given["currency"], "currency") not in currencies:
        raise ApiError("The session's currency must be that of its line items.", param="currency")
    total = sum(
        price["unit_amount"] * item["quantity"]
        for price, item in zip(prices, given["line_items"], strict=True)
    )
    payable(total, currencies.pop(), "line_items")


def _price_of(world: World, item: dict[str, Any]) -> Body:
    return world.sure(item["price"]) if "price" in item else item["price_data"]


def create(world: World, given: dict[str, Any]) -> Body:
    """Make a session of checked parameters."""
    items = [_line_item(world, item) for item in given["line_items"]]
    total = sum(item["amount_total"] for item in items)
    told = {name: given[name] for name in TOLD_AS_GIVEN if name in given}
    customer = given.get("customer")
    session = stripe_session_objects.checkout_session(
        world,
        **told,
        allowed_payment_method_types=given.get("allowed_payment_method_types"),
        amount_subtotal=total,
        amount_total=total,
        currency=items[0]["currency"],
        customer=customer,
        payment_method_types=_methods(given),
        _line_items=items,
        _payment_intent_data=given.get("payment_intent_data", {}),
    )
    session["expires_at"] = given.get("expires_at", session["expires_at"])
    if "submit" in given.get("custom_text", {}):
        session["custom_text"]["submit"] = given["custom_text"]["submit"] or None
    if customer:
        session["customer_creation"] = None
        session["customer_email"] = None
    if session["metadata"]:
        session["metadata"] = {name: value for name, value in session["metadata"].items() if value}
    world.later(session["expires_at"] - world.now(), "expire_session", session["id"])
    return world.put(session)


def _line_item(world: World, item: dict[str, Any]) -> Body:
    given = _price_of(world, item)
    if "price" in item:
        price = given
        description = world.sure(price["product"])["name"]
    else:
        described = given.get("product_data")
        product = (
            world.put(
                stripe_session_objects.product(
                    world,
                    **{
                        k: v
                        for k, v in described.items()
                        if k in ("name", "description", "images", "metadata", "unit_label")
                    },
                )
            )
            if described
            else world.sure(given["product"])
        )
        amount = given["unit_amount"]
        price = stripe_session_objects.price(
            world,
            currency=given["currency"].lower(),
            product=product["id"],
            unit_amount=amount,
            unit_amount_decimal=str(amount),
        )
        world.put(price)
        description = product["name"]
    return stripe_session_objects.line_item(price, description, item["quantity"])


def expire(world: World, session_id: str) -> Body:
    """The merchant closes an open session."""
    with world.tx():
        session = world.get(session_id, "checkout.session")
        if session is None:
            raise missing("checkout.session", session_id, "session")
        if session["status"] != "open":
            raise ApiError(
                f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of `{session["status"]}`.',
                param="session",
                kept=True,
            )
        _close(world, session)
        return session


def _by_itself(world: World, session_id: str) -> None:
    session = world.sure(session_id)
    if session["status"] == "open":
        _close(world, session)


def _close(world: World, session: Body) -> None:
    session.update(status="expired", url=None)
    world.forget("expire_session", session["id"])
    world.put(session)
    intent = world.get(session["payment_intent"] or "", "payment_intent")
    if intent and intent["status"] in ("requires_payment_method", "requires_action"):
        intent.update(
            status="canceled", canceled_at=world.moment(), cancellation_reason="automatic", next_action=None
        )
        say(world, "payment_intent.canceled", world.put(intent))
    say(world, "checkout.session.expired", session)


DUTIES = {"expire_session": _by_itself}
