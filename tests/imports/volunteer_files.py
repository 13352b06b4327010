"""Files of volunteers, shifts and hours for tests, as CSV and as XLSX."""

import csv
from pathlib import Path
from typing import Any

import openpyxl

VOLUNTEERS = [
    {"Volunteer ID": "V1", "FirstName": "Ada", "LastName": "Okafor", "E-mail": "ada@example.org", "Phone": "(503) 555-0144",
     "Gender": "F", "Date of Birth": "1990-05-01", "T-Shirt Size": "M", "Bio": "Bakes.", "Emergency Contact Name": "Ben Okafor",
     "Emergency Contact Phone": "+1 503 555 0199", "Address": "1 Oak Lane", "Address 2": "Flat 2", "City": "Portland",
     "State / Province": "OR", "ZIP / Postal Code": "97206", "Skills": "baking, driving"},
    {"Volunteer ID": "V2", "FirstName": "José", "LastName": "Núñez", "E-mail": "jose@example.org", "Phone": ""},
]  # fmt: skip
SHIFTS = [
    {"Shift ID": "S1", "Program": "Kitchen", "Role": "Cook", "Location": "Town Hall", "Time zone": "America/New_York",
     "Date": "2026-03-07", "Start time": "09:00", "End time": "12:00", "Min": "1", "Max": "4"},
    {"Shift ID": "S2", "Program": "Kitchen", "Role": "Cook", "Location": "Town Hall", "Time zone": "America/New_York",
     "Date": "2026-03-07", "Start time": "22:00", "End time": "04:00", "Min": "1", "Max": "2"},
]  # fmt: skip
HOURS = [
    {
        "Volunteer ID": "V1",
        "Program": "Kitchen",
        "Role": "Cook",
        "Date": "2026-03-07",
        "Hours": "3",
        "Notes": "Soup",
    },
    {
        "Email": "jose@example.org",
        "Last name": "Nunez",
        "Program": "Kitchen",
        "Date": "2026-03-08",
        "Hours": "2:30",
    },
]


def columns(rows: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(column for row in rows for column in row))


def write(path: Path, rows: list[dict[str, Any]], sign: str = ",", encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding=encoding) as lines:
        writer = csv.DictWriter(lines, columns(rows), delimiter=sign, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def workbook(path: Path, **sheets: list[dict[str, Any]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        named = columns(rows)
        sheet.append(named)
        for row in rows:
            sheet.append([row.get(column) for column in named])
    book.save(path)
    return path


def all_three(folder: Path) -> Path:
    write(folder / "volunteers.csv", VOLUNTEERS)
    write(folder / "shifts.csv", SHIFTS)
    write(folder / "hours.csv", HOURS)
    return folder
