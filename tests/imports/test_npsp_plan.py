"""What an NPSP export says, before anything is written."""

import csv
import re
import zipfile
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from imports.npsp_plan import make
from imports.npsp_stages import NoSuchMeaning
from imports.plan import Plan, SoftCredit, Split
from tests.imports import exports


def plan(path: Path, **stages: str) -> Plan:
    return make(path, stages, "USD", "US")


@cache
def real() -> Plan:
    return plan(exports.REAL)


def same(one: Plan, other: Plan) -> bool:
    """The same records, wherever and however the files lay."""
    return all(
        getattr(one, name) == getattr(other, name)
        for name in ("funds", "campaigns", "constituents", "addresses", "relationships", "gifts", "pledges")
    )


def test_the_real_export_comes_out_to_the_cent():
    found = real()
    assert (found.faults, found.unknown_stages) == ([], {})
    assert (len(found.gifts), sum(gift.amount for gift in found.gifts)) == (294, 217_520_00)
    assert (len(found.pledges), sum(pledge.amount for pledge in found.pledges)) == (34, 2_550_00)
    assert len(found.skipped) == 14
    assert len(found.payment_warnings) == 211
    assert Counter(one.kind for one in found.constituents) == {
        "person": 102,
        "household": 87,
        "organisation": 80,
    }
    assert found.unknown_files == ["CampaignMember.csv", "LICENSE", "README.md"]


def test_every_split_sums_to_its_gift_and_every_instalment_to_its_pledge():
    found = real()
    assert all(sum(split.amount for split in gift.splits) == gift.amount for gift in found.gifts)
    assert all(sum(part.amount for part in pledge.instalments) == pledge.amount for pledge in found.pledges)


def test_totals_by_donor_are_those_of_a_plain_reading_of_the_files():
    expected: dict[str, Decimal] = defaultdict(Decimal)
    at_home = {
        row["Id"]
        for row in exports.read(exports.REAL / "Account.csv")
        if row["npe01__SYSTEM_AccountType__c"] == "Household Account"
    }
    with (exports.REAL / "Opportunity.csv").open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["StageName"] == "Closed Won":
                named = row["AccountId"] in at_home and row["npsp__Primary_Contact__c"]
                who = "Contact" + row["npsp__Primary_Contact__c"] if named else ""
                expected[who or "Account" + row["AccountId"]] += Decimal(row["Amount"])
    found: dict[str, Decimal] = defaultdict(Decimal)
    for gift in real().gifts:
        found["".join(gift.donor)] += Decimal(gift.amount) / 100
    assert found == expected


@pytest.mark.parametrize("change", ["lower", "bare", "lower and bare", "upper", "foreign"])
def test_columns_and_files_by_name_whatever_case_or_prefix(tmp_path, change):
    folder = exports.copy(tmp_path)

    def renamed(name: str) -> str:
        if "bare" in change:
            name = re.sub(r"__c$", "", re.sub(r"^np[a-z]+[0-9]*__", "", name))
        if change == "foreign":
            name = re.sub(r"^np[a-z]+[0-9]*__", "Our_2nd__", name)
        return name.lower() if "lower" in change else name.upper() if change == "upper" else name

    for path in list(folder.glob("*.csv")):
        rows = [{renamed(column): value for column, value in row.items()} for row in exports.read(path)]
        path.unlink()
        exports.write(folder / f"{renamed(path.stem)}.csv", rows)
    assert same(plan(folder), real())


def test_fields_and_tables_that_others_added_under_the_same_name_are_not_taken(tmp_path):
    folder = exports.copy(tmp_path)
    exports.edit(
        folder / "Opportunity.csv",
        lambda row: row.update(
            {
                "maps__Amount__c": "1",
                "Amount__c": "2",
                "maps__Primary_Contact__c": "0",
                "Description__c": "not ours",
            }
        ),
    )
    exports.write(folder / "maps__Address__c.csv", [{"Id": "1", "Latitude": "0"}])
    exports.write(folder / "Account__c.csv", [{"Id": "1", "Name": "x"}])

    found = plan(folder)

    assert same(found, real())
    assert set(found.unknown_columns["Opportunity.csv"]) >= {
        "maps__Amount__c", "Amount__c", "maps__Primary_Contact__c", "Description__c",
    }  # fmt: skip
    assert {"maps__Address__c.csv", "Account__c.csv"} <= set(found.unknown_files)


