"""Tokens, counting of attempts, same-origin rule and the headers that every answer carries."""

import hashlib
import hmac
import ipaddress
import secrets
from datetime import timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from litestar.types import Message, Scope

from kit import config, days, db
from kit.errors import TooMany
from kit.words import _

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action {form_action}; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types htmx"
)
_HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=()",
}
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


def new_token() -> str:
    """128 random bits for a link that does something."""
    return secrets.token_urlsafe(16)


def token_hash(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def sign(text: str, purpose: str) -> str:
    """A keyed fingerprint of `text`, for values that travel through a browser and come back."""
    return hmac.new(
        config.settings().secret_key, f"{purpose}\0{text}".encode("utf-8", "replace"), hashlib.sha256
    ).hexdigest()


def signed(text: str, purpose: str, signature: str) -> bool:
    return hmac.compare_digest(sign(text, purpose).encode(), signature.encode("utf-8", "replace"))


async def count_attempt(bucket: str, key: str, *, limit: int, window: timedelta, sentence: str = "") -> None:
    """Count one more attempt of `key`; raises TooMany past `limit` in the window. Counted in PostgreSQL, for all processes.

    The key is stored as a keyed hash. Call it outside the tx() that it guards: a refused deed still counts.
    """
    seconds = int(window.total_seconds())
    start = days.now()
    start = start.replace(microsecond=0) - timedelta(seconds=int(start.timestamp()) % seconds)
    hashed = sign(key, bucket)
    times = await db.value(
        """
        INSERT INTO attempts AS a (bucket, key, window_start, times) VALUES ($1, $2, $3, 1)
        ON CONFLICT (bucket, key, window_start) DO UPDATE SET times = a.times + 1
        RETURNING times
        """,
        bucket,
        hashed,
        start,
    )
    if times > limit:
        raise TooMany(sentence or _("Too many tries. Wait a while and try again."))


async def forget_attempts(bucket: str, key: str) -> None:
    """A success wipes the slate of this key."""
    await db.row("DELETE FROM attempts WHERE bucket = $1 AND key = $2", bucket, sign(key, bucket))


def client_address(scope: Scope) -> str:
    """The caller's address; behind a trusted proxy, the last one in X-Forwarded-For that is not itself a proxy."""
    peer = _bare((scope.get("client") or ("", 0))[0])
    if not _is_proxy(peer):
        return peer
    # A proxy may append to the line that is there or add a line of its own below: all of them count, in order.
    lines = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
    for address in reversed(",".join(lines).split(",")):
        if (bare := _bare(address)) and not _is_proxy(bare):
            return bare[:60]
    return peer


def neighbourhood(address: str) -> str:
    """What an address counts as in limits: itself, or for IPv6 the /64 around it, which one caller has to herself."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def _bare(address: str) -> str:
    """An address without the port that some proxies put behind it: a new one each time would make new callers."""
    address = address.strip()
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address


def _is_proxy(address: str) -> bool:
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(ip in ipaddress.ip_network(proxy, strict=False) for proxy in config.settings().trusted_proxies)


def is_same_origin(scope: Scope) -> bool:
    """By `Sec-Fetch-Site` where the browser sends it, else by `Origin`; with neither, no."""
    site = _header(scope, b"sec-fetch-site")
    if site:
        return site == "same-origin"
    origin = _header(scope, b"origin")
    return bool(origin) and origin == _own_origin()


def _own_origin() -> str:
    parts = urlsplit(config.settings().base_url)
    return f"{parts.scheme}://{parts.netloc}"


def _header(scope: Scope, name: bytes) -> str:
    for key, value in scope["headers"]:
        if key == name:
            return value.decode("latin-1")
    return ""


async def put_headers(message: Message, scope: Scope) -> None:
    """The headers of every answer, of those to addresses that lead nowhere too (a `before_send` hook of the app).

    A page may widen `form-action` by `scope["state"]["form_action"]`.
    """
    if message["type"] == "http.response.start":
        message["headers"] = [*message.get("headers", []), *_headers_for(scope, message)]


def _headers_for(scope: Scope, message: Any) -> list[tuple[bytes, bytes]]:
    present = {name.lower() for name, _value in message.get("headers", [])}
    form_action = scope.get("state", {}).get("form_action", "'self'")
    secure = config.settings().base_url.startswith("https:")
    return [header for header in _usual_headers(form_action, secure) if header[0] not in present]


@lru_cache(maxsize=100)
def _usual_headers(form_action: str, secure: bool) -> list[tuple[bytes, bytes]]:
    headers = {
        **_HEADERS,
        "content-security-policy": _POLICY.format(form_action=form_action),
        "cache-control": "no-store",
    }
    if secure:
        headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"
    return [(name.encode(), value.encode()) for name, value in headers.items()]
