"""The plumbing's own tables: who did what, files, mail, counters, ids of other systems."""

from piccolo.columns import (
    JSONB,
    BigInt,
    BigSerial,
    Bytea,
    ForeignKey,
    Integer,
    OnDelete,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table


class Change(Table, tablename="changes"):
    """One deed of one actor on one object; append-only, and free of personal values."""

    append_only = True

    id = BigSerial(primary_key=True)
    at = Timestamptz(default=TimestamptzNow(), index=True)
    actor_kind = Varchar(length=20)
    actor_id = BigInt(null=True, default=None)
    actor_label = Varchar(length=200, default="")
    action = Varchar(length=60)
    object_kind = Varchar(length=40)
    object_id = BigInt(default=None, null=False, required=True)

    actor_kind_is_known = Check("actor_kind IN ('staff', 'donor', 'volunteer', 'stripe', 'system', 'import')")


class ChangeValues(Table, tablename="change_values"):
    """The values before and after, kept apart so that a person can be erased and the trail stays whole."""

    append_only = True

    id = BigSerial(primary_key=True)
    change = ForeignKey(Change, null=False, on_delete=OnDelete.restrict, index=True)
    subject = BigInt(null=True, default=None, index=True, help_text="the constituent whose values these are")
    before = JSONB(null=True, default=None)
    after = JSONB(null=True, default=None)


class StoredFile(Table, tablename="stored_files"):
    """Bytes by their SHA-256; one dump of the database is one backup."""

    append_only = True

    sha256 = Varchar(length=64, primary_key=True, default=None)
    media_type = Varchar(length=100)
    size = Integer(default=None, null=False, required=True)
    data = Bytea(default=None, null=False, required=True)
    created_at = Timestamptz(default=TimestamptzNow())

    sha256_is_hexadecimal = Check("sha256 ~ '^[0-9a-f]{64}$'")


class Mail(Table, tablename="mails"):
    """One letter to one address for one purpose, sent once."""

    id = BigSerial(primary_key=True)
    what = Varchar(length=100)
    address = Varchar(length=320)
    purpose = Varchar(length=50)
    message_id = Varchar(length=200, unique=True)
    name = Varchar(length=200, default="", help_text="of the addressee")
    sender = Varchar(length=200, default="", help_text="who writes, by name; the address is the settings'")
    reply_to = Varchar(length=400, default="")
    subject = Text()
    body_text = Text()
    body_html = Text(null=True, default=None)
    attachments = JSONB(default="[]")
    status = Varchar(length=20, default="queued", index=True)
    error = Text(null=True, default=None)
    attempts = Integer(default=0)
    created_at = Timestamptz(default=TimestamptzNow())
    sent_at = Timestamptz(null=True, default=None)

    one_mail_per_purpose = Unique(columns=["what", "address", "purpose"])
    status_is_known = Check("status IN ('queued', 'sending', 'sent', 'unsure', 'failed', 'refused')")


class Attempt(Table, tablename="attempts"):
    """How often something was tried in one window of time: sign-ins, donations, resets."""

    id = BigSerial(primary_key=True)
    bucket = Varchar(length=40)
    key = Varchar(length=100, help_text="hashed: no address or e-mail is kept")
    window_start = Timestamptz(default=None, null=False, required=True, index=True)
    times = Integer(default=0)

    one_count_per_window = Unique(columns=["bucket", "key", "window_start"])


class ExternalId(Table, tablename="external_ids"):
    """What another system calls one of our rows; Salesforce ids stand here with their first 15 characters."""

    id = BigSerial(primary_key=True)
    source = Varchar(length=40)
    kind = Varchar(length=40)
    external = Varchar(length=200)
    ours = BigInt(default=None, null=False, required=True)
    fingerprint = Varchar(length=64, default="", help_text="of the row as it was last taken in")

    known_once = Unique(columns=["source", "kind", "external"])
