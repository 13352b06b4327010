"""A list at the door: whether it is open, and how many came, in words for before the shift, during it and after it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from kit.words import _, ngettext
from volunteers import attendance


class Tally(msgspec.Struct, frozen=True):
    """People, not sign-ups: of a group those who came. `unknown` have a place and nobody noted anything of them."""

    here: int
    left: int
    absent: int
    unknown: int
    estimated: int

    @property
    def came(self) -> int:
        return self.here + self.left

    @property
    def people(self) -> int:
        return self.came + self.absent + self.unknown


def stands(shift: dict[str, Any], now: datetime) -> str:
    """`early` before check-in opens, `open`, `over` while late presses are still taken, then `closed`; or `cancelled`."""
    if shift["status"] != "open":
        return "cancelled"
    if now < shift["starts_at"] - attendance.EARLY:
        return "early"
    if now <= shift["ends_at"]:
        return "open"
    return "over" if now <= shift["ends_at"] + attendance.LATE else "closed"


def tally(expected: Sequence[dict[str, Any]]) -> Tally:
    """Of sign-ups that have a place."""
    here = left = absent = unknown = estimated = 0
    for one in expected:
        came = (one["came"] or one["size"]) if one["arrived_at"] else 0
        if one["attendance"] == "absent":
            absent += one["size"]
        elif not one["arrived_at"]:
            unknown += one["size"]
        else:
            absent += max(0, one["size"] - came)
            here += 0 if one["left_at"] else came
            left += came if one["left_at"] else 0
            estimated += came if one["left_is_estimated"] else 0
    return Tally(here, left, absent, unknown, estimated)


def words(found: Tally, stands: str) -> list[str]:
    """The parts of a line that says how many came; what is none of them is not said."""
    return _of_one_to_come(found) if stands in ("early", "open") else _of_one_gone_by(found)


def _of_one_to_come(found: Tally) -> list[str]:
    if not found.people:
        return [_("Nobody has a place")]
    if not found.came and not found.absent:
        return [ngettext("{count} person is expected", "{count} people are expected", found.unknown)]
    return [
        _("{count} here", count=found.here),
        *([_("{count} left already", count=found.left)] if found.left else []),
        *([_("{count} did not come", count=found.absent)] if found.absent else []),
        *([_("{count} still expected", count=found.unknown)] if found.unknown else []),
    ]


def _of_one_gone_by(found: Tally) -> list[str]:
    if not found.people:
        return [_("Nobody had a place")]
    if not found.came and not found.absent:
        said = ngettext("{count} person had a place", "{count} people had a place", found.unknown)
        return [said, _("nobody was checked in")]
    return [
        _("{count} came", count=found.came),
        *([_("{count} did not come", count=found.absent)] if found.absent else []),
        *([_("of {count} nothing is noted", count=found.unknown)] if found.unknown else []),
        *([_("{count} not checked out yet", count=found.here)] if found.here else []),
        *(
            [
                ngettext(
                    "the end of {count} person’s time is estimated",
                    "the end of {count} people’s time is estimated",
                    found.estimated,
                )
            ]
            if found.estimated
            else []
        ),
    ]
