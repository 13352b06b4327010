"""Importing an NPSP export into the database: to the cent, once, and traceable."""

import csv
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from constituents import search
from imports import npsp, runs
from imports.report import text
from kit import db
from kit.errors import Refused
from reports import invariants
from tests import make
from tests.imports import exports

TABLES = [
    "constituents",
    "emails",
    "phones",
    "addresses",
    "memberships",
    "relationships",
    "funds",
    "campaigns",
    "gifts",
    "gift_splits",
    "soft_credits",
    "journals",
    "postings",
    "gift_events",
    "pledges",
    "pledge_instalments",
    "external_ids",
    "changes",
    "change_values",
    "timeline_entries",
    "notes",
    "giving_totals",
    "giving_years",
]


async def state() -> dict[str, list[str]]:
    """Every row of every table that an import may touch, as text."""
    return {
        table: [row["row"] for row in await db.rows(f"SELECT t::text AS row FROM {table} t ORDER BY 1")]
        for table in TABLES
    }


def differing(before: dict[str, list[str]], after: dict[str, list[str]]) -> dict[str, tuple[int, int]]:
    """By table: how many rows are gone and how many are new."""
    found = {}
    for table in TABLES:
        gone, new = set(before[table]) - set(after[table]), set(after[table]) - set(before[table])
        if gone or new:
            found[table] = (len(gone), len(new))
    return found


async def bring(path: Path, **more):
    await make.organisation()
    return await npsp.run(path, **more)


def plain_totals(folder: Path) -> dict[str, dict[str, Decimal]]:
    """Hard totals by donor, read from the files with nothing of ours."""
    totals: dict[str, dict[str, Decimal]] = {"Contact": defaultdict(Decimal), "Account": defaultdict(Decimal)}
    with (folder / "Opportunity.csv").open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["StageName"] == "Closed Won" and Decimal(row["Amount"] or 0) > 0:
                if row["npsp__Primary_Contact__c"]:
                    totals["Contact"][row["npsp__Primary_Contact__c"]] += Decimal(row["Amount"])
                else:
                    totals["Account"][row["AccountId"]] += Decimal(row["Amount"])
    return totals


async def test_the_real_export_is_imported_to_the_cent():
    found = await bring(exports.REAL)
    assert found.ok
    assert found.written
    assert await db.row("SELECT count(*) AS n, sum(amount)::bigint AS total FROM gifts") == {
        "n": 294,
        "total": 217_520_00,
    }
    assert await db.row(
        "SELECT count(*) AS n, sum(amount)::bigint AS total FROM pledges WHERE status = 'open'"
    ) == {
        "n": 34,
        "total": 2_550_00,
    }
    assert len(found.skipped) == 14
    assert len(found.payment_warnings) == 211
    kinds = {
        row["kind"]: row["n"]
        for row in await db.rows("SELECT kind, count(*) AS n FROM constituents GROUP BY 1")
    }
    assert kinds == {"person": 102, "household": 87, "organisation": 80}
    assert await db.value("SELECT count(*) FROM memberships") == 101
    assert await db.value("SELECT count(*) FROM addresses WHERE season_from_month IS NOT NULL") == 5
    assert await db.value("SELECT -sum(amount) FROM postings WHERE account = 'income'") == 217_520_00
    assert await db.value("SELECT sum(amount) FROM postings WHERE account = 'prior_system'") == 217_520_00
    assert await invariants.check() == []


async def test_totals_by_donor_are_those_of_a_plain_reading_of_the_files():
    await bring(exports.REAL)
    for kind, expected in plain_totals(exports.REAL).items():
        rows = await db.rows(
            """
            SELECT e.external, t.hard_total FROM external_ids e JOIN giving_totals t ON t.constituent = e.ours
             WHERE e.source = 'npsp' AND e.kind = $1 AND t.hard_count > 0
            """,
            kind,
        )
        assert {row["external"]: Decimal(row["hard_total"]) / 100 for row in rows} == expected


async def test_no_receipt_no_mail_no_job_for_what_is_past():
    before = await db.value("SELECT count(*) FROM pgqueuer")
    await bring(exports.REAL)
    assert await db.value("SELECT count(*) FROM mails") == 0
    assert await db.value("SELECT count(*) FROM receipts") == 0
    assert await db.value("SELECT count(*) FROM pgqueuer") == before


