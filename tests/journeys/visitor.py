"""A person at a real browser: what she sees, what the browser complained of, and what axe finds."""

import asyncio
import re
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.whole import Almoner

DESKTOP, PHONE = (1280, 900), (390, 844)
# The bars at a phone's foot cover what is scrolled behind them, which axe would call a small target.
TALL_PHONE = (390, 4000)
_AXE = (Path(__file__).parents[1] / "vendor" / "axe.min.js").read_text()
_VIOLATIONS = """
window.refused = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.refused.push(`${event.violatedDirective} refused ${event.blockedURI} ${event.sample}`));
"""
_TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
# What Chromium says of an answer that is no success: the page itself says it better.
_ONLY_A_STATUS = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")
_addresses = iter(range(1, 250))


class Visitor:
    """One window of one person, with an address of her own: what is counted by address is counted for her alone."""

    def __init__(self, context: BrowserContext, page: Page, almoner: Almoner, *, script: bool) -> None:
        self.context, self.page, self.almoner, self.script = context, page, almoner, script
        self.complaints: list[str] = []
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))

    @classmethod
    async def arrive(
        cls,
        chromium: Browser,
        almoner: Almoner,
        *,
        size: tuple[int, int] = DESKTOP,
        script: bool = True,
        address: str = "",
    ) -> "Visitor":
        context = await chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            base_url=almoner.url,
            java_script_enabled=script,
            locale="en-US",
            color_scheme="light",
            reduced_motion="reduce",
            extra_http_headers={"x-forwarded-for": address or f"203.0.113.{next(_addresses)}"},
        )
        context.set_default_timeout(30_000)
        if script:
            await context.add_init_script(_VIOLATIONS)
        return cls(context, await context.new_page(), almoner, script=script)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not _ONLY_A_STATUS.match(message.text):
            self.complaints.append(f"{self.page.url}: {message.text}")

    async def go(self, path: str) -> int:
        """Open a page, with what it loads by itself; returns its status."""
        answer = await self.page.goto(path)
        if self.script:
            await self._loaded()
        return answer.status if answer else 0

    async def _loaded(self) -> None:
        """Until no panel is on its way. Asked again and again: a function that the page polls needs eval, and the CSP says no."""
        for _try in range(600):
            if not await self.page.evaluate("!!document.querySelector('[hx-trigger=load], .htmx-request')"):
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{self.page.url} never came to rest")

    async def settled(self) -> None:
        await self.page.wait_for_load_state("networkidle")

    async def sign_in(self, role: str = "administrator") -> None:
        await self.page.goto("/sign-in")
        await self.type_password(role)

    async def type_password(self, role: str = "administrator") -> None:
        names = {"administrator": "ana", "fundraiser": "felix", "gift_entry": "gwen", "finance": "fiona"}
        await self.fill(email=f"{names[role]}@riverbend.example", password=self.almoner.password)
        await self.press("Sign in")

    async def fill(self, **fields: Any) -> None:
        """Type into fields by their names."""
        for name, value in fields.items():
            field = self.page.locator(f"main [name={name}]:not([type=hidden])").first
            if folded := await self.page.query_selector(
                f"main details:not([open]):has([name={name}]) > summary"
            ):
                await folded.click()
            kind = await field.evaluate("el => el.tagName + el.type")
            if kind.startswith("SELECT"):
                await field.select_option(str(value))
            elif "checkbox" in kind:
                await field.set_checked(bool(value))
            else:
                await field.fill(str(value))

    async def press(self, words: str) -> None:
        """Press the button, or follow the link, with these words, and see what comes."""
        button = self.page.locator("button:not(.visually-hidden), summary, a").and_(
            self.page.get_by_role("button", name=words, exact=True).or_(
                self.page.get_by_role("link", name=words, exact=True)
            )
        )
        await button.first.click()
        await self.settled()

    async def reads(self, *sentences: str) -> None:
        """Wait until the page shows each of these."""
        for sentence in sentences:
            await self.page.get_by_text(sentence).first.wait_for(state="visible")

    async def text(self) -> str:
        return await self.page.inner_text("main")

    async def path(self) -> str:
        return self.page.url.removeprefix(self.almoner.url)

    async def resize(self, size: tuple[int, int]) -> None:
        await self.page.set_viewport_size({"width": size[0], "height": size[1]})

    async def faults(self, *only: str) -> list[str]:
        """What axe calls serious or critical on the page as it stands, a line each."""
        await self.page.evaluate(_AXE)
        await self.page.evaluate(_TWO_FRAMES)  # colours on their way to another scheme are no colours yet
        options = {
            "resultTypes": ["violations"],
            "preload": False,
            **({"runOnly": list(only)} if only else {}),
        }
        found = await self.page.evaluate("options => axe.run(document, options)", options)
        return [
            f"{self.page.url} at {await self.page.evaluate('innerWidth')}: {fault['id']}: {node['target']} {node['html'][:160]} "
            + "; ".join(check["message"] for check in node["any"] + node["all"] + node["none"])[:240]
            for fault in found["violations"]
            if fault["impact"] in ("serious", "critical")
            for node in fault["nodes"]
        ]

    async def overflow(self) -> list[str]:
        """What stands out of the window sideways: nobody should have to push a page about."""
        wide = await self.page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return [f"{self.page.url} is {wide} pixels too wide"] if wide > 0 else []

    async def refused(self) -> list[str]:
        """What the content security policy had to stop."""
        return [f"{self.page.url}: {line}" for line in await self.page.evaluate("window.refused || []")]

    async def leave(self) -> None:
        await self.context.close()
        assert self.complaints == []


async def mail_to(visitor: Visitor, address: str, *, subject: str = "", seconds: float = 60) -> None:
    """Open the newest mail to this address in the mailbox, once it is there."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        await visitor.page.goto(f"{visitor.almoner.stripe_url}/mailbox?q={address}")
        mail = visitor.page.locator("ul.mails a", has_text=subject)
        if await mail.count():
            return await mail.first.click()
        assert asyncio.get_running_loop().time() < deadline, f"no mail to {address}"
        await asyncio.sleep(0.5)
