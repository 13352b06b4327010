"""What a request may say: form encoding, and the SDK's own parameter types.

The types of `stripe.params` are generated from Stripe's API description, so what they do not name Stripe does not
know. Enums are open there (`Literal[…] | str`); the stand-in takes the literal part at its word.
"""

import re
import types
import typing
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import import_module
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin
from urllib.parse import unquote_to_bytes

from typing_extensions import is_typeddict

from demo.stripe_errors import ApiError, required

# What the SDK's types name beside parameters: how to call, not what to say.
OPTIONS = frozenset(
    (
        "api_key",
        "stripe_version",
        "stripe_account",
        "stripe_context",
        "max_network_retries",
        "idempotency_key",
        "content_type",
        "headers",
    )
)
_PART = re.compile(r"\[([^\[\]]*)\]")
_KEY = re.compile(r"[^\[\]]+(\[[^\[\]]*\])*\Z")
_INTEGER = re.compile(r"-?[0-9]{1,18}\Z")
MOST_CHARACTERS = 5000


def parse(encoded: bytes) -> dict[str, Any]:
    """`a[b][0]=c` as nested dicts and lists, every value a string."""
    tree: dict[str, Any] = {}
    for pair in filter(None, encoded.split(b"&")):
        name, _, value = pair.partition(b"=")
        _plant(tree, _text(name), _text(value))
    return {name: _lists(value) for name, value in tree.items()}


