"""What Stripe refuses, the stand-in refuses: each wrong request by name, and nothing is done."""

import copy
from typing import Any

import httpx
import pytest

from demo.stand_in import StandIn
from tests.demo.conftest import session_params

SESSIONS = "/v1/checkout/sessions"


def flat(value: Any, name: str = "") -> dict[str, str]:
    """Nested parameters as Stripe's form encoding."""
    if isinstance(value, dict):
        parts = [flat(item, f"{name}[{key}]" if name else str(key)) for key, item in value.items()]
    elif isinstance(value, list):
        parts = [flat(item, f"{name}[{place}]") for place, item in enumerate(value)]
    else:
        return {name: str(value).lower() if isinstance(value, bool) else str(value)}
    return {key: item for part in parts for key, item in part.items()}


def without(*path: Any) -> dict[str, Any]:
    return changed(*path, to=None)


def changed(*path: Any, to: Any) -> dict[str, Any]:
    """The parameters of a good session, one of them changed (or gone)."""
    params = copy.deepcopy(session_params())
    inner: Any = params
    for step in path[:-1]:
        inner = inner[step]
    if to is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = to
    return params


ITEM = ("line_items", 0)
PRICE = (*ITEM, "price_data")
DAY = 86_400

# name: parameters of a session, code, parameter named, words of the refusal
WRONG_SESSIONS: dict[str, tuple[dict[str, Any], str | None, str | None, str]] = {
    "an unknown parameter": (session_params(colour="green"), "parameter_unknown", "colour", "unknown parameter: colour"),
    "a parameter of an older API": (session_params(payment_method_types=["card"]), "parameter_unknown", "payment_method_types", "unknown"),
    "an unknown parameter deep inside": (changed(*ITEM, "amount", to=2500), "parameter_unknown", "line_items[0][amount]", "unknown"),
    "no mode": (without("mode"), "parameter_missing", "mode", "Missing required param: mode."),
    "a mode that does not exist": (changed("mode", to="gift"), None, "mode", "must be one of payment, setup or subscription"),
    "no success_url": (without("success_url"), "parameter_missing", "success_url", "Missing required param"),
    "a success_url that is no URL": (changed("success_url", to="thanks"), "url_invalid", "success_url", "Not a valid URL"),
    "a cancel_url with another scheme": (changed("cancel_url", to="javascript:alert(1)"), "url_invalid", "cancel_url", "Not a valid URL"),
    "an empty cancel_url": (changed("cancel_url", to=""), "parameter_invalid_empty", "cancel_url", "empty string for 'cancel_url'"),
    "no line items": (without("line_items"), "parameter_missing", "line_items", "Missing required param"),
    "no quantity": (without(*ITEM, "quantity"), "parameter_missing", "line_items[0][quantity]", "Missing required param"),
    "a quantity of nothing": (changed(*ITEM, "quantity", to=0), "parameter_invalid_integer", "line_items[0][quantity]", "greater than or equal to 1"),
    "price and price_data": (changed(*ITEM, "price", to="price_1"), None, "line_items[0]", "only specify one"),
    "neither price nor price_data": (without(*PRICE), "parameter_missing", "line_items[0][price]", "Missing required param"),
    "an unknown price": (
        changed("line_items", to=[{"quantity": 1, "price": "price_no"}]), "resource_missing", "line_items[0][price]", "No such price: 'price_no'",
    ),
    "no currency": (without(*PRICE, "currency"), "parameter_missing", "line_items[0][price_data][currency]", "Missing required param"),
    "a currency that does not exist": (changed(*PRICE, "currency", to="xyz"), None, "line_items[0][price_data][currency]", "Invalid currency: xyz"),
    "no amount": (without(*PRICE, "unit_amount"), "parameter_missing", "line_items[0][price_data][unit_amount]", "Missing required param"),
    "an amount with a point": (
        changed(*PRICE, "unit_amount", to="25.00"), "parameter_invalid_integer", "line_items[0][price_data][unit_amount]", "Invalid integer: 25.00",
    ),
    "an amount in other digits": (changed(*PRICE, "unit_amount", to="٢٥٠٠"), "parameter_invalid_integer", "line_items[0][price_data][unit_amount]", "Invalid integer"),
    "an amount below nothing": (
        changed(*PRICE, "unit_amount", to=-100), "parameter_invalid_integer", "line_items[0][price_data][unit_amount]", "greater than or equal to 0",
    ),
    "49 cents": (session_params(49), "amount_too_small", "line_items", "at least $0.50"),
    "a million dollars": (session_params(100_000_000), "amount_too_large", "line_items", "no more than $999,999.99"),
    "49 yen": (session_params(49, "jpy"), "amount_too_small", "line_items", "at least ¥50"),
    "a dinar with a last digit": (session_params(5001, "kwd"), "invalid_charge_amount", "line_items", "divisible by 10"),
    "a part of a króna": (session_params(10_050, "isk"), "invalid_charge_amount", "line_items", "divisible by 100"),
    "two currencies": (
        changed("line_items", to=[*session_params()["line_items"], *session_params(900, "eur")["line_items"]]), None, "line_items", "same currency",
    ),
    "no product": (without(*PRICE, "product_data"), "parameter_missing", "line_items[0][price_data][product]", "Missing required param"),
    "a product without a name": (changed(*PRICE, "product_data", to={"description": "x"}), "parameter_missing", "line_items[0][price_data][product_data][name]", "Missing"),
    "a product with an empty name": (changed(*PRICE, "product_data", "name", to=""), "parameter_invalid_empty", "line_items[0][price_data][product_data][name]", "empty string"),
    "a monthly price in payment mode": (
        changed(*PRICE, "recurring", to={"interval": "month"}), None, "line_items[0][price_data][recurring]", "recurring price",
    ),
    "an interval that does not exist": (
        changed(*PRICE, "recurring", to={"interval": "fortnight"}), None, "line_items[0][price_data][recurring][interval]", "must be one of",
    ),
    "an address that is no e-mail": (changed("customer_email", to="margaret@"), "email_invalid", "customer_email", "Invalid email address: margaret@"),
    "an unknown customer": (
        {name: value for name, value in session_params(customer="cus_no").items() if name != "customer_email"}, "resource_missing", "customer", "No such customer: 'cus_no'",
    ),
    "customer and customer_email": (session_params(customer="cus_no"), None, "customer", "only specify one"),
    "a way to pay that does not exist": (session_params(allowed_payment_method_types=["shells"]), None, "allowed_payment_method_types[0]", "must be one of"),
    "a submit button that does not exist": (changed("submit_type", to="gift"), None, "submit_type", "must be one of auto, book, donate"),
    "a language that does not exist": (session_params(locale="tlh"), None, "locale", "must be one of"),
    "a reference of 201 characters": (session_params(client_reference_id="x" * 201), None, "client_reference_id", "at most 200"),
    "metadata with 51 keys": (session_params(metadata={f"k{n}": "v" for n in range(51)}), None, "metadata", "at most 50 keys"),
    "a metadata key of 41 characters": (session_params(metadata={"k" * 41: "v"}), None, "metadata", "at most 40 characters"),
    "a metadata value of 501 characters": (session_params(metadata={"k": "v" * 501}), None, "metadata[k]", "up to 500 characters"),
    "metadata inside metadata": (session_params(metadata={"k": {"j": "v"}}), None, "metadata[k]", "must be strings"),
    "metadata that is a word": (session_params(metadata="gift"), "parameter_invalid_object", "metadata", "Invalid object"),
    "line items that are a word": (changed("line_items", to="gift"), "parameter_invalid_array", "line_items", "Invalid array"),
    "a mode that is a list": (changed("mode", to=["payment"]), None, "mode", ""),
    "a boolean that is neither": (session_params(phone_number_collection={"enabled": "maybe"}), None, "phone_number_collection[enabled]", "Invalid boolean: maybe"),
    "an end in ten minutes": (session_params(expires_at="soon+600"), None, "expires_at", "at least 30 minutes"),
    "an end in two days": (session_params(expires_at="soon+172800"), None, "expires_at", "less than 24 hours"),
    "a statement descriptor with a star": (
        session_params(payment_intent_data={"statement_descriptor": "RIVER*BEND"}), None, "payment_intent_data[statement_descriptor]", "5 to 22",
    ),
    "an expansion of what is no object": (session_params(expand=["amount_total"]), None, "expand", "cannot be expanded (amount_total)"),
}  # fmt: skip


