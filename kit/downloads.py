"""Downloads: a list taken along as a file, CSV or XLSX, the same cells in both.

CSV is sent as it is read. A workbook is written to a file on disk first, because it is a zip; neither is ever whole in
memory. No cell is a formula in either.
"""

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO

from litestar.response import Stream

from kit.sheets import csv_line

FORMATS = ("csv", "xlsx")
Cell = str | int | Decimal | date | datetime | bool | None
"""A datetime is what a clock on the wall shows; True and False are told as yes and no."""

_AT_ONCE = 500
_PIECE = 2**16
# What XML has no place for, and Excel no more than so many characters.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_LONGEST = 32_767
_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


async def download(
    name: str, columns: Sequence[str], rows: AsyncIterator[Sequence[Cell]], *, kind: str = "csv"
) -> Stream:
    """The answer that is the file `name` (without its end): a line of `columns`, then `rows`. `kind` is csv or xlsx."""
    kind = kind if kind in FORMATS else "csv"
    body = _csv(columns, rows) if kind == "csv" else _pieces(await _workbook(columns, rows))
    return Stream(
        body,
        media_type=_MEDIA[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}.{kind}"', "Cache-Control": "no-store"},
    )


async def _csv(columns: Sequence[str], rows: AsyncIterator[Sequence[Cell]]) -> AsyncIterator[bytes]:
    piece = ["\ufeff", csv_line(columns)]  # spreadsheets take a file without the mark for Latin-1
    async for row in rows:
        piece.append(csv_line(map(in_words, row)))
        if len(piece) >= _AT_ONCE:
            yield "".join(piece).encode()
            piece = []
    yield "".join(piece).encode()


def in_words(cell: Cell) -> str:
    """A cell as text that every reader takes in the same way."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    return str(cell)


async def _workbook(columns: Sequence[str], rows: AsyncIterator[Sequence[Cell]]) -> BinaryIO:
    import openpyxl
    from openpyxl.cell import WriteOnlyCell

    book = openpyxl.Workbook(write_only=True)
    sheet: Any = book.create_sheet("Sheet1")
    sheet.freeze_panes = "A2"

    def written(cell: Cell) -> Any:
        if isinstance(cell, (bool, str)):
            text = _NO_XML.sub("", in_words(cell))[:_LONGEST]
            one = WriteOnlyCell(sheet, text or None)
            if text:
                one.data_type = "s"  # the library takes "=…" for a formula
            return one
        return cell

    def write(some: list[Sequence[Cell]]) -> None:
        for row in some:
            sheet.append([written(cell) for cell in row])

    # Many cells take a while: in a thread, so that pages are answered meanwhile.
    some: list[Sequence[Cell]] = [columns]
    async for row in rows:
        some.append(row)
        if len(some) >= _AT_ONCE:
            await asyncio.to_thread(write, some)
            some = []
    await asyncio.to_thread(write, some)
    kept = tempfile.TemporaryFile()  # noqa: SIM115  closed when it is sent
    await asyncio.to_thread(book.save, kept)
    kept.seek(0)
    return kept


async def _pieces(kept: BinaryIO) -> AsyncIterator[bytes]:
    with kept:
        while piece := await asyncio.to_thread(kept.read, _PIECE):
            yield piece
