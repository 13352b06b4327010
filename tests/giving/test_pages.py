"""The giving pages and the thank-you page: the six questions of each page."""

import re

import pytest

from donations import campaigns, intents
from kit import db
from tests import make
from tests.reliability.wire import undone
from tests.stripe_side import hidden


@pytest.fixture(autouse=True)
async def fund():
    await make.organisation()
    return await make.general_fund()


async def token_of(answer) -> str:
    [intent] = await db.rows("SELECT * FROM giving_intents")
    return intents.token_of(intent)


async def test_the_page_needs_nobody_and_says_what_happens_next(stripe_side, browser):
    answer = await browser.get("/give")

    assert answer.status_code == 200 and 'action="/give"' in answer.text
    assert "$25.00" in answer.text and "Stripe" in answer.text
    assert stripe_side.stand_in.url.split("//")[1] in answer.headers["content-security-policy"]


async def test_looking_for_it_with_head_works(stripe_side, browser):
    campaign = await make.campaign("Roof", public=True)
    for path in ("/give", f"/give/{campaign.slug}"):
        answer = await browser.head(path)
        assert answer.status_code in (200, 204) and answer.content == b""


async def test_a_campaign_has_its_own_words_and_fund(stripe_side, browser):
    roof = await make.fund("Roof fund", public=False)
    campaign = await make.campaign("Roof", heading="A dry roof", text="It leaks.", public=True, fund=roof.id)

    page = await browser.get(f"/give/{campaign.slug}")

    assert "A dry roof" in page.text and "It leaks." in page.text and "Roof fund" in page.text
    answer = await stripe_side.give(f"/give/{campaign.slug}")
    assert answer.status_code == 303
    assert await db.value("SELECT campaign FROM giving_intents") == campaign.id


@pytest.mark.parametrize(
    "make_it_so", ["UPDATE campaigns SET closed_at = now()", "UPDATE campaigns SET public = false", "UPDATE campaigns SET ends_on = '2020-01-01'",
                   "UPDATE campaigns SET starts_on = '2999-01-01'"],
)  # fmt: skip
async def test_a_campaign_that_is_over_says_so_and_takes_nothing(stripe_side, browser, make_it_so):
    campaign = await make.campaign("Roof", public=True)
    await db.row(make_it_so)
    path = f"/give/{campaign.slug}"

    page, sent = await browser.get(path), await browser.submit(path, amount="25.00", email="a@example.org")

    assert page.status_code == sent.status_code == 404 and 'href="/give"' in page.text
    assert await db.value("SELECT count(*) FROM giving_intents") == 0


async def test_a_campaign_that_closes_while_somebody_types_takes_nothing(stripe_side, browser):
    campaign = await make.campaign("Roof", public=True)
    path = f"/give/{campaign.slug}"
    shown = await browser.get(path)
    await campaigns.close(campaign.id, by=make.STAFF)

    answer = await browser.submit(path, amount="25.00", form_key=hidden(shown.text, "form_key"))

    assert answer.status_code == 404 and await db.value("SELECT count(*) FROM giving_intents") == 0


@pytest.mark.parametrize(
    "slug",
    ["never-was", "%00", "..%2f..%2fetc", "a" * 3000, "%FF%FE", "'%3B%20DROP", "give", "thanks", "ROOF"],
)
async def test_an_unknown_campaign_is_not_found(stripe_side, browser, slug):
    async with undone():
        assert (await browser.get(f"/give/{slug}")).status_code in (400, 404)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_giving_is_asked_for_and_sent(browser, method):
    assert (await browser.request(method, "/give")).status_code == 405


async def test_known_and_unknown_donors_are_answered_alike(stripe_side, browser):
    await make.person("Margaret", "Okafor", email="margaret@example.org")

    known = await stripe_side.give(email="margaret@example.org", last_name="")
    unknown = await stripe_side.give(email="stranger@example.org", last_name="")

    def bare(text: str) -> str:
        return re.sub(r'name="form_key" value="[^"]*"', "", text.replace("margaret@", "stranger@"))

    assert known.status_code == unknown.status_code == 422 and bare(known.text) == bare(unknown.text)
    assert await db.value("SELECT count(*) FROM constituents") == 1


async def test_the_thank_you_page_is_a_block_that_asks_again_until_it_knows(stripe_side, browser):
    answer = await stripe_side.give()
    token = await token_of(answer)

    waiting = await browser.part(f"/give/thanks/{token}")
    assert (
        'id="thanks"' in waiting.text[:200] and "data-again" in waiting.text and "<html" not in waiting.text
    )
    stripe_side.pay(answer)
    await stripe_side.deliver()
    from kit import jobs

    await jobs.drain()
    done = await browser.part(f"/give/thanks/{token}")
    assert "$25.00" in done.text and "data-again" not in done.text


@pytest.mark.parametrize("token", ["never-was-one", "%00", "a" * 5000, "%FF", "é", "1", "null"])
async def test_nobody_guesses_a_thank_you_page(browser, token):
    answer = await browser.get(f"/give/thanks/{token}")

    assert answer.status_code in (400, 404) and "Margaret" not in answer.text


async def test_a_thank_you_page_is_only_looked_at(stripe_side, browser):
    token = await token_of(await stripe_side.give())

    assert (await browser.submit(f"/give/thanks/{token}")).status_code == 405


async def test_what_was_typed_comes_back_on_ones_own_link_only(stripe_side, browser):
    token = await token_of(await stripe_side.give(comment="for the kitchen"))

    assert "for the kitchen" in (await browser.get(f"/give?again={token}")).text
    for other in ("never-was-one", "1", "%00", token[:-1]):
        assert "for the kitchen" not in (await browser.get(f"/give?again={other}")).text


async def test_giving_to_a_fund_that_is_not_public_is_asked_back(stripe_side, browser):
    secret = await make.fund("Board only", public=False)
    answer = await stripe_side.give(fund=str(secret.id))

    assert answer.status_code == 422 and "Board only" not in answer.text


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
async def test_the_page_is_light_with_the_heaviest_logo(stripe_side, browser, kind):
    import io
    import random

    from PIL import Image

    from staff import organisation

    noise = Image.frombytes("RGB", (800, 600), random.Random(1).randbytes(800 * 600 * 3))
    data = io.BytesIO()
    noise.save(data, kind, quality=95)
    await organisation.put_logo(data.getvalue(), by=make.STAFF)

    page = await browser.get("/give")
    links = set(re.findall(r'(?:href|src)="(/(?:static|theme|logo)[^"#]*)', page.text))
    assert "/logo" in links
    sizes = {link: len((await browser.get(link)).content) for link in links}

    assert len(page.content) + sum(sizes.values()) < 100_000, sizes


async def test_everything_that_is_wrong_is_said_at_once(stripe_side, browser):
    answer = await stripe_side.give(amount="other", own_amount="0.40", last_name="", email="x")

    assert answer.status_code == 422
    for sentence in ("The smallest gift here is $1.00", "Type your last name", "no e-mail address"):
        assert sentence in answer.text


async def test_an_evening_with_many_donors_on_one_network_is_a_setting(stripe_side, browser):
    import msgspec

    from kit import config

    config.use(msgspec.structs.replace(config.settings(), giving_tries=12))

    answers = [await stripe_side.give(email=f"d{number}@example.org") for number in range(13)]

    assert [answer.status_code for answer in answers] == [303] * 12 + [429]
