"""Names: how one says them, how lists order them, and when two of them are the same."""

import re
import unicodedata

from constituents.tables import Kind

# Letters that have no accent to take off, yet stand for one or two plain ones.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŋ": "n"}
)
# Typed small they are passed over ("van Gogh" under G); typed with a capital they count ("Van Buren" under V).
_PARTICLES = frozenset(
    re.findall(
        "[a-z]+",
        "af al am bin da das de del della den der di do dos du el la las le les lo los of op ten ter the van vom von"
        " y zu zum",
    )
)
_ARTICLES = frozenset(["the", "a", "an"])
# Two spaces sort before any letter and before one space: "Gogh, Vincent" stands before "Gogh Smith, Ada".
_GAP = "  "
LONGEST_SORT_KEY = 300


def fold(text: str) -> str:
    """`text` for comparing: small letters, accents off, no apostrophes, every other sign a space."""
    text = unicodedata.normalize("NFKD", text.casefold()).translate(_PLAIN)
    text = "".join(sign for sign in text if not "\u0300" <= sign <= "\u036f")
    text = re.sub(r"['’‘ʼ`´]", "", unicodedata.normalize("NFC", text))
    return " ".join("".join(sign if _is_of_a_word(sign) else " " for sign in text).split())


def _is_of_a_word(sign: str) -> bool:
    # Marks of Devanagari, Thai or Arabic belong to their letters.
    return unicodedata.category(sign)[0] in "LNM"


def same(one: str, other: str) -> bool:
    """Whether two names are the same but for case, accents and punctuation."""
    return fold(one) == fold(other)


def display(*, given: str = "", middle: str = "", family: str = "", suffix: str = "") -> str:
    """How one says a person's name: Margaret Okafor."""
    return " ".join(part for part in (given.strip(), middle.strip(), family.strip(), suffix.strip()) if part)


def listed(
    kind: str, name: str, given: str = "", middle: str = "", family: str = "", suffix: str = ""
) -> str:
    """How a list shows it: Okafor, Margaret. Households and organisations stay as they are said."""
    if kind != Kind.PERSON.value or not family or not given:
        return name
    behind = f"{given} {middle}" if middle else given
    return f"{family}, {behind}, {suffix}" if suffix else f"{family}, {behind}"


def sort_key(kind: str, name: str, given: str = "", middle: str = "", family: str = "") -> str:
    """What lists compare, byte by byte: the family name without small particles, then the rest."""
    if kind != Kind.PERSON.value or not family:
        key = _without_article(fold(name)) if kind != Kind.PERSON.value else fold(name)
    else:
        head, particles = _without_particles(family)
        key = _GAP.join(part for part in (fold(head), fold(f"{given} {middle}"), fold(particles)) if part)
    return (key or name.casefold().strip() or "?")[:LONGEST_SORT_KEY]


def _without_particles(family: str) -> tuple[str, str]:
    words = family.split()
    count = 0
    while count < len(words) - 1 and words[count] in _PARTICLES:
        count += 1
    return " ".join(words[count:]), " ".join(words[:count])


def _without_article(folded: str) -> str:
    first, _space, rest = folded.partition(" ")
    return rest if first in _ARTICLES and rest else folded
