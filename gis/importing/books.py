"""Workbooks of the old kind as offices keep them: Excel 97–2003 (.xls) and WPS (.et), read by calamine (decision 0071, C3).

GDAL reads the new kinds (.xlsx, .ods). The same rules hold for both: the mapping's `layer` names the sheet where there are several,
its `header` the row of the column names (sheets.py). Cells keep their type; a whole number is one, a date is written YYYY-MM-DD.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from config.errors import UnreadableFile
from config.i18n import _
from gis.importing import sheets
from gis.importing.sheets import Sheet

OLD = (".xls", ".et")
"""Endings of workbooks that are read here."""

COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How a file of the old Office begins; one that is only called .xls is often a web page or a text."""


def names(path: Path) -> list[str]:
    """The sheets that hold cells, in their order. Raises UnreadableFile."""
    with _opened(path) as book:
        return [name for name in book.sheet_names if book.get_sheet_by_name(name).total_height]


def read(path: Path, name: str, mapping: Mapping[str, Any], most: int | None = None) -> Sheet:
    """The rows of a sheet, or its first `most`. Raises UnreadableFile, and InvalidInput for a header that is not there."""
    return sheets.sheet(lines(path, name), mapping, most)


def lines(path: Path, name: str) -> Iterator[list[Any]]:
    """The cells of a sheet, line by line from its first; blank ones are None. Any workbook is read, by what it holds."""
    with _opened(path) as book:
        for cells in book.get_sheet_by_name(name).to_python(skip_empty_area=False):
            yield [_cell(cell) for cell in cells]


@contextmanager
def _opened(path: Path) -> Iterator[CalamineWorkbook]:
    try:
        with path.open("rb") as file, CalamineWorkbook.from_filelike(file) as book:
            yield book
    except PasswordError as error:
        raise UnreadableFile(
            "The workbook {file} is locked with a password.",
            "Save it without one and hand it in again.",
            file=path.name,
        ) from error
    except (CalamineError, OSError) as error:
        raise UnreadableFile(
            "The workbook {file} cannot be read: {problem}.",
            "Open it in Excel or WPS, save it as .xlsx or CSV UTF-8, and hand it in again.",
            file=path.name,
            problem=_problem(path, str(error)),
        ) from error


def _problem(path: Path, words: str) -> str:
    """What is wrong with a file that is no workbook: many systems call a web page or a text .xls."""
    with path.open("rb") as file:
        start = file.read(512)
    if start.startswith(COMPOUND):
        return _("it is damaged or was not saved to its end ({words})").format(words=words)
    if start.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        return _("it holds a web page or XML, and is only called a workbook")
    return _("it is no workbook of any kind, and is only called one")


def _cell(cell: Any) -> Any:
    if cell == "":
        return None
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    if isinstance(cell, datetime) and cell.time() == time():
        return cell.date().isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return cell.isoformat() if hasattr(cell, "isoformat") else cell
