"""Stripe's search language, as far as one-off giving needs it.

`status:'succeeded' AND metadata['gift']:'12'`, `amount>1000`, `-currency:'eur'`, `metadata['gift']:null`, `~` for a
part of a text. AND and OR cannot be mixed, as at Stripe. Search may lag (`search_delay`).
"""

import re
from collections.abc import Callable
from typing import Any

from demo.stripe_errors import ApiError
from demo.stripe_store import Body

FIELDS = {
    "payment_intent": ("amount", "created", "currency", "customer", "metadata", "status"),
    "charge": ("amount", "created", "currency", "customer", "disputed", "metadata", "refunded", "status"),
    "customer": ("created", "email", "metadata", "name", "phone"),
}
_CLAUSE = re.compile(
    r"""\s*(?P<not>-)?(?P<field>[a-z_.]+)(\[(?P<q>["'])(?P<key>[^"']+)(?P=q)\])?\s*(?P<sign>:|~|>=|<=|>|<)\s*
        ((?P<v>["'])(?P<text>(?:\\.|(?!(?P=v)).)*)(?P=v)|(?P<number>-?\d+)|(?P<null>null)|(?P<bool>true|false))\s*""",
    re.VERBOSE,
)


def _bad(query: str, why: str) -> ApiError:
    return ApiError(f"We were unable to parse your search query. {why} Query: {query}", param="query")


def compiled(kind: str, query: str) -> Callable[[Body], bool]:
    """The query as a test of one object."""
    tests: list[Callable[[Body], bool]] = []
    joins: set[str] = set()
    place = 0
    while True:
        match = _CLAUSE.match(query, place)
        if not match:
            raise _bad(query, f"Something is wrong at position {place}.")
        if match["field"] not in FIELDS[kind] or (match["field"] == "metadata") != (match["key"] is not None):
            raise ApiError(
                f"Field `{match['field']}` is an unsupported search field for resource `{kind}s`.",
                param="query",
            )
        tests.append(_test(match, query))
        place = match.end()
        if place == len(query):
            break
        join = re.compile(r"(AND|OR)?\s*", re.IGNORECASE).match(query, place)
        assert join is not None
        joins.add((join[1] or "AND").upper())
        place = join.end()
    if len(joins) > 1:
        raise _bad(query, "AND and OR cannot be mixed.")
    every = all if joins != {"OR"} else any
    return lambda body: every(test(body) for test in tests)


def _test(match: re.Match[str], query: str) -> Callable[[Body], bool]:
    field, key, sign = match["field"], match["key"], match["sign"]
    wanted: Any = match["text"] if match["text"] is not None else match["number"] or match["bool"]
    if match["text"] is not None:
        wanted = re.sub(r"\\(.)", r"\1", wanted)
    if sign in (">", "<", ">=", "<=") and not (match["number"] or (wanted or "").lstrip("-").isdecimal()):
        raise _bad(query, f"`{sign}` wants a number.")

    def value(body: Body) -> Any:
        return (body.get("metadata") or {}).get(key) if key else body.get(field)

    def holds(body: Body) -> bool:
        found = value(body)
        if match["null"]:
            return found is None
        if found is None:
            return False
        if sign == ":":
            return str(found).lower() == str(wanted).lower()
        if sign == "~":
            return str(wanted).lower() in str(found).lower()
        return {
            ">": found > int(wanted),
            "<": found < int(wanted),
            ">=": found >= int(wanted),
            "<=": found <= int(wanted),
        }[sign]

    return (lambda body: not holds(body)) if match["not"] else holds