def test_a_field_that_somebody_added_does_not_stand_in_for_a_missing_one(tmp_path):
    folder = exports.copy(tmp_path)
    exports.edit(folder / "Opportunity.csv", lambda row: row.update({"Amount__c": row["Amount"]}))
    exports.without_column(folder / "Opportunity.csv", "Amount")

    assert [(fault.file, fault.column) for fault in plan(folder).faults] == [("Opportunity.csv", "Amount")]


def test_eighteen_characters_are_compared_on_the_first_fifteen(tmp_path):
    """Half the rows say 18 characters, half 15, as when two tools made the export."""
    folder = exports.copy(tmp_path)
    ids = {"id", "accountid", "contactid", "opportunityid", "campaignid"}
    pointing = ids | {
        name.lower()
        for name in (
            "npsp__Primary_Contact__c",
            "npsp__Primary_Affiliation__c",
            "npe01__Opportunity__c",
            "npe03__Recurring_Donation__c",
            "npe03__Contact__c",
            "npe4__Contact__c",
            "npe4__RelatedContact__c",
            "npsp__Household_Account__c",
            "npsp__Opportunity__c",
            "npsp__General_Accounting_Unit__c",
            "npsp__Recurring_Donation__c",
            "npsp__Contact__c",
        )
    }
    for path in folder.glob("*.csv"):
        rows = exports.read(path)
        for number, row in enumerate(rows):
            for column, value in row.items():
                if column.lower() in pointing and value:
                    row[column] = f"0036g000{int(value):07d}" + ("AAK" if number % 2 else "")
        exports.write(path, rows)
    found, expected = plan(folder), real()
    assert found.faults == []
    assert (len(found.gifts), len(found.pledges), len(found.skipped), len(found.payment_warnings)) == (
        294,
        34,
        14,
        211,
    )
    assert [gift.amount for gift in found.gifts] == [gift.amount for gift in expected.gifts]
    assert sum(len(gift.soft_credits) for gift in found.gifts) == sum(
        len(gift.soft_credits) for gift in expected.gifts
    )


def test_ids_that_differ_only_in_case_are_different(tmp_path):
    folder = exports.small(
        tmp_path,
        Account=[{"Id": "0016g000007WEfsAAG", "Name": "One"}, {"Id": "0016g000007WEfSAAW", "Name": "Two"}],
    )
    assert [one.name for one in plan(folder).constituents] == ["One", "Two"]


def test_a_zip_and_a_nested_folder(tmp_path):
    folder = exports.copy(tmp_path)
    with zipfile.ZipFile(tmp_path / "export.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in folder.iterdir():
            archive.write(path, f"WE_00D/2026-11-21/{path.name}")
    nested = tmp_path / "outer" / "inner"
    nested.parent.mkdir()
    folder.rename(nested)
    assert same(plan(tmp_path / "export.zip"), real())
    assert same(plan(nested.parent), real())


@pytest.mark.parametrize(("encoding", "sign"), [("utf-16", "\t"), ("utf-8-sig", ";")])
def test_other_encodings_and_separators(tmp_path, encoding, sign):
    folder = exports.copy(tmp_path)
    for path in folder.glob("*.csv"):
        exports.write(path, exports.read(path), encoding=encoding, sign=sign)
    assert same(plan(folder), real())


def test_windows_1252_is_said_with_words_to_check(tmp_path):
    folder = exports.small(tmp_path, Account=[{"Id": "1", "Name": "Fundação Peña"}])
    (folder / "Account.csv").write_bytes((folder / "Account.csv").read_text().encode("cp1252"))
    found = plan(folder)
    assert found.constituents[0].name == "Fundação Peña"
    assert "Fundação" in found.remarks[0].text
    assert found.remarks[0].file == "Account.csv"


# What stops an import ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["Account", "Contact", "Opportunity", "OpportunityContactRole", "npe01__OppPayment__c"]
)
def test_a_missing_file_is_a_fault(tmp_path, name):
    folder = exports.copy(tmp_path)
    (folder / f"{name}.csv").unlink()
    found = plan(folder)
    assert any("missing" in fault.text for fault in found.faults)


