"""Signing up without an account: what a visitor typed is kept, becomes a person by the rules of gifts, and a sign-up.

The page says the same to known and unknown people; what only concerns the person (a clash, a missing certificate) is
in the mail to the address that was typed.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from constituents import identity, tasks
from kit import changes, days, db, facts, security
from kit.changes import Actor
from kit.errors import NotFound, Refused
from kit.words import _
from volunteers import gates, profiles, shifts, signups, waivers


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """What the public form has. `signatures` are names typed under waivers, by the waiver's id; of somebody who
    `is_minor` the guardian types them."""

    entry_key: str
    given_name: str
    family_name: str
    email: str
    phone: str = ""
    size: int = 1
    names: Sequence[str] = ()
    comment: str = ""
    born_on: date | None = None
    is_minor: bool = False
    guardian_name: str = ""
    guardian_phone: str = ""
    signatures: Mapping[int, str] = {}


async def sign_up(shift_id: int, visit: Visit) -> dict[str, Any]:
    """Keep what was typed and sign the person up; returns the row of signup_requests. The same entry key is once.

    Raises NotFound for a shift that is not public, gates.NotYet for one that takes nobody now: that concerns the
    shift, and whoever asks may know it.
    """
    shift = await shifts.get(shift_id)
    if not shift["is_public"]:
        raise NotFound(f"shift {shift_id}")
    gates.check_window(shift, days.now())
    async with db.tx():
        # Two clicks come one after the other. The row is written last: its reference to the shift would be a lock on the
        # shift before that of the person, and everybody in a crowd would wait for everybody else's.
        await db.row(
            "SELECT pg_advisory_xact_lock(hashtextextended('signup_request:' || $1, 0))", visit.entry_key
        )
        found = await _kept(visit)
        if found is not None and not _same(found, visit):
            visit = msgspec.structs.replace(visit, entry_key=_key_of_another(visit))
            found = await _kept(visit)
        return found or await _become(shift, visit)


async def _kept(visit: Visit) -> dict[str, Any] | None:
    return await db.row("SELECT * FROM signup_requests WHERE entry_key = $1", visit.entry_key)


def _same(request: dict[str, Any], visit: Visit) -> bool:
    """Whether a form that comes again is of the same person: who goes back and types a friend's name signs up the friend."""
    typed = msgspec.json.decode(request["typed"])
    return all(typed[name] == getattr(visit, name) for name in ("given_name", "family_name", "email"))


def _key_of_another(visit: Visit) -> str:
    """Of the same form with another person in it: the same each time, so that two clicks are one here, too."""
    said = f"{visit.entry_key}\n{visit.given_name}\n{visit.family_name}\n{visit.email}"
    return security.token_hash(said)[:43]


async def request_of(entry_key: str) -> dict[str, Any]:
    """What was typed under an entry key: shift, email, and whether the shift was full; raises NotFound."""
    found = await db.row(
        """
        SELECT id, shift, typed ->> 'email' AS email, coalesce((typed ->> 'shift_was_full')::boolean, false) AS was_full
          FROM signup_requests WHERE entry_key = $1
        """,
        entry_key[:60],
    )
    if found is None:
        raise NotFound("sign-up request")
    return found


async def _become(shift: dict[str, Any], visit: Visit) -> dict[str, Any]:
    request_id = await db.value("SELECT nextval(pg_get_serial_sequence('signup_requests', 'id'))")
    actor = Actor("volunteer", None, f"{visit.given_name} {visit.family_name}".strip())
    person = await identity.find_or_create_donor(
        visit.given_name,
        visit.family_name,
        visit.email,
        phone=visit.phone,
        by=actor,
        source=("signup_request", request_id),
    )
    await signups.lock_person(person)
    await profiles.ensure(person, by=actor)
    await _learn(person, visit, actor)
    await _sign(person, shift, visit, actor)
    signed, refused = None, ""
    try:
        async with db.tx():
            signed = await signups.sign_up(
                shift["id"], person, size=visit.size, names=visit.names, comment=visit.comment, by=actor,
            )  # fmt: skip
    except gates.HasTheirShare as no:
        refused = _("{reasons} Another role would be glad of you.", reasons=str(no))
    except gates.Lacks as no:
        refused = _("{reasons} The coordinator knows of it and writes to you.", reasons=str(no))
        await _tell_coordinator(shift, person, visit, str(no))
    except Refused as no:
        refused = str(no)
    request = await _keep(request_id, shift, visit, person, signed.id if signed else None, refused)
    if refused:
        await facts.say("signup.refused", request_id)
    return request


async def _keep(
    request_id: int, shift: dict[str, Any], visit: Visit, person: int, signup: int | None, refused: str
) -> dict[str, Any]:
    """What was typed, as it was typed. Whether the shift was full concerns the shift: whoever signs up may know it."""
    was_full = shift["maximum"] - shift["taken"] < visit.size
    row = await db.row(
        """
        INSERT INTO signup_requests (id, entry_key, shift, typed, constituent, signup, refused, created_at)
        VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7, $8) RETURNING *
        """,
        request_id,
        visit.entry_key,
        shift["id"],
        msgspec.json.encode({**msgspec.to_builtins(visit), "shift_was_full": was_full}).decode(),
        person,
        signup,
        refused,
        days.now(),
    )
    assert row is not None
    return row


async def _learn(person: int, visit: Visit, actor: Actor) -> None:
    """What somebody says of themselves in public is kept where nothing is known; what staff know stays as it is."""
    if visit.born_on is None and not visit.guardian_name:
        return
    new = await db.value(
        """
        INSERT INTO volunteers_private AS known (constituent, born_on, guardian_name, guardian_phone)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (constituent) DO UPDATE
           SET born_on = coalesce(known.born_on, excluded.born_on),
               guardian_phone = CASE WHEN known.guardian IS NULL AND known.guardian_name = ''
                                     THEN excluded.guardian_phone ELSE known.guardian_phone END,
               guardian_name = CASE WHEN known.guardian IS NULL AND known.guardian_name = ''
                                    THEN excluded.guardian_name ELSE known.guardian_name END,
               version = known.version + 1
         WHERE known.born_on IS NULL AND excluded.born_on IS NOT NULL
            OR known.guardian IS NULL AND known.guardian_name = '' AND excluded.guardian_name <> ''
        RETURNING id
        """,
        person,
        visit.born_on,
        visit.guardian_name[:200],
        visit.guardian_phone[:40],
    )
    if new is not None:
        await changes.note("volunteer.private_changed", "constituent", person, by=actor)


async def _sign(person: int, shift: dict[str, Any], visit: Visit, actor: Actor) -> None:
    for waiver in await waivers.asked_by(shift["opportunity"]):
        name = visit.signatures.get(waiver["id"], "").strip()
        if name:
            await waivers.sign(person, waiver["id"], name, by=actor, is_guardian=visit.is_minor)


async def _tell_coordinator(shift: dict[str, Any], person: int, visit: Visit, why: str) -> None:
    """One task for a shift: who comes second is told of in it."""
    name = f"{visit.given_name} {visit.family_name}"
    told = _("{name}: {why}", name=name, why=why)
    task = await tasks.open(
        "volunteer_lacks",
        _("{name} wants to help with {title}", name=name, title=shift["title"]),
        detail=told,
        constituent=person,
        route="shifts:show",
        route_id=shift["id"],
        permission="volunteers.write",
    )
    await tasks.tell_more(task, told)
