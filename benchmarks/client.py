"""A browser of a few lines, straight into the app: httpx would cost more than the pages that are measured."""

from typing import Any
from urllib.parse import urlencode

from litestar import Litestar


class Client:
    def __init__(self, app: Litestar, cookie: str) -> None:
        self._app = app
        self.address = "127.0.0.1"
        self._headers = [
            (b"host", b"bench.example"),
            (b"accept", b"text/html"),
            (b"sec-fetch-site", b"same-origin"),
            *([(b"cookie", cookie.encode())] if cookie else []),
        ]

    async def get(self, path: str, **query: Any) -> tuple[int, bytes]:
        """Status and body."""
        return await self._send("GET", path, urlencode(query).encode(), b"", [])

    async def submit(self, path: str, fields: dict[str, Any]) -> tuple[int, bytes]:
        """Send a form."""
        form = [(b"content-type", b"application/x-www-form-urlencoded")]
        return await self._send("POST", path, b"", urlencode(fields, doseq=True).encode(), form)

    async def post(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        sent = [(name.encode(), value.encode()) for name, value in headers.items()]
        return await self._send("POST", path, b"", body, sent)

    async def _send(
        self, method: str, path: str, query: bytes, body: bytes, headers: list[tuple[bytes, bytes]]
    ) -> tuple[int, bytes]:
        status, parts = 0, []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                parts.append(message.get("body", b""))

        length = [(b"content-length", str(len(body)).encode())] if body else []
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "https",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": query,
            "headers": [*self._headers, *headers, *length],
            "client": (self.address, 40_000),
            "server": ("bench.example", 443),
        }
        await self._app(scope, receive, send)  # pyright: ignore[reportArgumentType]
        return status, b"".join(parts)
