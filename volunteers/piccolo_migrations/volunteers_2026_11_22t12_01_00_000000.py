from functools import partial

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from kit.migrations import run_sql

ID = "2026-11-22T12:01:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Rules, indexes and triggers of volunteers"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="volunteers", description=DESCRIPTION)
    manager.add_raw(partial(run_sql, "volunteers/sql/0001_rules.sql"))
    return manager
