"""Making and changing a constituent: what is kept, what is refused, and who is like it."""

import pytest

from constituents import constituents
from kit import db
from tests import make
from tests.constituents.pages import FORM, stored


async def test_a_new_person_is_kept_with_lines_and_tags(browser):
    await browser.sign_in(role="gift_entry")

    answer = await browser.submit(
        "/constituents", **{**FORM, "family_name": "van der Berg", "tags": "Volunteer, volunteer, Choir"},
        email=["peter@example.org", "", "p.lind@work.example"], email_kind=["home", "home", "work"], email_preferred="2",
        phone=["(503) 555-0144"], phone_kind=["mobile"], street=["18 Alder Lane"], city=["Portland"], region=["OR"],
        postal_code=["97206"], address_kind=["home"],
    )  # fmt: skip

    assert answer.status_code == 303
    row = await db.row("SELECT * FROM constituents")
    assert row is not None
    assert (row["name"], row["sort_key"], row["place"]) == (
        "Peter van der Berg",
        "berg  peter  van der",
        "Portland OR",
    )
    written = await constituents.as_written(row["id"])
    assert written["e-mails"] == "p.lind@work.example (work, preferred); peter@example.org (home)"
    assert written["phones"] == "+15035550144 (mobile, preferred)"
    assert written["tags"] == "Choir, volunteer" or written["tags"] == "Choir, Volunteer"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"given_name": "", "family_name": ""}, "Type a first name, a last name, or both."),
        ({"kind": "", "name": "Riverbend"}, "Choose: a person, a household or an organisation."),
        ({"email": ["nonsense"]}, "That is no e-mail address"),
        ({"email": ["ana@gmail."]}, "Did you mean ana@gmail.com?"),
        ({"phone": ["12"]}, "too short or too long"),
        ({"phone": ["call me"]}, "no phone number"),
        ({"given_name": "a" * 201}, "At most 200 characters; these are 201."),
        ({"given_name": "a\x00b"}, "cannot be stored"),
        ({"given_name": "a\x07b"}, "cannot be shown"),
        ({"language": "tlh"}, "Choose one from the list."),
        ({"tags": "x" * 61}, "At most 20 tags"),
        ({"kind": "ghost"}, "Choose one from the list."),
        ({"kind": "household", "name": ""}, "Type a name."),
    ],
)
async def test_a_bad_form_says_why_and_keeps_what_was_typed(browser, fields, sentence):
    await browser.sign_in()

    answer = await browser.submit("/constituents", **{**FORM, "nickname": "Pete", **fields})

    assert answer.status_code == 422
    assert sentence.replace("'", "&#39;") in answer.text
    assert fields.get("kind", "person") != "person" or 'value="Pete"' in answer.text
    assert await db.value("SELECT count(*) FROM constituents") == 0


async def test_a_lone_surrogate_is_refused_not_a_crash(browser):
    await browser.sign_in()

    answer = await browser.post(
        "/constituents",
        content=b"kind=person&given_name=%ED%A0%80&family_name=Lind&language=",
        headers={"content-type": "application/x-www-form-urlencoded"},
    )

    assert answer.status_code in (303, 400, 422)


@pytest.mark.parametrize(
    ("given", "family"),
    [
        ("a" * 200, "b" * 200),
        ("小明", "王"),
        ("محمد", "علي"),
        ("Seán", "O'Malley"),
        ("राम", "शर्मा"),
        ("", "NULL"),
        ("<b>", "&amp;"),
        ("😀", ""),
    ],
)
async def test_names_come_out_as_they_went_in(browser, given, family):
    from markupsafe import escape

    await browser.sign_in()

    await browser.submit("/constituents", **{**FORM, "given_name": given, "family_name": family})

    row = await db.row("SELECT * FROM constituents")
    assert row is not None
    assert (row["given_name"], row["family_name"]) == (given, family)
    assert str(escape(row["name"])) in (await browser.get(f"/constituents/{row['id']}")).text


@pytest.mark.parametrize(
    "address",
    ['"odd name"@example.org', "grüße@bücher.example", "a+b@example.org", "ana@no-mail-server-here.org"],
)
async def test_unusual_addresses_are_taken(browser, address):
    await browser.sign_in()

    answer = await browser.submit("/constituents", **FORM, email=[address])

    assert answer.status_code == 303


async def test_another_line_is_asked_for_by_a_button_that_needs_no_script(browser):
    await browser.sign_in()

    answer = await browser.submit("/constituents", **FORM, email=["one@example.org"], do="add_email")

    assert answer.status_code == 200
    assert answer.text.count('name="email"') == 2 and 'value="one@example.org"' in answer.text
    assert await db.value("SELECT count(*) FROM constituents") == 0


async def test_somebody_alike_is_asked_about_before_a_second_record_is_made(browser):
    await make.person("Peter", "Lind")
    await browser.sign_in()

    asked = await browser.submit("/constituents", **FORM)
    assert asked.status_code == 422 and "Is it one of these?" in asked.text and "same name" in asked.text
    assert await db.value("SELECT count(*) FROM constituents") == 1

    kept = await browser.submit("/constituents", **FORM, different="yes")
    assert kept.status_code == 303
    assert await db.value("SELECT count(*) FROM constituents") == 2


