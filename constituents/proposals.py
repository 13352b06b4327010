"""Proposals: what somebody typed on a public page that differs from what is stored.

A public page never changes a known person. What was typed waits here until a member of staff takes it over or not.
"""

from typing import Any

import msgspec

from constituents import constituents, contacts, names, places
from constituents.contacts import AddressLine, EmailLine, PhoneLine
from constituents.tables import Kind
from kit import changes, days, db
from kit.changes import Actor
from kit.errors import NotFound, Refused
from kit.forms import email_normal
from kit.templates import phone
from kit.words import _


async def propose(
    constituent: int, kind: str, proposed: dict[str, str], *, source_kind: str, source_id: int
) -> int | None:
    """Keep what was typed, if it differs from what is stored; returns the id, or None when there is nothing new.

    `kind` and the keys of `proposed`: name (given_name, family_name), email (address), phone (number, E.164),
    address (street, city, region, postal_code, country). One proposal per kind and source.
    """
    async with db.tx():
        row = await constituents.get(constituent)
        if await _is_known(row, kind, proposed):
            return None
        return await db.value(
            """
            INSERT INTO proposals (constituent, kind, proposed, source_kind, source_id, status, created_at)
            VALUES ($1, $2, $3::jsonb, $4, $5, 'open', $6)
            ON CONFLICT (kind, source_kind, source_id) DO NOTHING RETURNING id
            """,
            constituent,
            kind,
            msgspec.json.encode(proposed).decode(),
            source_kind,
            source_id,
            days.now(),
        )


async def open_of(constituent: int) -> list[dict[str, Any]]:
    """What waits for a decision: id, kind, proposed (a dict), source_kind, source_id, created_at."""
    found = await db.rows(
        "SELECT * FROM proposals WHERE constituent = $1 AND status = 'open' ORDER BY id", constituent
    )
    for row in found:
        row["proposed"] = msgspec.json.decode(row["proposed"])
        row["words"] = _in_words(row["kind"], row["proposed"])
    return found


def _in_words(kind: str, proposed: dict[str, str]) -> list[str]:
    """What was typed, as lines for a person."""
    if kind == "address":
        return places.lines(proposed)
    if kind == "name":
        return [names.display(given=proposed["given_name"], family=proposed["family_name"])]
    return [phone(proposed["number"].partition(";ext=")[0])] if kind == "phone" else [proposed["address"]]


async def accept(id: int, *, by: Actor) -> int:
    """Take over what was typed; returns the constituent. Accepting twice is accepting once."""
    async with db.tx():
        proposal = await _decide(id, "accepted")
        constituent, kind = proposal["constituent"], proposal["kind"]
        if not proposal["decided"]:
            return constituent
        typed = msgspec.json.decode(proposal["proposed"])
        before = await constituents.get(constituent)
        await _TAKE_OVER[kind](before, typed)
        await constituents.touch(constituent)
        await changes.note(
            "proposal.accepted", "constituent", constituent, by=by, after={kind: typed}, subject=constituent
        )
        return constituent


async def dismiss(id: int, *, by: Actor) -> int:
    """Leave the record as it is; returns the constituent."""
    async with db.tx():
        proposal = await _decide(id, "dismissed")
        if proposal["decided"]:
            await changes.note(
                "proposal.dismissed",
                "constituent",
                proposal["constituent"],
                by=by,
                before={proposal["kind"]: msgspec.json.decode(proposal["proposed"])},
                subject=proposal["constituent"],
            )
        return proposal["constituent"]


async def _decide(id: int, status: str) -> dict[str, Any]:
    """The proposal, with `decided` true when it was this call that decided it."""
    if not 0 < id < 2**31:
        raise NotFound
    decided = await db.row(
        "UPDATE proposals SET status = $2 WHERE id = $1 AND status = 'open' RETURNING *", id, status
    )
    found = decided or await db.row("SELECT * FROM proposals WHERE id = $1", id)
    if found is None:
        raise NotFound
    return {**found, "decided": decided is not None}


async def _is_known(row: dict[str, Any], kind: str, typed: dict[str, str]) -> bool:
    if kind == "name":
        return names.same(typed["given_name"], row["given_name"]) and names.same(
            typed["family_name"], row["family_name"]
        )
    lists = await contacts.of(row["id"])
    if kind == "email":
        return email_normal(typed["address"]) in {line["normal"] for line in lists["emails"]}
    if kind == "phone":
        number = typed["number"].partition(";ext=")[0]
        return number in {line["number"] for line in lists["phones"]}
    said = [names.fold(typed.get(name, "")) for name in contacts.WHERE[:-1]]
    return not any(said) or said in [
        [names.fold(line[name]) for name in contacts.WHERE[:-1]] for line in lists["addresses"]
    ]


async def _take_name(row: dict[str, Any], typed: dict[str, str]) -> None:
    if row["kind"] != Kind.PERSON.value:
        raise Refused(_("Only a person has a first and a last name."))
    details = constituents.Details(
        given_name=typed["given_name"],
        family_name=typed["family_name"],
        middle_name=row["middle_name"],
        suffix=row["suffix"],
    )
    await db.row(
        "UPDATE constituents SET given_name = $2, family_name = $3, name = $4, sort_key = $5 WHERE id = $1",
        row["id"],
        details.given_name,
        details.family_name,
        details.display_name(),
        details.sort_key(),
    )


async def _take_email(row: dict[str, Any], typed: dict[str, str]) -> None:
    await contacts.set_emails(
        row["id"], [EmailLine(typed["address"], preferred=True), *await contacts.emails_of(row["id"])]
    )


async def _take_phone(row: dict[str, Any], typed: dict[str, str]) -> None:
    await contacts.set_phones(
        row["id"], [PhoneLine(typed["number"], preferred=True), *await contacts.phones_of(row["id"])]
    )


async def _take_address(row: dict[str, Any], typed: dict[str, str]) -> None:
    new = AddressLine(**{name: typed.get(name, "") for name in contacts.WHERE}, preferred=True)
    await contacts.set_addresses(row["id"], [new, *await contacts.addresses_of(row["id"])])


_TAKE_OVER = {"name": _take_name, "email": _take_email, "phone": _take_phone, "address": _take_address}
