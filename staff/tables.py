"""The organisation itself, the people who sign in, and their sessions."""

from enum import Enum

from piccolo.columns import (
    BigSerial,
    Boolean,
    Char,
    ForeignKey,
    Integer,
    OnDelete,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check
from piccolo.table import Table

from kit.tables import StoredFile


class OrganisationKind(str, Enum):
    PUBLIC_CHARITY = "public_charity"
    RELIGIOUS = "religious"
    FOUNDATION = "foundation"
    OTHER = "other"


class Organisation(Table, tablename="organisations"):
    """The legal entity that gifts are given to and receipts come from. One at first; gifts name it all the same."""

    name = Varchar(length=200, help_text="as donors know it")
    legal_name = Varchar(length=200, default="", help_text="as the register has it; on receipts")
    kind = Varchar(length=30, choices=OrganisationKind, default=OrganisationKind.PUBLIC_CHARITY)
    registration_number = Varchar(length=40, default="", help_text="EIN in the United States")
    street = Varchar(length=300, default="")
    city = Varchar(length=100, default="")
    region = Varchar(length=100, default="")
    postal_code = Varchar(length=20, default="")
    country = Char(length=2, default="US")
    email = Varchar(length=320, default="")
    phone = Varchar(length=40, default="")
    website = Varchar(length=300, default="")
    signer_name = Varchar(length=200, default="")
    signer_title = Varchar(length=200, default="")
    logo = ForeignKey(StoredFile, null=True, on_delete=OnDelete.restrict)
    accent = Char(length=7, default="#17685a")
    currency = Char(length=3, default="USD")
    zone = Varchar(length=60, default="America/New_York")
    fiscal_year_start = SmallInt(default=1, help_text="month, 1 to 12")
    fee_basis_points = Integer(default=290, help_text="usual card fee, hundredths of a percent")
    fee_fixed = Integer(default=30, help_text="usual card fee, minor units")
    smallest_gift = Integer(default=100, help_text="online, minor units")
    largest_gift = Integer(default=2_500_000, help_text="online, minor units")
    giving_heading = Varchar(length=200, default="")
    giving_text = Text(default="")
    created_at = Timestamptz(default=TimestamptzNow())
    version = Integer(default=1)

    fiscal_year_starts_in_a_month = Check("fiscal_year_start BETWEEN 1 AND 12")
    currency_is_a_code = Check("currency ~ '^[A-Z]{3}$'")
    country_is_a_code = Check("country ~ '^[A-Z]{2}$'")
    accent_is_a_colour = Check("accent ~ '^#[0-9a-f]{6}$'")
    fee_is_a_share = Check("fee_basis_points BETWEEN 0 AND 2000 AND fee_fixed >= 0")
    gift_limits_are_in_order = Check("smallest_gift > 0 AND largest_gift >= smallest_gift")


class Role(str, Enum):
    ADMINISTRATOR = "administrator"
    FUNDRAISER = "fundraiser"
    GIFT_ENTRY = "gift_entry"
    FINANCE = "finance"
    VOLUNTEER_COORDINATOR = "volunteer_coordinator"
    AUDITOR = "auditor"


class StaffMember(Table, tablename="members"):
    """A person who signs in. Disabled, never deleted: the trail names them."""

    name = Varchar(length=200)
    email = Varchar(length=320)
    email_normal = Varchar(length=320, unique=True)
    password_hash = Varchar(
        length=200, null=True, default=None, help_text="argon2id; none until invited ones choose"
    )
    role = Varchar(length=30, choices=Role)
    disabled_at = Timestamptz(null=True, default=None)
    created_at = Timestamptz(default=TimestamptzNow())
    version = Integer(default=1)


class Session(Table, tablename="sessions"):
    """A signed-in browser. The cookie holds the token, this row its hash."""

    token_hash = Char(length=64, unique=True)
    member = ForeignKey(StaffMember, null=False, on_delete=OnDelete.cascade, index=True)
    created_at = Timestamptz(default=TimestamptzNow())
    last_seen_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz(default=None, null=False, required=True)
    address = Varchar(length=60, default="")
    agent = Varchar(length=300, default="")


class MemberLink(Table, tablename="member_links"):
    """A mailed link that lets one member choose a password, once."""

    token_hash = Char(length=64, unique=True)
    member = ForeignKey(StaffMember, null=False, on_delete=OnDelete.cascade, index=True)
    purpose = Varchar(length=20)
    created_at = Timestamptz(default=TimestamptzNow())
    expires_at = Timestamptz(default=None, null=False, required=True)
    used_at = Timestamptz(null=True, default=None)

    purpose_is_known = Check("purpose IN ('invitation', 'reset')")


class Draft(Table, tablename="drafts"):
    """What somebody was typing when their session ended; given back once after they sign in again."""

    id = BigSerial(primary_key=True)
    token_hash = Char(length=64, unique=True)
    path = Varchar(length=500)
    typed = Text()
    used = Boolean(default=False)
    created_at = Timestamptz(default=TimestamptzNow())
