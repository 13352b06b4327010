"""Volunteers: what there is to do, who comes, and the hours they gave.

Words: a *programme* is a field of work with its coordinators; an *opportunity* is a role in it; a *shift* is that role
from one moment until another, for so many people; a *series* repeats shifts by a rule. A *sign-up* is one person's (or
one group's) place on a shift: it is *pending* while somebody has to approve it, *confirmed*, *waiting* in line, or
*offered* a place that became free. An *ask* is a mail that asks a volunteer for one shift. *Hours* are what was given.

What always holds (SQL sees to it, `reports.invariants` looks again): a shift holds no more people than its maximum;
nobody is in two places, nor in one without the rest before it; a place that frees is offered to the first in line
whom it fits; hours are approved once and count from then on.

Times: a shift is two moments in UTC and the zone of its place. A series is written in that zone's wall clock, so that
"every Saturday at nine" stays at nine when the clocks change.
"""

from kit import facts

facts.declare(
    "signup.made",  # (sign-up): whatever its state
    "signup.confirmed",  # (sign-up): a place is theirs
    "signup.offered",  # (sign-up): a place is theirs if they take it in time
    "signup.refused",  # (request): a visitor could not be put down; only a mail says why
    "signup.ended",  # (sign-up): withdrawn, declined, lapsed, or the shift was cancelled
    "shift.changed",  # (shift): its time or place is another
    "shift.cancelled",  # (shift)
    "hours.approved",  # (hours)
    "volunteer.asked",  # (ask): a mail asks them for a shift
    "volunteer.asked_too_late",  # (ask): others were faster
)
