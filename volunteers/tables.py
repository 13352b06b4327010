"""Programmes, opportunities, shifts, sign-ups and what happens at the door; `profile_tables` has people and hours.

Row rules are here; what spans rows (capacity, nobody in two places, summaries) is in `sql/0001_rules.sql`.
"""

from enum import Enum
from typing import ClassVar

from piccolo.columns import (
    JSONB,
    Array,
    BigSerial,
    Boolean,
    Char,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    SmallInt,
    Text,
    Timestamp,
    Timestamptz,
    Varchar,
)
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from constituents.tables import Constituent
from staff.tables import StaffMember

# ---------------------------------------------------------------- what there is to do


class Programme(Table, tablename="programmes"):
    """A field of work: the kitchen, the hotline, the summer camp."""

    name = Varchar(length=120)
    name_normal = Varchar(length=120, unique=True, help_text="for comparing")
    slug = Varchar(length=80, unique=True, help_text="in the address of its public calendar")
    description = Text(default="")
    funder = Varchar(length=200, default="", help_text="who pays for it; hours are counted by it, too")
    closed_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz(default=TimestamptzNow())
    version = Integer(default=1)

    has_a_name = Check("name <> '' AND slug <> ''")


class ProgrammeCoordinator(Table, tablename="programme_coordinators"):
    """A member of staff who plans a programme. In the role of volunteer coordinator one sees only these."""

    programme = ForeignKey(Programme, null=False, on_delete=OnDelete.cascade)
    member = ForeignKey(StaffMember, null=False, on_delete=OnDelete.cascade, index=True)

    coordinates_once = Unique(columns=["programme", "member"])


class Place(Table, tablename="places"):
    """Where shifts are, and by which clock."""

    name = Varchar(length=120)
    name_normal = Varchar(length=120, unique=True, help_text="for comparing")
    address = Text(default="")
    map_link = Varchar(length=500, default="")
    directions = Text(default="")
    zone = Varchar(length=60, help_text="IANA name: America/New_York")
    closed_at = Timestamptz(null=True, default=None)
    version = Integer(default=1)

    has_a_name = Check("name <> '' AND zone <> ''")


class Opportunity(Table, tablename="opportunities"):
    """A role that volunteers take, with the rules of its shifts."""

    programme = ForeignKey(Programme, null=False, on_delete=OnDelete.restrict, index=True)
    title = Varchar(length=120)
    description = Text(default="")
    bring = Text(default="", help_text="what to bring and wear")
    place = ForeignKey(Place, null=False, on_delete=OnDelete.restrict)
    coordinator = ForeignKey(StaffMember, null=True, on_delete=OnDelete.restrict)
    is_public = Boolean(default=True, help_text="on the public board; else staff sign people up")
    minimum_age = SmallInt(null=True, default=None, help_text="years, on the day of the shift")
    needs_approval = Boolean(default=False)
    largest_group = SmallInt(default=1, help_text="people in one sign-up")
    rest_minutes = Integer(default=0, help_text="free time that a volunteer keeps after such a shift")
    opens_days = SmallInt(
        null=True, default=None, help_text="sign-up opens so many days before; none: at once"
    )
    closes_hours = SmallInt(default=0, help_text="sign-up closes so many hours before")
    withdraw_hours = SmallInt(default=0, help_text="withdrawing is late when fewer hours are left")
    offer_hours = SmallInt(default=24, help_text="how long a freed place is held for the next in line")
    share_most = SmallInt(null=True, default=None, help_text="at most so many of these shifts")
    share_days = SmallInt(default=30, help_text="… within so many days around")
    remind_hours = Array(base_column=SmallInt(), default=list, help_text="reminders, hours before the start")
    closed_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz(default=TimestamptzNow())
    version = Integer(default=1)

    has_a_title = Check("title <> ''")
    age_is_one_of_people = Check("minimum_age BETWEEN 1 AND 100")
    groups_have_a_size = Check("largest_group BETWEEN 1 AND 500")
    rest_is_less_than_two_days = Check("rest_minutes BETWEEN 0 AND 2880")
    times_do_not_run_backwards = Check(
        "coalesce(opens_days, 0) >= 0 AND closes_hours >= 0 AND withdraw_hours >= 0 AND offer_hours BETWEEN 1 AND 720"
    )
    a_share_is_at_least_one = Check("coalesce(share_most, 1) >= 1 AND share_days BETWEEN 1 AND 366")


class Series(Table, tablename="shift_series"):
    """Shifts that repeat: a rule of RFC 5545 in the wall clock of the zone, and what each of them is like."""

    opportunity = ForeignKey(Opportunity, null=False, on_delete=OnDelete.restrict, index=True)
    place = ForeignKey(Place, null=True, on_delete=OnDelete.restrict, help_text="none: the opportunity's")
    zone = Varchar(length=60)
    begins = Timestamp(default=None, null=False, required=True, help_text="the first start, wall clock")
    minutes = Integer(default=None, null=False, required=True)
    rule = Varchar(length=500, help_text="RRULE, without its name: FREQ=WEEKLY;BYDAY=SA")
    skips_holidays = Boolean(default=False)
    minimum = SmallInt(default=1)
    maximum = SmallInt(default=None, null=False, required=True)
    note = Text(default="")
    made_until = Date(null=True, default=None, help_text="shifts of an endless rule stand until this day")
    version = Integer(default=1)

    lasts_a_while = Check("minutes BETWEEN 5 AND 20160")
    wants_somebody = Check("minimum BETWEEN 0 AND maximum AND maximum > 0")


