"""The package as a Piccolo app: its tables and where its migrations are."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="volunteers",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=table_finder(
        modules=["volunteers.tables", "volunteers.profile_tables"], exclude_imported=True
    ),
    migration_dependencies=["constituents.piccolo_app", "staff.piccolo_app"],
)