@pytest.mark.parametrize(
    "name", ["Campaign", "npsp__General_Accounting_Unit__c", "npe03__Recurring_Donation__c"]
)
def test_a_missing_file_that_others_point_into_is_a_fault(tmp_path, name):
    folder = exports.copy(tmp_path)
    if name == "Campaign":
        exports.edit(folder / "Opportunity.csv", lambda row: row.update(CampaignId="1"))
    (folder / f"{name}.csv").unlink()
    assert any("missing" in fault.text for fault in plan(folder).faults)


@pytest.mark.parametrize(
    ("file", "column"),
    [
        ("Opportunity.csv", "Amount"),
        ("Opportunity.csv", "CloseDate"),
        ("Contact.csv", "LastName"),
        ("npe01__OppPayment__c.csv", "npe01__Paid__c"),
        ("npsp__Allocation__c.csv", "npsp__General_Accounting_Unit__c"),
    ],
)
def test_a_missing_column_is_named(tmp_path, file, column):
    folder = exports.copy(tmp_path)
    exports.without_column(folder / file, column)
    assert [(fault.file, fault.column) for fault in plan(folder).faults] == [(file, column)]


def test_ids_that_point_nowhere_are_all_named(tmp_path):
    folder = exports.copy(tmp_path)
    exports.edit(
        folder / "Opportunity.csv",
        lambda row: row.update(AccountId="9999") if row["Id"] in ("3", "5") else None,
    )
    exports.edit(
        folder / "npsp__Allocation__c.csv",
        lambda row: row.update(npsp__Opportunity__c="x") if row["Id"] == "7" else None,
    )
    assert [(fault.file, fault.row, fault.column) for fault in plan(folder).faults] == [
        ("Opportunity.csv", 4, "AccountId"),
        ("Opportunity.csv", 6, "AccountId"),
        ("npsp__Allocation__c.csv", 8, "npsp__Opportunity__c"),
    ]


def test_unreadable_rows_and_cells_are_all_named(tmp_path):
    folder = exports.copy(tmp_path)

    def spoil(row: dict[str, str]) -> None:
        row.update(
            {"3": {"Amount": "10.005"}, "4": {"CloseDate": "31.12.2019"}, "5": {"Amount": "lots"}}.get(
                row["Id"], {}
            )
        )

    exports.edit(folder / "Opportunity.csv", spoil)
    with (folder / "Contact.csv").open("a") as file:
        file.write("900,only,three\n901,cells\n")
    assert [(fault.file, fault.row) for fault in plan(folder).faults] == [
        ("Contact.csv", 104),
        ("Contact.csv", 105),
    ]
    exports.write(folder / "Contact.csv", exports.read(exports.REAL / "Contact.csv"))
    assert [(fault.row, fault.column) for fault in plan(folder).faults] == [
        (4, "Amount"),
        (5, "CloseDate"),
        (6, "Amount"),
    ]


def test_an_id_that_is_there_twice_is_named(tmp_path):
    folder = exports.small(tmp_path, Account=[{"Id": "1", "Name": "One"}, {"Id": "1", "Name": "Two"}])
    assert [(fault.file, fault.row) for fault in plan(folder).faults] == [("Account.csv", 3)]


def test_an_unknown_stage_stops_and_asks_and_an_answer_is_heard(tmp_path):
    folder = exports.copy(tmp_path)
    exports.edit(
        folder / "Opportunity.csv",
        lambda row: row.update(StageName="Cleared") if row["Id"] in ("1", "2") else None,
    )
    asked = plan(folder)
    assert asked.unknown_stages == {"Cleared": 2}
    told = plan(folder, Cleared="gift")
    assert told.unknown_stages == {}
    assert len(told.gifts) == 294
    with pytest.raises(NoSuchMeaning):
        plan(folder, Cleared="yes")


