"""A workbook (.xlsx) for tests, cell by cell as a person would leave it: titles, merged cells, dates as numbers of days."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
PAGE_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
RELATED_TYPE = "application/vnd.openxmlformats-package.relationships+xml"

Cells = Sequence[Sequence[object]]


def write(path: Path, sheets: Mapping[str, Cells], merged: Sequence[str] = ()) -> Path:
    """Sheets by name, each a list of lines; None leaves a cell out. `merged` are ranges of the first sheet."""
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="r{n}"/>' for n, name in enumerate(sheets, start=1)
    )
    related = "".join(
        f'<Relationship Id="r{n}" Type="{DOCUMENT}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{PACKAGE}/content-types">'
            f'<Override PartName="/_rels/.rels" ContentType="{RELATED_TYPE}"/>'
            f'<Override PartName="/xl/_rels/workbook.xml.rels" ContentType="{RELATED_TYPE}"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET_TYPE}"/>'
            + "".join(
                f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{PAGE_TYPE}"/>'
                for n in range(1, len(sheets) + 1)
            )
            + "</Types>",
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships">'
            f'<Relationship Id="r1" Type="{DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}"><sheets>{listed}</sheets></workbook>'
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{PACKAGE}/relationships">{related}</Relationships>'
        )
        archive.writestr("xl/styles.xml", f'<styleSheet xmlns="{MAIN}"></styleSheet>')
        for n, cells in enumerate(sheets.values(), start=1):
            archive.writestr(f"xl/worksheets/sheet{n}.xml", _sheet(cells, merged if n == 1 else ()))
    return path


def _sheet(lines: Cells, merged: Sequence[str]) -> str:
    rows = "".join(
        f'<row r="{at}">{"".join(_cell(f"{chr(64 + column)}{at}", value) for column, value in enumerate(line, start=1))}</row>'
        for at, line in enumerate(lines, start=1)
    )
    ranges = "".join(f'<mergeCell ref="{each}"/>' for each in merged)
    merges = f"<mergeCells>{ranges}</mergeCells>" if ranges else ""
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{merges}</worksheet>'


def _cell(place: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, (int, float)):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'
