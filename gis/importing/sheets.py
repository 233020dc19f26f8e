"""Tables as offices write them: CSV in any dialect, and sheets whose header stands below a title (C3).

The mapping may say which row is the header (`header = 3`, counted from 1) and what parts its cells (`delimiter = ";"`).
Without `header` it is the first row of the first thirty that has all columns the mapping names.
"""

from __future__ import annotations

import codecs
import csv
import re
import string
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from itertools import chain, islice
from pathlib import Path
from typing import Any, NamedTuple

from config.errors import InvalidInput, UnreadableFile
from gis.importing.placing import Fault

TEXTS = (".csv", ".tsv", ".txt")
DELIMITERS = (",", ";", "\t", "|")
LOOK_AT = 30
"""Rows among which the header is looked for."""

MOST_WORDS = 20_000
"""Different cells that are remembered at a time, so that those which repeat take memory once."""

LONGEST_CELL = 200
"""Lines that one cell may have; more are the rows that a quotation mark which is never closed has swallowed."""

MORE = "#more"
"""Key under which a row keeps values that stand beyond its header."""

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
csv.field_size_limit(1 << 27)


class Sheet(NamedTuple):
    """Columns and rows of a sheet; `faults` are rows (from 0) that do not fit the header."""

    fields: list[str]
    rows: list[dict[str, Any]]
    faults: dict[int, Fault]


def read_text(path: Path, mapping: Mapping[str, Any], most: int | None = None) -> Sheet:
    """A text file of rows, or its first `most`.

    Raises UnreadableFile where its encoding is another one, InvalidInput for a header that is not there."""
    return next(text_parts(path, mapping, sys.maxsize if most is None else most))


def text_parts(path: Path, mapping: Mapping[str, Any], size: int) -> Iterator[Sheet]:
    """The same file, so many rows at a time; one sheet without rows where there are none."""
    encoding = _marked(path) or str(mapping.get("encoding") or "utf-8")
    with _readable(path, encoding):
        delimiter = str(mapping.get("delimiter") or _delimiter(path, encoding, wanted(mapping)))
        with path.open(encoding=encoding, newline="") as file:
            yield from pieces(_cells(file, delimiter), mapping, size)


@contextmanager
def _readable(path: Path, encoding: str) -> Iterator[None]:
    try:
        yield
    except (UnicodeError, LookupError) as error:
        raise UnreadableFile(
            "The texts of {file} are not in the encoding {encoding}.",
            'State the right one in the mapping, for example encoding = "GB18030".',
            file=path.name,
            encoding=encoding.upper(),
        ) from error
    except (csv.Error, OSError) as error:
        raise UnreadableFile(
            "The file {file} cannot be read as a table: {problem}.",
            "Save it again as CSV in UTF-8, or as an Excel file (.xlsx).",
            file=path.name,
            problem=str(error).rstrip("."),
        ) from error


def sheet(lines: Iterable[Sequence[Any]], mapping: Mapping[str, Any], most: int | None = None) -> Sheet:
    """Rows of cells under their header, or the first of them. Rows without any value are none."""
    return next(pieces(lines, mapping, sys.maxsize if most is None else most))


def pieces(lines: Iterable[Sequence[Any]], mapping: Mapping[str, Any], size: int) -> Iterator[Sheet]:
    """The same, so many rows at a time; one sheet without rows where there are none."""
    left = iter(lines)
    first = list(islice(left, max(LOOK_AT, int(mapping.get("header") or 0))))
    at = _header(first, mapping)
    fields = _named([_text(cell) for cell in first[at]]) if first else []
    found = Sheet(fields, [], {})
    for cells in chain(first[at + 1 :], left):
        if not any(_text(cell) for cell in cells):
            continue
        if len(found.rows) >= size:
            yield found
            found = Sheet(fields, [], {})
        row: dict[str, Any] = dict.fromkeys(fields)
        row.update(zip(fields, cells, strict=False))
        beyond = [cell for cell in cells[len(fields) :] if _text(cell)]
        if beyond:
            row[MORE] = beyond
            words = f"{len(cells)} values under {len(fields)} columns; one may hold a separator and must be quoted"
            found.faults[len(found.rows)] = Fault("too_many_values", words)
        found.rows.append(row)
    yield found