async def test_every_gift_has_its_trace():
    await bring(exports.REAL)
    for table, column in (
        ("gift_events", "gift"),
        ("changes", "object_id"),
        ("timeline_entries", "source_id"),
    ):
        extra = {
            "gift_events": "",
            "changes": " AND t.object_kind = 'gift' AND t.actor_kind = 'import'",
            "timeline_entries": " AND t.kind = 'gift'",
        }
        missing = await db.value(
            f"SELECT count(*) FROM gifts g WHERE NOT EXISTS (SELECT FROM {table} t WHERE t.{column} = g.id{extra[table]})"
        )
        assert missing == 0
    assert (
        await db.value(
            "SELECT count(*) FROM changes WHERE object_kind = 'constituent' AND actor_kind = 'import'"
        )
        == 269
    )


async def test_a_dry_run_writes_nothing():
    await make.organisation()
    before = await state()
    found = await npsp.run(exports.REAL, dry_run=True)
    assert (found.ok, found.written, found.counts["gift"]) == (True, False, 294)
    assert differing(before, await state()) == {}
    assert [run["status"] for run in await runs.listed()] == ["checked"]


async def test_faults_are_kept_with_the_run_and_nothing_is_written(tmp_path):
    folder = exports.copy(tmp_path)
    exports.edit(
        folder / "Opportunity.csv", lambda row: row.update(AccountId="9999") if row["Id"] == "3" else None
    )
    await make.organisation()
    before = await state()
    found = await npsp.run(folder)
    assert differing(before, await state()) == {}
    assert not found.ok
    [run] = await runs.listed()
    assert run["status"] == "faulty"
    assert (await runs.one(run["id"]))["report"].faults == found.faults
    assert any("Opportunity.csv, row 4, AccountId" in line for line in text(found))


async def test_an_unknown_stage_writes_nothing_until_it_is_answered(tmp_path):
    folder = exports.copy(tmp_path)
    exports.edit(
        folder / "Opportunity.csv", lambda row: row.update(StageName="Cleared") if row["Id"] == "3" else None
    )
    asked = await bring(folder)
    assert not asked.written
    assert any("--stage 'Cleared=gift'" in line for line in text(asked))
    told = await bring(folder, stages={"Cleared": "gift"})
    assert told.written
    assert await db.value("SELECT count(*) FROM gifts") == 294


async def test_the_same_export_again_changes_nothing():
    await bring(exports.REAL)
    before = await state()
    found = await bring(exports.REAL)
    assert differing(before, await state()) == {}
    assert not any(found.new.values())
    assert not any(found.changed.values())
    assert list(text(found))[-1] == "Nothing has changed since the last import."


async def again(tmp_path: Path, file: str, id: str, **cells: str):
    """The real export, then the same with one row changed; what differs in the database."""
    await bring(exports.REAL)
    folder = exports.copy(tmp_path)
    exports.edit(folder / file, lambda row: row.update(cells) if row["Id"] == id else None)
    before = await state()
    found = await bring(folder)
    assert found.ok, found.faults
    assert await invariants.check() == []
    return found, differing(before, await state())


async def ours(kind: str, external: str) -> int:
    return await db.value(
        "SELECT ours FROM external_ids WHERE source = 'npsp' AND kind = $1 AND external = $2", kind, external
    )


