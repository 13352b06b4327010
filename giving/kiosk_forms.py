"""What somebody types at the tablet who is not on its list."""

from typing import Annotated

import msgspec

from kit.forms import EmailAddress, PhoneNumber, Text, Whole
from kit.words import _


class WalkInForm(msgspec.Struct, kw_only=True):
    """A walk-in. With the e-mail address we know again who came before."""

    shift: Annotated[int, Whole(required=_("Choose where you help."))]
    first_name: Annotated[str, Text(max=100, required=_("Type your first name."))]
    last_name: Annotated[str, Text(max=100, required=_("Type your last name."))]
    email: Annotated[str, EmailAddress(required=_("Type your e-mail address: by it your hours are yours."))]
    phone: Annotated[str, PhoneNumber()] = ""
    size: Annotated[int, Whole(required=_("How many are you?"), min=1, max=500)] = 1
