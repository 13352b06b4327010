"""What each address of the API does: its parameter type from the SDK, its check, its verb."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from demo import (
    stripe_account,
    stripe_disputes,
    stripe_lists,
    stripe_objects,
    stripe_refunds,
    stripe_sessions,
)
from demo.stripe_checks import unset
from demo.stripe_errors import missing
from demo.stripe_store import Body
from demo.stripe_world import World
from demo.webhooks import say

Verb = Callable[[World, dict[str, Any], list[str]], Body]
Check = Callable[[World, dict[str, Any]], None]


@dataclass(frozen=True)
class Route:
    """One address. `check` runs before anything is done, and its refusals are not kept for the idempotency key."""

    method: str
    path: re.Pattern[str]
    params: str  # of stripe.params
    verb: Verb
    check: Check | None = None


def _route(method: str, path: str, params: str, verb: Verb, check: Check | None = None) -> Route:
    return Route(method, re.compile("/v1/" + path.replace("{id}", r"([^/]+)") + r"/?\Z"), params, verb, check)


def _retrieve(kind: str, word: str, param: str = "id") -> Verb:
    def verb(world: World, given: dict[str, Any], ids: list[str]) -> Body:
        return stripe_lists.shown(world, _known(world, kind, word, ids[0], param))

    return verb


def _known(world: World, kind: str, word: str, id: str, param: str) -> Body:
    body = world.get(id, kind)
    if body is None:
        raise missing(word, id, param)
    return body


def _list(kind: str, path: str, **filters: str) -> Verb:
    def verb(world: World, given: dict[str, Any], ids: list[str]) -> Body:
        return stripe_lists.page(world, kind, f"/v1/{path}", given, filters)

    return verb


def _search(kind: str, path: str) -> Verb:
    def verb(world: World, given: dict[str, Any], ids: list[str]) -> Body:
        return stripe_lists.found(world, kind, f"/v1/{path}/search", given)

    return verb


def _update(kind: str, word: str, param: str, event: str | None, *fields: str) -> Verb:
    """Metadata and a few fields; what else the SDK knows of, the stand-in does not change."""

    def verb(world: World, given: dict[str, Any], ids: list[str]) -> Body:
        body = _known(world, kind, word, ids[0], param)
        before = dict(body)
        if "metadata" in given:
            body["metadata"] = unset(body["metadata"], given["metadata"])
        body.update({name: given[name] or None for name in fields if name in given})
        world.put(body)
        changed = {
            name: before[name]
            for name in ("metadata", *fields)
            if name in before and before[name] != body[name]
        }
        if event and changed:
            say(world, event, body, previous=changed)
        return stripe_lists.shown(world, body)

    return verb


def _create_session(world: World, given: dict[str, Any], ids: list[str]) -> Body:
    return stripe_lists.shown(world, stripe_sessions.create(world, given))


def _expire_session(world: World, given: dict[str, Any], ids: list[str]) -> Body:
    return stripe_lists.shown(world, stripe_sessions.expire(world, ids[0]))


def _line_items(world: World, given: dict[str, Any], ids: list[str]) -> Body:
    _known(world, "checkout.session", "checkout.session", ids[0], "session")
    return stripe_lists.line_items(world, ids[0], given)


def _create_refund(world: World, given: dict[str, Any], ids: list[str]) -> Body:
    names = ("charge", "payment_intent", "amount", "reason", "metadata")
    said = {name: given[name] for name in names if given.get(name) not in (None, "")}
    return stripe_lists.shown(world, stripe_refunds.create(world, **said))


def _close_dispute(world: World, given: dict[str, Any], ids: list[str]) -> Body:
    return stripe_lists.shown(world, stripe_disputes.close(world, ids[0], won=False))


def _create_customer(world: World, given: dict[str, Any], ids: list[str]) -> Body:
    names = ("email", "name", "phone", "description", "metadata", "address", "preferred_locales")
    customer = world.put(
        stripe_objects.customer(world, **{name: given[name] for name in names if given.get(name)})
    )
    say(world, "customer.created", customer)
    return stripe_lists.shown(world, customer)


def _account(world: World, given: dict[str, Any], ids: list[str]) -> Body:
    if ids and ids[0] != world.account:
        raise missing("account", ids[0], "account", status=403)
    return stripe_account.account(world)


ROUTES = (
    _route(
        "POST", "checkout/sessions", "checkout.SessionCreateParams", _create_session, stripe_sessions.check
    ),
    _route(
        "GET",
        "checkout/sessions",
        "checkout.SessionListParams",
        _list(
            "checkout.session",
            "checkout/sessions",
            payment_intent="$.payment_intent",
            status="$.status",
            customer="$.customer",
            payment_link="$.payment_link",
            subscription="$.subscription",
        ),
    ),
    _route(
        "GET",
        "checkout/sessions/{id}",
        "checkout.SessionRetrieveParams",
        _retrieve("checkout.session", "checkout.session", "session"),
    ),
    _route(
        "POST",
        "checkout/sessions/{id}",
        "checkout.SessionUpdateParams",
        _update("checkout.session", "checkout.session", "session", None),
    ),
    _route("POST", "checkout/sessions/{id}/expire", "checkout.SessionExpireParams", _expire_session),
    _route("GET", "checkout/sessions/{id}/line_items", "checkout.SessionListLineItemsParams", _line_items),
    _route(
        "GET",
        "payment_intents/search",
        "PaymentIntentSearchParams",
        _search("payment_intent", "payment_intents"),
    ),
    _route(
        "GET",
        "payment_intents",
        "PaymentIntentListParams",
        _list("payment_intent", "payment_intents", customer="$.customer"),
    ),
    _route(
        "GET",
        "payment_intents/{id}",
        "PaymentIntentRetrieveParams",
        _retrieve("payment_intent", "payment_intent", "intent"),
    ),
    _route(
        "POST",
        "payment_intents/{id}",
        "PaymentIntentUpdateParams",
        _update("payment_intent", "payment_intent", "intent", None, "description", "receipt_email"),
    ),
    _route("GET", "charges/search", "ChargeSearchParams", _search("charge", "charges")),
    _route(
        "GET",
        "charges",
        "ChargeListParams",
        _list("charge", "charges", payment_intent="$.payment_intent", customer="$.customer"),
    ),
    _route("GET", "charges/{id}", "ChargeRetrieveParams", _retrieve("charge", "charge")),
    _route(
        "POST",
        "charges/{id}",
        "ChargeUpdateParams",
        _update("charge", "charge", "charge", "charge.updated", "description", "receipt_email"),
    ),
    _route("POST", "refunds", "RefundCreateParams", _create_refund),
    _route(
        "GET",
        "refunds",
        "RefundListParams",
        _list("refund", "refunds", charge="$.charge", payment_intent="$.payment_intent"),
    ),
    _route("GET", "refunds/{id}", "RefundRetrieveParams", _retrieve("refund", "refund")),
    _route("POST", "refunds/{id}", "RefundUpdateParams", _update("refund", "refund", "id", "refund.updated")),
    _route(
        "GET",
        "balance_transactions",
        "BalanceTransactionListParams",
        _list(
            "balance_transaction",
            "balance_transactions",
            type="$.type",
            source="$.source",
            payout="$._payout",
            currency="$.currency",
        ),
    ),
    _route(
        "GET",
        "balance_transactions/{id}",
        "BalanceTransactionRetrieveParams",
        _retrieve("balance_transaction", "balance transaction"),
    ),
    _route(
        "GET", "balance", "BalanceRetrieveParams", lambda world, given, ids: stripe_account.balance(world)
    ),
    _route(
        "GET",
        "disputes",
        "DisputeListParams",
        _list("dispute", "disputes", charge="$.charge", payment_intent="$.payment_intent"),
    ),
    _route("GET", "disputes/{id}", "DisputeRetrieveParams", _retrieve("dispute", "dispute", "dispute")),
    _route("POST", "disputes/{id}/close", "DisputeCloseParams", _close_dispute),
    _route(
        "GET",
        "payouts",
        "PayoutListParams",
        _list("payout", "payouts", status="$.status", destination="$.destination"),
    ),
    _route("GET", "payouts/{id}", "PayoutRetrieveParams", _retrieve("payout", "payout", "payout")),
    _route("GET", "events", "EventListParams", _list("event", "events", type="$.type", types="$.type")),
    _route("GET", "events/{id}", "EventRetrieveParams", _retrieve("event", "event")),
    _route("POST", "customers", "CustomerCreateParams", _create_customer),
    _route("GET", "customers", "CustomerListParams", _list("customer", "customers", email="$.email")),
    _route("GET", "customers/search", "CustomerSearchParams", _search("customer", "customers")),
    _route("GET", "customers/{id}", "CustomerRetrieveParams", _retrieve("customer", "customer")),
    _route(
        "POST",
        "customers/{id}",
        "CustomerUpdateParams",
        _update(
            "customer",
            "customer",
            "customer",
            "customer.updated",
            "email",
            "name",
            "phone",
            "description",
            "address",
        ),
    ),
    _route(
        "GET",
        "payment_methods/{id}",
        "PaymentMethodRetrieveParams",
        _retrieve("payment_method", "payment_method", "payment_method"),
    ),
    _route("GET", "prices/{id}", "PriceRetrieveParams", _retrieve("price", "price", "price")),
    _route("GET", "products/{id}", "ProductRetrieveParams", _retrieve("product", "product")),
    _route("GET", "account", "AccountRetrieveCurrentParams", _account),
    _route("GET", "accounts/{id}", "AccountRetrieveParams", _account),
)
