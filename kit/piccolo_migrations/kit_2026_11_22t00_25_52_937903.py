from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.constraints import Check

ID = "2026-11-22T00:25:52:937903"
VERSION = "1.38.0"
DESCRIPTION = "Volunteers act, too"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="kit", description=DESCRIPTION)

    manager.drop_constraint(
        table_class_name="Change",
        tablename="changes",
        constraint_name="actor_is_of_a_known_kind",
        schema=None,
    )

    manager.add_constraint(
        table_class_name="Change",
        tablename="changes",
        constraint_name="actor_kind_is_known",
        constraint_class=Check,
        params={"condition": "actor_kind IN ('staff', 'donor', 'volunteer', 'stripe', 'system', 'import')"},
        schema=None,
    )

    return manager