# What decides -----------------------------------------------------------------------------------------------

DONOR = {"Id": "1", "Name": "Ng Household"}
WHO = {"Id": "5", "FirstName": "Walter", "LastName": "Ng", "AccountId": "1"}


def gift(**more: str) -> dict[str, str]:
    return {
        "Id": "7",
        "Name": "A gift",
        "Amount": "100.0",
        "StageName": "Closed Won",
        "CloseDate": "2020-02-29",
        "AccountId": "1",
        "npsp__Primary_Contact__c": "5",
        **more,
    }


def test_is_won_decides_where_the_column_is_there(tmp_path):
    folder = exports.small(
        tmp_path,
        Account=[DONOR],
        Contact=[WHO],
        Opportunity=[
            gift(Id="1", StageName="Anything", IsWon="true", IsClosed="true"),
            gift(Id="2", StageName="Anything", IsWon="false", IsClosed="true"),
            gift(Id="3", StageName="Closed Won", IsWon="False", IsClosed="False"),
            gift(Id="4", StageName="Pledged", IsWon="0", IsClosed="0"),
            gift(Id="5", StageName="Whatever", IsWon="0", IsClosed="0"),
        ],
    )
    found = plan(folder)
    assert [one.key[1] for one in found.gifts] == ["1"]
    assert [one.key[1] for one in found.pledges] == ["4"]
    assert len(found.skipped) == 2
    assert found.unknown_stages == {"Whatever": 1}


def test_a_household_by_type_else_by_record_type_else_by_content(tmp_path):
    people = [
        {"Id": str(n), "FirstName": "Ada", "LastName": name, "AccountId": str(n)}
        for n, name in [(1, "Ng"), (2, "Ng"), (3, "Ng"), (4, "Hart"), (5, "Ng"), (6, "Smith")]
    ]
    folder = exports.small(
        tmp_path,
        Contact=people,
        Account=[
            {"Id": "1", "Name": "The Household Shop", "npe01__SYSTEM_AccountType__c": "Organization"},
            {
                "Id": "2",
                "Name": "Anything",
                "npe01__SYSTEM_AccountType__c": "Household Account",
                "RecordTypeId": "A",
            },
            {"Id": "3", "Name": "Learned", "RecordTypeId": "A"},
            {"Id": "4", "Name": "Hart and Harts"},
            {"Id": "5", "Name": "Ng Household Goods", "RecordTypeId": "B"},
            {"Id": "6", "Name": "Smith Plumbing"},
            {"Id": "7", "Name": "Okafor Household"},
        ],
        RecordType=[{"Id": "B", "Name": "Organization", "DeveloperName": "Organization"}],
    )
    kinds = {one.key[1]: one.kind for one in plan(folder).constituents if one.key[0] == "Account"}
    assert [number for number, kind in kinds.items() if kind == "household"] == ["2", "3", "4", "7"]


def test_the_real_export_without_types_and_record_types_gives_the_same(tmp_path):
    folder = exports.copy(tmp_path)
    exports.without_column(folder / "Account.csv", "npe01__SYSTEM_AccountType__c")
    exports.without_column(folder / "Account.csv", "RecordTypeId")
    assert same(plan(folder), real())


