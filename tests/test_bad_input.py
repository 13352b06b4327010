"""What people really type into forms: each is taken or asked back with a sentence, and nothing is half done.

The amounts and days of gift entry are tried in tests/donations/test_gift_pages.py, webhooks in test_stripe_pages.py,
people's names in tests/constituents/test_form_pages.py; here stand the cases that every form has.
"""

import pytest

from kit import days, db
from tests import make
from tests.reliability import examples

NUL, HALF = "Anna\x00Maria", "Anna\ud800Maria"
GIFT = examples.FIELDS["/gifts"]
PERSON = examples.FIELDS["/constituents"]


async def post(browser, path: str, fields: dict[str, str]):
    """As a browser would, whatever signs there are."""
    from urllib.parse import urlencode

    return await browser.post(
        path, content=urlencode(fields, errors="surrogatepass").encode(),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )  # fmt: skip


# ---------------------------------------------------------------- signs that cannot be stored


@pytest.mark.parametrize("text", [NUL, HALF, "Anna\x07Maria", "Anna\x1b[2JMaria"])
@pytest.mark.parametrize(
    ("path", "field", "table"),
    [("/constituents", "family_name", "constituents"), ("/gifts", "note", "gifts"), ("/funds", "name", "funds"), ("/staff", "name", "members"),
     ("/campaigns", "text", "campaigns")],
)  # fmt: skip
async def test_what_cannot_be_stored_is_asked_back(browser, path, field, table, text):
    me = await browser.sign_in()
    ids = await examples.world(me=me.id)
    before = await db.value(f"SELECT count(*) FROM {table}")

    answer = await post(browser, path, {**examples.fields(path, ids), field: text})

    # Bytes that are no text become the sign for "unreadable" on the way; then there is nothing left to refuse.
    assert answer.status_code in (303, 422) if text == HALF else answer.status_code == 422
    if answer.status_code == 422:
        assert "character" in answer.text and await db.value(f"SELECT count(*) FROM {table}") == before


@pytest.mark.parametrize("text", [NUL, HALF])
@pytest.mark.parametrize("field", ["first_name", "email", "comment", "form_key", "amount", "city"])
async def test_the_giving_page_asks_back_too(stripe_side, browser, field, text):
    await make.organisation()
    await make.general_fund()
    answer = await post(browser, "/give", {**examples.FIELDS["/give"], field: text})

    assert answer.status_code in (303, 200, 422)
    assert answer.status_code == 422 or text == HALF
    if answer.status_code == 422:
        assert await db.value("SELECT count(*) FROM giving_intents") == 0


# ---------------------------------------------------------------- names and addresses


async def test_a_name_of_two_hundred_letters_fits(browser):
    await browser.sign_in()
    long = "Ünïcödé " * 25
    answer = await browser.submit("/constituents", **{**PERSON, "family_name": long})

    assert answer.status_code == 303 and long.strip() in (await browser.get(answer.headers["location"])).text


@pytest.mark.parametrize("length", [201, 5_000, 500_000])
async def test_a_longer_one_is_asked_back(browser, length):
    await browser.sign_in()
    answer = await browser.submit("/constituents", **{**PERSON, "family_name": "x" * length})

    assert answer.status_code == 422 and "At most 200" in answer.text
    assert await db.value("SELECT count(*) FROM constituents") == 0


@pytest.mark.parametrize(
    "address", [ "zoë@bücher.example", "a@xn--bcher-kva.example", "O'Brien+tag@example.org", "a@there-is-no-such-host.example.net", "A@EXAMPLE.ORG"]
)  # fmt: skip
async def test_unusual_addresses_may_give(stripe_side, browser, address):
    await make.organisation()
    await make.general_fund()
    assert (await stripe_side.give(email=address)).status_code == 303


