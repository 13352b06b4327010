"""A list as a workbook: every row in its place, however many there are, and no cell a formula."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import openpyxl

from kit import downloads

COLUMNS = ("Name", "Hours", "Day", "Asked")


async def test_rows_of_a_long_list_stand_in_their_order():
    async def rows() -> AsyncIterator[Any]:
        for n in range(1203):
            yield f"=SUM({n})", Decimal(n) / 4, date(2026, 3, 4), n % 2 == 0

    sent = await downloads.download("list", COLUMNS, rows(), kind="xlsx")
    data = b"".join([piece async for piece in sent.iterator])  # type: ignore[union-attr]
    sheet = openpyxl.load_workbook(BytesIO(data)).worksheets[0]
    first, *rest = sheet.iter_rows(values_only=True)
    assert first == COLUMNS and len(rest) == 1203
    assert [row[0] for row in rest] == [f"=SUM({n})" for n in range(1203)]
    assert rest[1][1] == 0.25 and rest[1][3] == "no"
    assert all(cell.data_type == "s" for row in sheet.iter_rows(max_col=1) for cell in row)


async def test_a_list_without_rows_has_its_columns():
    async def rows() -> AsyncIterator[Any]:
        for none in ():
            yield none

    sent = await downloads.download("list", COLUMNS, rows(), kind="xlsx")
    data = b"".join([piece async for piece in sent.iterator])  # type: ignore[union-attr]
    assert list(openpyxl.load_workbook(BytesIO(data)).worksheets[0].values) == [COLUMNS]
