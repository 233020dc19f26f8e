"""EPANET's and SWMM's input files as text: sections and rows, checked, and put together again. Pure.

Every row is kept as it came, so that what is written back is what was read; only what was changed in the register differs.
"""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.errors import InvalidInput, UnreadableFile
from config.i18n import _
from gis.networks.inp_formats import Format

LARGEST = 200_000_000
"""Bytes; the largest models that cities have are a tenth of it."""

WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""Marks of UTF-16, in which a file is full of zeros and text all the same."""


@dataclass
class Section:
    """A section in the order of the file: its heading as written and its lines."""

    heading: str
    lines: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    """One element: its section, identifier, cells, and position among the rows of its section."""

    section: str
    ref: str
    cells: tuple[str, ...]
    order: int


def read(path: Path) -> list[Section]:
    """Sections of a file. Raises UnreadableFile where it is no input file."""
    try:
        if path.stat().st_size > LARGEST:
            raise UnreadableFile("The file {file} is too large for a network file.", file=path.name)
        raw = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            "The file {file} cannot be read: {problem}.",
            "Check its path and that you may read it.",
            file=path.name,
            problem=error.strerror,
        ) from error
    if b"\0" in raw and not raw.startswith(WIDE):
        raise UnreadableFile("The file {file} is no EPANET or SWMM input file: it is not text.", file=path.name)
    sections: list[Section] = []
    for line in decoded(raw).splitlines():
        text = line.strip()
        if text.startswith("[") and "]" in text:
            sections.append(Section(text[: text.index("]") + 1]))
        elif sections:
            sections[-1].lines.append(line.rstrip())
        elif text and not text.startswith(";"):
            break
    if not sections:
        raise UnreadableFile(
            "The file {file} is no EPANET or SWMM input file: it has no sections such as [JUNCTIONS].", file=path.name
        )
    return sections


def decoded(raw: bytes) -> str:
    """The text of a file: UTF-8, what Chinese Windows writes, or what is left; with a mark also UTF-16."""
    if raw.startswith(WIDE):
        return raw.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def cells(line: str) -> list[str]:
    """The words of a row without its comment; a quoted one stays whole, with its quotes."""
    text = line.split(";", 1)[0]
    if '"' not in text:
        return text.split()
    found: list[str] = []
    for number, part in enumerate(text.split('"')):
        found += [f'"{part}"'] if number % 2 else part.split()
    return found


def rows(sections: Iterable[Section], form: Format, name: str) -> Iterator[Row]:
    """Rows of one section (its name in full, as in EPANET's manual), in order; it may stand in the file more than once."""
    order = 0
    for section in sections:
        if form.section(section.heading) == name:
            for line in section.lines:
                found = cells(line)
                if found:
                    yield Row(name, found[0], tuple(found), order)
                    order += 1


def option(sections: Iterable[Section], form: Format, name: str, missing: str) -> str:
    """The value of a row of [OPTIONS], in capitals."""
    for row in rows(sections, form, "OPTIONS"):
        if row.ref.upper() == name and len(row.cells) > 1:
            return row.cells[1].upper()
    return missing


def places(sections: list[Section], form: Format, name: str, path: Path) -> dict[str, list[tuple[float, float]]]:
    """Coordinates by identifier, of [COORDINATES] or [VERTICES]. Raises InvalidInput for what is no number."""
    found: dict[str, list[tuple[float, float]]] = {}
    for row in rows(sections, form, name):
        try:
            found.setdefault(row.ref, []).append((float(row.cells[1]), float(row.cells[2])))
        except (IndexError, ValueError) as error:
            raise InvalidInput(
                "Row {row} of [{section}] in {file} holds no coordinates: {cells}.",
                "Coordinates are two numbers with a point before the decimals.",
                row=row.ref,
                section=name,
                file=path.name,
                cells=" ".join(row.cells[1:]) or "–",
            ) from error
    return found


def check(nodes: list[Row], links: list[Row], located: Mapping[str, object], path: Path) -> None:
    """A network that hangs together, or InvalidInput that names the first mistake and says how many there are."""
    if not nodes or not links:
        what = _("nodes") if not nodes else _("pipes")
        raise InvalidInput(
            "The file {file} holds no {what}.", "Check that it is the whole model.", file=path.name, what=what
        )
    mistakes = [
        *_twice(nodes, _("node {ref} stands there {count} times")),
        *_twice(links, _("link {ref} stands there {count} times")),
        *_short(links),
    ]
    known = {row.ref for row in nodes}
    mistakes += [
        _("link {link} ends at node {node}, which is not there").format(link=row.ref, node=end)
        for row in links
        for end in row.cells[1:3]
        if end not in known
    ]
    mistakes += [_("node {node} has no coordinates").format(node=row.ref) for row in nodes if row.ref not in located]
    if mistakes:
        raise InvalidInput(
            "The network in {file} does not hang together: {first}. Mistakes in all: {count}.",
            "Correct the file and import it again; nothing has been changed.",
            file=path.name,
            first=mistakes[0],
            count=len(mistakes),
        )


def _twice(found: list[Row], words: str) -> list[str]:
    counts = Counter(row.ref for row in found)
    return [words.format(ref=ref, count=count) for ref, count in counts.items() if count > 1]


def _short(links: list[Row]) -> list[str]:
    words = _("row {ref} of [{section}] ends too early")
    return [words.format(ref=row.ref, section=row.section) for row in links if len(row.cells) < 3]


def without_rows(sections: list[Section], form: Format) -> list[Section]:
    """The file without the rows of its elements: what the register does not hold, to be kept beside it."""
    kept = []
    for section in sections:
        if form.section(section.heading) in form.kinds:
            kept.append(Section(section.heading, [line for line in section.lines if not cells(line)]))
        else:
            kept.append(section)
    return kept


def written(sections: Iterable[Section], form: Format, elements: Mapping[str, list[Row]], gone: set[str]) -> str:
    """The file put together again: elements in their sections, rows about elements that are `gone` left out."""
    lines: list[str] = []
    done: set[str] = set()
    for section in sections:
        name = form.section(section.heading)
        lines.append(section.heading)
        if name in form.kinds:
            lines += [line for line in section.lines if line]
            if name not in done:
                lines += [
                    " " + "\t".join(row.cells) for row in sorted(elements.get(name, []), key=lambda row: row.order)
                ]
                done.add(name)
        elif name in form.beside and gone:
            lines += [line for line in section.lines if (cells(line) or [""])[form.beside[name]] not in gone]
        else:
            lines += section.lines
        if lines[-1]:
            lines.append("")
    return "\n".join(lines) + "\n"
