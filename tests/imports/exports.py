"""Exports for tests: copies of the real one with something changed, and small ones written by hand."""

import csv
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

REAL = Path(__file__).parent / "npsp"

Rows = list[dict[str, str]]


def copy(tmp_path: Path) -> Path:
    """The real export, to be spoilt."""
    folder = tmp_path / "export"
    shutil.copytree(REAL, folder)
    (folder / "README.md").unlink()
    return folder


def read(path: Path) -> Rows:
    with path.open(newline="", encoding="utf-8-sig") as lines:
        return list(csv.DictReader(lines))


def write(
    path: Path, rows: Rows, columns: list[str] | None = None, encoding: str = "utf-8", sign: str = ","
) -> None:
    with path.open("w", newline="", encoding=encoding) as lines:
        writer = csv.DictWriter(lines, columns or list(rows[0]), delimiter=sign)
        writer.writeheader()
        writer.writerows(rows)


def edit(path: Path, change: Callable[[dict[str, str]], object]) -> None:
    """Change every row of a file in place."""
    rows = read(path)
    columns = list(rows[0])
    for row in rows:
        change(row)
    write(path, rows, columns + [name for name in rows[0] if name not in columns])


def without_column(path: Path, column: str) -> None:
    rows = read(path)
    write(path, rows, [name for name in rows[0] if name != column] if rows else None) if not rows else write(
        path, [{name: value for name, value in row.items() if name != column} for row in rows]
    )


def small(folder: Path, **tables: Rows) -> Path:
    """An export written by hand: `small(path, Account=[{...}], ...)`; what is not given is a header alone."""
    headers: Mapping[str, str] = {
        "Account": "Id,Name",
        "Contact": "Id,FirstName,LastName,AccountId",
        "Opportunity": "Id,Name,Amount,StageName,CloseDate,AccountId,npsp__Primary_Contact__c",
        "OpportunityContactRole": "OpportunityId,ContactId,Role,IsPrimary",
        "npe01__OppPayment__c": "Id,npe01__Opportunity__c,npe01__Payment_Amount__c,npe01__Paid__c",
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, header in headers.items():
        if name not in tables:
            (folder / f"{name}.csv").write_text(header + "\n")
    for name, rows in tables.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        write(folder / f"{name}.csv", [{column: row.get(column, "") for column in columns} for row in rows])
    return folder
