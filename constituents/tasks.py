"""Tasks: something a person should look at, opened by jobs that met what they may not decide, closed by a person."""

from typing import Any

from constituents import narrowing
from kit import changes, days, db
from kit.changes import Actor
from kit.errors import NotFound


async def open(
    kind: str,
    title: str,
    *,
    detail: str = "",
    constituent: int | None = None,
    route: str = "",
    route_id: int | None = None,
    permission: str = "constituents.read",
) -> int:
    """The open task about this matter: the one that is there, else a new one.

    A matter is (`kind`, `route`, `route_id`), or (`kind`, `title`, `constituent`) where there is no page to go to.
    Whoever lacks `permission` does not see it.
    """
    async with db.tx():
        # Two at once: the first inserts, the second finds; the partial unique indexes decide.
        id = await db.value(
            """
            INSERT INTO tasks (kind, title, detail, constituent, route, route_id, permission, created_at, done_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '') ON CONFLICT DO NOTHING RETURNING id
            """,
            kind,
            title[:300],
            detail,
            constituent,
            route,
            route_id,
            permission,
            days.now(),
        )
        if id is None:
            id = await db.value(
                """
                SELECT id FROM tasks
                 WHERE done_at IS NULL AND kind = $1
                   AND CASE WHEN $3::bigint IS NULL
                            THEN route_id IS NULL AND title = $4 AND constituent IS NOT DISTINCT FROM $5
                            ELSE route = $2 AND route_id = $3 END
                """,
                kind,
                route,
                route_id,
                title[:300],
                constituent,
            )
        return id


async def tell_more(id: int, told: str) -> None:
    """One more sentence in an open task; what it says already it does not say twice."""
    await db.row(
        """
        UPDATE tasks SET detail = detail || ' ' || $2
         WHERE id = $1 AND done_at IS NULL AND position($2 IN detail) = 0
        """,
        id,
        told,
    )


async def done(id: int, by: Actor) -> None:
    """Close a task. Closing it twice is closing it once."""
    async with db.tx():
        closed = await db.row(
            "UPDATE tasks SET done_at = $2, done_by = $3 WHERE id = $1 AND done_at IS NULL RETURNING title, constituent",
            id,
            days.now(),
            by.label[:200],
        )
        if closed is not None:
            await changes.note(
                "task.done",
                "task",
                id,
                by=by,
                after={"title": closed["title"]},
                subject=closed["constituent"],
            )


async def close_matter(kind: str, route: str, route_id: int, by: Actor) -> None:
    """Close the task about a matter that settled itself, if one is open."""
    id = await db.value(
        "SELECT id FROM tasks WHERE kind = $1 AND route = $2 AND route_id = $3 AND done_at IS NULL",
        kind,
        route,
        route_id,
    )
    if id is not None:
        await done(id, by)


async def get(id: int, *, permissions: list[str], narrowed: int | None = None) -> dict[str, Any]:
    """One task; raises NotFound when there is none that somebody with `permissions` may see.

    `narrowed` is here and below a member for whom `narrowing` leaves tasks out (None: nobody).
    """
    seen = narrowing.seen_by("tasks", "$3")
    found = (
        await db.row(
            f"SELECT * FROM tasks t WHERE id = $1 AND permission = ANY ($2) AND {seen}",  # noqa: S608  words of ours
            id,
            permissions,
            narrowed,
        )
        if 0 < id < 2**31
        else None
    )
    if found is None:
        raise NotFound
    return found


async def still_open(
    *,
    permissions: list[str],
    narrowed: int | None = None,
    constituent: int | None = None,
    after: int = 0,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """Open tasks that somebody with `permissions` may see, oldest first."""
    return await db.rows(
        f"""
        SELECT t.id, t.kind, t.title, t.detail, t.route, t.route_id, t.due_on, t.created_at,
               t.constituent, c.name AS constituent_name
          FROM tasks t LEFT JOIN constituents c ON c.id = t.constituent
         WHERE t.done_at IS NULL AND t.permission = ANY ($1) AND t.id > $2
           AND ($3::integer IS NULL OR t.constituent = $3) AND {narrowing.seen_by("tasks", "$5")}
      ORDER BY t.id LIMIT $4
        """,  # noqa: S608  words of ours
        permissions,
        after,
        constituent,
        limit,
        narrowed,
    )


async def lately_done(
    *, permissions: list[str], narrowed: int | None = None, limit: int = 20
) -> list[dict[str, Any]]:
    """Tasks that were closed, the latest first."""
    return await db.rows(
        f"""
        SELECT t.id, t.title, t.detail, t.route, t.route_id, t.done_at, t.done_by,
               t.constituent, c.name AS constituent_name
          FROM tasks t LEFT JOIN constituents c ON c.id = t.constituent
         WHERE t.done_at IS NOT NULL AND t.permission = ANY ($1) AND {narrowing.seen_by("tasks", "$3")}
      ORDER BY t.done_at DESC, t.id DESC LIMIT $2
        """,  # noqa: S608  words of ours
        permissions,
        limit,
        narrowed,
    )
