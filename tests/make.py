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
            "name": "Riverbend Food Bank", "legal_name": "Riverbend Food Bank, Inc.", "kind": "public_charity",
            "registration_number": "93-1234567", "street": "12 Mill Street", "city": "Portland", "region": "OR",
            "postal_code": "97206", "country": "US", "email": "gifts@riverbend.example", "phone": "+15035550100",
            "website": "https://riverbend.example", "signer_name": "Ana Ruiz", "signer_title": "Director",
            "accent": "#17685a", "currency": "USD", "zone": "America/Los_Angeles", "fiscal_year_start": 1,
            "fee_basis_points": 290, "fee_fixed": 30, "smallest_gift": 100, "largest_gift": 2_500_000,
            "giving_heading": "", "giving_text": "", "created_at": days.now(), "version": 1, **values,
        },
    )


async def member(*, role: str = "administrator", **values: Any) -> SimpleNamespace:
    """A member of staff who can sign in."""
    await organisation()
    number = next(_numbers)
    return await insert(
        "members",
        **{
            "name": f"Member {number}", "email": f"member{number}@riverbend.example",
            "email_normal": f"member{number}@riverbend.example", "role": role, "created_at": days.now(), "version": 1,
            **values,
        },
    )
