"""What the app's role may do: no DDL, everything on ordinary tables, insert and read on those that only grow.

The rights are given after migrations, and the schema's comment says after which. A start that is killed between the
two is seen by it; `serve` asks for it before it has loaded anything, so this module is light.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncpg
    from piccolo.table import Table

_SENTENCE = """
'rights after ' || (SELECT md5(string_agg(app_name || name, ',' ORDER BY app_name, name)) FROM migration)
""".strip()
ARE_GIVEN = f"SELECT obj_description('public'::regnamespace, 'pg_namespace') IS NOT DISTINCT FROM {_SENTENCE}"  # noqa: S608
_SAY_SO = f"DO $$ BEGIN EXECUTE format('COMMENT ON SCHEMA public IS %L', {_SENTENCE}); END $$"


async def give(connection: asyncpg.Connection, role: str, tables: Sequence[type[Table]]) -> None:
    """Give `role` its rights on `tables`, all of them or none."""
    name = '"' + role.replace('"', '""') + '"'
    async with connection.transaction():
        await connection.execute(
            f"""
            REVOKE CREATE ON SCHEMA public FROM PUBLIC;
            GRANT USAGE ON SCHEMA public TO {name};
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name};
            GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name};
            REVOKE INSERT, UPDATE, DELETE ON migration FROM {name};
            """  # noqa: S608  a quoted role
        )
        for table in tables:
            if getattr(table, "append_only", False):
                await _let_it_only_grow(connection, table, name)
        await connection.execute(_SAY_SO)


async def _let_it_only_grow(connection: asyncpg.Connection, table: type[Table], name: str) -> None:
    await connection.execute(f'REVOKE UPDATE, DELETE, TRUNCATE ON "{table._meta.tablename}" FROM {name}')
    for column in getattr(table, "updatable", ()):
        await connection.execute(f'GRANT UPDATE ("{column}") ON "{table._meta.tablename}" TO {name}')
