"""Receipts found again: by number and name, in the list and in the top bar, and by an index."""

from typing import Any

import pytest

from kit import db
from receipts import finding, receipts
from tests import make

MANY = 20_000


class Undone(Exception):
    """Receipts made for their number alone are no good books: they are taken back before anybody looks."""


async def issued(given: str = "Margaret", family: str = "Okafor") -> str:
    donor = await make.person(given, family)
    return (
        await receipts.get(await receipts.issue_for_gift((await make.gift(donor=donor)).id, by=make.STAFF))
    )["label"]


@pytest.mark.parametrize("typed", ["2", "000002", "{label}", "  #2", "{label_small}"])
async def test_a_receipt_is_found_by_its_number(typed):
    await issued()
    label = await issued("Ada")

    found = await finding.by_number(typed.format(label=label, label_small=label.lower()))

    assert found[0]["label"] == label


@pytest.mark.parametrize(
    "typed", ["", "#", "Okafor", "7", "US-", "9" * 30, "%", "_", "2' OR 1", "王2", "a@b.example 2"]
)
async def test_what_is_no_number_of_a_receipt_finds_none(typed):
    await issued()

    assert await finding.by_number(typed) == []


async def test_the_number_itself_stands_before_newer_ones_that_contain_it():
    first, *_others, last = [await issued() for _ in range(11)]

    found = await finding.by_number("001")

    assert [one["label"] for one in found[:2]] == [first, last]


async def test_the_top_bar_finds_a_receipt_by_its_number(browser):
    label = await issued("Ada", "Lovelace")
    await browser.sign_in(role="auditor")

    searched = await browser.get("/search", params={"q": label})
    assert f"/receipt-matches?q={label}" in searched.text

    answer = await browser.get("/receipt-matches", params={"q": label})
    assert label in answer.text
    assert "Ada Lovelace" in answer.text


async def test_more_than_five_lead_to_the_list(browser):
    for _ in range(7):
        await issued()
    await browser.sign_in()

    answer = await browser.get("/receipt-matches", params={"q": "US-2"}, headers={"HX-Request": "true"})

    assert answer.text.count("$50.00") == 5
    assert "/receipts?q=US-2" in answer.text
    assert answer.text.strip().startswith('<div id="receipt-matches">')


async def test_who_may_not_read_receipts_finds_none(browser):
    label = await issued()
    await browser.sign_in(role="volunteer_coordinator")

    assert "receipt-matches" not in (await browser.get("/search", params={"q": label})).text
    assert (await browser.get("/receipt-matches", params={"q": label})).status_code == 403


@pytest.mark.parametrize("q", ["017004", "US-2026-017004", "onor 17004"])
async def test_a_search_among_many_reads_the_index_and_not_the_table(q):
    await issued()

    before: dict[str, int] = {}
    after: dict[str, int] = {}
    found: list[dict[str, Any]] = []
    with pytest.raises(Undone):
        async with db.tx() as connection:
            await connection.execute(
                """
                INSERT INTO receipts (series, number, label, issued_at, issued_on, total, currency, rule, template_version, snapshot)
                SELECT r.series, n, 'US-2026-' || lpad(n::text, 6, '0'), r.issued_at, r.issued_on, r.total, r.currency, r.rule,
                       r.template_version, jsonb_set(r.snapshot, '{addressee,0}', to_jsonb('Donor ' || n))
                  FROM receipts r, generate_series(2, $1::integer) n
                """,
                MANY,
            )
            await connection.execute(
                "INSERT INTO receipt_lines (receipt, gift, amount, deductible, live)"
                " SELECT r.id, l.gift, l.amount, l.deductible, false FROM receipts r, receipt_lines l WHERE r.number = 17004"
            )
            before = await _scans(connection)
            found, _more = await finding.page(q)
            after = await _scans(connection)
            raise Undone
    assert [one["label"] for one in found] == ["US-2026-017004"]
    assert after["by part"] > before["by part"]
    assert after["whole table"] == before["whole table"]


async def _scans(connection) -> dict[str, int]:
    row = await connection.fetchrow(
        """
        SELECT pg_stat_get_xact_numscans('receipts_by_part'::regclass) AS "by part",
               pg_stat_get_xact_numscans('receipts'::regclass) AS "whole table"
        """
    )
    return dict(row)
