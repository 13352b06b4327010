"""What was chosen in a form and is not there: asked back at its field, with everything else that was typed."""

from typing import Any

from kit.forms import Form
from kit.words import _
from staff.sessions import SignedIn
from volunteers import hour_reports, places, programmes, sight


async def check(form: Form[Any], member: SignedIn) -> bool:
    """Whether the form is in order, and the person, programme and place in it are there and this member's to choose.

    An empty choice is as good as any: whether there must be one, the form says itself.
    """
    if not form.ok:
        return False
    value = form.value
    for field, is_there in _CHECKS.items():
        chosen = getattr(value, field, None)
        if chosen is not None and not await is_there(chosen, member):
            form.refuse(field, _("Choose one from the list."))
    return form.ok


async def _somebody(chosen: int, _member: SignedIn) -> bool:
    return 0 < chosen < 2**31 and await hour_reports.name_of(chosen) is not None


async def _programme(chosen: int, member: SignedIn) -> bool:
    return chosen in {one["id"] for one in await programmes.all_of_them(await sight.programmes_of(member))}


async def _place(chosen: int, _member: SignedIn) -> bool:
    return chosen in {one["id"] for one in await places.all_of_them()}


_CHECKS = {"constituent": _somebody, "programme": _programme, "place": _place}
