"""Who reads a page: what they may see, and in which currency, country and zone it is shown."""

from datetime import date
from typing import Any

import msgspec
from litestar import Request

from kit import days
from staff import permissions


class Reader(msgspec.Struct, frozen=True):
    """`narrowed` is the member for whom `constituents.narrowing` leaves rows out, None for who sees all of a permission."""

    permissions: list[str]
    narrowed: int | None
    currency: str
    country: str
    zone: str
    today: date
    fiscal_year: int
    fiscal_year_began: date

    @classmethod
    def of(cls, request: Request[Any, Any, Any]) -> "Reader":
        member = request.user
        ours = request.scope["state"].get("organisation") or {}
        zone = ours.get("zone", "UTC")
        today = days.today(zone)
        start = ours.get("fiscal_year_start", 1)
        fiscal_year = days.fiscal_year(today, start)
        return cls(
            permissions=permissions.of(member.role) if member else [],
            narrowed=member.id if member and permissions.sees_own_programmes_only(member.role) else None,
            currency=ours.get("currency", "USD"),
            country=ours.get("country", "US"),
            zone=zone,
            today=today,
            fiscal_year=fiscal_year,
            fiscal_year_began=days.fiscal_year_begins(fiscal_year, start),
        )

    def may(self, permission: str) -> bool:
        return permission in self.permissions

    @property
    def sees_money(self) -> bool:
        return self.may("gifts.read")
