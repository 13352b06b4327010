"""Forms about receipts."""

from typing import Annotated

import msgspec

from kit.forms import Text
from kit.words import _


class VoidForm(msgspec.Struct):
    reason: Annotated[
        str,
        Text(
            max=500,
            required=_("Say why the receipt is void: it will be asked at the next audit."),
            lines=True,
        ),
    ]