@pytest.mark.parametrize(
    ("address", "hint"),
    [("margaret@gmial.com@", ""), ("margaret@gmail", "Did you mean margaret@gmail.com"), ("margaret at example.org", "name@example.org"), ("@", ""),
     ("margaret@", ""), ("a@b c.org", ""), ("x" * 320 + "@example.org", "")],
)  # fmt: skip
async def test_nonsense_is_refused_with_a_hint(stripe_side, browser, address, hint):
    await make.organisation()
    await make.general_fund()
    answer = await stripe_side.give(email=address)

    assert answer.status_code == 422 and hint in answer.text
    assert await db.value("SELECT count(*) FROM giving_intents") == 0


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("503 555 0144", "+15035550144"), ("(503) 555-0144", "+15035550144"), ("+44 20 7946 0018", "+442079460018"), ("503.555.0144 ext. 12", "+15035550144")],
)  # fmt: skip
async def test_a_phone_without_a_country_is_of_the_organisations(browser, typed, stored):
    await browser.sign_in()
    assert (await browser.submit("/constituents", **{**PERSON, "phone": typed})).status_code == 303
    assert await db.value("SELECT number FROM phones") == stored


@pytest.mark.parametrize("typed", ["12", "call me", "+", "+999 1", "5" * 60, "٠٥٠٣"])
async def test_a_phone_that_is_none_is_asked_back(browser, typed):
    await browser.sign_in()
    answer = await browser.submit("/constituents", **{**PERSON, "phone": typed})

    assert answer.status_code == 422 and await db.value("SELECT count(*) FROM constituents") == 0


# ---------------------------------------------------------------- amounts where money goes out or is asked for


@pytest.mark.parametrize("typed", ["1.000", "10.005", "0", "1e3", "٥٠", "-5", "", "NaN", "1_000", "9" * 400])
async def test_an_amount_to_give_back_is_read_like_any_other(browser, typed):
    await browser.sign_in()
    gift = await make.gift(amount=5000)
    answer = await browser.submit(
        f"/gifts/{gift.id}/refunds", amount=typed, reason="x", via="record", refunded_on="2026-03-04"
    )

    assert answer.status_code == 422 and await db.value("SELECT count(*) FROM refunds") == 0


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("1.000,50", 100050),
        ("1,000.50", 100050),
        ("10.005", 0),
        ("0", 0),
        ("1e3", 0),
        ("٥٠", 0),
        ("1.000", 0),
    ],
)
async def test_an_amount_to_give_is_read_like_any_other(stripe_side, browser, typed, taken):
    await make.organisation()
    await make.general_fund()
    answer = await stripe_side.give(amount="other", own_amount=typed)

    assert answer.status_code == (303 if taken else 422)
    assert await db.value("SELECT max(amount) FROM giving_intents") == (taken or None)


# ---------------------------------------------------------------- fields that no page of ours sends


@pytest.mark.parametrize("field", ["donor", "campaign", "appeal", "fund"])
@pytest.mark.parametrize("text", ["²", "١٢", "9" * 30, "9" * 6000, "-1", "1.0", "x", "2147483648"])
async def test_a_number_that_is_none_is_asked_back(browser, field, text):
    me = await browser.sign_in()
    ids = await examples.world(me=me.id)
    before = await db.value("SELECT count(*) FROM gifts")
    answer = await browser.submit("/gifts", **{**examples.fields("/gifts", ids), field: text})

    assert answer.status_code == 422 and await db.value("SELECT count(*) FROM gifts") == before


async def test_what_was_typed_of_a_gift_survives_the_end_of_the_session(browser):
    me = await browser.sign_in()
    donor = await make.person()
    await make.general_fund()
    await db.row("UPDATE sessions SET expires_at = $1", days.now())

    away = await browser.submit("/gifts", **{**GIFT, "donor": donor.id})
    assert away.status_code == 303 and await db.value("SELECT count(*) FROM gifts") == 0
    await browser.sign_in(me)
    kept = await browser.get("/kept/" + away.headers["location"].split("draft=")[1])

    assert "Found in the lobby box." in kept.text and "25.00" in kept.text


async def test_a_form_of_many_fields_is_still_a_form(browser):
    await browser.sign_in()
    for name in ("email", "phone", "street"):
        answer = await browser.submit("/constituents", **{**PERSON, name: ["1 Oak Lane"] * 500})
        assert answer.status_code == 422, name
