"""Clocks for tests of volunteers."""

from datetime import UTC, datetime
from typing import cast

import pytest

from kit import days

_AUTUMN = datetime(2026, 11, 22, 18, tzinfo=UTC)


@pytest.fixture
def clock_of_2026(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that goes on from November 2026, where sentences name days of the March that follows: they are to come
    whenever the tests run. `days.frozen` works as ever.
    """
    real = days.now
    began = real()

    def now() -> datetime:
        stands = cast(datetime | None, days._frozen.get())
        return stands or _AUTUMN + (real() - began)

    monkeypatch.setattr(days, "now", now)
