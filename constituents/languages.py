"""Languages that a constituent may prefer to be written to in."""

from collections.abc import Sequence
from functools import cache

from babel import Locale

_OFFERED = (
    "ar bn zh cs da nl en et fil fi fr de el gu ht he hi hmn hu is id ga it ja ko lv lt ms mi ne no fa pl pt pa ro ru"
    " sm sr sk sl so es sw sv ta te th ti to tr uk ur vi cy yi"
)


@cache
def offered() -> Sequence[tuple[str, str]]:
    """(code, name in English), by name."""
    names = Locale("en").languages
    return sorted(
        ((code, names[code]) for code in _OFFERED.split() if code in names), key=lambda pair: pair[1]
    )


def name(code: str) -> str:
    """`Spanish`; a code that is not known stays as it is."""
    return Locale("en").languages.get(code.replace("-", "_"), code) if code else ""


def code(typed: str) -> str | None:
    """`es` of `Spanish`, `spanish` or `es`; None for what is no language we know."""
    return _codes().get(" ".join(typed.replace("_", "-").casefold().split()))


@cache
def _codes() -> dict[str, str]:
    """Codes by what people type: the name in English or the code. Of two of one name the offered one is meant."""
    known = {code.replace("_", "-"): name for code, name in Locale("en").languages.items() if len(code) <= 10}
    named = {name.casefold(): code for code, name in known.items()}
    return (
        named
        | {name.casefold(): code for code, name in offered()}
        | {code.casefold(): code for code in known}
    )
