"""Who a donor on a public page is: the person we know, or a new one, decided by rules that guess nothing."""

from collections.abc import Sequence

import msgspec

from constituents import constituents, contacts, duplicates, names, proposals, tasks
from constituents.constituents import Details
from constituents.contacts import AddressLine, EmailLine, PhoneLine
from kit import db
from kit.changes import Actor
from kit.forms import email_normal
from kit.words import _


class Known(msgspec.Struct, frozen=True):
    """A person with the e-mail that was typed."""

    id: int
    given_name: str
    family_name: str
    archived: bool


async def find_or_create_donor(
    given_name: str,
    family_name: str,
    email: str,
    *,
    by: Actor,
    source: tuple[str, int],
    phone: str = "",
    address: AddressLine | None = None,
) -> int:
    """The person behind a donation; returns the id.

    Same normalised e-mail and same last name → that person. Same e-mail, other name → a new person and a duplicate
    candidate. Several of that e-mail and name → the one with the same first name, too, if there is exactly one (two
    spouses often share an address, and a third record per gift would help nobody), else a new one and candidates.
    Nobody → a new person. The dead do not give: whoever uses their address is somebody else.

    What a known person typed differently becomes proposals under `source`, (kind, id); a new person is stored as
    typed. Two calls at once for one e-mail make one person.
    """
    async with db.tx():
        await db.row("SELECT pg_advisory_xact_lock(hashtextextended('donor:' || $1, 0))", email_normal(email))
        known = (await with_emails([email])).get(email_normal(email), [])
        found = the_one(known, given_name, family_name)
        if found is None:
            return await _new(given_name, family_name, email, phone, address, known, by=by)
        await _propose_what_differs(found, given_name, family_name, phone, address, source)
        if found.archived:
            await tasks.open(
                "archived_donor",
                _("{name} gave again, though archived", name=f"{given_name} {family_name}".strip()),
                detail=_("Restore the record if they are back."),
                constituent=found.id,
                route="constituents:show",
                route_id=found.id,
            )
        return found.id


async def with_emails(emails: Sequence[str]) -> dict[str, list[Known]]:
    """The living people with each of these addresses, by its normal form; the oldest record first."""
    found: dict[str, list[Known]] = {}
    for row in await db.rows(
        """
        SELECT DISTINCT e.normal, c.id, c.given_name, c.family_name, c.archived_at IS NOT NULL AS archived
          FROM emails e JOIN constituents c ON c.id = e.constituent
         WHERE e.normal = ANY ($1) AND c.kind = 'person' AND NOT c.deceased
      ORDER BY c.id
        """,
        [email_normal(email) for email in emails if email.strip()],
    ):
        found.setdefault(row.pop("normal"), []).append(Known(**row))
    return found


def the_one(known: list[Known], given_name: str, family_name: str) -> Known | None:
    """Of the people with one e-mail, the one who is meant by a name; None where that is nobody, or not sure."""
    fitting = [person for person in known if names.same(person.family_name, family_name)]
    # A living record goes before an archived one of the same name.
    fitting = [person for person in fitting if not person.archived] or fitting
    if len(fitting) > 1:
        fitting = [person for person in fitting if names.same(person.given_name, given_name)]
    return fitting[0] if len(fitting) == 1 else None


async def _new(
    given_name: str,
    family_name: str,
    email: str,
    phone: str,
    address: AddressLine | None,
    known: list[Known],
    *,
    by: Actor,
) -> int:
    id = await constituents.create(
        Details(
            given_name=given_name,
            family_name=family_name,
            emails=[EmailLine(email)] if email.strip() else [],
            phones=[PhoneLine(phone)] if phone else [],
            addresses=[address] if address else [],
        ),
        by=by,
    )
    for person in known:
        await duplicates.suspect(person.id, id, "same e-mail")
    return id


async def _propose_what_differs(
    found: Known,
    given_name: str,
    family_name: str,
    phone: str,
    address: AddressLine | None,
    source: tuple[str, int],
) -> None:
    typed: list[tuple[str, dict[str, str]]] = [
        ("name", {"given_name": given_name, "family_name": family_name})
    ]
    if phone:
        typed.append(("phone", {"number": phone}))
    if address and address.says_something:
        typed.append(("address", {name: getattr(address, name) for name in contacts.WHERE}))
    for kind, proposed in typed:
        await proposals.propose(found.id, kind, proposed, source_kind=source[0], source_id=source[1])
