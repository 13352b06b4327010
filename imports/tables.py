"""Imports: which file was taken in, when, and what came of it."""

from piccolo.columns import JSONB, ForeignKey, Integer, OnDelete, Text, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check
from piccolo.table import Table

from kit.tables import StoredFile


class ImportRun(Table, tablename="import_runs"):
    """One reading of one export: a dry run or the real one."""

    source = Varchar(length=40)
    file_name = Varchar(length=300, default="")
    file = ForeignKey(
        StoredFile, null=True, on_delete=OnDelete.restrict, help_text="an upload; none from the shell"
    )
    status = Varchar(length=20, default="waiting")
    done = Integer(default=0)
    of_all = Integer(default=0)
    step = Varchar(length=100, default="")
    counts = JSONB(default="{}")
    report = JSONB(default="{}", help_text="faults, warnings, skipped rows, unknown columns and files")
    answers = JSONB(default="{}", help_text="what was told about unknown stages")
    error = Text(default="")
    started_by = Varchar(length=200, default="")
    created_at = Timestamptz(default=TimestamptzNow())
    finished_at = Timestamptz(null=True, default=None)

    status_is_known = Check(
        "status IN ('waiting', 'checking', 'checked', 'faulty', 'running', 'done', 'failed')"
    )
