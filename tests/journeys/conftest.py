"""One running application and one Chromium for all journeys; each test brings visitors of its own."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright

from tests.journeys.visitor import Visitor
from tests.whole import Almoner

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# Without these a closed network makes Chromium knock at Google's doors again and again.
_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
Arrive = Callable[..., Awaitable[Visitor]]


@pytest.fixture(autouse=True)
def rolled_back() -> None:
    """Journeys use the database of the running application, not the tests' own."""


@pytest_asyncio.fixture(scope="session")
async def almoner() -> AsyncIterator[Almoner]:
    async with Almoner() as running:
        yield running


@pytest_asyncio.fixture(scope="session")
async def database(almoner: Almoner) -> AsyncIterator[asyncpg.Connection]:
    """The application's books, to look into; and for the few things that no page can do (end a session, age a link)."""
    connection = await almoner.database()
    yield connection
    await connection.close()


@pytest_asyncio.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        pytest.fail("There is no Chromium here: bin/test --all installs it, or says how.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=_FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def arrive(chromium: Browser, almoner: Almoner) -> AsyncIterator[Arrive]:
    """Visitors of this test; at its end each tells what her browser complained of."""
    here: list[Visitor] = []

    async def someone(**given: Any) -> Visitor:
        here.append(await Visitor.arrive(chromium, almoner, **given))
        return here[-1]

    yield someone
    for visitor in here:
        await visitor.leave()
