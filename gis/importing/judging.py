"""Which rows of a layer become assets and which are refused, with the reason: the same for an import and for a look ahead. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import shapely

from config.i18n import _
from config.kinds import kinds
from gis.importing import corrections, layer_rules, placing, runs
from gis.importing.layer_rules import Facts, Rules
from gis.importing.layer_table import Table
from gis.importing.placing import Fault, Placed
from gis.importing.runs import Reject

TAKEN = ("repaired", "unreadable_value", "arcs")
"""Reasons under which a row stands in gis.import_reject although it was taken, for its owner to correct."""

_AS_SHAPE = {"point": "point", "line": "line", "area": "polygon"}
"""What config/kinds.toml calls a geometry, as mappings call it."""

TELL_EVERY = 500
"""Rows between two signs of progress."""


@dataclass
class Judged:
    """The rows of a layer after judgement: assets to be, by row number (from 0), and what is to be said of the others."""

    wanted: int = 0
    assets: dict[int, Facts] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)


@dataclass(frozen=True)
class Replay:
    """What a replay must not do: change an asset that stands (`standing`, references) unless its row had been taken."""

    standing: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()

    def refuses(self, reference: str, number: int) -> bool:
        """A row refused before, a repeated reference for example, may not overwrite the asset that got in."""
        return reference in self.standing and str(number) not in self.taken


NO_REPLAY = Replay()


def number_of(row: Mapping[str, Any], at: int) -> int:
    """The row's number in its file from 1; of a corrected row, the number that it had in the file that was refused."""
    given = str(row.get(corrections.ROW) or "")
    return int(given) if given.isdecimal() else at + 1


def judge(
    rules: Rules,
    table: Table,
    placed: Placed,
    replay: Replay = NO_REPLAY,
    met: dict[str, int] | None = None,
) -> Judged:
    """Every row as an asset or a reject. `placed` has the table's shapes in WGS 84.

    `met` are the references of earlier parts of the file with their rows; those of this part are added.
    """
    judged = Judged()
    first_row = {} if met is None else met
    for number, row in enumerate(table.rows):
        if number % TELL_EVERY == 0:
            runs.progress("checking", table.before + number)
        if not rules.wants(row):
            continue
        judged.wanted += 1
        row_number = number_of(row, table.before + number)
        odd = table.odd.get(number)
        found = odd or placed.faults.get(number) or layer_rules.describe(rules, row, row_number, table.shapes[number])
        if isinstance(found, Facts):
            found = _unfit(found.kind, placed.shapes[number]) or found
        if isinstance(found, Facts) and replay.refuses(found.reference, row_number):
            found = Fault(
                "twice",
                _("the reference {reference} stands already; give the row its own").format(reference=found.reference),
            )
        if isinstance(found, Facts) and found.reference in first_row:
            words = _("the reference {reference} stands in row {row} as well")
            found = Fault("twice", words.format(reference=found.reference, row=first_row[found.reference]))
        if isinstance(found, Fault):
            judged.rejects.append(_reject(number, row, table, found))
            continue
        first_row[found.reference] = row_number
        judged.assets[number] = found
        remarks = list(found.remarks)
        if number in placed.repaired:
            remarks.append(
                Fault("repaired", _("{fault}; the row was taken after a repair").format(fault=placed.repaired[number]))
            )
        if number in table.arcs:
            remarks.append(
                Fault(
                    "arcs",
                    _("the arcs of its {shape} were drawn as straight pieces; it was taken").format(
                        shape=table.arcs[number]
                    ),
                )
            )
        judged.rejects += [_reject(number, row, table, remark) for remark in remarks]
    return judged


def _unfit(kind: str, shape: shapely.Geometry | None) -> Fault | None:
    """What the register would refuse all the same: a shape that things of this kind do not have."""
    known = kinds().get(kind)
    if shape is None or known is None:
        return None
    allowed = known.geometry
    if any(shapely.get_type_id(shape) in placing.SHAPES[_AS_SHAPE[one]] for one in allowed):
        return None
    words = _("it is a {found}, where a {wanted} is wanted")
    return Fault("wrong_shape", words.format(found=shape.geom_type, wanted="/".join(_AS_SHAPE[one] for one in allowed)))


def _reject(number: int, row: Mapping[str, Any], table: Table, fault: Fault) -> Reject:
    shape = table.shapes[number]
    drawn = {} if shape is None else {corrections.SHAPE: _written(shape)}
    kept = {name: value for name, value in row.items() if name not in _ADDED}
    return Reject(str(number_of(row, table.before + number)), fault.reason, fault.detail, kept | drawn)


_ADDED = (corrections.ROW, corrections.REASON, corrections.DETAIL, corrections.SHAPE)
LONGEST_SHAPE = 20_000
"""Coordinates beyond which a refused shape is not written into its reject; nobody mends those by hand."""


def _written(shape: shapely.Geometry) -> str:
    if shapely.get_num_coordinates(shape) > LONGEST_SHAPE:
        return f"{shape.geom_type} of {shapely.get_num_coordinates(shape)} points, too long to be kept here"
    return str(shapely.to_wkt(shape, rounding_precision=-1, trim=True))
