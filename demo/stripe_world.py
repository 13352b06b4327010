"""The stand-in's world: its clock, its settings, what it remembers and what is due.

Every verb (`stripe_payments.confirm(world, …)`) takes the world first and runs inside `world.tx()`.
"""

import random
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from demo.stripe_store import Body, Store

API_VERSION = "2026-10-28.endive"
DAY = 86_400
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """What tests and the control page can turn. Times are seconds of the stand-in's clock, but for slow and hang."""

    # how Stripe behaves
    balance_delay: float = 2.0  # until a charge has its balance transaction
    refund_delay: float = 2.0  # until refund.updated brings the reference (or a bank refund is done)
    bank_delay: float = 4.0 * DAY  # until a bank debit is known to be good or bad
    search_delay: float = 0.0  # how far search lags behind, as Stripe's does
    # webhooks
    webhooks: str = "on"  # on, dropped
    webhook_delay: float = 0.0
    webhook_double: bool = False
    webhook_shuffle: bool = False
    # trouble with the API
    error_once: int = 0  # so many of the next requests are answered with error_status
    error_status: int = 500
    error_kept: bool = False  # as an answer to the idempotency key, which then stays an error for a day
    lose_answer: int = 0  # so many of the next requests take effect and are never answered
    hang: float = 0.0  # real seconds before the line of a lost answer is cut
    slow: float = 0.0  # real seconds before a request takes effect
    trouble_at: str = "POST"  # which requests the troubles above meet: the beginning of "POST /v1/refunds"
    clock_offset: float = 0.0
    merchant: str = ""  # whom Checkout names; empty: as it was started


class World:
    """All state of one stand-in."""

    def __init__(self, path: Path | None = None, *, seed: int | None = None) -> None:
        self.store = Store(path)
        self.tx = self.store.tx
        self.base_url = ""
        self.started_for = "Pretend merchant"
        self.wall: Callable[[], float] = time.time
        self.random = random.Random(seed)  # only for the order of webhooks
        self.duties: Mapping[str, Callable[[World, str], None]] = {}
        self.request: dict[str, str | None] = {"id": None, "idempotency_key": None}
        self._at: float | None = None
        self.settings = self._read_settings()
        # A stand-in keeps its account id, as a real account does.
        self.account = self._remembered("account", lambda: new_id("acct_", 16))

    # ---- clock -------------------------------------------------------------------------------

    def now(self) -> float:
        """This moment on the stand-in's clock; for what was due, the moment it was due."""
        return self._at if self._at is not None else self.wall() + self.settings.clock_offset

    def moment(self) -> int:
        """This second, as `created` has it."""
        return int(self.now())

    def later(self, seconds: float, what: str, about: str) -> None:
        """Do `what` about an object when the clock has moved on; at once when that is no time at all."""
        self.store.query(
            "INSERT INTO tasks (due, what, about) VALUES (?, ?, ?)", self.now() + seconds, what, about
        )

    def forget(self, what: str, about: str) -> bool:
        """Whatever was due about this will not happen by itself. False: nothing was."""
        with self.store.lock:
            return bool(
                self.store.query("DELETE FROM tasks WHERE what = ? AND about = ? RETURNING id", what, about)
            )

    def tick(self) -> None:
        """Do everything that is due by now, in its order and each at its own moment."""
        with self.store.lock:
            while self._do_next(until=self.now(), at=None):
                pass

    def skip(self, seconds: float) -> None:
        """Do now what would be due in that time: all moments are of now, so the clock goes on undisturbed.

        For a demo, whose other half lives in real time and would take a payment of next week for a mistake.
        """
        with self.tx():
            now = self.now()
            while self._do_next(until=now + seconds, at=now):
                pass
            self.store.query(
                "UPDATE deliveries SET due = ? WHERE status = 'pending' AND due <= ?", now, now + seconds
            )
            self.store.query(
                """UPDATE objects SET body = json_set(body, '$.available_on', ?1)
                    WHERE kind = 'balance_transaction' AND json_extract(body, '$.available_on') BETWEEN ?1 AND ?2""",
                int(now),
                now + seconds,
            )

    def _do_next(self, *, until: float, at: float | None) -> bool:
        """Do the first thing that is due by then. False: nothing was."""
        rows = self.store.query(
            "SELECT id, due, what, about FROM tasks WHERE due <= ? ORDER BY due, id LIMIT 1", until
        )
        for task, due, what, about in rows:
            with self.tx(), self._when(due if at is None else at):
                self.store.query("DELETE FROM tasks WHERE id = ?", task)
                self.duties[what](self, about)
        return bool(rows)

    @contextmanager
    def _when(self, due: float) -> Iterator[None]:
        self._at = due
        try:
            yield
        finally:
            self._at = None

    @property
    def merchant(self) -> str:
        """Whose account it is."""
        return self.settings.merchant or self.started_for

    # ---- settings ----------------------------------------------------------------------------

    def set(self, **changes: Any) -> None:
        """Turn some knobs; they are kept over a restart."""
        with self.tx():
            self.settings = msgspec.convert(
                msgspec.structs.asdict(self.settings) | changes, Settings, strict=False
            )
            self._remember("settings", msgspec.json.encode(self.settings).decode())

    def used(self, name: str) -> bool:
        """Take one of a counted trouble, if one is left."""
        left = getattr(self.settings, name)
        if left > 0:
            self.set(**{name: left - 1})
        return left > 0

    def _read_settings(self) -> Settings:
        rows = self.store.query("SELECT value FROM settings WHERE name = 'settings'")
        try:
            return msgspec.json.decode(rows[0][0], type=Settings) if rows else Settings()
        except msgspec.ValidationError:  # of an older version of this file
            return Settings()

    def _remember(self, name: str, value: str) -> None:
        self.store.query(
            "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            name,
            value,
        )

    def _remembered(self, name: str, make: Callable[[], str]) -> str:
        with self.tx():
            rows = self.store.query("SELECT value FROM settings WHERE name = ?", name)
            if not rows:
                self._remember(name, make())
            return rows[0][0] if rows else self._remembered(name, make)

    def reset(self) -> None:
        """As if it had just been started for the first time."""
        with self.tx():
            self.store.forget_all()
            self.settings = Settings()
            self._remember("account", self.account)

    # ---- objects -----------------------------------------------------------------------------

    def get(self, id: str, kind: str | None = None) -> Body | None:
        return self.store.get(id, kind)

    def sure(self, id: str) -> Body:
        """An object that one of ours points to."""
        body = self.store.get(id)
        assert body is not None, id
        return body

    def put(self, body: Body) -> Body:
        return self.store.put(body)

    @contextmanager
    def on_behalf(self, request_id: str | None, key: str | None) -> Iterator[None]:
        """Events inside name the request that caused them."""
        before, self.request = self.request, {"id": request_id, "idempotency_key": key}
        try:
            yield
        finally:
            self.request = before


def new_id(prefix: str, length: int = 24) -> str:
    """An id that looks like one of Stripe's."""
    return prefix + "".join(secrets.choice(_LETTERS) for _ in range(length))
