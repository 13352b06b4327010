from functools import partial

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from kit.migrations import run_sql

ID = "2026-11-22T00:06:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Rules of disputes"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="donations", description=DESCRIPTION)
    manager.add_raw(partial(run_sql, "donations/sql/0002_disputes.sql"))
    return manager
