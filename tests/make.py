"""Plain async functions that make what a test needs; a test says only what matters to it.

Each returns a SimpleNamespace with `id` and the columns it was made with. Everything goes through the domain's verbs
where there is one.
"""

from itertools import count
from types import SimpleNamespace
from typing import Any

from kit import days, db
from kit.changes import Actor

_numbers = count(1)
STAFF = Actor("staff", 1, "Ana Ruiz")


async def insert(table: str, **values: Any) -> SimpleNamespace:
    """One row, as it is: for what no verb makes."""
    names = ", ".join(f'"{name}"' for name in values)
    places = ", ".join(f"${place}" for place in range(1, len(values) + 1))
    row = await db.row(f"INSERT INTO {table} ({names}) VALUES ({places}) RETURNING *", *values.values())
    assert row is not None
    return SimpleNamespace(**row)


async def organisation(**values: Any) -> SimpleNamespace:
    """Riverbend Food Bank, complete enough for receipts; the one that is there if there is one."""
    found = await db.row("SELECT * FROM organisations")
    if found is not None:
        return SimpleNamespace(**found)
    return await insert(
        "organisations",
        **{
            "name": "Riverbend Food Bank",
            "legal_name": "Riverbend Food Bank, Inc.",
            "kind": "public_charity",
            "registration_number": "93-1234567",
            "street": "12 Mill Street",
            "city": "Portland",
            "region": "OR",
            "postal_code": "97206",
            "country": "US",
            "email": "gifts@riverbend.example",
            "phone": "+15035550100",
            "website": "https://riverbend.example",
            "signer_name": "Ana Ruiz",
            "signer_title": "Director",
            "accent": "#17685a",
            "currency": "USD",
            "zone": "America/Los_Angeles",
            "fiscal_year_start": 1,
            "fee_basis_points": 290,
            "fee_fixed": 30,
            "smallest_gift": 100,
            "largest_gift": 2_500_000,
            "giving_heading": "",
            "giving_text": "",
            "created_at": days.now(),
            "version": 1,
            **values,
        },
    )


async def member(*, role: str = "administrator", **values: Any) -> SimpleNamespace:
    """A member of staff who can sign in."""
    await organisation()
    number = next(_numbers)
    return await insert(
        "members",
        **{
            "name": f"Member {number}",
            "email": f"member{number}@riverbend.example",
            "email_normal": f"member{number}@riverbend.example",
            "role": role,
            "created_at": days.now(),
            "version": 1,
            **values,
        },
    )


async def fund(name: str = "", **values: Any) -> SimpleNamespace:
    """An open fund; `general=True` for the one that gifts without a word go to."""
    from donations import funds

    number = next(_numbers)
    id = await funds.create(funds.FundDetails(name=name or f"Fund {number}", **values), by=STAFF)
    return SimpleNamespace(**await funds.get(id))


async def campaign(name: str = "", **values: Any) -> SimpleNamespace:
    """An open campaign without an end."""
    from donations import campaigns

    await organisation()
    id = await campaigns.create(
        campaigns.CampaignDetails(name=name or f"Campaign {next(_numbers)}", **values), by=STAFF
    )
    return SimpleNamespace(**await campaigns.get(id))


async def appeal(*, campaign: int | None = None, name: str = "", **values: Any) -> SimpleNamespace:
    """An asking of a campaign (of a new one, if none is told)."""
    from donations import appeals

    number = next(_numbers)
    of = campaign or (await globals()["campaign"]()).id
    details = appeals.AppealDetails(
        name=name or f"Appeal {number}", source_code=values.pop("source_code", f"A{number}"), **values
    )
    return SimpleNamespace(**await appeals.get(await appeals.create(of, details, by=STAFF)))


async def general_fund() -> int:
    """The general fund: the one that is there, else a new one."""
    return (
        await db.value("SELECT id FROM funds WHERE is_general")
        or (await fund("General fund", is_general=True)).id
    )


async def gift(*, donor: Any = None, amount: int = 5000, **values: Any) -> SimpleNamespace:
    """A settled cheque of 50 dollars, for the general fund, from a new donor, unless told otherwise."""
    from donations import gifts

    here = await organisation()
    await general_fund()
    details = gifts.GiftDetails(
        donor=getattr(donor, "id", donor) or (await _donor()).id,
        amount=amount,
        **{"currency": "USD", "given_on": days.today(here.zone), **values},
    )
    id = await gifts.record(details, by=STAFF)
    row = await db.row("SELECT * FROM gifts WHERE id = $1", id)
    assert row is not None
    return SimpleNamespace(**row)


async def dispute(gift_id: int, status: str = "needs_response", *, number: int = 1, amount: int | None = None,
                  fee: int = 0, on: Any = None) -> str:  # fmt: skip
    """A gift's dispute of that number as Stripe would tell it: open, won (the money is back) or lost. Its id."""
    from donations import disputes

    stripe_id, on = f"du_{gift_id}_{number}", on or days.now().date()
    left = await db.value("SELECT amount - refunded_amount FROM gifts WHERE id = $1", gift_id)
    known = await db.value("SELECT amount FROM disputes WHERE dispute = $1", stripe_id)
    taken = known or amount or left
    moves = [disputes.Move(f"txn_{stripe_id}_out", -taken, fee, on)]
    if status == "won":
        moves.append(disputes.Move(f"txn_{stripe_id}_back", taken, 0, on))
    if status.startswith("warning"):
        moves = []
    await disputes.keep(
        gift_id,
        disputes.Said(
            dispute=stripe_id,
            status=status,
            amount=taken,
            currency="USD",
            reason="fraudulent",
            moves=tuple(moves),
        ),
    )
    return stripe_id


async def _donor() -> SimpleNamespace:
    number = next(_numbers)
    return await insert(
        "constituents",
        kind="person",
        name=f"Dana Donor {number}",
        given_name="Dana",
        family_name=f"Donor {number}",
        sort_key=f"donor {number}  dana",
        created_at=days.now(),
        updated_at=days.now(),
        version=1,
    )


async def person(given: str = "Margaret", family: str = "Okafor", **details: Any) -> SimpleNamespace:
    """A person, through the verb. `email="…"` and `phone="…"` are short for one line each."""
    return await _constituent(kind="person", given_name=given, family_name=family, **details)


async def household(name: str = "Okafor household", members: Any = (), **details: Any) -> SimpleNamespace:
    """A household, with these people in it since ever."""
    made = await _constituent(kind="household", name=name, **details)
    for one in members:
        await insert("memberships", household=made.id, person=one.id, role="", from_day=None, until_day=None)
    return made


async def organisation_constituent(name: str = "Okonjo Foundation", **details: Any) -> SimpleNamespace:
    """An organisation as a constituent: a company or a foundation that gives."""
    return await _constituent(kind="organisation", name=name, **details)


async def _constituent(*, email: str = "", phone: str = "", **details: Any) -> SimpleNamespace:
    from constituents import constituents
    from constituents.contacts import EmailLine, PhoneLine

    if email:
        details["emails"] = [EmailLine(email)]
    if phone:
        details["phones"] = [PhoneLine(phone)]
    id = await constituents.create(constituents.Details(**details), by=STAFF)
    return SimpleNamespace(**await constituents.get(id))
