"""The pretend Stripe of a test: empty books, webhooks that the test delivers itself."""

import random
import re
from typing import Any

import msgspec

from kit import config


class StripeSide:
    """The stand-in as the app's Stripe. `deliver()` posts what is due to the app's webhook."""

    def __init__(self, stand_in: Any, settings: config.Settings, browser: Any) -> None:
        self.stand_in = stand_in
        self.settings = settings
        self.browser = browser

    def __enter__(self) -> "StripeSide":
        self.stand_in.reset()
        self.stand_in.set(balance_delay=0)
        config.use(
            msgspec.structs.replace(
                self.settings,
                stripe_secret_key=self.stand_in.key,
                stripe_webhook_secret=self.stand_in.webhook_secret,
                stripe_api_base=self.stand_in.url,
            )
        )
        return self

    def __exit__(self, *_: object) -> None:
        config.use(self.settings)

    async def give(self, path: str = "/give", **typed: str) -> Any:
        """Fill in the giving page as a donor without script does and send it; a shown total is accepted."""
        page = await self.browser.get(path)
        fields = {
            "amount": "25.00",
            "first_name": "Margaret",
            "last_name": "Okafor",
            "email": "margaret@example.org",
            "form_key": hidden(page.text, "form_key"),
            "total": hidden(page.text, "total"),
            "seen": hidden(page.text, "seen"),
            **typed,
        }
        answer = await self.browser.submit(path, **fields)
        if answer.status_code == 200:
            fields |= {"total": hidden(answer.text, "total"), "seen": hidden(answer.text, "seen")}
            answer = await self.browser.submit(path, **fields)
        return answer

    def session_of(self, answer: Any) -> str:
        """The Checkout session that an answer leads to."""
        assert answer.status_code == 303, answer.text
        return re.search(r"cs_\w+", answer.headers["location"])[0]  # type: ignore[index]

    def pay(self, answer: Any, card: str = "4242424242424242") -> str:
        return self.stand_in.pay(self.session_of(answer), card=card)

    async def deliver(self, *, times: int = 1, shuffled: random.Random | None = None) -> list[int]:
        """Post every webhook that is due, `times` each; returns the status codes."""
        due = [delivery for delivery in self.stand_in.deliveries() for _time in range(times)]
        if shuffled:
            shuffled.shuffle(due)
        return [
            (await self.browser.post("/webhooks/stripe", content=body, headers=headers)).status_code
            for headers, body in due
        ]


def hidden(html: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, f"no field {name}"
    return found[1]
