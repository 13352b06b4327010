"""The pages of constituents: what they show, who may, and what they say when something is wrong."""

import re
from datetime import date

import pytest

from constituents import constituents, tasks
from kit import db
from tests import make

FORM = {"kind": "person", "given_name": "Peter", "family_name": "Lind", "country": ["US"], "language": ""}


async def gave(whose, amount: int = 348_000) -> None:
    """One gift: the totals and a line of the timeline come with it."""
    await make.gift(donor=whose, amount=amount, given_on=date(2026, 11, 12))


async def stored(id: int) -> tuple:
    """Everything of a record that a form could change."""
    row = await constituents.get(id)
    return (
        tuple(row.values()),
        await constituents.as_written(id),
        await db.value("SELECT count(*) FROM constituents"),
    )


# ---------------------------------------------------------------- the list


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


# ---------------------------------------------------------------- one of them


async def test_a_record_tells_who_it_is_and_how_to_reach_them(browser):
    from constituents.contacts import AddressLine

    margaret = await make.person(
        email="m.okafor@example.org",
        phone="+15035550144",
        language="es",
        addresses=[AddressLine("18 Alder Lane", "Portland", "OR", "97206", "US")],
    )
    household = await make.household("Okafor and Lind household", members=[margaret])
    await gave(margaret)
    await browser.sign_in()

    text = (await browser.get(f"/constituents/{margaret.id}")).text

    for words in (
        "Margaret Okafor", "Okafor and Lind household", "$3,480.00", "m.okafor@example.org", "+1 503-555-0144",
        "18 Alder Lane<br>Portland, OR 97206", "Spanish", "created",
    ):  # fmt: skip
        assert words in text, words
    assert "Margaret Okafor" in (await browser.get(f"/constituents/{household.id}")).text


async def test_a_seasonal_address_is_shown_with_its_season_and_survives_an_edit(browser):
    margaret = await make.person()
    await make.insert(
        "addresses", constituent=margaret.id, street="4 Palm Court", city="Tucson", region="AZ", postal_code="85701",
        country="US", kind="seasonal", preferred=False, season_from_month=12, season_from_day=1, season_until_month=3,
        season_until_day=31,
    )  # fmt: skip
    await browser.sign_in()

    await browser.submit(f"/constituents/{margaret.id}", **FORM, version=1)
    text = (await browser.get(f"/constituents/{margaret.id}")).text

    assert "4 Palm Court" in text and "1 Dec to 31 Mar" in text


async def test_history_is_for_those_who_may_read_changes(browser):
    margaret = await make.person()
    await browser.sign_in(role="fundraiser")

    assert "History" not in (await browser.get(f"/constituents/{margaret.id}")).text


async def test_relationships_show_from_both_sides(browser):
    ada, margaret = await make.person("Ada", "Lind"), await make.person()
    await make.insert("relationships", constituent=ada.id, other=margaret.id, kind="Parent", former=False)
    await browser.sign_in()

    assert "Parent</dt>" in (await browser.get(f"/constituents/{ada.id}")).text
    assert "is Parent of" in (await browser.get(f"/constituents/{margaret.id}")).text


# ---------------------------------------------------------------- new and edit


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


# ---------------------------------------------------------------- states, notes, households, proposals, tasks


async def test_archiving_asks_first_and_can_be_taken_back(browser):
    margaret = await make.person()
    await browser.sign_in()

    assert "Archive Margaret Okafor?" in (await browser.get(f"/constituents/{margaret.id}/archival")).text
    await browser.submit(f"/constituents/{margaret.id}/archival")
    assert (await constituents.get(margaret.id))["archived_at"] is not None
    await browser.submit(f"/constituents/{margaret.id}/restoral")
    assert (await constituents.get(margaret.id))["archived_at"] is None


async def test_a_death_has_a_day_or_none_and_can_be_taken_back(browser):
    margaret = await make.person()
    await browser.sign_in()

    future = await browser.submit(f"/constituents/{margaret.id}/death", deceased_on="2090-01-01")
    assert future.status_code == 422 and "has not come yet" in future.text
    await browser.submit(f"/constituents/{margaret.id}/death", deceased_on="2025-02-01")
    assert "Deceased 1 Feb 2025" in (await browser.get(f"/constituents/{margaret.id}")).text
    await browser.submit(f"/constituents/{margaret.id}/death/destroy")
    assert (await constituents.get(margaret.id))["deceased"] is False


