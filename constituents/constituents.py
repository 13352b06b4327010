"""Constituents: making, changing, archiving and finding the record of a person, household or organisation."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from constituents import contacts, names, tags
from constituents.contacts import AddressLine, EmailLine, PhoneLine
from constituents.tables import Kind
from kit import changes, days, db
from kit.changes import Actor
from kit.errors import Conflict, NotFound, Refused
from kit.words import _

# The columns that a form edits, in the order of the page.
_NAMED = (
    "prefix",
    "given_name",
    "middle_name",
    "family_name",
    "suffix",
    "nickname",
    "job_title",
    "greeting",
    "website",
    "language",
)


class ChangedMeanwhile(Conflict):
    """Somebody else saved this record first. `now` is the version that stands."""

    def __init__(self, now: int) -> None:
        super().__init__(
            _("Somebody else changed this record meanwhile. Look at both versions, then save again.")
        )
        self.now = now


class NotAPerson(Refused):
    """Only a person can be marked as deceased."""


class Details(msgspec.Struct, kw_only=True):
    """Everything a form says about a constituent. A person's `name` is made from its parts."""

    kind: str = Kind.PERSON.value
    name: str = ""
    prefix: str = ""
    given_name: str = ""
    middle_name: str = ""
    family_name: str = ""
    suffix: str = ""
    nickname: str = ""
    job_title: str = ""
    greeting: str = ""
    website: str = ""
    language: str = ""
    emails: list[EmailLine] = []
    phones: list[PhoneLine] = []
    addresses: list[AddressLine] = []
    tags: list[str] = []

    def display_name(self) -> str:
        if self.kind != Kind.PERSON.value:
            return self.name
        return names.display(
            given=self.given_name, middle=self.middle_name, family=self.family_name, suffix=self.suffix
        )

    def sort_key(self) -> str:
        return names.sort_key(
            self.kind, self.display_name(), self.given_name, self.middle_name, self.family_name
        )

    def columns(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in _NAMED} | {"name": self.display_name()}


async def create(details: Details, *, by: Actor) -> int:
    """A new constituent; returns the id.

    Raises Refused when there is no name at all.
    """
    columns = details.columns()
    if not columns["name"]:
        raise Refused(_("Type a name."))
    async with db.tx():
        id = await db.value(
            """
            INSERT INTO constituents (kind, sort_key, name, prefix, given_name, middle_name, family_name, suffix,
                                      nickname, job_title, greeting, website, language, place, deceased,
                                      created_at, updated_at, version)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, '', false, $14, $14, 1) RETURNING id
            """,
            details.kind,
            details.sort_key(),
            columns["name"],
            *(columns[name] for name in _NAMED),
            days.now(),
        )
        await _keep_lists(id, details)
        await changes.note(
            "constituent.created", "constituent", id, by=by, after=await as_written(id), subject=id
        )
        return id


async def edit(id: int, details: Details, *, version: int, by: Actor) -> None:
    """Make the record say what `details` say; seasonal addresses stay as they are. What it says already is no change.

    Raises ChangedMeanwhile when the record is not `version` any more, NotFound when there is none.
    """
    columns = details.columns()
    if not columns["name"]:
        raise Refused(_("Type a name."))
    async with db.tx():
        before = await _locked(id, version)
        details = msgspec.structs.replace(details, kind=before["kind"])
        was = await as_written(id)
        if in_words(details) == was:
            return
        await db.row(
            """
            UPDATE constituents
               SET sort_key = $2, name = $3, prefix = $4, given_name = $5, middle_name = $6, family_name = $7,
                   suffix = $8, nickname = $9, job_title = $10, greeting = $11, website = $12, language = $13,
                   updated_at = $14, version = version + 1
             WHERE id = $1
            """,
            id,
            details.sort_key(),
            columns["name"],
            *(columns[name] for name in _NAMED),
            days.now(),
        )
        await _keep_lists(id, details)
        await changes.note(
            "constituent.edited",
            "constituent",
            id,
            by=by,
            before=was,
            after=await as_written(id),
            subject=id,
        )


async def archive(id: int, *, by: Actor) -> None:
    """Take the record out of the lists. Nothing is lost, and it can come back."""
    await _change_state(
        id,
        """
        UPDATE constituents SET archived_at = $2, updated_at = $2, version = version + 1
         WHERE id = $1 AND archived_at IS NULL RETURNING *
        """,
        "constituent.archived",
        by,
    )


