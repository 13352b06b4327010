"""For developers: what slips apart unnoticed. Tables and their migrations; vendored files and their checksums."""

import hashlib
import io
import re
import warnings
from contextlib import redirect_stdout
from pathlib import Path

from piccolo.apps.migrations.commands.new import AutoMigrationManager
from piccolo.conf.apps import Finder

_SHA256 = re.compile(r"\b[0-9a-f]{64}\b")


async def unmigrated() -> list[str]:
    """What Piccolo would put into a new migration of each app; nothing, when migrations match the tables."""
    found = []
    with redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Piccolo would like to ask a server for its version
        for name, app in Finder().get_app_registry().app_configs.items():
            for change in await AutoMigrationManager(auto_input="n").get_alter_statements(app):
                found += [f"{name}: {' '.join(statement.split())}" for statement in change.statements]
    return found


def changed_files(list_of_them: Path, *folders: Path) -> list[str]:
    """Files that are not what the list says, that it lacks, or that are gone. It names each beside its SHA-256."""
    root = list_of_them.parent
    listed = {}
    for line in list_of_them.read_text().splitlines():
        for digest in _SHA256.findall(line):
            for word in re.findall(r"[\w@./-]+", line):
                if (
                    word != digest
                    and (root / word).suffix
                    and (root / word.removeprefix("static/")).is_file()
                ):
                    listed[root / word.removeprefix("static/")] = digest
                    break
            else:
                return [f"{list_of_them.name}: no file for {line.strip()!r}"]
    there = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
    wrong = [
        path for path, digest in listed.items() if hashlib.sha256(path.read_bytes()).hexdigest() != digest
    ]
    return [f"{path} has changed" for path in wrong] + [
        f"{path} is not in {list_of_them.name}" for path in sorted(there - set(listed))
    ]
