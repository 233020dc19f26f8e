"""Numbers in GeoJSON that no double can hold, such as 1e999: GDAL refuses the whole file for one; here its row is named instead."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from config.i18n import _
from gis.importing.layer_table import Table
from gis.importing.placing import Fault

ENDINGS = (".geojson", ".json")
MET = "Unrecognized number"
"""What GDAL says of such a number."""


class Huge(str):
    """A number beyond what a double holds, as it was written."""


def without(path: Path, copy: Path) -> dict[int, dict[str, str]] | None:
    """Write `copy` without such numbers; returns for each row (from 0) which member held which, None where that is not what is wrong."""
    try:
        body = json.loads(path.read_text(encoding="utf-8-sig"), parse_float=_number)
    except (OSError, ValueError):
        return None
    features = body.get("features") if isinstance(body, dict) else None
    if not isinstance(features, list) or not all(isinstance(feature, dict) for feature in features):
        return None
    found: dict[int, dict[str, str]] = {}
    for row, feature in enumerate(features):
        members = feature.get("properties") or {}
        named = {name: words for name, value in members.items() for words in _huge(value)}
        if placed := ", ".join(_huge(feature.get("geometry"))):
            named["coordinates"] = placed
        if named:
            found[row] = named
    copy.write_text(json.dumps(_mended(body), ensure_ascii=False), encoding="utf-8")
    return found or None


def told(table: Table, found: dict[int, dict[str, str]]) -> Table:
    """The table read from the copy, its rows at fault marked and as they were written."""
    for row, named in found.items():
        if row >= len(table.rows):
            continue
        said = ", ".join(f"{name} = {words}" for name, words in named.items())
        table.odd[row] = Fault("no_number", _("no computer can hold this number: {named}").format(named=said))
        table.rows[row].update({name: words for name, words in named.items() if name in table.rows[row]})
        if "coordinates" in named:
            table.shapes[row] = None
    return table


def _number(words: str) -> float | Huge:
    value = float(words)
    return value if math.isfinite(value) else Huge(words)


def _huge(value: Any) -> Iterator[str]:
    if isinstance(value, Huge):
        yield str(value)
    elif isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _huge(part)


def _mended(value: Any) -> Any:
    """The same without them: 0 in their place, in rows that are refused."""
    if isinstance(value, Huge):
        return 0
    if isinstance(value, dict):
        return {name: _mended(part) for name, part in value.items()}
    return [_mended(part) for part in value] if isinstance(value, list) else value
