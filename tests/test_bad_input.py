"""What people really type into forms: each is taken or asked back with a sentence, and nothing is half done.

The amounts and days of gift entry are tried in tests/donations/test_gift_pages.py, webhooks in test_stripe_pages.py,
people's names in tests/constituents/test_form_pages.py; here stand the cases that every form has.
"""

import html
import re

import pytest

from kit import days, db
from tests import make, routes
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


# ---------------------------------------------------------------- volunteering

# Route -> what is typed otherwise than in its example, and words of the sentence that asks it back.
NOBODY = "2147483600"
VOLUNTEERING: dict[str, list[tuple[dict[str, str], str]]] = {
    "/opportunities/{opportunity_id:int}/shifts": [
        ({"starts": "12:00", "ends": "09:00", "last_day": "{shift_day}"}, "ends before it starts"),
        ({"last_day": "2026-01-01"}, "cannot end before it begins"),
        ({"starts": "09:00", "ends": "09:00", "last_day": "{shift_day}"}, "ends before it starts"),
        ({"minimum": "9", "maximum": "3"}, "fewest people cannot be more than the most"),
        ({"maximum": "0"}, "whole number from 1"),
        ({"maximum": "10000"}, "to 5000"),
        ({"starts": "25:00"}, "like 09:30"),
        ({"day": "2026-02-30"}, "day"),
        ({"every": "rule", "rrule": "FREQ=SOMETIMES;BYDAY=XX"}, "rule"),
        ({"every": "rule", "rrule": "FREQ=SECONDLY"}, "rule"),
        ({"every": "rule", "rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "rule"),
        ({"every": "rule", "rrule": "RRULE:RRULE:\nDTSTART:x"}, "rule"),
        ({"every": "rule", "rrule": ""}, "Type the rule"),
        ({"every": "week", "count": "1000"}, "to 750"),
        ({"every": "week", "until": "2020-01-01"}, "cannot end before it begins"),
        ({"every": "fortnight"}, "Choose"),
        ({"place": NOBODY}, "Choose"),
        ({"place": "the hall"}, "whole number"),
    ],
    "/shifts/{shift_id:int}": [
        ({"starts": "12:00", "ends": "09:00", "last_day": "{shift_day}"}, "ends before it starts"),
        ({"minimum": "9", "maximum": "3"}, "fewest people cannot be more than the most"),
        ({"place": NOBODY}, "Choose"),
    ],
    "/programmes/{programme_id:int}/opportunities": [
        ({"place": NOBODY}, "Choose"),
        ({"coordinator": NOBODY}, "Choose"),
        ({"qualifications": NOBODY}, "Choose"),
        ({"waivers": "No such paper"}, "Choose"),
        ({"largest_group": "0"}, "whole number from 1"),
        ({"remind_hours": "soon"}, "48, 3"),
    ],
    "/programmes": [({"coordinators": NOBODY}, "Choose")],
    "/shifts/{shift_id:int}/sign-ups": [
        ({"constituent": NOBODY}, "Choose"),
        ({"size": "0"}, "whole number from 1"),
        ({"size": "10000"}, "to 500"),
    ],
    "/sign-ups/{signup_id:int}/replacements": [({"constituent": NOBODY}, "Choose")],
    "/hours": [
        ({"hours": "25", "minutes": "0"}, "24 hours"),
        ({"hours": "0", "minutes": "0"}, "five minutes"),
        ({"hours": "-1"}, "whole number"),
        ({"minutes": "60"}, "to 59"),
        ({"people": "0"}, "whole number from 1"),
        ({"people": "10000"}, "to 500"),
        ({"constituent": NOBODY}, "Choose"),
        ({"programme": NOBODY}, "Choose"),
        ({"day": "2999-01-01"}, "not come yet"),
    ],
    "/hours/{hours_id:int}": [({"hours": "25"}, "24 hours"), ({"hours": "0", "minutes": "0"}, "five minutes")],
    "/kiosks": [
        ({"programme": NOBODY}, "Choose"),
        ({"place": NOBODY}, "Choose"),
        ({"pin": "12"}, "4 to 12 digits"),
        ({"days": "1000"}, "to 366"),
    ],
    "/volunteers/{constituent_id:int}": [
        ({"born_on": "2999-01-01"}, "not come yet"),
        ({"born_on": "1999-02-30"}, "day"),
        ({"guardian": NOBODY}, "Choose one from the list"),
        ({"guardian_phone": "call me"}, "phone"),
        ({"languages": "Klingonish"}, "Klingonish"),
    ],
    "/volunteers/{constituent_id:int}/qualifications": [
        ({"qualification": NOBODY}, "Choose"),
        ({"from_day": "2026-05-01", "until_day": "2026-04-01"}, "before"),
    ],
    "/volunteers/{constituent_id:int}/signatures": [
        ({"waiver": NOBODY}, "Choose"),
        ({"signed_on": "2999-01-01"}, "not come yet"),
    ],
    "/volunteer/shifts/{shift_id:int}/sign-ups": [
        ({"size": "0"}, "whole number from 1"),
        ({"size": "10000"}, "500"),
        ({"size": "5", "names": ""}, "At most 4"),
        ({"born_on": "2999-01-01"}, "not come yet"),
        ({"email": "nora at example"}, "name@example.org"),
    ],
    "/volunteer/mine/{token:str}/hours": [
        ({"hours": "25"}, "to 24"),
        ({"hours": "24", "minutes": "30"}, "24 hours"),
        ({"programme": NOBODY}, "Choose"),
        ({"day": "2999-01-01"}, "not come yet"),
    ],
    "/closed-days": [({"first": "2026-05-02", "last": "2026-05-01"}, "before the first")],
}  # fmt: skip


@pytest.mark.parametrize("path", VOLUNTEERING)
async def test_what_cannot_be_of_volunteering_is_asked_back(browser, path):
    me = await browser.sign_in(role="administrator")
    ids = await examples.world(me=me.id)
    before = await db.value("SELECT max(id) FROM changes")
    wrong = []
    for typed, sentence in VOLUNTEERING[path]:
        otherwise = {name: text.format(**vars(ids)) for name, text in typed.items()}
        answer = await browser.post(
            routes.filled(path, ids), data={**examples.fields(path, ids), **otherwise}
        )
        if answer.status_code != 422 or sentence not in " ".join(sentences_of(answer.text)):
            wrong.append((typed, answer.status_code, sentences_of(answer.text)))
        elif not all(_kept(answer.text, name, text) for name, text in otherwise.items()):
            wrong.append((typed, "what was typed is gone"))
    assert not wrong, "\n".join(map(str, wrong))
    assert await db.value("SELECT max(id) FROM changes") == before


def _kept(page: str, name: str, typed: str) -> bool:
    """Whether a field that people type into has again what was typed; a choice that is none, or a PIN, has not."""
    field = re.search(
        rf'<input(?![^>]* type="(?:radio|checkbox|hidden)")[^>]* name="{name}"[^>]*>|<textarea[^>]* name="{name}".*?</textarea>', page, re.S
    )  # fmt: skip
    return field is None or name == "pin" or typed in html.unescape(field[0])


def sentences_of(page: str) -> list[str]:
    """What a page says is wrong, in its summary and at its fields."""
    summary = re.findall(r'<div class="errors".*?</div>', page, re.S)
    at_fields = re.findall(r'<p class="error".*?</p>', page, re.S)
    return [html.unescape(" ".join(re.sub("<[^>]*>", " ", text).split())) for text in (*summary, *at_fields)]
