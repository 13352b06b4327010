"""The organisation's settings, logo and colour on screen."""

import pytest

from kit import changes, db
from tests import make
from tests.reliability.examples import FIELDS, picture

SETTINGS = FIELDS["/organisation"]
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


async def stored(column: str):
    return await db.value(f"SELECT {column} FROM organisations")


async def test_settings_are_saved_and_noted(browser):
    await browser.sign_in()
    assert "Riverbend" in (await browser.get("/organisation")).text

    answer = await browser.submit("/organisation", **SETTINGS)

    assert answer.status_code == 303
    assert (await stored("fiscal_year_start"), await stored("giving_heading")) == (7, "Give a meal")
    [change] = await changes.of("organisation", await stored("id"))
    assert change["action"] == "organisation.edited" and change["after"]["fiscal_year_start"] == 7


@pytest.mark.parametrize(
    ("fields", "said"),
    [({"name": ""}, "what donors call you"), ({"registration_number": "12"}, "nine digits"), ({"accent": "green"}, "#17685a"),
     ({"fee_basis_points": "200"}, "percentage"), ({"fee_basis_points": "2.9%%"}, "percentage"), ({"smallest_gift": "1.000"}, "two ways"),
     ({"largest_gift": "0.50"}, "smaller than the smallest"), ({"website": "javascript:alert(1)"}, "address of the website"),
     ({"zone": "Mars/Olympus"}, "Choose one"), ({"country": "XX"}, "Choose one"), ({"currency": "XAU"}, "Choose one"),
     ({"fiscal_year_start": "13"}, "1 to 12"), ({"phone": "12"}, "number"), ({"email": "x@"}, "e-mail")],
)  # fmt: skip
async def test_settings_that_cannot_be_say_why_and_change_nothing(browser, fields, said):
    await browser.sign_in()
    before = await db.row("SELECT * FROM organisations")

    answer = await browser.submit("/organisation", **{**SETTINGS, **fields})

    assert answer.status_code == 422 and said in answer.text and "Every gift feeds somebody." in answer.text
    assert await db.row("SELECT * FROM organisations") == before


async def test_the_second_of_two_editors_sees_both_and_may_then_save(browser):
    await browser.sign_in()
    assert (await browser.submit("/organisation", **SETTINGS)).status_code == 303
    answer = await browser.submit("/organisation", **{**SETTINGS, "name": "Other", "kind": "religious"})

    assert answer.status_code == 409 and "meanwhile" in answer.text and await stored("name") == "Riverbend"
    assert ">Riverbend</td>" in answer.text and ">Other</td>" in answer.text
    assert ">Public charity</td>" in answer.text and ">Religious organisation</td>" in answer.text
    assert answer.text.count('<th scope="row">') == 2  # what both say alike is not listed
    again = await browser.submit("/organisation", **{**SETTINGS, "name": "Other", "version": 2})
    assert again.status_code == 303 and await stored("name") == "Other"


async def test_a_logo_is_used_and_taken_away(browser):
    await browser.sign_in()
    sent = await browser.post("/organisation/logo", files={"logo": ("logo.png", picture(), "image/png")})

    assert sent.status_code == 303
    shown = await browser.get("/logo")
    assert shown.headers["content-type"] == "image/png" and shown.content == picture()
    assert (await browser.submit("/organisation/logo/removal")).status_code == 303
    assert (await browser.get("/logo")).status_code == 404


@pytest.mark.parametrize(
    "data",
    [
        b"",
        SVG,
        b"GIF89a" + b"\0" * 50,
        b"\x89PNG\r\n\x1a\n" + b"\0" * 50,
        b"%PDF-1.7",
        b"\xff\xd8\xff" + b"\0" * 50,
    ],
)
async def test_what_is_no_picture_is_refused_with_the_reason(browser, data):
    await browser.sign_in()
    # Whatever it calls itself, what is in it counts.
    answer = await browser.post("/organisation/logo", files={"logo": ("logo.png", data, "image/png")})

    assert answer.status_code == 422 and ("PNG" in answer.text or "picture" in answer.text)
    assert await stored("logo") is None


async def test_a_logo_that_is_a_text_field_is_refused(browser):
    await browser.sign_in()
    assert (await browser.submit("/organisation/logo", logo="not a file")).status_code == 422


@pytest.mark.parametrize("role", ["fundraiser", "gift_entry", "finance", "volunteer_coordinator", "auditor"])
async def test_only_administrators_change_settings(browser, role):
    await browser.sign_in(role=role)
    before = await db.row("SELECT * FROM organisations")

    assert (await browser.get("/organisation")).status_code == 403
    for path in ("/organisation", "/organisation/logo", "/organisation/logo/removal"):
        assert (await browser.submit(path, **SETTINGS)).status_code == 403, path
    assert await db.row("SELECT * FROM organisations") == before


async def test_htmx_gets_the_form(browser):
    await browser.sign_in()
    htmx = {"hx-request": "true", "hx-request-type": "partial"}
    answer = await browser.post("/organisation", data={**SETTINGS, "name": ""}, headers=htmx)

    assert answer.status_code == 422 and answer.text.strip().startswith('<form id="organisation-form"')


async def test_wrong_methods_are_refused(browser):
    await browser.sign_in()
    for path in ("/organisation/logo", "/organisation/logo/removal"):
        assert (await browser.get(path)).status_code == 405
    assert (await browser.submit("/logo")).status_code == 405


async def test_the_colour_is_a_sheet_of_its_own(browser):
    await make.organisation(accent="#aa1122")
    answer = await browser.get("/theme.css")

    assert answer.headers["content-type"].startswith("text/css") and "aa1122" in answer.text.lower()
