"""Two editors of one record: what stands now beside what the second of them typed."""

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
    both = []
    for name, label in labels:
        now, then = (_said(one.get(name), named.get(name, {})) for one in (stands, typed))
        if now != then:
            both.append((label, now, then))
    return both


def seen_again(form: Form[Any], version: int, sentence: str) -> Form[Any]:
    """The form with what was said; sent once more, it is meant and takes the place of what stands."""
    form.typed["version"] = str(version)
    return form.refuse("", sentence)


def _said(value: Any, words: Mapping[str, str]) -> str:
    parts = value if isinstance(value, list | tuple) else [value]
    said = [str(part or "").strip() for part in parts]
    return ", ".join(words.get(part, part) for part in said if part or "" in words)
