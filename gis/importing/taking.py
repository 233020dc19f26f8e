"""A layer as it goes in: parts of a file come, asset rows leave, and what is said at the end is counted on the way.

Only one part's rows are in memory, so that a layer of a million rows needs little more than one of twenty thousand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from config.errors import InvalidInput
from gis.assets import AssetRow
from gis.importing import choosing, elsewhere, judging, placing, runs, vector_files
from gis.importing.instance import Extent
from gis.importing.judging import Judged, Replay
from gis.importing.layer_rules import Rules
from gis.importing.layer_table import Table
from gis.importing.placing import Placed
from gis.importing.runs import Reject
from gis.importing.systems import System


@dataclass
class Taking:
    """Consume `rows`, then look at the figures. `near` is the city's middle (degrees), where it is known."""

    path: Path
    mapping: Mapping[str, Any]
    rules: Rules
    system: System
    near: tuple[float, float] | None
    replay: Replay
    read: int = 0
    wanted: int = 0
    numbers: list[int] = field(default_factory=list)
    """Rows that were taken, by their number in the file."""

    rejects: list[Reject] = field(default_factory=list)
    extent: Extent = (np.inf, np.inf, -np.inf, -np.inf)

    def rows(self, parts: Iterable[Table]) -> Iterator[AssetRow]:
        """The assets of all parts. Raises InvalidInput where there is not one, with the reason that says most."""
        shape = self.mapping.get("geometry", {}).get("shape")
        met: dict[str, int] = {}
        far: InvalidInput | None = None
        for table in parts:
            placed = placing.place(table.shapes, self.system, self.near, shape)
            far = far or self._elsewhere(placed, table)
            judged = judging.judge(self.rules, table, placed, self.replay, met)
            self._count(table, placed, judged)
            yield from _asset_rows(judged, table, placed, self.system)
        if not self.numbers:
            raise far or self._nothing_left()
        runs.progress("comparing", len(self.numbers))

    def _elsewhere(self, placed: Placed, table: Table) -> InvalidInput | None:
        """Why a part is of another city. A later part may be of this one, so it is said when nothing was taken."""
        try:
            elsewhere.refuse(placed, table.shapes, self.system, self.near)
        except InvalidInput as error:
            return error
        if self.near is None:  # the first city of an instance: its first part says where it lies
            found = shapely.total_bounds(placed.shapes)
            self.near = tuple(((found[:2] + found[2:]) / 2).tolist()) if np.isfinite(found).all() else None
        return None

    def _count(self, table: Table, placed: Placed, judged: Judged) -> None:
        self.read += len(table.rows)
        self.wanted += judged.wanted
        self.rejects += judged.rejects
        self.numbers += [judging.number_of(table.rows[at], table.before + at) for at in judged.assets]
        if judged.assets:
            west, south, east, north = shapely.total_bounds(placed.shapes[list(judged.assets)]).tolist()
            old = self.extent
            self.extent = min(old[0], west), min(old[1], south), max(old[2], east), max(old[3], north)

    def _nothing_left(self) -> InvalidInput:
        if self.wanted:
            return choosing.nothing_usable(self.path, self.rejects, self.wanted)
        rows = (row for table in vector_files.parts(self.path, self.mapping) for row in table.rows)
        return choosing.nothing_chosen(self.path, self.rules.select, rows)


def _asset_rows(judged: Judged, table: Table, placed: Placed, system: System) -> Iterator[AssetRow]:
    for number, facts in judged.assets.items():
        yield AssetRow(
            facts.reference,
            facts.kind,
            facts.class_code,
            facts.name,
            facts.name_en,
            placed.shapes[number].wkb_hex,
            json.dumps(facts.attributes, ensure_ascii=False),
            placing.raw_position(table.shapes[number], system, number in placed.repaired),
        )
