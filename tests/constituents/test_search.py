"""Search: any part of a name, e-mail or phone, and a slip of one letter."""

import pytest

from constituents import constituents, listing, search, search_words
from kit import db
from tests import make


async def found(typed: str, **wanted) -> list[str]:
    page = await listing.page(listing.Filter(q=typed, **wanted), currency="USD")
    return [row["name"] for row in page.rows]


@pytest.mark.parametrize(
    "typed",
    [
        "Margaret Okafor", "okafor margaret", "marg", "oka mar", "kafo", "argaret", "MÁRGARET", "m okafor",
        "m.okafor@example.org", "okafor@exam", "M.Okafor@", "@example.org", "m.okafor",
        "+1 503 555 0144", "(503) 555-0144", "503.555.0144", "5550144", "001 503 555 0144",
        "Magaret", "Margaaret", "Magraret", "Matgaret", "Okafro", "Margaret Okfor", "Magaret Okfor",
    ],
)  # fmt: skip
async def test_any_part_in_any_notation_and_a_slip_find_the_person(typed):
    await make.person("Margaret", "Okafor", email="m.okafor@example.org", phone="+15035550144")
    await make.person("Peter", "Lind", email="peter@lind.example", phone="+442071234567")

    assert await found(typed) == ["Margaret Okafor"]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        (("Seán", "O’Malley"), "omalley"), (("Seán", "O’Malley"), "O'Malley"), (("Björk", "Ólafsdóttir"), "olafsdottir"),
        (("Łukasz", "Żółć"), "lukasz zolc"), (("Ada", "Smith-Jones"), "jones"), (("小明", "王"), "小明"), (("Νίκος", "Παππάς"), "παππας"),
        (("محمد", "علي"), "محمد"), (("Zoë", "Groß"), "gross"), (("राम", "शर्मा"), "शर्मा"), (("Bo", "Li"), "li"),
    ],
)  # fmt: skip
async def test_names_of_all_scripts_are_found(name, typed):
    await make.person(*name)

    assert await found(typed) == [" ".join(name)]


async def test_whole_words_stand_before_beginnings_and_those_before_slips():
    for name in ("Martinez", "Martin", "Marton", "Martinsson"):
        await make.person("Ana", name)

    assert await found("martin") == ["Ana Martin", "Ana Martinez", "Ana Martinsson", "Ana Marton"]


async def test_the_number_of_a_record_finds_it():
    margaret = await make.person()

    assert await found(str(margaret.id)) == ["Margaret Okafor"]


@pytest.mark.parametrize(
    "typed", ["%", "_", "\\", "'", '"', "%%%", "'; DROP TABLE", "a" * 300, "😀", "zzz", "0"]
)
async def test_odd_signs_find_nothing_and_break_nothing(typed):
    await make.person()

    assert await found(typed) == []


async def test_a_new_name_is_found_and_the_old_one_is_not():
    margaret = await make.person("Margaret", "Okafor")
    details = constituents.Details(given_name="Margaret", family_name="Lind")
    await constituents.edit(margaret.id, details, version=1, by=make.STAFF)

    assert await found("lind") == ["Margaret Lind"]
    assert await found("okafor") == []


async def test_archived_people_are_found_among_the_archived():
    margaret = await make.person()
    await constituents.archive(margaret.id, by=make.STAFF)

    assert await found("okafor") == []
    assert await found("okafor", archived=True) == ["Margaret Okafor"]


async def test_a_bulk_load_is_found_without_further_ado():
    await db.row(
        """
        INSERT INTO constituents (kind, name, sort_key, prefix, given_name, middle_name, family_name, suffix, nickname,
                                  job_title, greeting, website, language, place, deceased, created_at, updated_at, version)
        SELECT 'person', 'Ada ' || family, lower(family) || '  ada', '', 'Ada', '', family, '', '', '', '', '', '', '',
               false, clock_timestamp(), clock_timestamp(), 1
          FROM unnest($1::text[]) AS families (family)
        """,
        ["Okafor", "Lind", "Ruiz"],
    )

    assert await found("ada ruiz") == ["Ada Ruiz"]
    assert await found("riuz") == ["Ada Ruiz"]


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("okafor", "okafor", True), ("okafr", "okafor", True), ("okafoor", "okafor", True), ("okafro", "okafor", True),
        ("oksfor", "okafor", True), ("kafor", "okafor", True), ("okafo", "okafor", True), ("abc", "bca", False),
        ("okfr", "okafor", False), ("kfoar", "okafor", False),
    ],
)  # fmt: skip
def test_one_slip_is_one_letter(one, other, apart):
    assert search.one_slip_apart(one, other) is apart


async def test_a_number_may_be_a_name():
    await make.organisation_constituent("1984 Club")
    assert await found("1984") == ["1984 Club"]


async def test_a_word_that_nobody_has_any_more_is_forgotten_at_night():
    margaret = await make.person("Margaret", "Okafor")
    await make.person("Ada", "Okafor")
    details = constituents.Details(given_name="Greta", family_name="Lind")
    await constituents.edit(margaret.id, details, version=1, by=make.STAFF)
    words = "SELECT array_agg(DISTINCT word) FROM {} WHERE word IN ('margaret', 'okafor', 'greta')"
    assert set(await db.value(words.format("search_words"))) == {"margaret", "okafor", "greta"}

    assert await search_words.forget_unused() == 1

    for table in ("search_words", "word_slips"):
        assert set(await db.value(words.format(table))) == {"okafor", "greta"}, table
    assert await found("margret") == []
    assert await found("okafro") == ["Ada Okafor"]


async def test_an_email_that_is_taken_away_is_found_no_more():
    margaret = await make.person(email="margaret@mill.example", phone="+15035550144")
    assert await found("mill.exa") == ["Margaret Okafor"]
    details = constituents.Details(given_name="Margaret", family_name="Okafor")

    await constituents.edit(margaret.id, details, version=1, by=make.STAFF)

    assert await found("mill.exa") == [] and await found("margaret@mill.example") == []
    assert await found("503 555 0144") == []


@pytest.mark.parametrize(
    "typed",
    ["", "Ana  RUIZ", "ana Ana", "3rd street 42", " Bo ", "a" * 70, "Zoe van der Berg of 5 Mill Lane"],
)
async def test_plain_words_are_folded_here_as_the_database_folds_names(typed):
    folded = await db.value("SELECT folded_words($1)", typed)
    assert await search.words_of(typed) == sorted(folded, key=len, reverse=True)[:5]
