"""`import areas`: communities from any vector file that `import layer` reads, with all levels above and unit grids within."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import shapely
from sqlalchemy import Connection

from config.errors import InvalidInput
from config.i18n import _
from gis import areas, divisions
from gis.area_plan import LEVELS, Planned, multipolygon
from gis.importing import choosing, elsewhere, instance, layer_rules, layers, placing, runs, vector_files
from gis.importing.layer_table import Row
from gis.importing.notes import Note
from gis.importing.placing import Fault
from gis.importing.runs import Outcome, Reject

KEYS = {
    "source", "attribution", "system", "layer", "encoding", "geometry", "reference", "select", "look_up", "level", "decimal",
    "header", "delimiter", "fill_down", "columns",
}  # fmt: skip


@dataclass(frozen=True)
class Layer:
    """Rows of a file with their shapes in WGS 84, and the references of shapes that had to be repaired, with the reason."""

    rows: list[Row]
    shapes: list[shapely.MultiPolygon]
    rejects: list[Reject]
    repaired: dict[str, str]
    raw: list[str]
    """What came in for each row, see `placing.raw_position`."""

    notes: list[str]


class Member(NamedTuple):
    """One row that is an area or a part of one."""

    row: Row
    shape: shapely.MultiPolygon
    raw: str


def import_areas(db: Connection, path: Path, mapping: Mapping[str, Any]) -> Outcome:
    """Load the areas of a file and make unit grids in their communities. The same file again changes nothing.

    Raises UnreadableFile for a file that cannot be read, InvalidInput for a mapping that does not fit it; nothing is changed then.
    """
    layer_rules.check_keys(mapping, KEYS, ("reference", "level"))
    run_id = runs.start(db, "areas", [path], mapping)
    layer = read(path, mapping, instance.centre(db))
    members = map(Member, layer.rows, layer.shapes, layer.raw)
    select = choosing.read(mapping)
    chosen = [member for member in members if choosing.meets(select, member.row)]
    if not chosen:
        raise _nothing_left(path, select, layer)
    source = str(mapping.get("source", path.stem))
    planned, compared = divisions.named(db, plan(chosen, mapping))
    changes = areas.load(db, source, planned, run_id)
    bounds = [float(value) for value in shapely.total_bounds([member.shape for member in chosen])]
    srid = instance.widen(db, (bounds[0], bounds[1], bounds[2], bounds[3]))
    instance.credit(db, str(mapping.get("attribution", "")))
    grids = areas.make_grids(db, srid)
    mine = {_reference(member.row, mapping) for member in chosen}
    repaired = {reference: reason for reference, reason in layer.repaired.items() if reference in mine}
    counts = {
        "rows": len(layer.rows) + len(layer.rejects),
        "chosen": len(chosen),
        "invalid": len(layer.repaired),
        "repaired": repaired,
        "areas": vars(changes) | {level: sum(area.level == level for area in planned) for level in LEVELS},
        "grids": vars(grids),
        "work_srid": srid,
    }
    notes = list(layer.notes)
    if layer.repaired:
        invalid = len(layer.repaired)
        notes.append(
            Note(
                "{count} polygons of the file are invalid; the {repaired} of them that were taken were repaired.",
                count=invalid,
                repaired=len(repaired),
            )
        )
    if layer.rejects:
        empty = sum(reject.reason == "no_polygon" for reject in layer.rejects)
        if empty:
            notes.append(Note("{count} rows of the file enclose no ground and were left out.", count=empty))
        others = len(layer.rejects) - empty
        if others:
            notes.append(Note("{count} rows could not be used; each is kept with its reason.", count=others))
    notes += compared + areas.notes(changes, grids)
    return runs.finish(db, Outcome(run_id, counts, runs.keep_rejects(db, run_id, layer.rejects), notes))


def read(path: Path, mapping: Mapping[str, Any], near: tuple[float, float] | None = None) -> Layer:
    """Rows and shapes of the layer, in WGS 84; rows that cannot be placed, enclose nothing, or carry an unknown value are rejects."""
    table = vector_files.read(path, mapping)
    system = layers.system_stated(path, table, mapping)
    placed = placing.place(table.shapes, system, near)
    elsewhere.refuse(placed, table.shapes, system, near)
    tables = layer_rules.read_look_up(mapping)
    layer = Layer([], [], [], {}, [], layers.system_note(table, system))
    if table.arcs:
        layer.notes.append(Note("{count} shapes have arcs; they were drawn as straight pieces.", count=len(table.arcs)))
    for number, row in enumerate(table.rows):
        fault = layer_rules.look_up(row, tables)
        if number in table.odd:
            placed.faults[number] = table.odd[number]
        shape = multipolygon(placed.shapes[number]) if number not in placed.faults else None
        if number in placed.repaired:
            layer.repaired[_reference(row, mapping)] = placed.repaired[number]
        if shape is None or shape.is_empty:
            fault = placed.faults.get(
                number,
                Fault(
                    "no_polygon",
                    _("its {shape} encloses or covers nothing").format(shape=table.shapes[number].geom_type),
                ),
            )
            fault = Fault("no_polygon", fault.detail) if fault.reason == "no_geometry" else fault
        if fault:
            layer.rejects.append(
                Reject(str(number + 1), fault.reason, f"{_reference(row, mapping)}: {fault.detail}", row)
            )
        elif shape is not None:
            layer.rows.append(row)
            layer.shapes.append(shape)
            layer.raw.append(placing.raw_position(table.shapes[number], system, number in placed.repaired))
    return layer


def _nothing_left(path: Path, select: choosing.Select, layer: Layer) -> InvalidInput:
    wanted = [reject for reject in layer.rejects if choosing.meets(select, reject.raw)]
    if wanted:
        return choosing.nothing_usable(path, wanted, len(wanted))
    return choosing.nothing_chosen(path, select, [*layer.rows, *(reject.raw for reject in layer.rejects)])


def plan(chosen: Sequence[Member], mapping: Mapping[str, Any]) -> list[Planned]:
    """Areas of all levels: rows whose code at a level is the same are one area. Parents come before children."""
    entries = {entry.get("level"): entry for entry in mapping.get("level", [])}
    if set(entries) != set(LEVELS):
        raise InvalidInput("The mapping must have one [[level]] for each of: {levels}.", levels=", ".join(LEVELS))
    planned: list[Planned] = []
    for depth, level in enumerate(LEVELS):
        above = entries[LEVELS[depth - 1]] if depth else None
        groups: dict[str, list[Member]] = {}
        for member in chosen:
            groups.setdefault(_filled(entries[level]["code"], member.row), []).append(member)
        for code, members in sorted(groups.items()):
            planned.append(_area(level, code, members, entries[level], above, mapping))
    return planned


def _area(
    level: Any,
    code: str,
    members: list[Member],
    entry: Mapping[str, Any],
    above: Mapping[str, Any] | None,
    mapping: Mapping[str, Any],
) -> Planned:
    row, alone = members[0].row, len(members) == 1
    shape = members[0].shape if alone else multipolygon(shapely.union_all([member.shape for member in members]))
    name = _filled(entry["name"], row)
    people: list[Any] = [member.row.get(entry["population"]) for member in members] if "population" in entry else []
    return Planned(
        ref=_reference(row, mapping) if level == LEVELS[-1] else f"{level}/{code}",
        level=level,
        code=code,
        name=name,
        name_en=_filled(entry.get("name_en", ""), row) or name,
        parent_code=_filled(above["code"], row) if above else None,
        population=int(sum(people)) if people and None not in people else None,
        shape=shape,
        raw_position=members[0].raw if alone else None,
    )


def _reference(row: Row, mapping: Mapping[str, Any]) -> str:
    return _filled(str(mapping.get("reference", "")), row)


def _filled(template: str, row: Row) -> str:
    try:
        return str(template).format_map(row)
    except (KeyError, ValueError, TypeError) as error:
        raise InvalidInput(
            "The mapping's '{template}' does not fit the file: {problem}.",
            "Its fields are: {fields}.",
            template=template,
            problem=error,
            fields=", ".join(row),
        ) from error
