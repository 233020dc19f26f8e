"""Component codes (部件标识码): taken apart, judged and made by the layouts in config/component_codes.toml. Pure.

    990101 01 37 000042      division 6, major class 2, minor class 2, sequence 6 (GB/T 30428.2)

Source of the layouts: GB/T 30428.2 and its successor, see the file.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

import msgspec

import config
from config.errors import InvalidInput

FILE = Path(config.__file__).with_name("component_codes.toml")


class Layout(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many digits each part has in one edition of the standard."""

    edition: str
    source: str
    division: int
    major: int
    minor: int
    sequence: int

    @property
    def digits(self) -> int:
        """Length of a whole code."""
        return self.division + self.major + self.minor + self.sequence


class Component(msgspec.Struct, frozen=True):
    """A component code in its parts, each with its leading zeros."""

    edition: str
    division: str
    major: str
    minor: str
    sequence: str

    @property
    def class_code(self) -> str:
        """The component class, for example C0137."""
        return f"C{self.major}{self.minor}"


class _File(msgspec.Struct, forbid_unknown_fields=True):
    current: str
    layout: tuple[Layout, ...]


@lru_cache
def layouts() -> dict[str, Layout]:
    """Edition → layout, the one that new codes follow first."""
    content = msgspec.convert(tomllib.loads(FILE.read_text(encoding="utf-8")), _File)
    ordered = sorted(content.layout, key=lambda layout: layout.edition != content.current)
    return {layout.edition: layout for layout in ordered}


def parse(code: str) -> Component:
    """The parts of a code. Raises InvalidInput for what is no code of any edition."""
    layout = next((each for each in layouts().values() if each.digits == len(code)), None)
    if layout is None or not (code.isascii() and code.isdigit()):
        raise InvalidInput(
            "'{code}' is no component code.",
            "A code has {digits} digits: division, major class, minor class, sequence.",
            code=code,
            digits=" / ".join(str(each.digits) for each in layouts().values()),
        )
    parts, start = [], 0
    for width in (layout.division, layout.major, layout.minor, layout.sequence):
        parts.append(code[start : start + width])
        start += width
    return Component(layout.edition, *parts)


def check(code: str, class_code: str | None) -> Component:
    """The parts of a code that must belong to `class_code`. Raises InvalidInput where it does not."""
    found = parse(code)
    if class_code and found.class_code != class_code:
        raise InvalidInput(
            "The code {code} belongs to class {found}, the asset to class {wanted}.",
            "Correct the code or the class.",
            code=code,
            found=found.class_code,
            wanted=class_code,
        )
    return found


def make(division: str, class_code: str, sequence: int, edition: str | None = None) -> str:
    """A code for the `sequence`-th component of a class in a county. Raises InvalidInput for parts that do not fit the layout."""
    layout = layouts()[edition] if edition else next(iter(layouts().values()))
    digits = class_code.removeprefix("C")
    fits = len(division) == layout.division and len(digits) == layout.major + layout.minor
    if not fits or not (division + digits).isdigit() or not 0 < sequence < 10**layout.sequence:
        raise InvalidInput(
            "Division {division}, class {class_code} and sequence {sequence} make no component code of {edition}.",
            division=division,
            class_code=class_code,
            sequence=sequence,
            edition=layout.edition,
        )
    return f"{division}{digits}{sequence:0{layout.sequence}d}"
