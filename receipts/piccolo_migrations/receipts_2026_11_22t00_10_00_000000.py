from functools import partial

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from kit.migrations import run_sql

ID = "2026-11-22T00:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Receipts found by a part of number or name"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="receipts", description=DESCRIPTION)
    manager.add_raw(partial(run_sql, "receipts/sql/0002_search.sql"))
    return manager
