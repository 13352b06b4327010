"""Plans: what an export says, in our words, before anything is written. One shape for every format.

A plan is made by pure functions and knows no ids of ours: its records point at each other by keys, `("Contact",
"0031x00000abcde")`, the kind and id that the other system uses. `imports.write` turns it into rows.
"""

import hashlib
from collections import Counter
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec

Key = tuple[str, str]


@lru_cache(maxsize=10_000)
def shared(kind: str, external: str) -> Key:
    """The same key for all who point at it: for the few funds and campaigns that every gift names."""
    return kind, external


class Line(msgspec.Struct, frozen=True, gc=False):
    """A sentence about a place in the files."""

    text: str
    file: str = ""
    row: int | None = None
    column: str | None = None


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Something that becomes one row of ours, with what hangs on it. `aliases`: other ids of the same thing."""

    key: Key
    aliases: tuple[Key, ...] = ()

    def fingerprint(self) -> str:
        """The same for the same content, whatever it is called: how a second import knows what has changed."""
        content = [getattr(self, name) for name in self.__struct_fields__ if name not in ("key", "aliases")]
        return hashlib.sha256(msgspec.json.encode(content)).hexdigest()


class EmailAddress(msgspec.Struct, frozen=True, gc=False):
    address: str
    normal: str
    kind: str
    preferred: bool


class PhoneNumber(msgspec.Struct, frozen=True, gc=False):
    number: str
    extension: str
    is_valid: bool
    kind: str
    preferred: bool


class Constituent(Record, frozen=True, kw_only=True, gc=False):
    kind: str
    name: str
    sort_key: str
    prefix: str = ""
    given_name: str = ""
    middle_name: str = ""
    family_name: str = ""
    suffix: str = ""
    job_title: str = ""
    greeting: str = ""
    website: str = ""
    deceased: bool = False
    emails: tuple[EmailAddress, ...] = ()
    phones: tuple[PhoneNumber, ...] = ()
    household: Key | None = None
    note: str = ""


class Address(Record, frozen=True, kw_only=True, gc=False):
    of: Key
    street: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    kind: str = "home"
    preferred: bool = False
    season: tuple[int, int, int, int] | None = None

    def says(self) -> tuple[Any, ...]:
        """What makes two addresses of one constituent the same."""
        place = (self.street, self.city, self.region, self.postal_code, self.country)
        return self.of, *(" ".join(part.split()).casefold() for part in place), self.season


class Relationship(Record, frozen=True, kw_only=True, gc=False):
    of: Key
    other: Key
    kind: str
    former: bool = False


class Fund(Record, frozen=True, kw_only=True, gc=False):
    name: str
    description: str = ""
    open: bool = True


class Campaign(Record, frozen=True, kw_only=True, gc=False):
    name: str
    text: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    goal: int | None = None
    open: bool = True


class Split(msgspec.Struct, frozen=True, gc=False):
    """A share for a fund; no fund is the general one."""

    fund: Key | None
    amount: int


class SoftCredit(msgspec.Struct, frozen=True, gc=False):
    to: Key
    amount: int
    role: str


class Gift(Record, frozen=True, kw_only=True, gc=False):
    donor: Key
    amount: int
    currency: str
    given_on: date
    kind: str = "cash"
    method: str = "other"
    splits: tuple[Split, ...]
    soft_credits: tuple[SoftCredit, ...] = ()
    campaign: Key | None = None
    cheque_number: str = ""
    in_kind_description: str = ""
    note: str = ""
    thanked_on: date | None = None


class Instalment(msgspec.Struct, frozen=True, gc=False):
    due_on: date | None
    amount: int
    gift: Key | None = None


class Pledge(Record, frozen=True, kw_only=True, gc=False):
    donor: Key
    amount: int
    currency: str
    paid_amount: int = 0
    due_on: date | None = None
    instalments: tuple[Instalment, ...]
    fund: Key | None = None
    campaign: Key | None = None
    note: str = ""


class Plan(msgspec.Struct):
    """Everything that one export would write, and everything a person should know before it does."""

    source: str
    funds: list[Fund] = []
    campaigns: list[Campaign] = []
    constituents: list[Constituent] = []
    addresses: list[Address] = []
    relationships: list[Relationship] = []
    gifts: list[Gift] = []
    pledges: list[Pledge] = []
    not_gifts: dict[Key, str] = {}
    """Rows that are none, and why: one that an earlier export had as a gift is voided."""

    faults: list[Line] = []
    """Why nothing is written."""
    unknown_stages: dict[str, int] = {}
    """Stages that nobody has told the meaning of, with how many rows: also a reason to write nothing."""
    payment_warnings: list[Line] = []
    skipped: list[Line] = []
    remarks: list[Line] = []
    unknown_files: list[str] = []
    unknown_columns: dict[str, list[str]] = {}

    def counts(self) -> dict[str, int]:
        """Of each thing, how many there are, by the names of `report.OBJECTS`."""
        kinds = Counter(one.kind for one in self.constituents)
        return {
            **{kind: kinds[kind] for kind in ("person", "household", "organisation")},
            "membership": sum(one.household is not None for one in self.constituents),
            "address": len(self.addresses),
            "relationship": len(self.relationships),
            "fund": len(self.funds),
            "campaign": len(self.campaigns),
            "gift": len(self.gifts),
            "soft_credit": sum(len(one.soft_credits) for one in self.gifts),
            "pledge": len(self.pledges),
        }

    def asks(self) -> bool:
        """Whether somebody has to answer a question before it can be written."""
        return bool(self.unknown_stages)

    def fault(self, text: str, file: str = "", row: int | None = None, column: str | None = None) -> None:
        self.faults.append(Line(text, file, row, column))

    def remark(self, text: str, file: str = "", row: int | None = None, column: str | None = None) -> None:
        self.remarks.append(Line(text, file, row, column))
