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
