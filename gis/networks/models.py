"""`import epanet` and `import swmm`: a hydraulic model into the register, whole or not at all; and back into its file.

Nodes and links become assets that keep their row of the file; all else of the model (patterns, curves, controls, times) stays
beside them in gis.network_model. The file's coordinate system is asked for, never guessed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from config.errors import InvalidInput, NotFound
from gis import assets, tables
from gis.assets import AssetRow
from gis.importing import elsewhere, instance, placing, runs, systems
from gis.importing.runs import Outcome
from gis.importing.systems import System
from gis.networks import epanet_rules, inp
from gis.networks.inp import Row, Section
from gis.networks.inp_formats import FORMATS, Format
from gis.networks.tables import network_model

OWN_SECTIONS = {"epanet": {"PIPES", "RESERVOIRS", "TANKS"}, "swmm": {"CONDUITS", "OUTFALLS", "SUBCATCHMENTS"}}
"""Sections that only one of the two programs has."""

NUDGE = 1e-6
"""Degrees (a decimetre) by which a link between two nodes at one place is drawn aside: a line needs two places."""


def import_model(db: Connection, path: Path, kind: str, mapping: Mapping[str, Any]) -> Outcome:
    """Load a model; `kind` is epanet or swmm. The mapping says `system`, and may say `source` and `attribution`.

    Raises UnreadableFile for what is no such file, InvalidInput for a network that does not hang together or lies where it
    cannot lie; nothing is changed then.
    """
    form = FORMATS[kind]
    run_id = runs.start(db, kind, [path], mapping)
    sections = inp.read(path)
    _refuse_other_program(path, form, sections)
    nodes = [row for name in form.nodes for row in inp.rows(sections, form, name)]
    links = [row for name in form.kinds if name not in form.nodes for row in inp.rows(sections, form, name)]
    located = inp.places(sections, form, "COORDINATES", path)
    bends = inp.places(sections, form, "VERTICES", path)
    inp.check(nodes, links, located, path)
    system = _system(path, mapping)
    place_of, raw_of = _placed(db, path, nodes, located, system)
    if form.name == "epanet":
        epanet_rules.check(path, sections)
    bent = _bent(bends, system)
    source = str(mapping.get("source") or f"{kind}: {path.stem}")
    reader = _Reader(form, sections)
    rows = list(reader.rows(nodes, links, place_of, raw_of, bent, system))
    west, south, east, north = (float(value) for value in shapely.total_bounds(list(place_of.values())))
    srid = instance.widen(db, (west, south, east, north))
    instance.credit(db, str(mapping.get("attribution", "")))
    changes = assets.upsert(db, source, rows, run_id, f"import {kind} {path.name}")
    gone = assets.follow(db, source, "", run_id, f"import {kind} {path.name}")
    _keep(db, source, kind, system.name, inp.without_rows(sections, form))
    counts = {
        "nodes": len(nodes),
        "links": len(links),
        "assets": vars(changes),
        "removed": gone,
        "kinds": assets.count_by_kind(db, source),
        "system": system.name,
        "work_srid": srid,
        "source_name": source,
    }
    return runs.finish(db, Outcome(run_id, counts, source=source))


def export_model(db: Connection, source: str, kind: str | None = None) -> str:
    """The model of a source as its file, with what the register holds now. Raises NotFound where there is none (of this kind)."""
    kept = db.execute(select(network_model).where(network_model.c.source == source)).first()
    if kept is None or kind not in (None, kept.kind):
        known = ", ".join(db.execute(select(network_model.c.source).order_by(network_model.c.source)).scalars())
        raise NotFound("There is no model '{source}'.", "Models are: {known}.", source=source, known=known or "–")
    form = FORMATS[kept.kind]
    sections = [Section(heading, lines) for heading, lines in kept.rest]
    factors = form.factors(inp.option(sections, form, form.flow_option, form.flow_default))
    table = tables.asset
    chosen = select(table.c.source_ref, table.c.status, table.c.attributes).where(table.c.source == source)
    elements: dict[str, list[Row]] = {}
    gone: set[str] = set()
    for row in db.execute(chosen.order_by(table.c.id)):
        stored = row.attributes.get("inp")
        if stored is None:
            continue
        if row.status == "removed":
            gone.add(stored["row"][0])
            continue
        section = stored["section"]
        cells = _updated(form, section, stored["row"], row.attributes, factors)
        elements.setdefault(section, []).append(Row(section, cells[0], tuple(cells), stored["order"]))
    if not elements:
        raise NotFound("Nothing of the model '{source}' stands any more.", source=source)
    return inp.written(sections, form, elements, gone)


def _updated(
    form: Format, section: str, stored: list[str], facts: Mapping[str, Any], factors: Mapping[Any, float]
) -> list[str]:
    """A row with what was changed in the register; what was not keeps its digits."""
    cells = list(stored)
    for cell in form.cells.get(section, ()):
        value = facts.get(cell.attribute)
        if value is None or cell.index >= len(cells):
            continue
        was = _converted(cells[cell.index], factors[cell.unit])
        if was is not None and was != value:
            cells[cell.index] = repr(float(value) / factors[cell.unit])
    return cells


def _converted(text: str, factor: float) -> float | None:
    try:
        return round(float(text) * factor, 6)
    except ValueError:
        return None


def _system(path: Path, mapping: Mapping[str, Any]) -> System:
    stated = mapping.get("system")
    if not stated:
        raise InvalidInput(
            "The file {file} states no coordinate system.",
            "Ask its owner and state it: --system EPSG:…, or system = … in a mapping.",
            file=path.name,
        )
    return systems.system_of(str(stated))


def _refuse_other_program(path: Path, form: Format, sections: list[Section]) -> None:
    """A model of EPANET that was handed in as one of SWMM, or the other way round."""
    headings = {section.heading.strip("[]").upper() for section in sections}
    other = "swmm" if form.name == "epanet" else "epanet"
    if headings & OWN_SECTIONS[other] and not headings & OWN_SECTIONS[form.name]:
        raise InvalidInput(
            "The file {file} is a model of {other}.",
            "Hand it in as that: './citycommand import {command}', or its kind on the imports page.",
            file=path.name,
            other=other.upper(),
            command=other,
        )


def _placed(
    db: Connection, path: Path, nodes: list[Row], located: Mapping[str, list[tuple[float, float]]], system: System
) -> tuple[dict[str, shapely.Point], dict[str, str]]:
    raw = shapely.points([located[row.ref][-1] for row in nodes])
    near = instance.centre(db)
    placed = placing.place(raw, system, near, "point")
    elsewhere.refuse(placed, raw, system, near)
    if placed.faults:
        number, fault = next(iter(placed.faults.items()))
        raise InvalidInput(
            "Node {node} of {file} cannot be placed: {detail}. {count} such nodes in all.",
            "Check the coordinate system that was stated; nothing has been changed.",
            node=nodes[number].ref,
            file=path.name,
            detail=fault.detail,
            count=len(placed.faults),
        )
    where = dict(zip((row.ref for row in nodes), placed.shapes, strict=True))
    return where, {row.ref: placing.raw_position(raw[n], system) for n, row in enumerate(nodes)}


def _bent(bends: Mapping[str, list[tuple[float, float]]], system: System) -> dict[str, np.ndarray]:
    """Vertices of links in degrees, shape (n, 2)."""
    found = {}
    for ref, numbers in bends.items():
        xy = np.array(numbers, dtype=float)
        found[ref] = np.column_stack(system.to_wgs84(xy[:, 0].copy(), xy[:, 1].copy()))
    return found


class _Reader:
    """Rows of a file as assets, in the register's units."""

    def __init__(self, form: Format, sections: list[Section]) -> None:
        self.form = form
        self.factors = form.factors(inp.option(sections, form, form.flow_option, form.flow_default))
        self.absolute = inp.option(sections, form, "LINK_OFFSETS", "DEPTH") == "ELEVATION"
        self.closed = {
            row.ref
            for row in inp.rows(sections, form, "STATUS")
            if form.name == "epanet" and row.cells[-1].upper() == "CLOSED"
        }
        self.profile = (
            {row.ref: row.cells for row in inp.rows(sections, form, "XSECTIONS")} if form.name == "swmm" else {}
        )

    def rows(
        self,
        nodes: list[Row],
        links: list[Row],
        place_of: Mapping[str, shapely.Point],
        raw_of: Mapping[str, str],
        bent: Mapping[str, np.ndarray],
        system: System,
    ) -> Iterator[AssetRow]:
        """Nodes first; references tell nodes and links apart, for both may be called 1."""
        inverts: dict[str, float] = {}
        for row in nodes:
            facts = self._facts(row)
            inverts[row.ref] = float(facts.get("invert_m") or 0.0)
            yield self._asset(f"N:{row.ref}", row, facts, place_of[row.ref].wkb_hex, raw_of[row.ref])
        for row in links:
            start, end = row.cells[1:3]
            facts = {"from": f"N:{start}", "to": f"N:{end}"} | self._facts(row)
            if row.section == "PIPES":
                shut = row.ref in self.closed or row.cells[-1].upper() == "CLOSED"
                facts["status"] = "closed" if shut else "open"
            if row.section == "CONDUITS":
                facts |= self._levels(row, inverts[start], inverts[end]) | self._section(row.ref)
            line = _line(place_of[start], place_of[end], bent.get(row.ref))
            yield self._asset(f"L:{row.ref}", row, facts, line.wkb_hex, json.dumps({"system": system.name}))

    def _facts(self, row: Row) -> dict[str, Any]:
        found = {}
        for cell in self.form.cells.get(row.section, ()):
            value = _converted(row.cells[cell.index], self.factors[cell.unit]) if cell.index < len(row.cells) else None
            if value is not None:
                found[cell.attribute] = value
        return found

    def _levels(self, row: Row, start_m: float, end_m: float) -> dict[str, float]:
        """Inverts at both ends in metres: the node's, and the offset above it."""
        found = {}
        for name, index, invert in (("invert_up_m", 5, start_m), ("invert_down_m", 6, end_m)):
            offset = _converted(row.cells[index], self.factors["length"]) if index < len(row.cells) else None
            if self.absolute and offset is not None:
                found[name] = offset
            else:
                found[name] = round(invert + (offset or 0.0), 6)
        return found

    def _section(self, ref: str) -> dict[str, Any]:
        cells = self.profile.get(ref, ())
        if len(cells) < 3:
            return {}
        facts: dict[str, Any] = {"section": cells[1].lower()}
        height = _converted(cells[2], self.factors["length"])
        if cells[1].upper() == "CIRCULAR" and height is not None:
            facts["diameter_mm"] = round(height * 1000, 3)
        return facts

    def _asset(self, ref: str, row: Row, facts: dict[str, Any], wkb: str, raw: str) -> AssetRow:
        stored = {"section": row.section, "row": list(row.cells), "order": row.order}
        attributes = json.dumps(facts | {"inp": stored}, ensure_ascii=False)
        return AssetRow(ref, self.form.kinds[row.section], None, row.ref, "", wkb, attributes, raw)


def _line(start: shapely.Point, end: shapely.Point, bends: np.ndarray | None) -> shapely.LineString:
    middle = [] if bends is None else bends.tolist()
    course = [(start.x, start.y), *map(tuple, middle), (end.x, end.y)]
    if len(set(course)) < 2:
        course.insert(1, (start.x + NUDGE, start.y + NUDGE))
    return shapely.LineString(course)


def _keep(db: Connection, source: str, kind: str, system: str, rest: list[Section]) -> None:
    values = {"source": source, "kind": kind, "system": system, "rest": [[s.heading, s.lines] for s in rest]}
    statement = insert(network_model).values(**values)
    db.execute(statement.on_conflict_do_update(index_elements=["source"], set_=values))
