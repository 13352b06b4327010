"""What imports let wait: checking an upload, and writing one that was confirmed."""

from datetime import timedelta

from imports import uploads
from kit import jobs


@jobs.job("check import", attempts=3, timeout=timedelta(hours=1))
async def check_import(run: int) -> None:
    await uploads.take(run, dry_run=True)


@jobs.job("run import", attempts=3, timeout=timedelta(hours=4))
async def run_import(run: int) -> None:
    await uploads.take(run, dry_run=False)