def test_the_donor_is_the_person_named_else_the_organisation_else_the_household(tmp_path):
    folder = exports.small(
        tmp_path,
        Account=[DONOR, {"Id": "2", "Name": "Acme Inc"}],
        Contact=[WHO],
        Opportunity=[
            gift(Id="1"),
            gift(Id="2", npsp__Primary_Contact__c=""),
            gift(Id="3", AccountId="2", npsp__Primary_Contact__c=""),
            gift(Id="4", AccountId="2"),
            gift(Id="5", AccountId="2"),
            gift(Id="6", AccountId="", npsp__Primary_Contact__c=""),
        ],
        OpportunityContactRole=[
            {"OpportunityId": "4", "ContactId": "5", "Role": "Soft Credit", "IsPrimary": "true"},
            {"OpportunityId": "5", "ContactId": "5", "Role": "Donor", "IsPrimary": "true"},
        ],
    )
    found = plan(folder)
    assert [one.donor for one in found.gifts] == [
        ("Contact", "5"),
        ("Account", "1"),
        ("Account", "2"),
        ("Account", "2"),
        ("Account", "2"),
    ]
    assert found.gifts[3].soft_credits == (SoftCredit(("Contact", "5"), 100_00, "Soft Credit"),)
    # NPSP itself writes Donor for the contact of an organisation's gift, and credits nobody for it.
    assert found.gifts[4].soft_credits == ()
    assert [remark.text for remark in found.remarks] == [
        "1 gift of an organisation names a person as its donor: the organisation gave it."
    ]
    assert [(fault.file, fault.row) for fault in found.faults] == [("Opportunity.csv", 7)]


def test_the_primary_role_names_the_donor_where_the_column_is_missing(tmp_path):
    folder = exports.copy(tmp_path)
    exports.without_column(folder / "Opportunity.csv", "npsp__Primary_Contact__c")
    assert [one.donor for one in plan(folder).gifts] == [one.donor for one in real().gifts]


def test_a_person_whom_a_role_calls_the_donor_is_named_where_nothing_is_primary(tmp_path):
    other = {"Id": "6", "FirstName": "F", "LastName": "L", "AccountId": "1"}
    folder = exports.small(
        tmp_path,
        Account=[DONOR],
        Contact=[WHO, other],
        Opportunity=[gift(Id=id, npsp__Primary_Contact__c="") for id in "123"],
        OpportunityContactRole=[
            {"OpportunityId": "1", "ContactId": "6", "Role": "Household Member"},
            {"OpportunityId": "1", "ContactId": "5", "Role": "Donor"},
            {"OpportunityId": "2", "ContactId": "5", "Role": "Donor"},
            {"OpportunityId": "2", "ContactId": "6", "Role": "Donor"},
            {"OpportunityId": "3", "ContactId": "6", "Role": "Household Member"},
        ],
    )
    assert [one.donor for one in plan(folder).gifts] == [("Contact", "5"), ("Account", "1"), ("Account", "1")]


def test_soft_credit_comes_once_whatever_tells_of_it(tmp_path):
    others = [{"Id": n, "FirstName": "F", "LastName": n, "AccountId": "1"} for n in "689"]
    folder = exports.small(
        tmp_path,
        Account=[DONOR, {"Id": "2", "Name": "Acme Inc"}],
        Contact=[WHO, *others],
        Opportunity=[gift()],
        OpportunityContactRole=[
            {"OpportunityId": "7", "ContactId": "5", "Role": "Donor", "IsPrimary": "True"},
            {"OpportunityId": "7", "ContactId": "5", "Role": "Soft Credit", "IsPrimary": "False"},
            {"OpportunityId": "7", "ContactId": "6", "Role": "Soft Credit", "IsPrimary": "False"},
            {"OpportunityId": "7", "ContactId": "8", "Role": "Household Member", "IsPrimary": "False"},
            {"OpportunityId": "7", "ContactId": "9", "Role": "Influencer", "IsPrimary": "False"},
            {"OpportunityId": "7", "ContactId": "9", "Role": "Soft Credit", "IsPrimary": "False"},
            {"OpportunityId": "7", "ContactId": "9", "Role": "Wizard", "IsPrimary": "False"},
        ],
        npsp__Partial_Soft_Credit__c=[
            {
                "Id": "1",
                "npsp__Opportunity__c": "7",
                "npsp__Contact__c": "6",
                "npsp__Amount__c": "40.0",
                "npsp__Role_Name__c": "Soft Credit",
            },
            {
                "Id": "2",
                "npsp__Opportunity__c": "7",
                "npsp__Contact__c": "5",
                "npsp__Amount__c": "40.0",
                "npsp__Role_Name__c": "Soft Credit",
            },
            {
                "Id": "3",
                "npsp__Opportunity__c": "7",
                "npsp__Contact__c": "8",
                "npsp__Amount__c": "40.0",
                "npsp__Role_Name__c": "Household Member",
            },
        ],
        npsp__Account_Soft_Credit__c=[
            {
                "Id": "1",
                "npsp__Opportunity__c": "7",
                "npsp__Account__c": "2",
                "npsp__Amount__c": "60.0",
                "npsp__Role__c": "Match",
            }
        ],
    )
    found = plan(folder)
    assert found.gifts[0].soft_credits == (
        SoftCredit(("Account", "2"), 60_00, "Match"),
        SoftCredit(("Contact", "6"), 40_00, "Soft Credit"),
        SoftCredit(("Contact", "9"), 100_00, "Influencer"),
    )
    assert "Wizard" in found.remarks[0].text


