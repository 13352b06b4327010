"""The style guide is there in the demo and nowhere else."""

from collections.abc import Iterator

import msgspec
import pytest

from kit import config


@pytest.fixture
def demo(settings) -> Iterator[None]:
    config.use(msgspec.structs.replace(settings, demo=True))
    yield
    config.use(settings)


@pytest.mark.parametrize("path", ["/style", "/style/list", "/style/give"])
async def test_the_demo_shows_its_parts(browser, demo, path):
    assert (await browser.get(path)).status_code == 200


@pytest.mark.parametrize("path", ["/style/nothing", "/style/..%2Fhome%2Fshow", "/style/list.html"])
async def test_only_its_own_pages_are_shown(browser, demo, path):
    assert (await browser.get(path)).status_code == 404


async def test_a_real_installation_has_none(browser):
    assert (await browser.get("/style")).status_code == 404