async def test_a_form_sent_twice_makes_one_record(browser):
    await browser.sign_in()

    await browser.submit("/constituents", **FORM)
    again = await browser.submit("/constituents", **FORM)

    assert again.status_code == 422
    assert await db.value("SELECT count(*) FROM constituents") == 1


async def test_people_alike_are_shown_while_typing(browser):
    margaret = await make.person(email="m@example.org", phone="+15035550144")
    await browser.sign_in()

    for typed in (
        {"given_name": "márgaret", "family_name": "okafor"},
        {"email": "M@example.org"},
        {"phone": "503 555 0144"},
    ):
        part = await browser.part("/constituents/likenesses", **typed)
        assert f"/constituents/{margaret.id}" in part.text, typed
    nobody = await browser.part("/constituents/likenesses", given_name="M", but=str(margaret.id))
    assert "Already here" not in nobody.text


async def test_an_edit_keeps_what_is_not_in_the_form_and_is_noted(browser):
    margaret = await make.person(email="m@example.org")
    await browser.sign_in()

    form = (await browser.get(f"/constituents/{margaret.id}/edit")).text
    assert 'value="m@example.org"' in form and 'name="version" value="1"' in form
    answer = await browser.submit(
        f"/constituents/{margaret.id}", kind="household", version=1, given_name="Maggie", family_name="Okafor",
        email=["m@example.org", "maggie@example.org"], email_kind=["home", "work"], email_preferred="1", language="",
    )  # fmt: skip

    assert answer.status_code == 303
    row = await constituents.get(margaret.id)
    assert (row["kind"], row["name"], row["version"]) == ("person", "Maggie Okafor", 2)
    text = (await browser.get(f"/constituents/{margaret.id}")).text
    assert "edited" in text and "Margaret</del>" in text


async def test_the_second_of_two_editors_sees_both_versions(browser):
    margaret = await make.person()
    await browser.sign_in()
    await browser.submit(f"/constituents/{margaret.id}", **{**FORM, "given_name": "Greta"}, version=1)
    before = await stored(margaret.id)

    answer = await browser.submit(
        f"/constituents/{margaret.id}", **{**FORM, "given_name": "Maggie"}, version=1
    )

    assert answer.status_code == 409
    assert "Greta" in answer.text and "Maggie" in answer.text and 'name="version" value="2"' in answer.text
    assert await stored(margaret.id) == before
    again = await browser.submit(
        f"/constituents/{margaret.id}", **{**FORM, "given_name": "Maggie"}, version=2
    )
    assert again.status_code == 303
    assert (await constituents.get(margaret.id))["name"] == "Maggie Lind"


async def test_a_bad_edit_changes_nothing(browser):
    margaret = await make.person(email="m@example.org")
    before = await stored(margaret.id)
    await browser.sign_in()

    answer = await browser.submit(f"/constituents/{margaret.id}", **FORM, version=1, email=["nonsense"])

    assert answer.status_code == 422 and 'value="nonsense"' in answer.text and 'value="Peter"' in answer.text
    assert await stored(margaret.id) == before


async def test_htmx_gets_the_form_alone(browser):
    await browser.sign_in()

    answer = await browser.post(
        "/constituents", data={**FORM, "family_name": "", "given_name": ""},
        headers={"hx-request": "true", "hx-request-type": "partial"},
    )  # fmt: skip

    assert answer.status_code == 422
    assert answer.text.strip().startswith('<form id="constituent-form"')


async def test_an_edit_that_makes_a_record_like_another_is_asked_about_once(browser):
    margaret = await make.person(email="m@example.org")
    peter = await make.person("Peter", "Lind", phone="+15035550144")
    await browser.sign_in()
    shared = {**FORM, "email": ["M@example.org"], "phone": ["+15035550144"]}

    asked = await browser.submit(f"/constituents/{peter.id}", **shared, version=1)
    assert asked.status_code == 422 and "Is it one of these?" in asked.text
    assert f"/constituents/{margaret.id}" in asked.text and "same e-mail" in asked.text
    assert (await constituents.get(peter.id))["version"] == 1

    kept = await browser.submit(f"/constituents/{peter.id}", **shared, version=1, different="yes")
    assert kept.status_code == 303
    again = await browser.submit(f"/constituents/{peter.id}", **{**shared, "job_title": "Baker"}, version=2)
    assert again.status_code == 303  # two spouses with one e-mail are not asked about each time


async def test_saving_what_stands_already_is_no_change(browser):
    peter = await make.person("Peter", "Lind")
    await browser.sign_in()

    for _ in range(2):
        assert (await browser.submit(f"/constituents/{peter.id}", **FORM, version=1)).status_code == 303

    assert (await constituents.get(peter.id))["version"] == 1
    assert await db.value("SELECT count(*) FROM changes WHERE action = 'constituent.edited'") == 0


async def test_a_session_that_ends_while_one_types_takes_nothing_away(browser):
    await browser.sign_in()
    await db.row("DELETE FROM sessions")

    part = await browser.part("/constituents/likenesses", given_name="Margaret")

    assert part.status_code == 401 and "hx-redirect" not in part.headers
    assert part.headers["hx-retarget"] == "#notices" and part.headers["hx-reswap"] == "innerHTML"
    assert "still here" in part.text and 'target="_blank"' in part.text
