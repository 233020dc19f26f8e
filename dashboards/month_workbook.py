"""The monthly report as an Excel workbook: a sheet for each table, numbers as numbers (D6)."""

from __future__ import annotations

import io
import re

import xlsxwriter

from dashboards.month_report import Sheet, Table

FORMATS = {"text": "@", "count": "#,##0", "share": "0.0%", "points": "0.0", "change": "+0.0%;-0.0%;0.0%"}


def draw(sheet: Sheet) -> bytes:
    """The workbook (.xlsx)."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(
        content, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        book.set_properties({"title": f"{sheet.title} {sheet.month}", "company": sheet.city})
        for number, table in enumerate(sheet.tables):
            _write(book, table, sheet, first=number == 0)
    return content.getvalue()


def _write(book: xlsxwriter.Workbook, table: Table, sheet: Sheet, *, first: bool) -> None:
    page = book.add_worksheet(re.sub(r"[\[\]:*?/\\]", " ", table.title)[:31])
    title, head = (
        book.add_format({"bold": True, "font_size": 14}),
        book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "valign": "top"}),
    )
    formats = {kind: book.add_format({"num_format": pattern}) for kind, pattern in FORMATS.items()}
    page.write_string(0, 0, f"{sheet.city} · {sheet.month} · {table.title}", title)
    page.write_string(1, 0, sheet.made)
    for place, column in enumerate(table.columns):
        page.write_string(3, place, column.name, head)
        page.set_column(place, place, 34 if column.kind == "text" and place in (0, 4) else 13)
    for line, row in enumerate(table.rows, 4):
        for place, (column, cell) in enumerate(zip(table.columns, row, strict=True)):
            if isinstance(cell, str):
                page.write_string(line, place, cell)
            elif cell is not None:
                page.write_number(line, place, cell, formats[column.kind])
    page.freeze_panes(4, 1)
    page.autofilter(3, 0, 3 + len(table.rows), len(table.columns) - 1)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    for line, note in enumerate([table.note, *(sheet.notes if first else ())]):
        page.write_string(5 + len(table.rows) + line, 0, note)
