"""The tests' browser: httpx straight into the app, in the same task, so that it joins the test's transaction."""

from typing import Any

import httpx

from staff import sessions
from tests import make


class Browser(httpx.AsyncClient):
    """What a browser without script does: cookies, Sec-Fetch headers, forms as POST."""

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(
            transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
            base_url="https://almoner.test",
            headers={"sec-fetch-site": "same-origin", "accept": "text/html"},
            **options,
        )

    async def sign_in(self, member: Any = None, *, role: str = "administrator") -> Any:
        """Be this member (or a new one with this role) without typing a password."""
        member = member or await make.member(role=role)
        token = await sessions.start(member.id, address="127.0.0.1", agent="test")
        self.cookies.set(sessions.cookie_name(), token, domain="almoner.test", path="/")
        return member

    async def submit(self, path: str, **fields: Any) -> httpx.Response:
        """Send a form. Lists come as repeated fields; numbers as text."""
        data = {name: value if isinstance(value, list) else str(value) for name, value in fields.items()}
        return await self.post(path, data=data)

    async def part(self, path: str, **params: Any) -> httpx.Response:
        """Ask as htmx does for a part of a page."""
        return await self.get(
            path, params=params, headers={"hx-request": "true", "hx-request-type": "partial"}
        )