async def test_a_changed_amount_is_a_reversal_and_a_new_journal(tmp_path):
    found, changed = await again(tmp_path, "Opportunity.csv", "3", Amount="900.0")
    assert (found.changed, sum(found.new.values()), found.refused) == ({"gift": 1}, 0, [])
    gift = await ours("Opportunity", "3")
    assert await db.value("SELECT amount FROM gifts WHERE id = $1", gift) == 900_00
    events = await db.rows(
        "SELECT event FROM journals WHERE source_kind = 'gift' AND source_id = $1 ORDER BY id", gift
    )
    assert [row["event"] for row in events] == ["received", "received reversed", "received 2"]
    kinds = await db.rows("SELECT kind, actor_kind FROM gift_events WHERE gift = $1 ORDER BY id", gift)
    assert kinds == [
        {"kind": "recorded", "actor_kind": "import"},
        {"kind": "corrected", "actor_kind": "import"},
    ]
    assert {
        table: changed[table] for table in ("gifts", "journals", "gift_events", "changes", "external_ids")
    } == {
        "gifts": (1, 1),
        "journals": (0, 2),
        "gift_events": (0, 1),
        "changes": (0, 1),
        "external_ids": (1, 1),
    }
    assert set(changed) <= {
        "gifts",
        "gift_splits",
        "journals",
        "postings",
        "gift_events",
        "changes",
        "change_values",
        "external_ids",
        "timeline_entries",
        "giving_totals",
        "giving_years",
    }


async def test_a_changed_donor_moves_the_gift(tmp_path):
    found, changed = await again(tmp_path, "Opportunity.csv", "3", npsp__Primary_Contact__c="70")
    assert found.changed == {"gift": 1}
    assert await db.value(
        "SELECT donor FROM gifts WHERE id = $1", await ours("Opportunity", "3")
    ) == await ours("Contact", "70")
    assert changed["gifts"] == (1, 1)
    assert "journals" not in changed


async def test_a_changed_name_changes_one_person(tmp_path):
    found, changed = await again(tmp_path, "Contact.csv", "3", LastName="Kingston", Email="nk@example.org")
    assert found.changed == {"constituent": 1}
    assert changed == {
        "constituents": (1, 1),
        "emails": (0, 1),
        "external_ids": (1, 1),
        "changes": (0, 1),
        "change_values": (0, 1),
    }
    assert (
        await db.value("SELECT name FROM constituents WHERE id = $1", await ours("Contact", "3"))
        == "Nicholas Kingston"
    )


async def test_a_person_who_moves_out_keeps_the_time_before_with_the_old_household(tmp_path):
    found, changed = await again(tmp_path, "Contact.csv", "3", AccountId="141")
    assert found.changed == {"constituent": 1}
    stays = await db.rows(
        "SELECT household, until_day IS NULL AS now FROM memberships WHERE person = $1 ORDER BY id",
        await ours("Contact", "3"),
    )
    assert stays == [
        {"household": await ours("Account", "142"), "now": False},
        {"household": await ours("Account", "141"), "now": True},
    ]
    assert changed["memberships"] == (1, 2)


@pytest.mark.parametrize(
    ("file", "id", "cells", "expected"),
    [
        ("npsp__General_Accounting_Unit__c.csv", "4", {"Name": "The Roof"}, "fund"),
        ("Campaign.csv", "4", {"Name": "Spring"}, "campaign"),
        ("npsp__Partial_Soft_Credit__c.csv", "2", {"npsp__Amount__c": "80.0"}, "gift"),
        ("npsp__Allocation__c.csv", "1", {"npsp__Percent__c": "20.0", "npsp__Amount__c": "78.6"}, "gift"),
    ],
)
async def test_one_changed_row_changes_one_record(tmp_path, file, id, cells, expected):
    found, changed = await again(tmp_path, file, id, **cells)
    assert (found.changed, sum(found.new.values()), found.refused) == ({expected: 1}, 0, [])
    assert changed["external_ids"] == (1, 1)


async def test_of_two_rows_with_one_address_the_changed_one_parts(tmp_path):
    """The sample has most addresses twice; they are one of ours until one of them says something else."""
    found, changed = await again(tmp_path, "npsp__Address__c.csv", "34", npsp__MailingCity__c="Brno")
    assert (found.changed, found.new["address"], sum(found.new.values())) == ({}, 1, 1)
    assert changed["addresses"] == (0, 1)
    assert await db.value("SELECT city FROM addresses WHERE id = $1", await ours("Address", "34")) == "Brno"
    before = await state()
    await bring(tmp_path / "export")
    assert differing(before, await state()) == {}


async def test_a_changed_seasonal_address_changes_one_address(tmp_path):
    found, changed = await again(tmp_path, "npsp__Address__c.csv", "88", npsp__Seasonal_End_Day__c="15")
    assert (found.changed, sum(found.new.values())) == ({"address": 1}, 0)
    assert changed["addresses"] == (1, 1)


