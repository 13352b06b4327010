"""Requests as bytes, for what no well-behaved client sends: the application is called as a server would call it."""

import asyncio
import time
from typing import Any, NamedTuple
from urllib.parse import unquote

from kit import db


class Raw(NamedTuple):
    """One request, all of it as it stands on the wire."""

    method: str
    path: bytes  # as sent, percent signs and all
    query: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""


class Said(NamedTuple):
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    seconds: float


async def ask(app: Any, raw: Raw, *, limit: float = 20) -> Said:
    """The answer of the application. Status 0 when it raised or did not answer in `limit` seconds."""
    pieces = iter([{"type": "http.request", "body": raw.body, "more_body": False}])
    sent: list[Any] = []

    async def receive() -> Any:
        return next(pieces, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "https", "method": raw.method,
        "path": unquote(raw.path.decode("latin-1")), "raw_path": raw.path, "query_string": raw.query, "root_path": "",
        "headers": [(b"host", b"almoner.test"), *raw.headers, (b"content-length", str(len(raw.body)).encode())],
        "client": ("127.0.0.1", 1), "server": ("almoner.test", 443), "state": {},
    }  # fmt: skip
    began = time.perf_counter()
    try:
        async with asyncio.timeout(limit):
            await app(scope, receive, send)
    except Exception as problem:
        return Said(0, [], repr(problem).encode(), time.perf_counter() - began)
    start = next((message for message in sent if message["type"] == "http.response.start"), {})
    body = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    return Said(start.get("status", 0), list(start.get("headers", [])), body, time.perf_counter() - began)


class undone:
    """A savepoint inside a test's transaction that is always rolled back: what is done in it never was."""

    async def __aenter__(self) -> None:
        joined = db.engine().current_transaction.get()
        assert joined is not None
        self._transaction = joined.connection.transaction()
        await self._transaction.start()

    async def __aexit__(self, *_problem: object) -> None:
        await self._transaction.rollback()
