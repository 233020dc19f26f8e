"""The ground of a rule: a zone drawn on the map, or a stretch of one road with both of its sides. Polygons in WGS 84."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, text
from sqlalchemy.exc import SQLAlchemyError

from config.errors import InvalidInput, NotFound

SIDE_M = 40.0
"""A report belongs to a road section within this distance of the road's line: its pavements, and the error of a phone."""

LARGEST_ZONE_CORNERS = 2000


def of(db: Connection, wanted: Mapping[str, Any] | None) -> tuple[dict[str, Any] | None, str | None]:
    """What the rule keeps of its ground, and the polygon as hexadecimal WKB. Raises InvalidInput or NotFound."""
    if wanted is None:
        return None, None
    if wanted["kind"] == "zone":
        return {"kind": "zone", "name": wanted.get("name", "").strip()}, _zone(db, wanted.get("shape"))
    return _section(db, wanted)


def _zone(db: Connection, shape: Any) -> str:
    if not isinstance(shape, Mapping) or shape.get("type") not in ("Polygon", "MultiPolygon"):
        raise InvalidInput("A zone is drawn as a polygon.", "Draw it on the map.", field="ground")
    made = text(
        "select encode(st_asewkb(s.geom), 'hex') as wkb, st_npoints(s.geom) as corners, st_isempty(s.geom) as empty from (select"
        " st_multi(st_collectionextract(st_makevalid(st_setsrid(st_geomfromgeojson(:shape), 4326)), 3)) as geom) s"
    )
    with db.begin_nested() as attempt:
        try:
            row = db.execute(made, {"shape": json.dumps(shape)}).one()
        except SQLAlchemyError as error:
            attempt.rollback()
            raise InvalidInput("The zone's shape cannot be read.", "Draw it again.", field="ground") from error
    if row.empty or row.corners > LARGEST_ZONE_CORNERS:
        raise InvalidInput("The zone covers nothing or has too many corners.", "Draw it again.", field="ground")
    return str(row.wkb)


_ROAD = """
    select a.id, a.name, a.name_en, st_linemerge(a.geom) as line from gis.seen_asset a
    where a.id = :road and a.kind = 'road' and a.status <> 'removed'
"""


def _section(db: Connection, wanted: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    road = db.execute(
        text(
            f"select id, name, name_en, st_length(line::geography) as length_m, geometrytype(line) as sort from ({_ROAD}) r"
        ),
        {"road": wanted["road_id"]},
    ).first()
    if road is None:
        raise NotFound("There is no road {road}.", "Choose one on the map.", road=wanted["road_id"])
    if road.sort != "LINESTRING":
        raise InvalidInput(
            "This road lies in pieces that do not meet.", "Choose one of its pieces, or draw a zone.", field="ground"
        )
    numbers = wanted.get("from_no"), wanted.get("to_no")
    begin, end = _metres_of_numbers(db, road, *numbers) if None not in numbers else (wanted["from_m"], wanted["to_m"])
    begin, end = max(0.0, min(begin, end)), min(float(road.length_m), max(begin, end))
    if end - begin < 1:
        raise InvalidInput("The section has no length on this road.", "Choose its two ends.", field="ground")
    shape = db.execute(
        text(
            "select encode(st_asewkb(st_multi(st_buffer(st_linesubstring(line, :a, :b)::geography, :side, 'endcap=flat')::geometry)),"
            f" 'hex') from ({_ROAD}) r"
        ),
        {"road": road.id, "a": begin / road.length_m, "b": end / road.length_m, "side": SIDE_M},
    ).scalar_one()
    kept: dict[str, Any] = {"kind": "section", "road_id": road.id, "road": road.name, "road_en": road.name_en}
    kept |= {"from_m": round(begin), "to_m": round(end)}
    if None not in numbers:
        kept |= {"from_no": numbers[0], "to_no": numbers[1]}
    return kept, str(shape)


def _metres_of_numbers(db: Connection, road: Row[Any], first: Any, last: Any) -> tuple[float, float]:
    """Where two house numbers lie along the road. Raises NotFound for a number that is not known there."""
    found = []
    for number in (first, last):
        metres = db.execute(
            text(
                "select st_linelocatepoint(r.line, st_pointonsurface(h.geom)) * st_length(r.line::geography)"
                f" from ({_ROAD}) r join gis.house_number h on h.street = r.name and :number between h.low and h.high"
                " order by h.high - h.low, st_distance(h.geom, r.line) limit 1"
            ),
            {"road": road.id, "number": number},
        ).scalar()
        if metres is None:
            raise NotFound(
                "House number {number} of {road} is not known.",
                "Choose the two ends on the map.",
                number=number,
                road=road.name,
            )
        found.append(float(metres))
    return found[0], found[1]


def section_between(db: Connection, first: tuple[float, float], last: tuple[float, float]) -> dict[str, Any]:
    """The stretch of the named road nearest to `first` between two WGS 84 points: the two ends in metres along it.

    Raises NotFound where no named road is within 60 m.
    """
    row = db.execute(
        text(
            "with p as (select st_setsrid(st_makepoint(:x, :y), 4326) as a, st_setsrid(st_makepoint(:u, :v), 4326) as b),"
            " r as (select a.id, a.name, a.name_en, st_linemerge(a.geom) as line from p, gis.seen_asset a where a.kind = 'road'"
            "       and a.name <> '' and a.status <> 'removed' and a.geom && st_expand(p.a, 0.001)"
            "       and st_dwithin(a.geom::geography, p.a::geography, 60) and geometrytype(st_linemerge(a.geom)) = 'LINESTRING'"
            "       order by st_distance(a.geom, p.a), a.id limit 1)"
            " select r.id, r.name, r.name_en, st_length(r.line::geography) as length_m, st_linelocatepoint(r.line, p.a) as a,"
            " st_linelocatepoint(r.line, p.b) as b from r, p"
        ),
        {"x": first[0], "y": first[1], "u": last[0], "v": last[1]},
    ).first()
    if row is None:
        raise NotFound("No named road is here.", "Click on a road that has a name.")
    begin, end = sorted((row.a * row.length_m, row.b * row.length_m))
    found = {"kind": "section", "road_id": row.id, "road": row.name, "road_en": row.name_en}
    return found | {"from_m": round(begin), "to_m": round(end), "length_m": round(row.length_m)}