async def test_a_household_does_not_die(browser):
    household = await make.household()
    await browser.sign_in()

    assert (await browser.get(f"/constituents/{household.id}/death")).status_code == 404
    assert (await browser.submit(f"/constituents/{household.id}/death", deceased_on="")).status_code == 422


async def test_a_note_stands_on_the_timeline_at_once(browser):
    margaret = await make.person()
    await browser.sign_in(role="volunteer_coordinator")

    part = await browser.post(
        f"/constituents/{margaret.id}/notes", data={"note": "Met at the market <script>"},
        headers={"hx-request": "true", "hx-request-type": "partial"},
    )  # fmt: skip

    assert part.text.strip().startswith('<section class="card" id="timeline"')
    assert "Met at the market &lt;script&gt;" in part.text
    empty = await browser.submit(f"/constituents/{margaret.id}/notes", note="  ")
    assert empty.status_code == 422 and "Type a note first." in empty.text
    assert await db.value("SELECT count(*) FROM notes") == 1


async def test_a_long_note_has_its_page(browser):
    margaret = await make.person()
    await browser.sign_in()

    await browser.submit(f"/constituents/{margaret.id}/notes", note="long " * 500)

    note = await db.value("SELECT id FROM notes")
    assert f"/notes/{note}" in (await browser.get(f"/constituents/{margaret.id}")).text
    assert (await browser.get(f"/notes/{note}")).text.count("long") >= 500


async def test_a_timeline_is_paged(browser):
    margaret = await make.person()
    await browser.sign_in()
    for number in range(25):
        await browser.submit(f"/constituents/{margaret.id}/notes", note=f"note {number:02}!")

    first = (await browser.get(f"/constituents/{margaret.id}")).text
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    second = (await browser.get(older[1].replace("&amp;", "&"))).text

    assert (
        "note 24!" in first and "note 04!" not in first and "note 04!" in second and "note 05!" not in second
    )


async def test_a_person_joins_a_household_and_leaves_it(browser):
    household, margaret = await make.household(), await make.person()
    await browser.sign_in()

    assert (
        "Margaret Okafor"
        in (await browser.part(f"/constituents/{household.id}/memberships/new", q="okafro")).text
    )
    await browser.submit(
        f"/constituents/{household.id}/memberships", person=margaret.id, role="Head", from_day="2024-01-01"
    )
    other = await make.household("Lind household")
    twice = await browser.submit(
        f"/constituents/{other.id}/memberships", person=margaret.id, role="", from_day="2025-01-01"
    )
    assert twice.status_code == 422 and "in a household on that day already" in twice.text

    membership = await db.value("SELECT id FROM memberships")
    early = await browser.submit(f"/memberships/{membership}/end", until_day="2023-01-01")
    assert early.status_code == 422 and "They came later" in early.text
    await browser.submit(f"/memberships/{membership}/end", until_day="2025-01-01")
    moved = await browser.submit(
        f"/constituents/{other.id}/memberships", person=margaret.id, role="", from_day="2025-01-01"
    )
    assert moved.status_code == 303


@pytest.mark.parametrize(
    ("person", "sentence"),
    [("", "Choose a person."), ("999999", "Choose a person from the list."), ("x", "whole number")],
)
async def test_a_membership_needs_a_person(browser, person, sentence):
    household = await make.household()
    await browser.sign_in()

    answer = await browser.submit(
        f"/constituents/{household.id}/memberships", person=person, role="", from_day=""
    )

    assert answer.status_code == 422 and sentence in answer.text
    assert await db.value("SELECT count(*) FROM memberships") == 0


