"""Countries, as a form offers them."""

import re

from babel import Locale

# Two letters and a name, by name; without unions and placeholders, which no letter can be sent to.
COUNTRIES = tuple(
    sorted(
        (
            (code, name)
            for code, name in Locale("en").territories.items()
            if re.fullmatch("[A-Z]{2}", code) and code not in ("EU", "EZ", "UN", "XA", "XB", "ZZ", "QO")
        ),
        key=lambda pair: pair[1],
    )
)

# Where paper is Letter and a letter goes into a #10 envelope (CLDR's list of paper sizes). Elsewhere A4, DIN window.
LETTER_COUNTRIES = frozenset(
    ["BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE"]
)


def paper(country: str) -> str:
    """The paper of a country: letter or a4."""
    return "letter" if country in LETTER_COUNTRIES else "a4"
