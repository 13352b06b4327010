"""Alive or not, as a proxy asks; and public pages for whoever only looks whether they are there."""

import asyncio
import time

import pytest

from kit import db
from tests import make


@pytest.mark.parametrize("path", ["/healthz", "/sign-in", "/forgotten", "/theme.css", "/give", "/give/roof"])
async def test_head_answers_as_get_does_without_the_words(browser, path):
    await make.organisation()
    await make.general_fund()
    there, looked = await browser.get(path), await browser.head(path)

    assert looked.status_code == there.status_code
    assert looked.headers["content-type"] == there.headers["content-type"]
    assert there.text and not looked.text


async def test_only_looking_is_answered(browser):
    assert (await browser.post("/healthz")).status_code == 405


async def test_a_database_that_has_stopped_without_a_word_is_not_waited_for(browser, monkeypatch):
    """As a frozen server, or a network that swallows packets: no refusal, no answer, and nothing can be taken back."""
    monkeypatch.setattr("staff.guard._PATIENCE", 0.2)
    frozen = asyncio.Event()

    async def never(*_values: object) -> None:
        while not frozen.is_set():
            try:
                await frozen.wait()
            except asyncio.CancelledError:
                continue

    monkeypatch.setattr(db, "row", never)
    began = time.monotonic()
    answer = await browser.get("/healthz")
    frozen.set()

    assert answer.status_code == 503 and "does not answer" in answer.text
    assert time.monotonic() - began < 5
