"""A city's table of filing conditions as a file holds it: rows checked, merged cells filled, limits translated. Pure but for reading."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.errors import InvalidInput, UnreadableFile
from dispatch.importing import forms
from gis.importing import books

NEEDED = ("kind", "major_code", "major_name", "minor_code", "minor_name", "condition", "limit")
FILLED_FROM_ABOVE = ("unit", "authority")
BOOKS = (".xlsx", *books.OLD)
LETTER = {"component": "C", "matter": "M"}


@dataclass(frozen=True)
class ClassRow:
    """One minor class. `code` is C or M, then major and minor code."""

    code: str
    kind: str
    major_code: str
    major_name: str
    name: str


@dataclass(frozen=True)
class ConditionRow:
    """One filing condition with its first limit; further limits of the same cell are `later`."""

    class_code: str
    ordinal: int
    text: str
    closing_standard: str
    limit_kind: str
    limit_amount: float
    limit_text: str
    later: tuple[Mapping[str, Any], ...]
    units: str
    authority: str


@dataclass(frozen=True)
class StandardsTable:
    """The whole table."""

    classes: list[ClassRow]
    conditions: list[ConditionRow]


def read(path: Path, mapping: Mapping[str, Any]) -> StandardsTable:
    """Read and check a CSV file or a workbook by its mapping.

    Raises UnreadableFile for a file that is no such table, UnmappedForm for time limits without a meaning, InvalidInput for a
    row that contradicts the table. Nothing is stored here.
    """
    rows = list(_filled(_named(_rows(path), mapping, path.name)))
    if not rows:
        raise UnreadableFile("The table {file} has no rows.", file=path.name)
    meanings = {str(form): str(kind) for form, kind in mapping.get("forms", {}).items()}
    forms.check(meanings, [row["limit"] for row in rows])
    kinds = mapping.get("kinds", {})
    classes: dict[str, ClassRow] = {}
    ordinals: dict[str, int] = {}
    conditions = []
    for number, row in enumerate(rows, start=2):
        minor = _class(number, row, kinds)
        if classes.setdefault(minor.code, minor) != minor:
            raise InvalidInput(
                "Row {number}: class {code} is named '{name}' here and '{other}' above.",
                "Give each class one code and one name, and run the import again.",
                number=number,
                code=minor.code,
                name=minor.name,
                other=classes[minor.code].name,
            )
        ordinals[minor.code] = ordinals.get(minor.code, 0) + 1
        conditions.append(_condition(minor.code, ordinals[minor.code], row, meanings))
    return StandardsTable(list(classes.values()), conditions)


def _rows(path: Path) -> list[dict[str, str]]:
    if path.suffix.lower() in BOOKS:
        return _rows_of_book(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableFile("The file {file} cannot be read.", file=path.name) from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return list(csv.DictReader(io.StringIO(content.decode(encoding), newline=""), strict=True))
        except (UnicodeDecodeError, csv.Error):
            continue
    raise UnreadableFile("The file {file} is no CSV table in UTF-8 or GB 18030.", file=path.name)


def _rows_of_book(path: Path) -> list[dict[str, str]]:
    """The first sheet that holds cells; of numbers that were codes the zero is put back (01, not 1)."""
    sheet = next(iter(books.names(path)), "")
    found = books.read(path, sheet, {}) if sheet else None
    return [{name: _code(cell) for name, cell in row.items()} for row in (found.rows if found else [])]


def _code(cell: Any) -> str:
    return f"{cell:02}" if isinstance(cell, int) else "" if cell is None else str(cell)


def _named(rows: Sequence[Mapping[str, str]], mapping: Mapping[str, Any], file: str) -> Iterator[dict[str, str]]:
    """Rows under our column names, values without spaces around them."""
    columns: Mapping[str, str] = mapping.get("columns", {})
    headings = set(rows[0]) if rows else set()
    missing = [columns.get(name, name) for name in NEEDED if columns.get(name, name) not in headings]
    if rows and missing:
        raise InvalidInput(
            "The table {file} has no column {missing}.",
            "Correct [columns] in the mapping file; the table's headings are: {headings}.",
            file=file,
            missing=", ".join(missing),
            headings=", ".join(str(heading) for heading in rows[0]),
        )
    for row in rows:
        yield {
            name: (row.get(columns.get(name, name)) or "").strip()
            for name in (*NEEDED, *FILLED_FROM_ABOVE, "closing_standard")
        }


def _filled(rows: Iterator[dict[str, str]]) -> Iterator[dict[str, str]]:
    """A blank unit or authority means the one above within its kind: merged cells of the printed table."""
    above: dict[tuple[str, str], str] = {}
    for row in rows:
        for name in FILLED_FROM_ABOVE:
            row[name] = row[name] or above.get((row["kind"], name), "")
            above[row["kind"], name] = row[name]
        yield row


def _class(number: int, row: Mapping[str, str], kinds: Mapping[str, str]) -> ClassRow:
    kind = kinds.get(row["kind"], "")
    digits = row["major_code"] + row["minor_code"]
    if kind not in LETTER or not digits.isdecimal() or not row["minor_name"] or not row["condition"]:
        raise InvalidInput(
            "Row {number} is not a filing condition: kind '{kind}', codes '{digits}', class '{name}'.",
            "Correct the row, or [kinds] in the mapping file, and run the import again.",
            number=number,
            kind=row["kind"],
            digits=digits,
            name=row["minor_name"],
        )
    return ClassRow(LETTER[kind] + digits, kind, row["major_code"], row["major_name"], row["minor_name"])


def _condition(class_code: str, ordinal: int, row: Mapping[str, str], meanings: Mapping[str, str]) -> ConditionRow:
    first, *later = forms.split(row["limit"])
    return ConditionRow(
        class_code=class_code,
        ordinal=ordinal,
        text=row["condition"],
        closing_standard=row["closing_standard"],
        limit_kind=meanings[first.form],
        limit_amount=first.amount,
        limit_text=row["limit"],
        later=tuple({"kind": meanings[each.form], "amount": each.amount, "text": each.text} for each in later),
        units=row["unit"],
        authority=row["authority"],
    )
