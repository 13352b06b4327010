"""What volunteers are and have, and the hours they gave; what there is to do, and who comes, stands in `tables`."""

from enum import Enum
from typing import ClassVar

from piccolo.columns import (
    Array,
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

from constituents.tables import Constituent
from staff.tables import StaffMember
from volunteers.tables import Opportunity, Programme, SignUp

# ---------------------------------------------------------------- what volunteers are and have


class Volunteer(Table, tablename="volunteers"):
    """What a constituent is as a volunteer; who has no row never volunteered."""

    when_merged: ClassVar = {"constituent": "drop"}

    constituent = ForeignKey(Constituent, null=False, on_delete=OnDelete.cascade, unique=True)
    status = Varchar(length=20, default="active")
    skills = Array(base_column=Varchar(length=60), default=list)
    languages = Array(base_column=Varchar(length=10), default=list, help_text="BCP 47")
    interests = Array(base_column=Varchar(length=60), default=list)
    availability = Array(
        base_column=Varchar(length=20), default=list, help_text="sat-morning, tue-evening, …"
    )
    may_be_asked = Boolean(default=True, help_text="whether mails may ask them for shifts")
    may_be_asked_for_money = Boolean(default=True)
    notes = Text(default="")
    feed_hash = Char(
        length=64, null=True, default=None, unique=True, help_text="of their private calendar's link"
    )
    last_asked_at = Timestamptz(null=True, default=None)
    joined_on = Date(default=None, null=False, required=True)
    version = Integer(default=1)

    status_is_known = Check("status IN ('active', 'paused', 'ended')")


class VolunteerPrivate(Table, tablename="volunteers_private"):
    """What only those see who need it: birth date, guardian, whom to call."""

    when_merged: ClassVar = {"constituent": "drop", "guardian": "keep"}

    constituent = ForeignKey(Constituent, null=False, on_delete=OnDelete.cascade, unique=True)
    born_on = Date(null=True, default=None)
    guardian = ForeignKey(Constituent, null=True, on_delete=OnDelete.set_null, index=True)
    guardian_name = Varchar(length=200, default="")
    guardian_phone = Varchar(length=40, default="")
    emergency_name = Varchar(length=200, default="")
    emergency_phone = Varchar(length=40, default="")
    version = Integer(default=1)

    nobody_is_their_own_guardian = Check("guardian <> constituent")


class Qualification(Table, tablename="qualifications"):
    """What a shift may ask for: a certificate, a training, a check (its status and expiry, never its report)."""

    name = Varchar(length=120)
    name_normal = Varchar(length=120, unique=True, help_text="for comparing")
    kind = Varchar(length=20, default="training")
    valid_months = SmallInt(null=True, default=None, help_text="none: for good")
    closed_at = Timestamptz(null=True, default=None)
    version = Integer(default=1)

    kind_is_known = Check("kind IN ('training', 'certificate', 'check')")
    is_valid_for_a_while = Check("valid_months BETWEEN 1 AND 600")


class QualificationHeld(Table, tablename="qualifications_held"):
    """A qualification that somebody has, or had, from a day until a day."""

    when_merged: ClassVar = {"constituent": "keep"}

    constituent = ForeignKey(Constituent, null=False, on_delete=OnDelete.cascade, index=True)
    qualification = ForeignKey(Qualification, null=False, on_delete=OnDelete.restrict, index=True)
    status = Varchar(length=20, default="valid")
    from_day = Date(default=None, null=False, required=True)
    until_day = Date(null=True, default=None, help_text="the last day; none: for good")
    number = Varchar(length=60, default="", help_text="of a certificate")
    created_at = Timestamptz(default=TimestamptzNow())

    status_is_known = Check("status IN ('valid', 'pending', 'refused')")
    begins_before_it_ends = Check("until_day >= from_day")


class QualificationNeeded(Table, tablename="qualifications_needed"):
    """An opportunity asks for a qualification that is valid on the day of the shift."""

    opportunity = ForeignKey(Opportunity, null=False, on_delete=OnDelete.cascade)
    qualification = ForeignKey(Qualification, null=False, on_delete=OnDelete.restrict, index=True)

    qualification_needed_once = Unique(columns=["opportunity", "qualification"])


class Waiver(Table, tablename="waivers"):
    """One version of a text that volunteers sign. A changed text is a new row."""

    name = Varchar(length=120)
    edition = Integer(default=1)
    text = Text()
    valid_months = SmallInt(null=True, default=None)
    current = Boolean(default=True, help_text="of its name, the one to sign now")
    created_at = Timestamptz(default=TimestamptzNow())

    one_row_per_edition = Unique(columns=["name", "edition"])
    says_something = Check("name <> '' AND text <> ''")


class WaiverNeeded(Table, tablename="waivers_needed"):
    """An opportunity asks for a signed waiver, by its name: always the current edition."""

    opportunity = ForeignKey(Opportunity, null=False, on_delete=OnDelete.cascade)
    name = Varchar(length=120)

    waiver_needed_once = Unique(columns=["opportunity", "name"])


class WaiverSignature(Table, tablename="waiver_signatures"):
    """Who signed which edition, with which name, when; on the page, or on paper that staff have seen. Only grows."""

    append_only: ClassVar = True

    constituent = BigInt(default=None, null=False, required=True, index=True)
    waiver = ForeignKey(Waiver, null=False, on_delete=OnDelete.restrict, index=True)
    signed_name = Varchar(length=200)
    is_guardian = Boolean(default=False)
    on_paper = Boolean(default=False)
    signed_at = Timestamptz(default=TimestamptzNow())

    is_signed = Check("signed_name <> ''")


# ---------------------------------------------------------------- what was given


class HoursStatus(str, Enum):
    """Of hours. Only approved ones count."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"


class Hours(Table, tablename="hours"):
    """Time that a volunteer gave on a day; of a group, everybody's together."""

    when_merged: ClassVar = {"constituent": "keep"}

    id = BigSerial(primary_key=True)
    constituent = ForeignKey(Constituent, null=False, on_delete=OnDelete.restrict)
    programme = ForeignKey(Programme, null=False, on_delete=OnDelete.restrict)
    opportunity = ForeignKey(Opportunity, null=True, on_delete=OnDelete.restrict)
    signup = ForeignKey(SignUp, null=True, on_delete=OnDelete.restrict, unique=True)
    day = Date(default=None, null=False, required=True)
    minutes = Integer(default=None, null=False, required=True, help_text="of all people together")
    people = SmallInt(default=1)
    status = Varchar(length=20, choices=HoursStatus, default=HoursStatus.PROPOSED)
    came_by = Varchar(length=20)
    is_estimated = Boolean(default=False)
    note = Varchar(length=500, default="")
    decided_by = ForeignKey(StaffMember, null=True, on_delete=OnDelete.restrict)
    decided_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz(default=TimestamptzNow())
    version = Integer(default=1)

    takes_time = Check("minutes > 0 AND people > 0 AND minutes <= people * 20160")
    status_is_known = Check("status IN ('proposed', 'approved', 'refused')")
    came_by_is_known = Check("came_by IN ('check_in', 'self', 'staff', 'import')")


class HourValue(Table, tablename="hour_values"):
    """What an hour is worth from a day on, and who says so."""

    from_day = Date(default=None, null=False, required=True, unique=True)
    amount = BigInt(default=None, null=False, required=True, help_text="minor units an hour")
    currency = Char(length=3)
    source = Varchar(length=300)

    is_worth_something_to_somebody = Check("amount > 0 AND source <> ''")


class Milestone(Table, tablename="milestones"):
    """A sum of hours that a volunteer reached and was thanked for, once."""

    when_merged: ClassVar = {"constituent": "drop"}

    constituent = ForeignKey(Constituent, null=False, on_delete=OnDelete.cascade)
    hours = Integer(default=None, null=False, required=True)
    reached_on = Date(default=None, null=False, required=True)

    reached_once = Unique(columns=["constituent", "hours"])
