"""The list of constituents: what it shows and to whom, its pages, filters and count; Today and the top bar."""

import re

import pytest

from constituents import constituents
from kit import db
from tests import make
from tests.constituents.pages import gave


async def test_the_list_shows_names_places_and_giving(browser):
    margaret = await make.person(tags=["Monthly donor"])
    await gave(margaret)
    await browser.sign_in(role="fundraiser")

    answer = await browser.get("/constituents")

    assert answer.status_code == 200
    for words in ("Okafor, Margaret", "$3,480.00", "12 Nov 2026", "Monthly donor"):
        assert words in answer.text


@pytest.mark.parametrize(
    "path",
    ["/constituents", "/constituents?sort=lifetime", "/constituents?given=yes", "/search?q=okafor", "/"],
)
async def test_who_may_not_read_gifts_sees_no_money_in_lists(browser, path):
    await gave(await make.person())
    await gave(await make.person("Ada", "Lind"), 999_900)
    await browser.sign_in(role="volunteer_coordinator")

    text = (await browser.get(path)).text

    assert "$" not in text and "Lifetime" not in text and "12 Nov 2026" not in text
    if path.startswith("/constituents"):  # neither a filter nor an order that tells who gave
        assert text.index("Lind, Ada") < text.index("Okafor, Margaret")


async def test_who_may_not_read_gifts_sees_no_money_on_a_record(browser):
    margaret = await make.person()
    await gave(margaret)
    await browser.sign_in(role="volunteer_coordinator")

    for path in (f"/constituents/{margaret.id}", f"/constituents/{margaret.id}?show=gifts"):
        text = (await browser.get(path)).text
        assert "$" not in text and "cheque" not in text and "Giving" not in text
    part = await browser.part(f"/constituents/{margaret.id}/timeline", show="gifts")
    assert "$" not in part.text and "cheque" not in part.text


async def test_a_list_is_paged_by_keys_and_goes_back(browser):
    for number in range(120):
        await make.person("Ada", f"Name{number:03}")
    await browser.sign_in()

    first = (await browser.get("/constituents")).text
    second = await browser.get(_link(first, "next"))
    third = await browser.get(_link(second.text, "next"))
    back = await browser.get(_link(third.text, "prev"))

    assert "Name049, Ada" in first and "Name050, Ada" not in first
    assert "Name050, Ada" in second.text and "Name099, Ada" in second.text
    assert "Name119, Ada" in third.text and 'rel="next"' not in third.text
    assert _names(back.text) == _names(second.text)


def _link(html: str, rel: str) -> str:
    found = re.search(rf'href="([^"]+)" rel="{rel}"', html)
    assert found
    return found[1].replace("&amp;", "&")


def _names(html: str) -> list[str]:
    return re.findall(r'class="lead"><a href="[^"]+">([^<]+)<', html)


@pytest.mark.parametrize("sort", ["lifetime", "last_gift", "newest", "name"])
async def test_each_order_is_paged_without_gap_or_repeat(browser, sort):
    for number in range(60):
        await gave(await make.person("Ada", f"Name{number:03}"), 1000 * (number % 7 + 1))
    await browser.sign_in()

    first = (await browser.get(f"/constituents?sort={sort}")).text
    second = (await browser.get(_link(first, "next"))).text

    assert len(_names(first)) == 50
    assert len({*_names(first), *_names(second)}) == 60


async def test_filters_narrow_the_list_and_each_is_a_link(browser):
    await make.person("Ada", "Lind", tags=["Volunteer"])
    await gave(await make.person("Ben", "Ruiz"))
    await make.household("Okafor household")
    await constituents.archive((await make.person("Old", "Friend")).id, by=make.STAFF)
    await browser.sign_in()
    tag = await db.value("SELECT id FROM tags")

    async def names(query: str) -> list[str]:
        return _names((await browser.get(f"/constituents?{query}")).text)

    assert await names("") == ["Lind, Ada", "Okafor household", "Ruiz, Ben"]
    assert await names("kind=household") == ["Okafor household"]
    assert await names(f"tag={tag}") == ["Lind, Ada"]
    assert await names("given=yes") == ["Ruiz, Ben"]
    assert await names("given=no") == ["Lind, Ada", "Okafor household"]
    assert await names("archived=yes") == ["Friend, Old"]
    assert await names("kind=nonsense&tag=x&sort=x&after=x&before=-1") == await names("")


async def test_the_count_comes_by_itself_and_is_said_honestly(browser):
    await make.person()
    await browser.sign_in()

    assert "1 constituent<" in (await browser.part("/constituents/count")).text
    assert "0 constituents<" in (await browser.part("/constituents/count", kind="household")).text


async def test_a_search_that_finds_nobody_offers_a_new_record(browser):
    await browser.sign_in()

    answer = await browser.get("/constituents?q=Grace+Onyango")

    assert "Nobody is found" in answer.text and "/constituents/new?name=Grace+Onyango" in answer.text
    form = (await browser.get("/constituents/new?name=Grace+Onyango")).text
    assert 'value="Grace"' in form and 'value="Onyango"' in form


async def test_htmx_gets_the_list_alone(browser):
    await make.person()
    await browser.sign_in()

    part = await browser.part("/constituents", q="okafor")

    assert part.text.strip().startswith('<section id="constituent-list"') and "<html" not in part.text


async def test_home_says_how_to_begin_and_then_what_is_new(browser):
    await browser.sign_in()
    assert "Nobody is here yet" in (await browser.get("/")).text

    await make.person()
    text = (await browser.get("/")).text
    assert "Margaret Okafor" in text and "Nothing waits" in text


async def test_the_top_bar_finds_people(browser):
    await make.person(email="m@example.org")
    await browser.sign_in()

    part = await browser.part("/search", q="Margret Okafor")

    assert part.text.strip().startswith('<section id="search-results"') and "Margaret Okafor" in part.text
    assert "Nobody is found" in (await browser.part("/search", q="zzz")).text
    assert "Type a name" in (await browser.get("/search")).text
