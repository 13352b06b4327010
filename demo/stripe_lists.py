"""Lists with cursors, and `expand[]`."""

import base64
import binascii
from typing import Any

from demo import stripe_objects, stripe_search, webhooks
from demo.stripe_errors import ApiError, missing
from demo.stripe_store import Body
from demo.stripe_world import World

# What may be expanded, and what of it has something to expand here.
EXPANDABLE = {
    "checkout.session": ("customer", "payment_intent", "line_items", "invoice", "payment_link", "setup_intent", "subscription"),
    "payment_intent": ("latest_charge", "customer", "payment_method", "application", "on_behalf_of", "review"),
    "charge": (
        "application", "application_fee", "balance_transaction", "customer", "failure_balance_transaction", "on_behalf_of",
        "payment_intent", "refunds", "review", "source_transfer",
    ),
    "refund": (
        "balance_transaction", "charge", "customer", "failure_balance_transaction", "payment_intent", "payment_method",
        "source_transfer_reversal", "transfer_reversal",
    ),
    "balance_transaction": ("source",),
    "dispute": ("charge", "payment_intent"),
    "payment_method": ("customer",),
    "payout": ("balance_transaction", "destination", "failure_balance_transaction", "original_payout", "reversed_by"),
    "price": ("product",),
    "item": ("price",),
    "customer": ("default_source", "test_clock"),
}  # fmt: skip
DEEPEST = 4


def shown(world: World, body: Body) -> Body:
    """An object as the API answers it now."""
    body = stripe_objects.outside(body)
    if (
        body["object"] == "balance_transaction"
        and body["status"] == "pending"
        and body["available_on"] <= world.moment()
    ):
        body["status"] = "available"
    if body["object"] == "event":
        body["pending_webhooks"] = webhooks.still_pending(world, body["id"])
    return body


def expanded(world: World, body: Body, paths: list[str]) -> Body:
    """The object with what `expand[]` names put in place of ids."""
    for path in paths:
        names = path.split(".")
        if len(names) > DEEPEST:
            raise ApiError(
                f"You cannot expand more than {DEEPEST} levels of a property ({path}).", param="expand"
            )
        _expand(world, body, names, path)
    return body


def _expand(world: World, body: Any, names: list[str], path: str) -> None:
    if not names or body is None:
        return
    name, *rest = names
    if body.get("object") in ("list", "search_result"):
        if name != "data":
            raise _cannot(path)
        for item in body["data"]:
            _expand(world, item, rest, path)
        return
    if name not in EXPANDABLE.get(body.get("object"), ()):
        inner = body.get(name)
        if not rest or not (inner is None or isinstance(inner, dict)) or name not in body:
            raise _cannot(path)
        _expand(world, inner, rest, path)
        return
    if (body["object"], name) == ("checkout.session", "line_items"):
        body[name] = body.get(name) or line_items(world, body["id"])
    elif (body["object"], name) == ("charge", "refunds"):
        body[name] = body[name] or _refunds(world, body["id"])
    elif isinstance(body.get(name), str):
        found = world.get(body[name])
        body[name] = shown(world, found) if found else body[name]
    if isinstance(body[name], dict):
        _expand(world, body[name], rest, path)


def _cannot(path: str) -> ApiError:
    return ApiError(f"This property cannot be expanded ({path}).", param="expand")


def _refunds(world: World, charge: str) -> Body:
    found = world.store.find("refund", "AND json_extract(body, '$.charge') = ?", (charge,))
    data = [shown(world, refund) for refund in found[:10]]
    return {
        "object": "list",
        "data": data,
        "has_more": len(found) > 10,
        "url": f"/v1/charges/{charge}/refunds",
    }


def line_items(world: World, session: str, given: dict[str, Any] | None = None) -> Body:
    """The line items of a session."""
    given = given or {}
    items = [stripe_objects.outside(item) for item in world.sure(session)["_line_items"]]
    limit = _limit(given)
    if after := given.get("starting_after"):
        ids = [item["id"] for item in items]
        if after not in ids:
            raise missing("item", after, "starting_after", status=400)
        items = items[ids.index(after) + 1 :]
    url = f"/v1/checkout/sessions/{session}/line_items"
    return {"object": "list", "data": items[:limit], "has_more": len(items) > limit, "url": url}


def _limit(given: dict[str, Any]) -> int:
    limit = given.get("limit", 10)
    if not 1 <= limit <= 100:
        bound = "greater than or equal to 1" if limit < 1 else "less than or equal to 100"
        raise ApiError(
            f"This value must be {bound} (limit).", code="parameter_invalid_integer", param="limit"
        )
    return limit


def page(world: World, kind: str, url: str, given: dict[str, Any], filters: dict[str, str]) -> Body:
    """One page of a list, newest first. `filters` maps parameters to JSON paths."""
    limit = _limit(given)
    where, values = _where(world, kind, given, filters)
    backwards = "ending_before" in given
    found = world.store.find(kind, where, tuple(values), limit=limit + 1, oldest_first=backwards)
    more = len(found) > limit
    found = found[:limit]
    if backwards:
        found.reverse()
    return {"object": "list", "data": [shown(world, body) for body in found], "has_more": more, "url": url}


def _where(world: World, kind: str, given: dict[str, Any], filters: dict[str, str]) -> tuple[str, list[Any]]:
    where: list[str] = []
    values: list[Any] = []
    for name, path in filters.items():
        if name not in given:
            continue
        wanted = given[name] if isinstance(given[name], list) else [given[name]]
        tests = []
        for text in wanted:
            star = isinstance(text, str) and text.endswith("*") and kind == "event"
            tests.append(f"json_extract(body, '{path}') {'GLOB' if star else '='} ?")
            values.append(text)
        where.append(f"AND ({' OR '.join(tests)})")
    _created(given.get("created"), where, values)
    if "starting_after" in given and "ending_before" in given:
        raise ApiError(
            "You may only specify one of these parameters: starting_after, ending_before.",
            param="starting_after",
        )
    for name, sign in (("starting_after", "<"), ("ending_before", ">")):
        if name in given:
            place = world.store.place(given[name]) if world.get(given[name], kind) else None
            if place is None:
                raise missing(kind, given[name], name, status=400)
            where.append(f"AND (created, seq) {sign} (?, ?)")
            values += place
    return " ".join(where), values


def _created(given: Any, where: list[str], values: list[Any]) -> None:
    if given is None:
        return
    signs = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
    for name, value in (given if isinstance(given, dict) else {"": given}).items():
        where.append(f"AND created {signs.get(name, '=')} ?")
        values.append(value)


def found(world: World, kind: str, url: str, given: dict[str, Any]) -> Body:
    """One page of a search."""
    limit = _limit(given)
    holds = stripe_search.compiled(kind, given["query"])
    skip = _cursor(given.get("page"))
    seen = world.moment() - world.settings.search_delay
    hits = [body for body in world.store.find(kind, "AND created <= ?", (seen,)) if holds(body)]
    after = hits[skip + limit :]
    cursor = base64.urlsafe_b64encode(str(skip + limit).encode()).decode() if after else None
    data = [shown(world, body) for body in hits[skip : skip + limit]]
    return {"object": "search_result", "data": data, "has_more": bool(after), "next_page": cursor, "url": url}


def _cursor(page: str | None) -> int:
    if page is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(page).decode())
    except (binascii.Error, ValueError, UnicodeDecodeError):
        raise ApiError("Invalid page cursor.", param="page") from None
