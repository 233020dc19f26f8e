"""How the first rows of a layer would read under a mapping, row by row: the same judgement as the import's, and nothing is stored."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection

from gis.importing import instance, judging, layer_rules, layers, placing
from gis.importing.judging import TAKEN, Judged
from gis.importing.layer_table import Table
from gis.importing.placing import Placed
from gis.importing.runs import Reject
from gis.mapping import looking

SHOWN = 50
"""Rows that are shown, and refused rows beyond them."""

READ = 500
"""Rows that are judged."""

MOST_POINTS = 2000
"""Points of a shape beyond which it is drawn simplified."""


def rows(db: Connection, path: Path, mapping: Mapping[str, Any]) -> dict[str, Any]:
    """The first rows as the register would hold them: `rows` with what becomes of each, `features` (WGS 84) for the map, `counts`.

    Without a coordinate system the rows are judged without their places, and `placed` is False. Raises UnreadableFile and
    InvalidInput as the import would.
    """
    rules = layer_rules.read_rules(mapping)
    table = looking.rows_by(path, mapping, READ)
    layer_rules.check_columns(rules, table.fields)
    shape = mapping.get("geometry", {}).get("shape")
    known = bool(mapping.get("system") or table.stated)
    if known:
        system = layers.system_stated(path, table, mapping)
        placed = placing.place(table.shapes, system, instance.centre(db), shape)
    else:
        placed = placing.shapeless(table.shapes, shape)
    judged = judging.judge(rules, table, placed)
    found = _told(table, judged, placed)
    return {
        "rows": found[:SHOWN] + [row for row in found[SHOWN:] if not row["taken"]][:SHOWN],
        "features": {"type": "FeatureCollection", "features": _features(found, placed)},
        "counts": {"read": len(table.rows), "taken": len(judged.assets), "refused": judged.wanted - len(judged.assets)},
        "reasons": dict(Counter(reject.reason for reject in judged.rejects).most_common()),
        "system": system.name if known else "",
        "placed": known,
    }


def _told(table: Table, judged: Judged, placed: Placed) -> list[dict[str, Any]]:
    """Every chosen row with its asset or its reason, in the file's order."""
    said: dict[int, list[Reject]] = {}
    for reject in judged.rejects:
        said.setdefault(int(reject.row) - 1, []).append(reject)
    told = []
    for number in sorted({*judged.assets, *said}):
        facts = judged.assets.get(number)
        about = said.get(number, [])
        row: dict[str, Any] = {"row": number + 1, "taken": facts is not None}
        row["faults"] = [
            {"reason": each.reason, "detail": each.detail, "taken": each.reason in TAKEN} for each in about
        ]
        if facts is not None:
            row |= {
                "reference": facts.reference,
                "kind": facts.kind,
                "class_code": facts.class_code or "",
                "name": facts.name,
                "name_en": facts.name_en,
                "attributes": facts.attributes,
            }
        else:
            row["raw"] = {name: value for name, value in table.rows[number].items() if value not in (None, "")}
        told.append(row | _middle(placed.shapes[number]))
    return told


def _middle(shape: shapely.Geometry | None) -> dict[str, float | None]:
    """Where a row lies, for the map to go to."""
    if shape is None or shape.is_empty:
        return {"lon": None, "lat": None}
    west, south, east, north = shape.bounds
    return {"lon": round((west + east) / 2, 7), "lat": round((south + north) / 2, 7)}


def _features(told: list[dict[str, Any]], placed: Placed) -> list[dict[str, Any]]:
    features = []
    for row in told:
        shape = placed.shapes[row["row"] - 1]
        if shape is None or shape.is_empty:
            continue
        light = shape.simplify(1e-5) if shapely.get_num_coordinates(shape) > MOST_POINTS else shape
        drawn = json.loads(
            shapely.to_geojson(shapely.set_precision(light, 1e-7) if light.geom_type == "Point" else light)
        )
        properties = {"row": row["row"], "taken": row["taken"]}
        features.append({"type": "Feature", "geometry": drawn, "properties": properties})
    return features


def collection(shapes: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Shapes in WGS 84 as GeoJSON, light enough to be drawn many times."""
    light = shapely.simplify(shapes, 1e-5)
    features = [
        {"type": "Feature", "geometry": json.loads(shapely.to_geojson(shape)), "properties": {}}
        for shape in light
        if not shape.is_empty
    ]
    return {"type": "FeatureCollection", "features": features}