def allocation(**cells: str) -> dict[str, str]:
    return {
        "Id": "1",
        "npsp__Opportunity__c": "7",
        "npsp__General_Accounting_Unit__c": "1",
        "npsp__Amount__c": "",
        "npsp__Percent__c": "",
        **cells,
    }


@pytest.mark.parametrize(
    ("allocations", "expected"),
    [
        ([], [(None, 100_01)]),
        ([{"npsp__Amount__c": "60.0"}], [("1", 60_00), (None, 40_01)]),
        ([{"npsp__Percent__c": "50.0"}], [("1", 50_01), (None, 50_00)]),
        (
            [
                {"npsp__Percent__c": "50.0"},
                {"npsp__Percent__c": "50", "npsp__General_Accounting_Unit__c": "2"},
            ],
            [("1", 50_01), ("2", 50_00)],
        ),
        ([{"npsp__Amount__c": "60.0"}, {"npsp__Amount__c": "20.0"}], [("1", 80_00), (None, 20_01)]),
        (
            [
                {"npsp__Amount__c": "150.0"},
                {"npsp__Amount__c": "50.0", "npsp__General_Accounting_Unit__c": "2"},
            ],
            [("1", 75_01), ("2", 25_00)],
        ),
    ],
)
def test_allocations_by_amount_or_percent_and_the_rest_is_general(tmp_path, allocations, expected):
    folder = exports.small(
        tmp_path,
        Account=[DONOR],
        Contact=[WHO],
        Opportunity=[gift(Amount="100.01")],
        npsp__General_Accounting_Unit__c=[{"Id": "1", "Name": "Roof"}, {"Id": "2", "Name": "Meals"}],
        npsp__Allocation__c=[allocation(Id=str(at), **cells) for at, cells in enumerate(allocations)]
        or [allocation(npsp__Opportunity__c="")],
    )
    found = plan(folder)
    assert found.faults == []
    assert found.gifts[0].splits == tuple(
        Split(fund and ("General_Accounting_Unit", fund), amount) for fund, amount in expected
    )


def payment(**cells: str) -> dict[str, str]:
    return {
        "Id": "1",
        "npe01__Opportunity__c": "7",
        "npe01__Payment_Amount__c": "50",
        "npe01__Paid__c": "False",
        "npe01__Written_Off__c": "False",
        "npe01__Scheduled_Date__c": "2020-03-01",
        "npe01__Payment_Date__c": "",
        "npe01__Payment_Method__c": "",
        "npe01__Check_Reference_Number__c": "",
        **cells,
    }


