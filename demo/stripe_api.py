"""The HTTP surface of the API: keys, versions, idempotency, troubles on demand, answers in Stripe's shape."""

import asyncio
import base64
import binascii
from hashlib import sha256
from typing import Any, cast
from urllib.parse import urlsplit

import msgspec
from litestar.types import Receive, Scope, Send

from demo import stripe_checks, stripe_lists
from demo.stripe_errors import ApiError
from demo.stripe_routes import ROUTES, Route
from demo.stripe_world import API_VERSION, DAY, World, new_id

MOST_BYTES = 1_000_000
Answer = tuple[int, bytes, dict[str, str]]


class Lost(Exception):
    """The request took effect, and its answer never arrives."""


class Api:
    """An ASGI app for everything under /v1."""

    def __init__(self, world: World, key: str) -> None:
        self.world, self.key = world, key
        self._in_progress: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = new_id("req_", 14)
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        method = cast(str, scope.get("method", "GET"))
        path = _path(scope)
        try:
            body = await _read(receive)
            encoded = body if method == "POST" else cast(bytes, scope.get("query_string", b""))
            status, answer, more = await self._answer(method, path, headers, encoded, request_id)
        except ApiError as error:
            status, answer, more = error.status, msgspec.json.encode(error.body(request_id)), {}
        except Lost:
            await self._cut(scope)
            return
        sent = {
            "content-type": "application/json",
            "content-length": str(len(answer)),
            "request-id": request_id,
            "stripe-version": API_VERSION,
            "access-control-allow-origin": "*",
            **(
                {"idempotency-key": key}
                if (key := headers.get("idempotency-key")) and method == "POST"
                else {}
            ),
            **more,
        }
        raw = [(name.encode(), value.encode("latin-1", "replace")) for name, value in sent.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": answer, "more_body": False})

    async def _cut(self, scope: Scope) -> None:
        """Keep the caller waiting, then drop the line without a word."""
        await asyncio.sleep(self.world.settings.hang)
        cast(Any, scope["state"])["cut"]()
        await asyncio.sleep(0.01)  # until the server has noticed

    async def _answer(
        self, method: str, path: str, headers: dict[str, str], encoded: bytes, request_id: str
    ) -> Answer:
        self.world.tick()
        self._authenticate(headers)
        version = headers.get("stripe-version", API_VERSION)
        if version != API_VERSION:
            raise ApiError(f"Invalid Stripe API version: {version}. The stand-in speaks {API_VERSION}.")
        route, ids = _find(method, path)
        if method != "POST":
            await self._slow(method, path)
            self._trouble(method, path)
            return 200, self._done(route, ids, self._checked(route, encoded)), {}
        if "application/x-www-form-urlencoded" not in headers.get(
            "content-type", "application/x-www-form-urlencoded"
        ):
            raise ApiError("Invalid request: send parameters as application/x-www-form-urlencoded.")
        key = _key(headers)
        if key in self._in_progress:
            raise ApiError(
                "There is currently another in-progress request using this idempotent key. Please try again later.",
                status=409,
                type="idempotency_error",
                code="idempotency_key_in_use",
            )
        self._in_progress.add(key)
        try:
            return await self._post(route, ids, path, encoded, key, request_id)
        finally:
            self._in_progress.discard(key)

    def _authenticate(self, headers: dict[str, str]) -> None:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                given = base64.b64decode(given).decode().partition(":")[0]
            except (binascii.Error, UnicodeDecodeError):
                given = ""
        if not given:
            raise ApiError(
                "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth.",
                status=401,
            )
        if given.startswith("pk_"):
            raise ApiError(
                "This API call cannot be made with a publishable API key. Please use a secret API key.",
                status=403,
                code="secret_key_required",
            )
        if not given.startswith("sk_test_") or (self.key and given != self.key):
            hidden = given[:8] + "*" * 8 + given[-4:] if len(given) > 12 else "*" * len(given)
            raise ApiError(f"Invalid API Key provided: {hidden}", status=401)

    async def _post(
        self, route: Route, ids: list[str], path: str, encoded: bytes, key: str, request_id: str
    ) -> Answer:
        given = stripe_checks.parse(encoded)
        fingerprint = sha256(
            path.encode() + b"\n" + msgspec.json.encode(given, order="deterministic")
        ).hexdigest()
        kept = self._kept(key, fingerprint)
        if kept:
            return kept
        await self._slow("POST", path)
        checked = stripe_checks.check(given, route.params)
        if route.check:
            route.check(self.world, checked)
        self._trouble("POST", path, key, fingerprint, request_id)
        try:
            with self.world.tx(), self.world.on_behalf(request_id, key):
                answer = self._done(route, ids, checked)
                self._keep(key, fingerprint, 200, answer)
        except ApiError as error:
            if error.kept:
                self._keep(key, fingerprint, error.status, msgspec.json.encode(error.body(request_id)))
            raise
        if self._meets("POST", path) and self.world.used("lose_answer"):
            raise Lost
        return 200, answer, {}

    def _checked(self, route: Route, encoded: bytes) -> dict[str, Any]:
        return stripe_checks.check(stripe_checks.parse(encoded), route.params)

    def _done(self, route: Route, ids: list[str], given: dict[str, Any]) -> bytes:
        with self.world.store.lock:
            body = route.verb(self.world, given, ids)
            return msgspec.json.encode(stripe_lists.expanded(self.world, body, given.get("expand") or []))

    # ---- idempotency ---------------------------------------------------------------------------

    def _kept(self, key: str, fingerprint: str) -> Answer | None:
        rows = self.world.store.query(
            "SELECT fingerprint, at, status, body FROM kept_answers WHERE key = ?", key
        )
        if not rows:
            return None
        first, at, status, body = rows[0]
        if self.world.now() - at >= DAY:
            self.world.store.query("DELETE FROM kept_answers WHERE key = ?", key)
            return None
        if first != fingerprint:
            raise ApiError(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. "
                f"Try using a key other than '{key}' if you meant to execute a different request.",
                type="idempotency_error",
            )
        more = {"idempotent-replayed": "true"}
        return status, body, more | ({"stripe-should-retry": "false"} if status >= 500 else {})

    def _keep(self, key: str, fingerprint: str, status: int, body: bytes) -> None:
        sql = "INSERT INTO kept_answers (key, fingerprint, at, status, body) VALUES (?, ?, ?, ?, ?)"
        self.world.store.query(sql, key, fingerprint, self.world.now(), status, body)

    # ---- trouble -------------------------------------------------------------------------------

    def _meets(self, method: str, path: str) -> bool:
        return f"{method} {path}".startswith(self.world.settings.trouble_at)

    async def _slow(self, method: str, path: str) -> None:
        if self._meets(method, path) and self.world.settings.slow:
            await asyncio.sleep(self.world.settings.slow)

    def _trouble(
        self, method: str, path: str, key: str = "", fingerprint: str = "", request_id: str = ""
    ) -> None:
        """Fail before anything is done, if that was asked for."""
        knobs = self.world.settings
        if not (self._meets(method, path) and self.world.used("error_once")):
            return
        error = ApiError("An unknown error occurred", status=knobs.error_status, type="api_error")
        if knobs.error_status == 429:
            error = ApiError("Too many requests hit the API too quickly.", status=429, code="rate_limit")
        if knobs.error_kept and key:
            self._keep(key, fingerprint, error.status, msgspec.json.encode(error.body(request_id)))
        raise error


def _path(scope: Scope) -> str:
    """The path as the caller sent it, whatever the mount made of it."""
    raw = scope.get("raw_path") or cast(str, scope.get("path", "")).encode()
    return urlsplit(raw.decode("latin-1")).path


def _find(method: str, path: str) -> tuple[Route, list[str]]:
    for route in ROUTES:
        if route.method == method and (match := route.path.match(path)):
            return route, list(match.groups())
    raise ApiError(
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs.", status=404
    )


def _key(headers: dict[str, str]) -> str:
    key = headers.get("idempotency-key", "")
    if not key:
        raise ApiError("The stand-in wants an Idempotency-Key with every POST.", type="idempotency_error")
    if len(key) > 255:
        raise ApiError("Idempotency keys must be at most 255 characters.", type="idempotency_error")
    return key


async def _read(receive: Receive) -> bytes:
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(parts)
        part = cast(bytes, message.get("body", b""))
        size += len(part)
        if size > MOST_BYTES:
            raise ApiError("Request is too large.", status=413)
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)