async def restore(id: int, *, by: Actor) -> None:
    """Bring an archived record back into the lists."""
    await _change_state(
        id,
        """
        UPDATE constituents SET archived_at = NULL, updated_at = $2, version = version + 1
         WHERE id = $1 AND archived_at IS NOT NULL RETURNING *
        """,
        "constituent.restored",
        by,
    )


async def mark_deceased(id: int, on: date | None = None, *, by: Actor) -> None:
    """Say that a person died, on a day or on a day nobody knows.

    Raises NotAPerson for a household or an organisation.
    """
    if (await get(id))["kind"] != Kind.PERSON.value:
        raise NotAPerson(_("Only a person can be marked as deceased."))
    await _change_state(
        id,
        """
        UPDATE constituents SET deceased = true, deceased_on = $3::date, updated_at = $2, version = version + 1
         WHERE id = $1 AND (NOT deceased OR deceased_on IS DISTINCT FROM $3) RETURNING *
        """,
        "constituent.marked_deceased",
        by,
        on,
    )


async def mark_living(id: int, *, by: Actor) -> None:
    """Take back that a person died: it was a mistake."""
    await _change_state(
        id,
        """
        UPDATE constituents SET deceased = false, deceased_on = NULL, updated_at = $2, version = version + 1
         WHERE id = $1 AND deceased RETURNING *
        """,
        "constituent.marked_living",
        by,
    )


async def get(id: int) -> dict[str, Any]:
    """The row of a constituent, archived or not. Raises NotFound."""
    found = await db.row("SELECT * FROM constituents WHERE id = $1", id) if 0 < id < 2**31 else None
    if found is None:
        raise NotFound
    return found


async def touch(id: int) -> None:
    """Something of the record changed: whoever has an older version open hears of it."""
    await db.row(
        "UPDATE constituents SET version = version + 1, updated_at = $2 WHERE id = $1", id, days.now()
    )


async def _locked(id: int, version: int) -> dict[str, Any]:
    await get(id)
    found = await db.row("SELECT * FROM constituents WHERE id = $1 FOR NO KEY UPDATE", id)
    assert found is not None
    if found["version"] != version:
        raise ChangedMeanwhile(found["version"])
    return found


async def _keep_lists(id: int, details: Details) -> None:
    await contacts.set_emails(id, details.emails)
    await contacts.set_phones(id, details.phones)
    await contacts.set_addresses(id, details.addresses)
    await tags.set(id, details.tags)


async def as_written(id: int) -> dict[str, str]:
    """The record as the history shows it: empty fields left out, lines in words."""
    row = await get(id)
    return in_words(
        Details(
            **{name: row[name] for name in ("kind", "name", *_NAMED)},
            emails=await contacts.emails_of(id),
            phones=await contacts.phones_of(id),
            addresses=await contacts.addresses_of(id),
            tags=await tags.of(id),
        )
    )


def in_words(details: Details) -> dict[str, str]:
    """Details as a person compares them."""
    written = {_LABELS.get(name, name): value for name, value in details.columns().items()}
    if details.kind == Kind.PERSON.value:
        del written["name"]  # its parts say it
    written["e-mails"] = "; ".join(f"{line.address} ({_how(line)})" for line in _in_order(details.emails))
    written["phones"] = "; ".join(f"{line.number} ({_how(line)})" for line in _in_order(details.phones))
    written["addresses"] = "; ".join(
        f"{', '.join(part for part in line.key if part)} ({_how(line)})".replace("\n", ", ")
        for line in _in_order([line for line in details.addresses if line.says_something])
    )
    written["tags"] = ", ".join(sorted(details.tags, key=tags.normal))
    return {name: value for name, value in written.items() if value}


def _in_order(lines: Sequence[contacts.Line]) -> list[contacts.Line]:
    return sorted(contacts.one_preferred(lines), key=lambda line: (not line.preferred, line.key))


def _how(line: contacts.EmailLine | contacts.PhoneLine | contacts.AddressLine) -> str:
    return f"{line.kind}, preferred" if line.preferred else line.kind


_LABELS = {"given_name": "first_name", "family_name": "last_name"}
_STATE = ("archived_at", "deceased", "deceased_on")


async def _change_state(id: int, sql: str, action: str, by: Actor, *values: Any) -> None:
    """Run the conditional update; doing it twice is doing it once, and is noted once."""
    async with db.tx():
        before = await get(id)
        after = await db.row(sql, id, days.now(), *values)
        if after is not None:
            await changes.note(
                action,
                "constituent",
                id,
                by=by,
                before={name: before[name] for name in _STATE},
                after={name: after[name] for name in _STATE},
                subject=id,
            )
