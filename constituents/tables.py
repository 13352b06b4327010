"""People, households and organisations, and everything that is known about them.

A table that points at a constituent says what becomes of its rows when two records are made one: they are re-pointed
and kept; where a unique rule stands in the way, the one of the record that ends is dropped, or summed into the other.
"""

from enum import Enum
from typing import ClassVar

from piccolo.columns import (
    JSONB,
    BigInt,
    BigSerial,
    Boolean,
    Char,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class Kind(str, Enum):
    PERSON = "person"
    HOUSEHOLD = "household"
    ORGANISATION = "organisation"


class Constituent(Table, tablename="constituents"):
    """One living record per person, household or organisation. Archived, never deleted."""

    kind = Varchar(length=20, choices=Kind)
    name = Varchar(length=700, help_text="as one says it: Margaret Okafor")
    sort_key = Varchar(length=300, help_text="how lists order it; kept by constituents.names")
    prefix = Varchar(length=40, default="")
    given_name = Varchar(length=200, default="")
    middle_name = Varchar(length=200, default="")
    family_name = Varchar(length=200, default="")
    suffix = Varchar(length=40, default="")
    nickname = Varchar(length=100, default="")
    job_title = Varchar(length=200, default="")
    greeting = Varchar(length=200, default="", help_text="how a letter begins: Dear …")
    website = Varchar(length=300, default="")
    language = Varchar(length=10, default="", help_text="preferred language, BCP 47")
    place = Varchar(length=200, default="", help_text="city and region of the preferred address, for lists")
    deceased = Boolean(default=False)
    deceased_on = Date(null=True, default=None)
    archived_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz(default=TimestamptzNow())
    updated_at = Timestamptz(default=TimestamptzNow())
    version = Integer(default=1)

    kind_is_known = Check("kind IN ('person', 'household', 'organisation')")
    has_a_name = Check("name <> '' AND sort_key <> ''")
    only_a_person_dies = Check("kind = 'person' OR NOT deceased")


class Membership(Table, tablename="memberships"):
    """A person in a household, from a day until a day; in one household at a time (an exclusion constraint)."""

    when_merged: ClassVar = {"household": "keep", "person": "drop"}

    household = ForeignKey(Constituent, null=False, on_delete=OnDelete.restrict, index=True)
    person = ForeignKey(Constituent, null=False, on_delete=OnDelete.restrict, index=True)
    role = Varchar(length=40, default="")
    from_day = Date(null=True, default=None, help_text="none: from the beginning")
    until_day = Date(null=True, default=None, help_text="the first day out; none: still in")

    begins_before_it_ends = Check("from_day < until_day")
    nobody_is_their_own_household = Check("household <> person")


class Email(Table, tablename="emails"):
    when_merged: ClassVar = {"constituent": "drop"}

    constituent = ForeignKey(Constituent, null=False, on_delete=OnDelete.cascade, index=True)
    address = Varchar(length=320)
    normal = Varchar(length=320, index=True, help_text="for comparing: folded case, IDN in one form")
    kind = Varchar(length=20, default="home")
    preferred = Boolean(default=False)

    email_listed_once = Unique(columns=["constituent", "normal"])
    kind_is_known = Check("kind IN ('home', 'work', 'other')")


class Phone(Table, tablename="phones"):
    when_merged: ClassVar = {"constituent": "drop"}

    constituent = ForeignKey(Constituent, null=False, on_delete=OnDelete.cascade, index=True)
    number = Varchar(length=40, index=True, help_text="E.164 where it is a number, else as it came")
    extension = Varchar(length=20, default="")
    is_valid = Boolean(default=True, help_text="false: came from an import and is no known number")
    kind = Varchar(length=20, default="home")
    preferred = Boolean(default=False)

    phone_listed_once = Unique(columns=["constituent", "number", "extension"])
    kind_is_known = Check("kind IN ('home', 'mobile', 'work', 'fax', 'other')")


class Address(Table, tablename="addresses"):
    """A postal address; seasonal ones are used from a day of the year until another, which may lie in the next year."""

    when_merged: ClassVar = {"constituent": "drop"}

    constituent = ForeignKey(Constituent, null=False, on_delete=OnDelete.cascade, index=True)
    street = Varchar(length=500, default="", help_text="one or more lines")
    city = Varchar(length=150, default="")
    region = Varchar(length=150, default="")
    postal_code = Varchar(length=40, default="")
    country = Varchar(length=100, default="", help_text="ISO code; words where an import could not tell")
    kind = Varchar(length=20, default="home")
    preferred = Boolean(default=False)
    season_from_month = SmallInt(null=True, default=None)
    season_from_day = SmallInt(null=True, default=None)
    season_until_month = SmallInt(null=True, default=None)
    season_until_day = SmallInt(null=True, default=None)

    says_something = Check("street <> '' OR city <> '' OR region <> '' OR postal_code <> '' OR country <> ''")
    kind_is_known = Check("kind IN ('home', 'work', 'billing', 'seasonal', 'other')")
    season_is_whole_or_absent = Check(
        "num_nulls(season_from_month, season_from_day, season_until_month, season_until_day) IN (0, 4)"
    )
    season_is_of_this_world = Check(
        "season_from_month BETWEEN 1 AND 12 AND season_until_month BETWEEN 1 AND 12"
        " AND season_from_day BETWEEN 1 AND 31 AND season_until_day BETWEEN 1 AND 31"
    )


class Tag(Table, tablename="tags"):
    name = Varchar(length=60)
    name_normal = Varchar(length=60, unique=True, help_text="for comparing")


class Tagging(Table, tablename="taggings"):
    when_merged: ClassVar = {"constituent": "drop"}

    tag = ForeignKey(Tag, null=False, on_delete=OnDelete.cascade, index=True)
    constituent = ForeignKey(Constituent, null=False, on_delete=OnDelete.cascade, index=True)

    tagged_once = Unique(columns=["tag", "constituent"])


class Note(Table, tablename="notes"):
    when_merged: ClassVar = {"constituent": "keep"}

    constituent = ForeignKey(Constituent, null=False, on_delete=OnDelete.cascade, index=True)
    text = Text()
    written_by = Varchar(length=200, default="")
    created_at = Timestamptz(default=TimestamptzNow())


class Relationship(Table, tablename="relationships"):
    """`other` is the `kind` of `constituent`: (Ada, Margaret, "Parent") says that Margaret is Ada's parent."""

    when_merged: ClassVar = {"constituent": "drop", "other": "drop"}

    constituent = ForeignKey(Constituent, null=False, on_delete=OnDelete.cascade, index=True)
    other = ForeignKey(Constituent, null=False, on_delete=OnDelete.cascade, index=True)
    kind = Varchar(length=60)
    former = Boolean(default=False)

    said_once = Unique(columns=["constituent", "other", "kind"])
    not_with_oneself = Check("constituent <> other")


class DuplicateCandidate(Table, tablename="duplicate_candidates"):
    """Two records that may be one, for a person to look at; the lower id first."""

    when_merged: ClassVar = {"one": "drop", "other": "drop"}

    one = ForeignKey(Constituent, null=False, on_delete=OnDelete.cascade, index=True)
    other = ForeignKey(Constituent, null=False, on_delete=OnDelete.cascade, index=True)
    reason = Varchar(length=60)
    status = Varchar(length=20, default="open")
    created_at = Timestamptz(default=TimestamptzNow())

    paired_once = Unique(columns=["one", "other"])
    lower_id_first = Check("one < other")
    status_is_known = Check("status IN ('open', 'same', 'different')")


class Proposal(Table, tablename="proposals"):
    """What a donor typed in public that differs from what is stored: shown to staff, taken over by a person."""

    when_merged: ClassVar = {"constituent": "keep"}

    constituent = ForeignKey(Constituent, null=False, on_delete=OnDelete.cascade, index=True)
    kind = Varchar(length=20)
    proposed = JSONB(default="{}")
    source_kind = Varchar(length=40)
    source_id = BigInt(default=None, null=False, required=True)
    status = Varchar(length=20, default="open")
    created_at = Timestamptz(default=TimestamptzNow())

    kind_is_known = Check("kind IN ('name', 'address', 'email', 'phone')")
    status_is_known = Check("status IN ('open', 'accepted', 'dismissed')")
    proposed_once = Unique(columns=["kind", "source_kind", "source_id"])


class TimelineEntry(Table, tablename="timeline_entries"):
    """One line of a constituent's story, written by the verb that made it happen. Values, never a sentence."""

    when_merged: ClassVar = {"constituent": "keep"}

    id = BigSerial(primary_key=True)
    constituent = ForeignKey(Constituent, null=False, on_delete=OnDelete.cascade)
    kind = Varchar(length=30)
    source_id = BigInt(default=None, null=False, required=True)
    happened_on = Date(default=None, null=False, required=True)
    at = Timestamptz(default=TimestamptzNow())
    title = Varchar(length=300, default="")
    detail = Varchar(length=500, default="")
    status = Varchar(length=20, default="")
    amount = BigInt(null=True, default=None)
    currency = Char(length=3, null=True, default=None)
    route = Varchar(length=60, default="")
    route_id = BigInt(null=True, default=None)
    permission = Varchar(length=40, default="constituents.read")

    written_once = Unique(columns=["kind", "source_id"])
    amount_has_a_currency = Check("(amount IS NULL) = (currency IS NULL)")


class Task(Table, tablename="tasks"):
    """Something for a person to look at: by hand later, now from jobs that met what they may not decide."""

    when_merged: ClassVar = {"constituent": "drop"}

    kind = Varchar(length=40)
    title = Varchar(length=300)
    detail = Text(default="")
    constituent = ForeignKey(Constituent, null=True, on_delete=OnDelete.set_null, index=True)
    route = Varchar(length=60, default="")
    route_id = BigInt(null=True, default=None)
    permission = Varchar(length=40, default="constituents.read")
    due_on = Date(null=True, default=None)
    created_at = Timestamptz(default=TimestamptzNow())
    done_at = Timestamptz(null=True, default=None)
    done_by = Varchar(length=200, default="")


class GivingTotal(Table, tablename="giving_totals"):
    """What a constituent gave in one currency, kept by triggers on gifts and soft credits. Hard and soft never add up."""

    when_merged: ClassVar = {"constituent": "sum"}

    constituent = ForeignKey(Constituent, null=False, on_delete=OnDelete.cascade)
    currency = Char(length=3)
    hard_total = BigInt(default=0)
    hard_count = Integer(default=0)
    soft_total = BigInt(default=0)
    soft_count = Integer(default=0)
    in_kind_total = BigInt(default=0)
    in_kind_count = Integer(default=0)
    first_on = Date(null=True, default=None)
    last_on = Date(null=True, default=None)
    last_amount = BigInt(null=True, default=None)
    largest_amount = BigInt(null=True, default=None)
    largest_on = Date(null=True, default=None)

    one_row_per_currency = Unique(columns=["constituent", "currency"])


class GivingYear(Table, tablename="giving_years"):
    """The same for each fiscal year."""

    when_merged: ClassVar = {"constituent": "sum"}

    id = BigSerial(primary_key=True)
    constituent = ForeignKey(Constituent, null=False, on_delete=OnDelete.cascade)
    currency = Char(length=3)
    year = SmallInt(default=None, null=False, required=True)
    hard_total = BigInt(default=0)
    hard_count = Integer(default=0)
    soft_total = BigInt(default=0)
    soft_count = Integer(default=0)
    in_kind_total = BigInt(default=0)
    in_kind_count = Integer(default=0)

    one_row_per_year = Unique(columns=["constituent", "currency", "year"])


class VolunteerTotal(Table, tablename="volunteer_totals"):
    """Approved minutes that a constituent gave as a volunteer, by calendar year, kept by triggers on hours."""

    when_merged: ClassVar = {"constituent": "sum"}

    constituent = ForeignKey(Constituent, null=False, on_delete=OnDelete.cascade)
    year = SmallInt(default=None, null=False, required=True)
    minutes = BigInt(default=0)
    times = Integer(default=0)
    first_on = Date(null=True, default=None)
    last_on = Date(null=True, default=None)

    hours_counted_once_a_year = Unique(columns=["constituent", "year"])
