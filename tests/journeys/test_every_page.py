"""Every page and every refused form, as axe, the content security policy and a phone's width see them."""

import asyncio

import pytest
import pytest_asyncio
from litestar import Litestar

from tests.journeys import places
from tests.journeys.visitor import DESKTOP, TALL_PHONE, Visitor

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("journeys")]
_A_PICTURE = {
    "name": "logo.svg",
    "mimeType": "image/svg+xml",
    "buffer": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
}


def routes_of(app: Litestar, method: str) -> set[str]:
    """The names of all handlers of a method."""
    return {
        handler.name or str(handler.fn)
        for route in app.routes
        for handler in getattr(route, "route_handlers", [])
        if method in handler.http_methods
    }


def test_every_page_and_every_form_is_written_down(app):
    assert routes_of(app, "GET") == set(places.PAGES) | places.NO_PAGES
    assert routes_of(app, "POST") == set(places.FORMS) | places.BUTTONS


@pytest_asyncio.fixture(scope="module")
async def world(database, administrator):
    return await places.world(database, administrator)


@pytest_asyncio.fixture(scope="module")
async def administrator(chromium, almoner):
    """Who may open everything, in one window for all these tests."""
    visitor = await Visitor.arrive(chromium, almoner)
    await visitor.sign_in()
    yield visitor
    await visitor.leave()


@pytest_asyncio.fixture(scope="module")
async def nobody(chromium, almoner):
    visitor = await Visitor.arrive(chromium, almoner)
    yield visitor
    await visitor.leave()


async def looked_at(visitor: Visitor, *, in_the_dark: bool = False, only_phone: bool = False) -> list[str]:
    """Whatever is wrong with the page as it stands: at a desk, on a phone, and perhaps in the dark."""
    wrong = []
    if not only_phone:
        wrong += await visitor.faults() + await visitor.overflow()
    if in_the_dark:
        await visitor.page.emulate_media(color_scheme="dark")
        wrong += ["dark: " + fault for fault in await in_the_end(visitor)]
        await visitor.page.emulate_media(color_scheme="light")
    await visitor.resize(TALL_PHONE)
    wrong += await visitor.faults() + await visitor.overflow() + await visitor.refused()
    await visitor.resize(DESKTOP)
    return wrong + visitor.complaints


async def in_the_end(visitor: Visitor) -> list[str]:
    """Faults of colour that stay: a browser that is busy paints some words in the old scheme a moment longer."""
    faults = await visitor.faults("color-contrast")
    for _ in range(4):
        if faults:
            await asyncio.sleep(0.4)
            faults = await visitor.faults("color-contrast")
    return faults


@pytest.mark.parametrize("name", places.PAGES)
async def test_a_page(administrator, nobody, world, name):
    visitor = nobody if name in places.PUBLIC else administrator
    wrong, visitor.complaints = [], []
    for number, path in enumerate(places.PAGES[name]):
        status = await visitor.go(path.format(**world))
        assert status in (200, 404), f"{path} answers {status}"
        assert status == 200 or "never" in path or "there-is-none" in path, f"{path} is not there"
        wrong += await looked_at(visitor, in_the_dark=number == 0, only_phone=number > 0)

    assert wrong == []


@pytest.mark.parametrize("name", places.FORMS)
async def test_a_form_that_is_refused(administrator, nobody, world, name):
    visitor = nobody if name in places.PUBLIC_FORMS else administrator
    how, visitor.complaints = places.FORMS[name], []
    await visitor.go(how.page.format(**world))
    form = visitor.page.locator(how.form).first
    await form.evaluate("form => { form.noValidate = true; }")
    await visitor.fill(**how.typed)
    if name == "logos:create":
        await form.locator("input[type=file]").set_input_files(_A_PICTURE)
    button = form.locator("button:not([type=button]):not(.visually-hidden)")
    main = button.and_(form.locator(".main, .danger"))
    async with visitor.page.expect_response(lambda answer: answer.request.method == "POST") as sent:
        await (main if await main.count() else button).first.click()

    assert (await sent.value).status == 422
    await visitor.page.locator("[data-focus], main [aria-invalid=true]").first.wait_for()
    await visitor.settled()
    assert await _links_to_nowhere(visitor) == []
    assert await looked_at(visitor) == []


async def _links_to_nowhere(visitor: Visitor) -> list[str]:
    """Errors above the form lead to their field."""
    return await visitor.page.evaluate(
        "() => [...document.querySelectorAll('.errors a')].map(a => a.hash.slice(1)).filter(id => !document.getElementById(id))"
    )


@pytest.mark.parametrize("path", ["/nothing/here", "/constituents/999999", "/gifts/999999"])
async def test_a_page_that_is_not_there(administrator, path):
    assert await administrator.go(path) == 404
    await administrator.reads("Page not found", "Riverbend Food Bank")
    assert await looked_at(administrator) == []