class SeriesException(Table, tablename="series_exceptions"):
    """A start that the rule names and nobody wants: it is not made again."""

    series = ForeignKey(Series, null=False, on_delete=OnDelete.cascade)
    starts = Timestamp(default=None, null=False, required=True, help_text="wall clock")

    excepted_once = Unique(columns=["series", "starts"])


class ClosedDay(Table, tablename="closed_days"):
    """A day on which the organisation is closed, beside the public holidays that a library knows."""

    day = Date(default=None, null=False, required=True, unique=True)
    name = Varchar(length=120, default="")


class ShiftStatus(str, Enum):
    """Of a shift. What is over is open still: people were there."""

    OPEN = "open"
    CANCELLED = "cancelled"


class Shift(Table, tablename="shifts"):
    """A role from one moment until another. Cancelled, never deleted, once somebody signed up."""

    opportunity = ForeignKey(Opportunity, null=False, on_delete=OnDelete.restrict)
    series = ForeignKey(Series, null=True, on_delete=OnDelete.set_null)
    occurrence = Timestamp(null=True, default=None, help_text="the start that the rule names, wall clock")
    differs = Boolean(default=False, help_text="changed by itself: a change of the series leaves it alone")
    starts_at = Timestamptz(default=None, null=False, required=True)
    ends_at = Timestamptz(default=None, null=False, required=True)
    zone = Varchar(length=60, help_text="of its place")
    place = ForeignKey(Place, null=True, on_delete=OnDelete.restrict, help_text="none: the opportunity's")
    minimum = SmallInt(default=1)
    maximum = SmallInt(default=None, null=False, required=True)
    note = Text(default="")
    status = Varchar(length=20, choices=ShiftStatus, default=ShiftStatus.OPEN)
    rest_minutes = Integer(default=0, help_text="the opportunity's, kept by trigger")
    taken = Integer(default=0, help_text="people with a place, kept by trigger")
    waiting = Integer(default=0, help_text="people in line, kept by trigger")
    sequence = Integer(default=0, help_text="how often time or place changed; calendars ask for it")
    created_at = Timestamptz(default=TimestamptzNow())
    version = Integer(default=1)

    ends_after_it_starts = Check("ends_at > starts_at AND ends_at <= starts_at + interval '14 days 1 hour'")
    wants_somebody = Check("minimum BETWEEN 0 AND maximum AND maximum > 0")
    holds_no_more_than_its_maximum = Check("taken BETWEEN 0 AND maximum")
    nobody_waits_less_than_not_at_all = Check("waiting >= 0")
    status_is_known = Check("status IN ('open', 'cancelled')")
    made_once_by_a_rule = Unique(columns=["series", "occurrence"])


# ---------------------------------------------------------------- who comes


