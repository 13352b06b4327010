"""Words for people: every public sentence goes through `_()`, English first.

Translations, when they come, are gettext catalogues under `locale/`; until then the sentence is its own translation.
"""

import gettext
from functools import lru_cache
from pathlib import Path

_catalogues = Path(__file__).resolve().parent.parent / "locale"
_translation = gettext.translation("almoner", localedir=str(_catalogues), languages=["en"], fallback=True)
_translated = lru_cache(maxsize=10_000)(_translation.gettext)


def _(sentence: str, **values: object) -> str:
    """The sentence in the reader's language, with `{name}` places filled in after translation."""
    text = _translated(sentence)
    return text.format(**values) if values else text


def ngettext(one: str, many: str, count: int, **values: object) -> str:
    """The sentence for `count` things; `{count}` is filled in."""
    return _translation.ngettext(one, many, count).format(count=count, **values)
