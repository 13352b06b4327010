"""Which accounts are households: by account type, else by record type, else by what they hold.

NPSP writes a type on household accounts and none on organisations, so an empty type only means an organisation
where nothing else speaks. A record type is an id; its name may come in a column or in `RecordType.csv`, or is
learned from accounts that carry both a type and a record type.
"""

import re
from collections.abc import Iterable

from imports.npsp_read import Export, Row

_CONNECTING = {
    "and",
    "&",
    "the",
    "of",
    "y",
    "e",
    "et",
    "und",
    "mr",
    "mrs",
    "ms",
    "dr",
    "mr.",
    "mrs.",
    "ms.",
    "dr.",
}
_HOUSEHOLD_WORD = re.compile(
    r"\b(household|haushalt|foyer|hogar|huishouden|hushåll|gospodarstwo)\b|\bfamily$", re.IGNORECASE
)


def record_type_names(export: Export) -> dict[str, str]:
    """What each record type is called, from the file of record types if the export has one."""
    return {row.id(): f"{row['Name']} {row['DeveloperName']}".strip() for row in export.rows("RecordType")}


def record_type(row: Row, names: dict[str, str]) -> str:
    """The name of a row's record type, empty where the export does not tell."""
    said = f"{row['RecordType.Name']} {row['RecordType.DeveloperName']}".strip()
    return said or names.get(row.id("RecordTypeId"), "")


def households(export: Export) -> set[str]:
    """The ids of the accounts that are households."""
    names = record_type_names(export)
    members = _members(export)
    learned = _learned(export)
    found = set()
    for row in export.rows("Account"):
        said = _by_type(row["npe01__SYSTEM_AccountType__c"])
        if said is None:
            said = _by_record_type(record_type(row, names))
        if said is None:
            said = learned.get(row.id("RecordTypeId"))
        if said is None:
            said = _by_content(row, members.get(row.id(), []))
        if said:
            found.add(row.id())
    return found


def _by_type(said: str) -> bool | None:
    """A one-to-one account stands for one person and is a household of one."""
    if not said:
        return None
    return any(word in said.casefold() for word in ("household", "one-to-one", "one to one"))


def _by_record_type(name: str) -> bool | None:
    if not name:
        return None
    folded = name.casefold()
    return "household" in folded or bool(re.search(r"\bhh_", folded))


def _learned(export: Export) -> dict[str, bool]:
    """Record types whose accounts all have the same kind of account type."""
    seen: dict[str, set[bool]] = {}
    for row in export.rows("Account"):
        said = _by_type(row["npe01__SYSTEM_AccountType__c"])
        if said is not None and row["RecordTypeId"]:
            seen.setdefault(row.id("RecordTypeId"), set()).add(said)
    return {record: kinds.pop() for record, kinds in seen.items() if len(kinds) == 1}


def _members(export: Export) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for row in export.rows("Contact"):
        found.setdefault(row.id("AccountId"), []).append((row["FirstName"], row["LastName"]))
    return found


def _by_content(row: Row, members: Iterable[tuple[str, str]]) -> bool:
    """A household is called one, greets its members, or has a name made of theirs and nothing else."""
    if _HOUSEHOLD_WORD.search(row["Name"].strip()):
        return True
    if row["npo02__Formal_Greeting__c"] or row["npo02__Informal_Greeting__c"]:
        return True
    if row["npsp__Number_of_Household_Members__c"].rstrip("0").rstrip("."):
        return True
    of_members = {word for names in members for name in names for word in _words(name)}
    own = [word for word in _words(row["Name"]) if word not in _CONNECTING]
    return bool(own) and all(word in of_members or word.removesuffix("s") in of_members for word in own)


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[\s,]+", name.casefold()) if word]
