"""Who did what: one row per deed, written in the transaction of the deed.

Values lie in a table of their own, keyed by the constituent they are about, so that a person can be erased and the
trail stays whole.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Literal

import msgspec

from kit import days, db

ActorKind = Literal["staff", "donor", "volunteer", "stripe", "system", "import"]


class Actor(msgspec.Struct, frozen=True):
    """Who acts: a member of staff, a donor, a volunteer, Stripe, an import, or the system itself."""

    kind: ActorKind
    id: int | None = None
    label: str = ""


SYSTEM = Actor("system", None, "Almoner")
STRIPE = Actor("stripe", None, "Stripe")


async def note(
    action: str,
    kind: str,
    id: int,
    *,
    by: Actor,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    subject: int | None = None,
) -> None:
    """Say that `by` did `action` to the object (`kind`, `id`); values that did not change are left out.

    Belongs inside the verb's tx(); raises RuntimeError outside one.
    """
    if not db.in_tx():
        raise RuntimeError("changes.note() belongs inside tx().")
    before, after = _only_what_differs(before or {}, after or {})
    await db.row(
        """
        WITH noted AS (
            INSERT INTO changes (at, actor_kind, actor_id, actor_label, action, object_kind, object_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id)
        INSERT INTO change_values (change, subject, before, after)
        SELECT id, $8, $9::jsonb, $10::jsonb FROM noted WHERE $9 IS NOT NULL OR $10 IS NOT NULL
        """,
        days.now(),
        by.kind,
        by.id,
        by.label[:200],
        action,
        kind,
        id,
        subject,
        _json(before),
        _json(after),
    )


Parts = tuple[str, Sequence[int]]


async def of(kind: str, id: int, limit: int = 200, *, parts: Parts = ("", ())) -> list[dict[str, Any]]:
    """The history of one object, newest first: at, actor_kind, actor_label, object_kind, action, before, after (dicts).

    With that of its `parts`, where they are named: their kind and their ids.
    """
    found = await db.rows(
        """
        SELECT c.id, c.at, c.actor_kind, c.actor_id, c.actor_label, c.object_kind, c.action, v.before, v.after
          FROM (SELECT $1::text AS kind, $2::bigint AS id UNION SELECT $4, unnest($5::bigint[])) o
          JOIN changes c ON c.object_kind = o.kind AND c.object_id = o.id
          LEFT JOIN change_values v ON v.change = c.id
      ORDER BY c.id DESC LIMIT $3
        """,
        kind,
        id,
        limit,
        parts[0],
        list(parts[1]),
    )
    for row in found:
        row["before"] = msgspec.json.decode(row["before"]) if row["before"] else {}
        row["after"] = msgspec.json.decode(row["after"]) if row["after"] else {}
    return found


def _only_what_differs(
    before: dict[str, Any], after: dict[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    if not before or not after:
        return before, after
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return (
        {name: before[name] for name in names if name in before},
        {name: after[name] for name in names if name in after},
    )


def _json(values: dict[str, Any]) -> str | None:
    return msgspec.json.encode(values, enc_hook=_plain).decode() if values else None


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


async def told(
    kind: str, id: int, zone: str = "UTC", limit: int = 200, *, parts: Parts = ("", ())
) -> list[dict[str, Any]]:
    """The history as `ui.history` shows it: at (text in `zone`), who, what, values [(label, before, after)].

    What befell one of its `parts` says so: “series changed”.
    """
    from kit.templates import moment

    return [
        {
            "at": moment(row["at"], zone),
            "who": row["actor_label"] or row["actor_kind"],
            "what": _what(row["action"], row["object_kind"] != kind),
            "values": [
                (_words(name).capitalize(), _shown(row["before"].get(name)), _shown(row["after"].get(name)))
                for name in {**row["before"], **row["after"]}
            ],
        }
        for row in await of(kind, id, limit, parts=parts)
    ]


def _what(action: str, of_a_part: bool) -> str:
    of_what, _dot, deed = action.partition(".")
    return _words(f"{of_what} {deed}" if of_a_part or not deed else deed)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | dict):
        return msgspec.json.encode(value).decode()
    return str(value)
