"""Two editors of one record: the second sees what stands beside what they typed, and may then save theirs."""

from collections.abc import Mapping, Sequence
from typing import Any

from kit.forms import Form

Both = list[tuple[str, str, str]]


def differing(
    stands: Mapping[str, Any],
    typed: Mapping[str, Any],
    labels: Sequence[tuple[str, str]],
    **named: Mapping[str, str],
) -> Both:
    """(what, as it stands, as it was typed) of the fields that differ; `named` has the words of choices and boxes."""
    return apart(in_words(stands, labels, **named), in_words(typed, labels, **named))


def apart(stands: Mapping[str, str], typed: Mapping[str, str]) -> Both:
    """The same of what is in words already."""
    return [
        (label, stands[label], typed.get(label, ""))
        for label in stands
        if stands[label] != typed.get(label, "")
    ]


def in_words(
    typed: Mapping[str, Any], labels: Sequence[tuple[str, str]], **named: Mapping[str, str]
) -> dict[str, str]:
    """A form's fields as a person compares them: label and text, boxes as what they are, choices by their names."""
    return {label: _said(typed.get(name), named.get(name, {})) for name, label in labels}


def seen_again(form: Form[Any], version: int, sentence: str) -> Form[Any]:
    """The form with what was said; sent once more, it is meant and takes the place of what stands."""
    form.typed["version"] = str(version)
    return form.refuse("", sentence)


def _said(value: Any, words: Mapping[str, str]) -> str:
    parts = value if isinstance(value, list | tuple) else [value]
    said = [str(part or "").strip() for part in parts]
    return ", ".join(words.get(part, part) for part in said if part or "" in words)