@pytest.fixture
def http(stand_in: StandIn):
    with httpx.Client(base_url=stand_in.url, headers={"Authorization": f"Bearer {stand_in.key}"}) as client:
        yield client


def refusal(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code >= 400, answer.text
    assert answer.headers["request-id"].startswith("req_")
    error = answer.json()["error"]
    assert error["type"] in ("invalid_request_error", "idempotency_error", "api_error")
    assert error["message"]
    return error


@pytest.mark.parametrize("name", WRONG_SESSIONS)
def test_a_session_is_refused_for(stand_in: StandIn, http: httpx.Client, name: str):
    params, code, param, words = WRONG_SESSIONS[name]
    if str(params.get("expires_at", "")).startswith("soon"):
        params = params | {"expires_at": stand_in.world.moment() + int(params["expires_at"][5:])}

    answer = http.post(SESSIONS, data=flat(params), headers={"Idempotency-Key": "k"})

    error = refusal(answer)
    assert answer.status_code == 400
    assert (error.get("code"), error.get("param")) == (code, param)
    assert words in error["message"]
    assert stand_in.all("checkout.session") == []
    assert stand_in.all("product") == []
    # A request that never began leaves its key free.
    assert (
        http.post(SESSIONS, data=flat(session_params()), headers={"Idempotency-Key": "k"}).status_code == 200
    )


# name: method, path, parameters, headers that differ, status, code, words
WRONG_CALLS: dict[str, tuple[str, str, dict[str, Any], dict[str, str], int, str | None, str]] = {
    "no key": ("GET", "/v1/charges", {}, {"Authorization": ""}, 401, None, "did not provide an API key"),
    "a wrong key": ("GET", "/v1/charges", {}, {"Authorization": "Bearer sk_test_somebody_else"}, 401, None, "Invalid API Key provided: sk_test_"),
    "a live key": ("GET", "/v1/charges", {}, {"Authorization": "Bearer sk_live_123456789012"}, 401, None, "Invalid API Key"),
    "a publishable key": ("GET", "/v1/charges", {}, {"Authorization": "Bearer pk_test_1"}, 403, "secret_key_required", "publishable"),
    "another API version": ("GET", "/v1/charges", {}, {"Stripe-Version": "2019-01-01"}, 400, None, "Invalid Stripe API version"),
    "no idempotency key": ("POST", SESSIONS, session_params(), {"Idempotency-Key": ""}, 400, None, "Idempotency-Key"),
    "an idempotency key of 256 characters": ("POST", SESSIONS, session_params(), {"Idempotency-Key": "k" * 256}, 400, None, "at most 255"),
    "JSON": ("POST", SESSIONS, session_params(), {"Content-Type": "application/json"}, 400, None, "x-www-form-urlencoded"),
    "an unknown address": ("GET", "/v1/donations", {}, {}, 404, None, "Unrecognized request URL (GET: /v1/donations)"),
    "a method that is not there": ("DELETE", "/v1/charges/ch_1", {}, {}, 404, None, "Unrecognized request URL (DELETE"),
    "an unknown charge": ("GET", "/v1/charges/ch_no", {}, {}, 404, "resource_missing", "No such charge: 'ch_no'"),
    "an unknown session": ("GET", f"{SESSIONS}/cs_no", {}, {}, 404, "resource_missing", "No such checkout.session: 'cs_no'"),
    "an unknown event": ("GET", "/v1/events/evt_no", {}, {}, 404, "resource_missing", "No such event"),
    "a limit of nothing": ("GET", "/v1/charges", {"limit": 0}, {}, 400, "parameter_invalid_integer", "greater than or equal to 1"),
    "a limit of 101": ("GET", "/v1/charges", {"limit": 101}, {}, 400, "parameter_invalid_integer", "less than or equal to 100"),
    "a limit in words": ("GET", "/v1/charges", {"limit": "ten"}, {}, 400, "parameter_invalid_integer", "Invalid integer: ten"),
    "a cursor that is not there": ("GET", "/v1/charges", {"starting_after": "ch_no"}, {}, 400, "resource_missing", "No such charge"),
    "both cursors": ("GET", "/v1/charges", {"starting_after": "a", "ending_before": "b"}, {}, 400, None, "only specify one"),
    "a filter that is not there": ("GET", "/v1/charges", {"status": "failed"}, {}, 400, "parameter_unknown", "unknown parameter: status"),
    "a date in words": ("GET", "/v1/charges", {"created": {"gte": "May"}}, {}, 400, "parameter_invalid_integer", "Invalid integer: May"),
    "an expansion five deep": ("GET", "/v1/charges", {"expand": ["data.a.b.c.d"]}, {}, 400, None, "more than 4 levels"),
    "an expansion of nothing": ("GET", "/v1/account", {"expand": ["balance"]}, {}, 400, None, "cannot be expanded (balance)"),
    "a refund of nothing": ("POST", "/v1/refunds", {"amount": 100}, {}, 400, "parameter_missing", "payment_intent or charge"),
    "a refund of an unknown charge": ("POST", "/v1/refunds", {"charge": "ch_no"}, {}, 404, "resource_missing", "No such charge"),
    "a refund for a reason that is not there": ("POST", "/v1/refunds", {"charge": "ch_1", "reason": "sorry"}, {}, 400, None, "must be one of duplicate"),
    "a search without a query": ("GET", "/v1/payment_intents/search", {}, {}, 400, "parameter_missing", "Missing required param: query."),
    "a search for what cannot be searched": ("GET", "/v1/payment_intents/search", {"query": "colour:'green'"}, {}, 400, None, "unsupported search field"),
    "a search that is no query": ("GET", "/v1/payment_intents/search", {"query": "status is good"}, {}, 400, None, "unable to parse"),
    "AND with OR": ("GET", "/v1/charges/search", {"query": "amount>1 AND amount<5 OR amount:9"}, {}, 400, None, "cannot be mixed"),
    "another account": ("GET", "/v1/accounts/acct_1", {}, {}, 403, "resource_missing", "No such account"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_CALLS)
def test_a_call_is_refused_with(stand_in: StandIn, http: httpx.Client, name: str):
    method, path, params, headers, status, code, words = WRONG_CALLS[name]
    sent = {"Idempotency-Key": "k"} | headers if method == "POST" else dict(headers)
    if method == "POST" and headers.get("Content-Type"):
        answer = http.post(path, json=params, headers=sent)
    elif method == "POST":
        answer = http.post(path, data=flat(params), headers=sent)
    else:
        answer = http.request(method, path, params=flat(params), headers=sent)

    error = refusal(answer)
    assert (answer.status_code, error.get("code")) == (status, code)
    assert words in error["message"]
    assert stand_in.all("checkout.session") == stand_in.all("refund") == []


@pytest.mark.parametrize(
    "body",
    [
        b"a[b=1",
        b"a=1&a[b]=2",
        b"a[b]=2&a=1",
        b"\xff=\xff",
        b"mode=pay%00ment",
        b"[]=1",
        b"a" + b"[b]" * 40 + b"=1",
        b"=&=&",
        b"%",
    ],
)
def test_junk_is_refused_and_never_a_fault(http: httpx.Client, body: bytes):
    headers = {"Idempotency-Key": "k", "Content-Type": "application/x-www-form-urlencoded"}
    assert http.post(SESSIONS, content=body, headers=headers).status_code == 400


def test_too_much_is_refused(http: httpx.Client):
    headers = {"Idempotency-Key": "k", "Content-Type": "application/x-www-form-urlencoded"}
    assert http.post(SESSIONS, content=b"a=" + b"x" * 1_100_000, headers=headers).status_code == 413
