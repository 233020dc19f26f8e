"""A workbook of the old kind (.xls) for tests, written by xlwt: what Excel 97–2003 and many systems of offices still hand out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import xlwt

Cells = Sequence[Sequence[object]]


def write(path: Path, sheets: Mapping[str, Cells], merged: Sequence[str] = ()) -> Path:
    """Sheets by name, each a list of lines; None leaves a cell out. `merged` are ranges (A1:G1) of the first sheet."""
    book = xlwt.Workbook(encoding="utf-8")
    dated = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for number, (name, lines) in enumerate(sheets.items()):
        sheet = book.add_sheet(name)
        starts = {_ends(each)[:2]: _ends(each) for each in merged} if number == 0 else {}
        for row, line in enumerate(lines):
            for column, value in enumerate(line):
                if (row, column) in starts:
                    first_row, first_column, last_row, last_column = starts[row, column]
                    sheet.write_merge(first_row, last_row, first_column, last_column, value)
                elif value is not None:
                    sheet.write(row, column, value, dated if isinstance(value, date) else xlwt.Style.default_style)
    with path.open("wb") as file:
        book.save(file)
    return path


def _ends(merged: str) -> tuple[int, int, int, int]:
    first, last = merged.split(":")
    return int(first[1:]) - 1, ord(first[0]) - 65, int(last[1:]) - 1, ord(last[0]) - 65
