"""Which rows a permission alone does not open: who works for one part of the house sees lines and tasks of that part.

Rooms above say for their kinds of line and task when a member sees one, as SQL that the one question of a list asks
along; this room knows only whether the reader is somebody to ask it for.
"""

from typing import Literal

# Per list, by kind: SQL on the row `t` in which {member} is the reader's id.
_RULES: dict[str, dict[str, str]] = {"timeline": {}, "tasks": {}}


def narrow(what: Literal["timeline", "tasks"], kind: str, rule: str) -> None:
    """A line or task of this kind is for whom `rule` holds: words of ours, with `t` for the row, {member} for the id."""
    _RULES[what][kind] = rule


def seen_by(what: Literal["timeline", "tasks"], member: str) -> str:
    """SQL: whether the member with the id `member` (NULL: somebody to whom no rule applies) sees the row `t`."""
    rules = "".join(
        f" WHEN '{kind}' THEN {rule.replace('{member}', f'{member}::integer')}"
        for kind, rule in sorted(_RULES[what].items())
    )
    return (
        f"({member}::integer IS NULL OR CASE t.kind{rules} ELSE true END)"
        if rules
        else f"({member}::integer IS NULL OR true)"
    )
