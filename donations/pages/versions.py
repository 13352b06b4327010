"""Two editors of one record: what stands now beside what the second of them typed."""

from collections.abc import Mapping, Sequence
from typing import Any

from kit.forms import Form

Both = list[tuple[str, str, str]]


def differing(stands: Mapping[str, str], typed: Mapping[str, str]) -> Both:
    """(what, as it stands, as it was typed) for all that the two say differently."""
    return [
        (label, stands[label], typed.get(label, ""))
        for label in stands
        if stands[label] != typed.get(label, "")
    ]


def in_words(
    typed: Mapping[str, Any], labels: Sequence[tuple[str, str]], **named: Mapping[str, str]
) -> dict[str, str]:
    """A form's fields as a person compares them: label and text, boxes as what they are, choices by their names."""
    found = {}
    for name, label in labels:
        value = str(typed.get(name) or "").strip()
        found[label] = named[name].get(value, value) if name in named else value
    return found


def seen_again(form: Form[Any], version: int, sentence: str) -> Form[Any]:
    """The form with what was said; sent once more, it is meant and takes the place of what stands."""
    form.typed["version"] = str(version)
    return form.refuse("", sentence)
