"""Forms of imports. The upload itself is a file and is read by its handler."""

from typing import Annotated

import msgspec

from imports.npsp_stages import MEANINGS
from imports.volunteers_cells import ORDERS
from kit.forms import Choice, Many, Text, Wrong
from kit.words import _


class AnswersForm(msgspec.Struct):
    stage: Annotated[list[str], Many(Text(max=300))]
    meaning: Annotated[list[str], Many(Choice(MEANINGS))]

    def __post_init__(self) -> None:
        if not self.stage or len(self.stage) != len(self.meaning) or not all(self.meaning):
            raise Wrong(_("Say what each stage means."), "meaning")


class DaysForm(msgspec.Struct):
    """How days like 03/04/2026 are meant in a file that does not show it."""

    days: Annotated[str, Choice(ORDERS, required=_("Say which comes first."))]
