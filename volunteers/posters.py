"""Posters: what a role or a shift is, where and when, and a QR code to its public sign-up. HTML for `kit.pdf`."""

from datetime import timedelta
from typing import Any

import segno

from kit import config, days
from kit.errors import Refused
from kit.templates import environment, url_for
from kit.words import _
from staff import organisation
from volunteers import coverage, opportunities, shifts

_AHEAD = timedelta(days=56)
_MOST = 8


class NotPublic(Refused):
    """The QR code of a role that is not on the public board would lead nowhere."""


async def of_opportunity(opportunity_id: int) -> str:
    """A role with its next shifts; the code leads to the role's own page, which has them all. Raises NotPublic, NotFound."""
    role = await opportunities.get(opportunity_id)
    now = days.now()
    found = await coverage.planned(
        now, now + _AHEAD, seen=None, opportunity=opportunity_id, public_only=True, limit=_MOST + 1
    )
    link = url_for("volunteer_roles:show", opportunity_id=opportunity_id)
    return await _page(role, found[:_MOST], link, more=len(found) > _MOST)


async def of_shift(shift_id: int) -> str:
    """One shift; the code leads to its own sign-up. Raises NotPublic, NotFound."""
    shift = await shifts.get(shift_id)
    if shift["status"] != "open" or shift["starts_at"] <= days.now():
        raise NotPublic(_("This shift is over or cancelled, so nobody could sign up for it any more."))
    return await _page(shift, [shift], url_for("volunteering:show", shift_id=shift_id), more=False)


async def _page(role: dict[str, Any], found: list[dict[str, Any]], link: str, *, more: bool) -> str:
    if not role["is_public"]:
        raise NotPublic(
            _("This role is not on the public board, so a poster would lead nowhere. Put it there first.")
        )
    ours = await organisation.needed()
    address = config.settings().base_url + link
    return (
        environment()
        .get_template("volunteers/posters/poster.html")
        .render(
            role=role, shifts=found, more=more, address=address, ours=ours, accent=ours["accent"],
            paper="letter" if ours["country"] in ("US", "CA", "MX", "PH") else "a4",
            qr=segno.make(address, error="m", micro=False).png_data_uri(border=0, scale=10, dark="#1d242b"),
        )
    )  # fmt: skip
