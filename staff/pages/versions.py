"""Two editors of one record: the second sees what stands beside what they typed, and may then save theirs."""

from collections.abc import Mapping, Sequence

Both = list[tuple[str, str, str]]


def differing(
    stands: Mapping[str, str],
    typed: Mapping[str, str],
    labels: Sequence[tuple[str, str]],
    **named: Mapping[str, str],
) -> Both:
    """(what, as it stands, as it was typed) of the fields that differ; `named` has the words of choices from a list."""
    found = []
    for name, label in labels:
        now, then = stands.get(name, ""), typed.get(name, "")
        if now != then:
            words = named.get(name, {})
            found.append((label, words.get(now, now), words.get(then, then)))
    return found
