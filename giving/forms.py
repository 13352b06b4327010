"""The giving page's form."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from kit import money
from kit.forms import EmailAddress, Text, Whole, Wrong, Yes
from kit.words import _


class GiftAmount(msgspec.Struct, frozen=True):
    """The own amount, if one is typed; empty is None, for a suggested one may be chosen."""

    def read(self, typed: list[str], said: Mapping[str, Any]) -> int | None:
        text = (typed[-1] if typed else "").strip()
        return money.parse(text, said["currency"]) if text else None


class GivingForm(msgspec.Struct, kw_only=True):
    amount: Annotated[str, Text(max=20)] = ""
    own_amount: Annotated[int | None, GiftAmount()] = None
    fund: Annotated[int | None, Whole()] = None
    first_name: Annotated[str, Text(max=100, required=_("Type your first name."))]
    last_name: Annotated[str, Text(max=100, required=_("Type your last name."))]
    email: Annotated[str, EmailAddress(required=_("Type your e-mail address: the receipt goes there."))]
    street: Annotated[str, Text(max=300, lines=True)] = ""
    city: Annotated[str, Text(max=100)] = ""
    region: Annotated[str, Text(max=100)] = ""
    postal_code: Annotated[str, Text(max=20)] = ""
    country: Annotated[str, Text(max=2)] = ""
    comment: Annotated[str, Text(max=500, lines=True)] = ""
    anonymous: Annotated[bool, Yes()] = False
    cover_fee: Annotated[bool, Yes()] = False
    # What the page said: `total` counts along with a script, `seen` is the server's own last word.
    total: Annotated[str, Text(max=30)] = ""
    seen: Annotated[str, Text(max=30)] = ""
    form_key: Annotated[str, Text(max=100)] = ""

    def __post_init__(self) -> None:
        if self.amount == "other" and self.own_amount is None:
            raise Wrong(_("Type how much you would like to give."), "own_amount")
        if not self.amount and self.own_amount is None:
            raise Wrong(_("Choose an amount, or type your own."), "own_amount")