async def test_tasks_are_shown_closed_once_and_only_to_those_who_may(browser):
    margaret = await make.person()
    hidden = await tasks.open(
        "unsettled", "A gift of $5.00 hangs", route="x", route_id=1, permission="gifts.read"
    )
    shown = await tasks.open("archived_donor", "Margaret gave again", constituent=margaret.id)
    assert await tasks.open("archived_donor", "Margaret gave again", constituent=margaret.id) == shown
    await browser.sign_in(role="volunteer_coordinator")

    for path in ("/", "/tasks", f"/constituents/{margaret.id}"):
        text = (await browser.get(path)).text
        assert "Margaret gave again" in text and "$5.00" not in text
    assert (await browser.submit(f"/tasks/{hidden}/completion")).status_code == 404
    assert (await browser.submit(f"/tasks/{shown}/completion")).status_code == 303
    assert await tasks.open("archived_donor", "Margaret gave again", constituent=margaret.id) != shown


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


# ---------------------------------------------------------------- for every route: who, what is not there, which method

READS = [
    "/",
    "/tasks",
    "/search",
    "/constituents",
    "/constituents/count",
    "/constituents/{id}",
    "/constituents/{id}/timeline",
]
WRITES = [
    "/constituents", "/constituents/{id}", "/constituents/{id}/archival", "/constituents/{id}/restoral",
    "/constituents/{id}/death", "/constituents/{id}/death/destroy", "/constituents/{id}/memberships",
    "/proposals/{id}/acceptance", "/proposals/{id}/dismissal", "/duplicates/{id}/dismissal", "/memberships/{id}/end",
]  # fmt: skip
FORMS = [
    "/constituents/new",
    "/constituents/{id}/edit",
    "/constituents/{id}/archival",
    "/constituents/{id}/death",
    "/constituents/likenesses",
]


async def test_nobody_sees_anything_without_signing_in(browser):
    margaret = await make.person()
    before = await stored(margaret.id)

    for path in (*READS, *FORMS):
        answer = await browser.get(path.format(id=margaret.id))
        assert answer.status_code in (303, 401) and "Okafor" not in answer.text, path
    for path in WRITES:
        assert (await browser.submit(path.format(id=margaret.id))).status_code in (303, 401), path
    assert await stored(margaret.id) == before


async def test_who_may_only_read_changes_nothing(browser):
    margaret = await make.person()
    before = await stored(margaret.id)
    await browser.sign_in(role="auditor")

    for path in READS:
        assert (await browser.get(path.format(id=margaret.id))).status_code in (200, 303), path
    for path in FORMS:
        assert (await browser.get(path.format(id=margaret.id))).status_code == 403, path
    for path in (*WRITES, "/constituents/{id}/notes", "/tasks/{id}/completion"):
        assert (await browser.submit(path.format(id=margaret.id), **FORM)).status_code == 403, path
    assert await stored(margaret.id) == before
    assert "/edit" not in (await browser.get(f"/constituents/{margaret.id}")).text


@pytest.mark.parametrize("id", ["999999", "99999999999999999999", "0"])
async def test_what_is_not_there_is_not_found(browser, id):
    await browser.sign_in()

    for path in (
        *READS,
        *FORMS,
        "/notes/{id}",
        "/memberships/{id}/end",
        "/constituents/{id}/memberships/new",
    ):
        if "{id}" in path and path != "/constituents/{id}/timeline":
            assert (await browser.get(path.format(id=id))).status_code == 404, path
    assert (await browser.part(f"/constituents/{id}/timeline")).status_code == 404
    for path in (*WRITES, "/constituents/{id}/notes", "/tasks/{id}/completion"):
        if "{id}" in path:
            answer = await browser.submit(
                path.format(id=id),
                **FORM,
                version=1,
                note="x",
                person=1,
                role="",
                from_day="",
                until_day="2025-01-01",
                deceased_on="",
            )
            assert answer.status_code == 404 or (
                path.endswith("memberships") and answer.status_code == 422
            ), path


async def test_a_wrong_method_is_refused(browser):
    margaret = await make.person()
    await browser.sign_in()

    for path in ("/constituents/{id}/restoral", "/proposals/{id}/acceptance", "/tasks/{id}/completion"):
        assert (await browser.get(path.format(id=margaret.id))).status_code == 405, path
    for path in ("/search", "/tasks", "/constituents/count", "/constituents/{id}/edit"):
        assert (await browser.post(path.format(id=margaret.id))).status_code == 405, path
    assert (await browser.delete(f"/constituents/{margaret.id}")).status_code == 405