async def test_a_gift_that_turns_out_lost_is_voided(tmp_path):
    found, _changed = await again(tmp_path, "Opportunity.csv", "3", StageName="Closed Lost")
    assert found.voided == 1
    assert (
        await db.value("SELECT status FROM gifts WHERE id = $1", await ours("Opportunity", "3")) == "voided"
    )
    before = await state()
    assert (await bring(tmp_path / "export")).voided == 0
    assert differing(before, await state()) == {}


async def test_a_pledge_that_is_won_is_kept_and_its_gift_comes_in(tmp_path):
    found, _changed = await again(tmp_path, "Opportunity.csv", "277", StageName="Closed Won")
    assert (found.ended_pledges, found.new["gift"]) == (1, 1)
    row = await db.row("SELECT status, paid_amount FROM pledges WHERE id = $1", await ours("Pledge", "277"))
    assert row == {"status": "kept", "paid_amount": 75_00}


async def test_a_new_row_brings_one_gift(tmp_path):
    await bring(exports.REAL)
    folder = exports.copy(tmp_path)
    rows = exports.read(folder / "Opportunity.csv")
    exports.write(folder / "Opportunity.csv", [*rows, {**rows[2], "Id": "9001", "Amount": "12.5"}])
    before = await state()
    found = await bring(folder)
    assert {name: count for name, count in found.new.items() if count} == {"gift": 1}
    changed = differing(before, await state())
    assert changed["gifts"] == (0, 1)
    assert changed["journals"] == (0, 1)
    assert await invariants.check() == []


async def test_what_a_verb_refuses_is_named_and_tried_again(tmp_path):
    await bring(exports.REAL)
    gift = await ours("Opportunity", "3")
    await db.row("UPDATE gifts SET receipted_at = now() WHERE id = $1", gift)
    folder = exports.copy(tmp_path)
    exports.edit(
        folder / "Opportunity.csv", lambda row: row.update(Amount="900.0") if row["Id"] == "3" else None
    )
    for _time in range(2):
        found = await bring(folder)
        assert "receipt" in found.refused[0].text
        assert not found.changed
    await db.row("UPDATE gifts SET receipted_at = NULL WHERE id = $1", gift)
    assert (await bring(folder)).changed == {"gift": 1}


async def test_a_general_fund_of_ours_and_funds_of_the_same_name_are_used(tmp_path):
    await make.organisation()
    general = await make.insert(
        "funds", name="Where it helps most", name_normal="where it helps most", is_general=True
    )
    roof = await make.insert("funds", name="THE sit fund", name_normal="the sit fund")
    await npsp.run(exports.REAL)
    assert await ours("General_Accounting_Unit", "2") == roof.id
    assert await db.value("SELECT count(*) FROM funds") == 51
    assert await db.value("SELECT count(*) FROM gift_splits WHERE fund = $1", general.id) == 284


async def test_without_an_organisation_it_says_what_to_do():
    with pytest.raises(Refused, match="almoner init"):
        await npsp.run(exports.REAL)


async def test_progress_is_told_from_beginning_to_end():
    heard: list[tuple[str, int, int]] = []
    await bring(exports.REAL, report=lambda *said: heard.append(said))
    assert heard[0][0] == "Reading and checking"
    assert heard[-1][1] == heard[-1][2] > 900
    assert [done for _step, done, _all in heard] == sorted(done for _step, done, _all in heard)


async def test_the_report_of_a_run_can_be_read_again():
    found = await bring(exports.REAL)
    [run] = await runs.listed()
    assert (run["status"], run["gift_totals"], run["counts"]["gift"]) == ("done", {"USD": 217_520_00}, 294)
    assert (await runs.one(run["id"]))["report"] == found


async def test_whoever_came_in_is_found_by_name_with_a_slip_by_mail_and_by_number():
    await bring(exports.REAL)
    jean = await ours("Contact", "12")
    for typed in ("jean gardner", "gardnr jean", "jgardner8@linkedin.com"):
        assert jean in (await search.find(typed, slips=True)).ids