class SignUpStatus(str, Enum):
    """Of a sign-up: the first, second and fourth hold a place, the last four have ended. The rules of the package say
    which may follow which."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFERED = "offered"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"


class Attendance(str, Enum):
    """Whether somebody came. Unknown until a press at the door, or a word of the coordinator."""

    UNKNOWN = "unknown"
    PRESENT = "present"
    ABSENT = "absent"


class SignUp(Table, tablename="signups"):
    """One person, or a group that one person speaks for, on one shift."""

    # Two records of one person may have one shift, or two at one time: nobody is in two places.
    when_merged: ClassVar = {"constituent": "drop"}

    id = BigSerial(primary_key=True)
    shift = ForeignKey(Shift, null=False, on_delete=OnDelete.restrict)
    constituent = ForeignKey(Constituent, null=False, on_delete=OnDelete.restrict)
    size = SmallInt(default=1, help_text="people, the speaker among them")
    status = Varchar(length=20, choices=SignUpStatus)
    queued_at = Timestamptz(null=True, default=None, help_text="the place in line: this moment, then the id")
    offer_until = Timestamptz(null=True, default=None)
    came_by = Varchar(length=20, default="public")
    answer = Varchar(length=20, default="", help_text="to a reminder")
    answered_at = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)
    ended_late = Boolean(default=False, help_text="withdrawn after the last time to withdraw")
    reason = Varchar(length=500, default="")
    attendance = Varchar(length=20, choices=Attendance, default=Attendance.UNKNOWN)
    came = SmallInt(null=True, default=None, help_text="people of a group who were counted at the door")
    arrived_at = Timestamptz(null=True, default=None)
    left_at = Timestamptz(null=True, default=None)
    left_is_estimated = Boolean(default=False)
    comment = Varchar(length=1000, default="", help_text="what the volunteer wrote")
    created_at = Timestamptz(default=TimestamptzNow())
    version = Integer(default=1)

    status_is_known = Check(
        "status IN ('pending', 'confirmed', 'waiting', 'offered', 'withdrawn', 'declined', 'lapsed', 'cancelled')"
    )
    counts_somebody = Check("size BETWEEN 1 AND 500")
    an_offer_ends = Check("(status = 'offered') = (offer_until IS NOT NULL)")
    a_line_has_an_order = Check("status NOT IN ('waiting', 'offered') OR queued_at IS NOT NULL")
    answer_is_known = Check("answer IN ('', 'coming', 'not_coming')")
    attendance_is_known = Check("attendance IN ('unknown', 'present', 'absent')")
    leaves_after_arriving = Check("left_at >= arrived_at")
    counted_at_least_one = Check("came BETWEEN 1 AND 500")
    came_by_is_known = Check("came_by IN ('public', 'staff', 'ask', 'walk_in', 'swap', 'import')")


class SignUpRequest(Table, tablename="signup_requests"):
    """What somebody typed on the public page, as it was typed, and what came of it."""

    when_merged: ClassVar = {"constituent": "keep"}

    id = BigSerial(primary_key=True)
    entry_key = Varchar(length=60, unique=True, help_text="of the form: two clicks are one sign-up")
    shift = ForeignKey(Shift, null=False, on_delete=OnDelete.restrict, index=True)
    typed = JSONB(default="{}")
    constituent = ForeignKey(Constituent, null=True, on_delete=OnDelete.set_null, index=True)
    signup = ForeignKey(SignUp, null=True, on_delete=OnDelete.set_null)
    refused = Text(default="", help_text="why there is no sign-up; only the mail says it")
    created_at = Timestamptz(default=TimestamptzNow())


class VolunteerLink(Table, tablename="volunteer_links"):
    """A mailed link to a volunteer's own shifts and hours."""

    when_merged: ClassVar = {"constituent": "keep"}

    token_hash = Char(length=64, unique=True)
    constituent = ForeignKey(Constituent, null=False, on_delete=OnDelete.cascade, index=True)
    created_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz(default=None, null=False, required=True)


class GroupMember(Table, tablename="group_members"):
    """Somebody of a group who was named."""

    signup = ForeignKey(SignUp, null=False, on_delete=OnDelete.cascade, index=True)
    name = Varchar(length=200)


class Ask(Table, tablename="asks"):
    """A mail that asked a volunteer for a shift; the first who says yes has the place."""

    when_merged: ClassVar = {"constituent": "drop"}

    id = BigSerial(primary_key=True)
    shift = ForeignKey(Shift, null=False, on_delete=OnDelete.cascade)
    constituent = ForeignKey(Constituent, null=False, on_delete=OnDelete.cascade, index=True)
    instead_of = ForeignKey(
        SignUp, null=True, on_delete=OnDelete.set_null, help_text="who wants a replacement"
    )
    token_hash = Char(length=64, unique=True)
    status = Varchar(length=20, default="open")
    asked_at = Timestamptz(default=TimestamptzNow())
    answered_at = Timestamptz(null=True, default=None)

    asked_once_for_a_shift = Unique(columns=["shift", "constituent"])
    status_is_known = Check("status IN ('open', 'yes', 'no', 'too_late')")


class Reminder(Table, tablename="shift_reminders"):
    """A reminder that went out: one per sign-up and time before."""

    hours_before = SmallInt(default=None, null=False, required=True)
    signup = ForeignKey(SignUp, null=False, on_delete=OnDelete.cascade)
    sent_at = Timestamptz(default=TimestamptzNow())

    reminded_once = Unique(columns=["signup", "hours_before"])


# ---------------------------------------------------------------- on the day


class Kiosk(Table, tablename="kiosks"):
    """A tablet at the door: an address that only it knows, a PIN, a programme or a place, and an end."""

    token_hash = Char(length=64, unique=True)
    pin_hash = Varchar(length=200)
    name = Varchar(length=120)
    programme = ForeignKey(Programme, null=True, on_delete=OnDelete.cascade, index=True)
    place = ForeignKey(Place, null=True, on_delete=OnDelete.cascade)
    until = Timestamptz(default=None, null=False, required=True)
    closed_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz(default=TimestamptzNow())

    stands_somewhere = Check("programme IS NOT NULL OR place IS NOT NULL")


class CheckIn(Table, tablename="check_ins"):
    """One press at the door. The device names it, so that sending it twice is sending it once. Only grows."""

    append_only: ClassVar = True

    id = BigSerial(primary_key=True)
    device_key = Varchar(length=60, unique=True, help_text="made by the device")
    signup = ForeignKey(SignUp, null=False, on_delete=OnDelete.restrict, index=True)
    what = Varchar(length=10)
    people = SmallInt(null=True, default=None, help_text="how many of a group, where somebody counted")
    at = Timestamptz(
        default=None, null=False, required=True, help_text="by the device's clock, if it is believable"
    )
    kept_at = Timestamptz(default=TimestamptzNow())
    came_by = Varchar(length=20)

    what_is_known = Check("what IN ('in', 'out', 'undo')")