def _text(encoded: bytes) -> str:
    try:
        text = unquote_to_bytes(encoded.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        raise ApiError("Invalid request: your parameters must be UTF-8.") from None
    if "\0" in text:
        raise ApiError("Invalid request: your parameters must not contain NUL.")
    return text


def _plant(tree: dict[str, Any], key: str, value: str) -> None:
    if not _KEY.match(key):
        raise ApiError(f"Invalid parameter name: {key}")
    names = [key.split("[", 1)[0], *_PART.findall(key)]
    if len(names) > 12:
        raise ApiError(f"Parameters are nested too deeply: {key}")
    for name in names[:-1]:
        name = name if name or tree is None else str(len(tree))
        tree = tree.setdefault(name, {})
        if not isinstance(tree, dict):
            raise ApiError(f"Invalid parameter name: {key}")
    last = names[-1] or str(len(tree))
    if isinstance(tree.get(last), dict):
        raise ApiError(f"Invalid parameter name: {key}")
    tree[last] = value


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(item) for name, item in value.items()}
    if inner and all(name.isdecimal() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


@cache
def params_of(name: str) -> type:
    """A type of `stripe.params`. Imported at the first use: the SDK takes a second, and nobody should wait for it."""
    folder, _, last = name.rpartition(".")
    return getattr(import_module(f"stripe.params.{folder}" if folder else "stripe.params"), last)


@cache
def _hints(params: type) -> dict[str, Any]:
    names = {**vars(typing), "StripeContext": import_module("stripe").StripeContext}
    hints = typing.get_type_hints(params, localns=names, include_extras=True)
    return {name: hint for name, hint in hints.items() if name not in OPTIONS}


def check(given: dict[str, Any], params: str) -> dict[str, Any]:
    """The parameters with their types, or Stripe's refusal."""
    return _structure(given, params_of(params), "")


def _structure(given: dict[str, Any], params: type, path: str) -> dict[str, Any]:
    hints = _hints(params)
    unknown = [name for name in given if name not in hints]
    if unknown:
        names = [_under(path, name) for name in unknown]
        many = "parameters" if len(names) > 1 else "parameter"
        raise ApiError(
            f"Received unknown {many}: {', '.join(names)}", code="parameter_unknown", param=names[0]
        )
    for name in params.__required_keys__:  # type: ignore[attr-defined]
        if name not in given and name in hints:
            raise required(_under(path, name))
    return {name: _value(value, hints[name], _under(path, name)) for name, value in given.items()}


def _under(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _value(given: Any, hint: Any, path: str) -> Any:
    origin = get_origin(hint)
    if origin in (NotRequired, Required):
        return _value(given, get_args(hint)[0], path)
    if origin in (Union, types.UnionType):
        return _union(given, get_args(hint), path)
    if origin is Literal:
        return _literal(given, get_args(hint), path)
    if given == "":
        raise ApiError(
            f"You passed an empty string for '{path}'. We assume empty values are an attempt to unset a parameter; "
            f"however '{path}' cannot be unset. You should remove '{path}' from your request or supply a non-empty value.",
            code="parameter_invalid_empty",
            param=path,
        )
    if origin is list:
        return _list(given, get_args(hint)[0], path)
    if _is_map(hint):
        return _map(given, path)
    if is_typeddict(hint):
        if not isinstance(given, dict):
            raise ApiError("Invalid object", code="parameter_invalid_object", param=path)
        return _structure(given, hint, path)
    return _plain(given, hint, path)


def _is_map(hint: Any) -> bool:
    """Metadata: the SDK says both Dict[str, str] and its own mapping."""
    origin = get_origin(hint) or hint
    return origin is dict or getattr(origin, "__name__", "") == "UntypedStripeObject"


def _union(given: Any, hints: tuple[Any, ...], path: str) -> Any:
    """The member of a union that fits: by shape first, then an enum rather than any string."""
    if given == "":
        if any(get_origin(hint) is Literal and "" in get_args(hint) for hint in hints):
            return ""
        return _value(given, str, path)
    if isinstance(given, dict):
        fit = [h for h in hints if is_typeddict(h)] or [h for h in hints if _is_map(h)]
    elif isinstance(given, list):
        fit = [h for h in hints if get_origin(h) is list]
    else:
        enums = [h for h in hints if get_origin(h) is Literal and get_args(h) != ("",)]
        plain = [h for h in hints if h in (int, bool, float, str, Decimal)]
        fit = enums or plain
    if not fit:
        fit = [h for h in hints if h is not type(None) and get_args(h) != ("",)]
    return _value(given, fit[0], path)


def _literal(given: Any, allowed: tuple[Any, ...], path: str) -> Any:
    if given in [str(value) for value in allowed]:
        return given
    *most, last = [str(value) for value in allowed]
    words = f"one of {', '.join(most)} or {last}" if most else last
    raise ApiError(f"Invalid {path}: must be {words}", param=path)


def _list(given: Any, hint: Any, path: str) -> list[Any]:
    if not isinstance(given, list):
        raise ApiError("Invalid array", code="parameter_invalid_array", param=path)
    return [_value(item, hint, f"{path}[{place}]") for place, item in enumerate(given)]


def _map(given: Any, path: str) -> dict[str, str]:
    """Metadata: at most 50 names of 40 characters, values of 500."""
    if isinstance(given, list):
        given = {str(place): item for place, item in enumerate(given)}
    if not isinstance(given, dict):
        raise ApiError("Invalid object", code="parameter_invalid_object", param=path)
    if len(given) > 50:
        raise ApiError(f"Metadata can have at most 50 keys; you passed {len(given)}.", param=path)
    for name, value in given.items():
        if not isinstance(value, str):
            raise ApiError(
                f"Metadata values must be strings, but for key `{name}` you passed in a hash.",
                param=f"{path}[{name}]",
            )
        if len(name) > 40:
            raise ApiError(
                f"Metadata keys must be at most 40 characters long, but `{name}` is longer.", param=path
            )
        if len(value) > 500:
            raise ApiError(
                f"Metadata values can have up to 500 characters, but `{name}` has {len(value)}.",
                param=f"{path}[{name}]",
            )
    return dict(given)


def _plain(given: Any, hint: Any, path: str) -> Any:
    if not isinstance(given, str):
        raise ApiError(f"Invalid string: {given}", code="parameter_invalid_string", param=path)
    if hint is int:
        if not _INTEGER.match(given):
            raise ApiError(f"Invalid integer: {given}", code="parameter_invalid_integer", param=path)
        return int(given)
    if hint is bool:
        if given not in ("true", "false"):
            raise ApiError(f"Invalid boolean: {given}", param=path)
        return given == "true"
    if hint in (float, Decimal):
        try:
            number = Decimal(given)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise ApiError(f"Invalid decimal: {given}", param=path)
        return number
    if len(given) > MOST_CHARACTERS:
        raise ApiError(
            f"Invalid string: {given[:20]}…; must be at most {MOST_CHARACTERS} characters", param=path
        )
    return given


def unset(old: dict[str, str], change: dict[str, str] | str) -> dict[str, str]:
    """Metadata after an update: an empty value takes a key away, an empty whole takes all."""
    if change == "":
        return {}
    assert isinstance(change, dict)
    return {name: value for name, value in (old | change).items() if value != ""}
