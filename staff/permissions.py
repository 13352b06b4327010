"""Who may do what: `permissions.csv` is the truth, one row per permission, one column per role."""

import csv
from functools import cache
from pathlib import Path

from staff.tables import Role

# Every signed-in person may use pages that ask for this: their own account, and the way out.
SIGNED_IN = "signed_in"


@cache
def table() -> dict[str, frozenset[str]]:
    """Permission → roles that have it."""
    with (Path(__file__).parent / "permissions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {
        row["permission"]: frozenset(role.value for role in Role if row[role.value] == "yes") for row in rows
    } | {SIGNED_IN: frozenset(role.value for role in Role)}


def may(role: str, permission: str) -> bool:
    """Whether a role has a permission. Raises KeyError for a permission that nobody defined."""
    return role in table()[permission]


def sees_own_programmes_only(role: str) -> bool:
    """Whether somebody of this role sees, of volunteering, the programmes that they coordinate and no others."""
    return role == Role.VOLUNTEER_COORDINATOR


def of(role: str) -> list[str]:
    """Every permission that a role has: for questions that leave out what the reader may not see."""
    return [permission for permission, roles in table().items() if role in roles]