def test_an_open_pledge_keeps_what_is_to_come_and_what_came_is_a_gift(tmp_path):
    folder = exports.small(
        tmp_path,
        Account=[DONOR],
        Contact=[WHO],
        Opportunity=[gift(StageName="Pledged")],
        npe01__OppPayment__c=[
            payment(
                Id="1",
                npe01__Payment_Amount__c="30",
                npe01__Paid__c="True",
                npe01__Payment_Date__c="2020-02-20",
                npe01__Payment_Method__c="Check",
                npe01__Check_Reference_Number__c="881",
            ),
            payment(Id="2"),
            payment(Id="3", npe01__Payment_Amount__c="10", npe01__Written_Off__c="True"),
        ],
    )
    found = plan(folder)
    [received], [promise] = found.gifts, found.pledges
    assert (received.key, received.amount, received.given_on) == (
        ("OppPayment", "1"),
        30_00,
        date(2020, 2, 20),
    )
    assert (received.method, received.cheque_number) == ("cheque", "881")
    assert (promise.amount, promise.paid_amount) == (100_00, 30_00)
    assert [(part.amount, part.gift and part.gift[1]) for part in promise.instalments] == [
        (30_00, "1"),
        (50_00, None),
        (20_00, None),
    ]
    assert "add up to $80.00" in found.payment_warnings[0].text


def test_the_opportunity_is_the_truth_and_its_paid_payments_are_checked(tmp_path):
    folder = exports.small(
        tmp_path,
        Account=[DONOR],
        Contact=[WHO],
        Opportunity=[gift(Id="7"), gift(Id="8")],
        npe01__OppPayment__c=[
            payment(Id="1", npe01__Paid__c="True"),
            payment(Id="2", npe01__Paid__c="True"),
            payment(Id="3"),
            payment(Id="4", npe01__Opportunity__c="8", npe01__Paid__c="True"),
        ],
    )
    found = plan(folder)
    assert [one.amount for one in found.gifts] == [100_00, 100_00]
    assert [warning.row for warning in found.payment_warnings] == [3]


def test_zero_negative_empty_and_lost_ones_are_skipped_and_named(tmp_path):
    folder = exports.small(
        tmp_path,
        Account=[DONOR],
        Contact=[WHO],
        Opportunity=[
            gift(Id="1", Amount="0.0"),
            gift(Id="2", Amount="-5.0"),
            gift(Id="3", Amount=""),
            gift(Id="4", StageName="Closed Lost"),
            gift(Id="5", Amount="(12.50)"),
            gift(Id="6", Amount="1.0E7"),
        ],
    )
    found = plan(folder)
    assert [(line.row, line.text.rsplit(": ", 1)[1]) for line in found.skipped] == [
        (2, "the amount is zero."),
        (3, "the amount is negative."),
        (4, "no amount."),
        (5, "lost."),
        (6, "the amount is negative."),
    ]
    assert [one.amount for one in found.gifts] == [10_000_000_00]


def test_deleted_rows_are_not_taken(tmp_path):
    folder = exports.small(
        tmp_path, Account=[{**DONOR, "IsDeleted": "false"}, {"Id": "2", "Name": "Gone", "IsDeleted": "true"}]
    )
    assert [one.name for one in plan(folder).constituents] == ["Ng Household"]


def test_unknown_columns_and_files_are_listed_never_fatal(tmp_path):
    folder = exports.small(tmp_path, Account=[{**DONOR, "Shoe_Size__c": "44", "acme__Name__c": "x"}])
    (folder / "Lead.csv").write_text("Id\n1\n")
    (folder / "notes.docx").write_bytes(b"PK\x03\x04")
    found = plan(folder)
    assert found.faults == []
    assert found.unknown_columns == {"Account.csv": ["Shoe_Size__c", "acme__Name__c"]}
    assert found.unknown_files == ["Lead.csv", "notes.docx"]


def test_seasons_come_with_their_addresses():
    seasonal = [one for one in real().addresses if one.season]
    assert len(seasonal) == 5
    assert seasonal[0].season == (6, 15, 8, 30)
    assert not any(one.preferred for one in seasonal)


def test_an_address_is_stored_once_and_countries_become_codes():
    found = real()
    assert len({one.says() for one in found.addresses}) == len(found.addresses)
    assert {one.country for one in found.addresses if len(one.country) != 2} == set()
    preferred = Counter(one.of for one in found.addresses if one.preferred)
    assert set(preferred.values()) == {1}
    assert len(preferred) == 87