def wanted(mapping: Mapping[str, Any]) -> list[list[str]]:
    """The columns that a mapping needs, each as the patterns that fit it."""
    place, aliases = mapping.get("geometry", {}), mapping.get("columns", {})
    names = [name for key in ("x", "y", "wkt", "pairs") for name in _listed(place.get(key))]
    for key in ("reference", "kind", "name", "name_en", "class_code"):
        names += [name for template in _listed(mapping.get(key)) for name in _fields(template)]
    entries = mapping.get("attributes", {}).items()
    names += [entry if isinstance(entry, str) else str(entry.get("column", name)) for name, entry in entries]
    names += [str(table.get("column")) for table in mapping.get("look_up", {}).values()]
    names += [*mapping.get("select", {}), *mapping.get("fill_down", ())]
    own = {"row", "place", "layer", *mapping.get("look_up", {})}
    return [_listed(aliases.get(name, name)) for name in dict.fromkeys(names) if name not in own]


def _header(first: Sequence[Sequence[Any]], mapping: Mapping[str, Any]) -> int:
    stated = mapping.get("header")
    if stated:
        if not 1 <= int(stated) <= len(first):
            raise InvalidInput("The file has no row {row} to be its header.", row=stated)
        return int(stated) - 1
    needed = wanted(mapping)
    fitting = (at for at, cells in enumerate(first) if needed and has_all(cells, needed))
    filled = (at for at, cells in enumerate(first) if any(_text(cell) for cell in cells))
    return next(fitting, next(filled, 0))


def has_all(cells: Sequence[Any], needed: Iterable[Sequence[str]]) -> bool:
    """Whether each needed column stands among the cells of a row."""
    have = [_text(cell) for cell in cells]
    return all(any(fnmatchcase(name, each) for each in patterns for name in have) for patterns in needed)


def _named(cells: Sequence[str]) -> list[str]:
    """A name for each column: blank ones by number, repeated ones with one, columns beyond the last name left away."""
    while cells and not cells[-1]:
        cells = cells[:-1]
    names: list[str] = []
    for number, cell in enumerate(cells, start=1):
        name, again = cell or f"field_{number}", 2
        while name in names:
            name, again = f"{cell}_{again}", again + 1
        names.append(name)
    return names


def _cells(file: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    reader = csv.reader(file, delimiter=delimiter)
    begun = 0
    met: dict[str, str] = {}  # most columns repeat a few words: each is kept once
    for number, cells in enumerate(reader):
        if reader.line_num - begun > LONGEST_CELL and any(cell.count("\n") > LONGEST_CELL for cell in cells):
            raise csv.Error(f"a quotation mark on line {begun + 1} is not closed up to line {reader.line_num}")
        begun = reader.line_num
        if number == 0 and re.fullmatch(r"sep=.?", "".join(cells).strip()):
            continue  # a line by which spreadsheets tell each other the separator
        if len(met) > MOST_WORDS:
            met.clear()
        yield [met.setdefault(cell, cell) for cell in (each.replace("\x00", "") for each in cells)]


def _delimiter(path: Path, encoding: str, needed: list[list[str]]) -> str:
    """The one with which a row has all columns that are needed; else the one that parts the first rows most."""
    found: dict[str, int] = {}
    for delimiter in DELIMITERS:
        with path.open(encoding=encoding, newline="") as file:
            first = list(islice(_cells(file, delimiter), LOOK_AT))
        if len(needed) > 1 and any(has_all(cells, needed) for cells in first):
            return delimiter
        found[delimiter] = max((len(cells) for cells in first), default=0)
    return max(DELIMITERS, key=lambda each: found[each])


def _marked(path: Path) -> str | None:
    """The encoding that the first bytes of a file name."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError:
        return None
    return next((name for mark, name in _MARKS if start.startswith(mark)), None)


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip().lstrip("\ufeff")


def _listed(value: Any) -> list[str]:
    return [] if not value else [value] if isinstance(value, str) else [str(each) for each in value]


def _fields(template: str) -> list[str]:
    try:
        return [name for _, name, _, _ in string.Formatter().parse(template) if name]
    except ValueError:
        return []
