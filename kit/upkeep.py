"""For developers: what slips apart unnoticed, tables and their migrations."""

import io
import warnings
from contextlib import redirect_stdout

from piccolo.apps.migrations.commands.new import AutoMigrationManager
from piccolo.conf.apps import Finder


async def unmigrated() -> list[str]:
    """What Piccolo would put into a new migration of each app; nothing, when migrations match the tables."""
    found = []
    with redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Piccolo would like to ask a server for its version
        for name, app in Finder().get_app_registry().app_configs.items():
            for change in await AutoMigrationManager(auto_input="n").get_alter_statements(app):
                found += [f"{name}: {' '.join(statement.split())}" for statement in change.statements]
    return found
