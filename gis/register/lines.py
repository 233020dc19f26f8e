"""Lines of the register cut in two and put together: the network stays whole, each part keeps what is true of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, text

from config.errors import InvalidAsset, NotFound
from config.i18n import _, gettext
from config.kinds import kinds
from gis.actors import Actor
from gis.plane import plane_of
from gis.register import conflicts, editing, fields, line_numbers, shapes

REACH_M = 1.0
"""So near must a cut lie to its line, and the ends of two lines to each other."""

SHORTEST_M = 0.5
"""A part below this is a slip of the hand."""

SAME_M = 0.001
"""A point of the line so near to the cut is the cut."""

START = {"ref": "from", "invert": "invert_up_m"}
END = {"ref": "to", "invert": "invert_down_m"}
"""What a line's attributes say of its first and of its last point."""

OF_THE_WHOLE = ("length_m",)
"""Attributes that are true of neither part."""

_LINE = text("""
    select id, kind, version, source, attributes, name, name_en, status, class_code, unit_id, authority, owner, maintainer, survey_source,
           accuracy_class, survey_date::text, installed_on::text, encode(st_asewkb(geom), 'hex') as geom
    from gis.asset where id = :id
""")
_TOUCHING = text("""
    with this as (select id, kind, st_startpoint(geom) as head, st_endpoint(geom) as tail from gis.asset where id = :id)
    select distinct b.id, b.version, b.attributes,
           coalesce(nullif(case when :en then b.name_en end, ''), nullif(b.name, ''), b.code, b.source_ref) as name
    from this cross join lateral (values (this.head), (this.tail)) as e (place)
    join gis.asset b on b.kind = this.kind and b.id <> this.id and b.status <> 'removed' and geometrytype(b.geom) = 'LINESTRING'
     and b.geom && st_expand(e.place, :degrees)
    where st_dwithin(st_startpoint(b.geom)::geography, e.place::geography, :reach)
       or st_dwithin(st_endpoint(b.geom)::geography, e.place::geography, :reach)
    order by b.id limit 20
""")


def split(db: Connection, actor: Actor, asset_id: int, version: int, at: tuple[float, float], why: str) -> int:
    """Cut a line at a place beside it (WGS 84 degrees); returns the id of the second part. The first part stays the asset.

    Levels at the cut are interpolated, house numbers divided by length; what the attributes say of the whole, or of an end that is no
    longer theirs, goes. Raises InvalidAsset for what cannot be cut there, and as `editing.change`.
    """
    row = _line(db, asset_id, actor.locale)
    first, second, share = _cut(shapes.as_geojson(row["geom"])["coordinates"], at, actor.locale)
    known = kinds().kinds[row["kind"]]
    attributes = {name: value for name, value in row["attributes"].items() if known.attribute(name)}
    level = _level(attributes, share)
    gone = dict.fromkeys(name for name in (*OF_THE_WHOLE, END["ref"]) if name in attributes)
    numbers, further = line_numbers.cut(attributes, share)
    here = gone | numbers | ({END["invert"]: level} if END["invert"] in attributes else {})
    editing.change(db, actor, asset_id, version, {"geometry": _shape(first), "attributes": here}, why)
    there = {name: value for name, value in attributes.items() if name not in (*OF_THE_WHOLE, START["ref"])}
    there = {name: value for name, value in (there | further).items() if value is not None}
    there |= {START["invert"]: level} if START["invert"] in attributes else {}
    if row["source"] != editing.SOURCE:
        there.pop(END["ref"], None)  # references count within one source; its end meets the node by its place
    plain = {name: row[name] for name in fields.FIELDS if name not in ("code", *fields.BY_INSPECTION) and row[name]}
    return editing.create(db, actor, row["kind"], _shape(second), plain | {"attributes": there}, why)


def touching(db: Connection, asset_id: int, locale: str) -> list[dict[str, Any]]:
    """Lines of the same kind that end where this one does: id, version, name, and in which attributes they differ."""
    row = _line(db, asset_id, locale)
    found = db.execute(_TOUCHING, {"id": asset_id, "reach": REACH_M, "degrees": 2e-5, "en": locale == "en"})
    ends = (*OF_THE_WHOLE, *START.values(), *END.values(), *line_numbers.SIDES, "slope")
    return [
        {
            "id": each.id,
            "version": each.version,
            "name": each.name,
            "differs": [
                {
                    "title": fields.title(row["kind"], field, locale),
                    "mine": fields.shown(row["kind"], field, mine, locale),
                    "theirs": fields.shown(row["kind"], field, theirs, locale),
                }
                for field, mine, theirs in fields.differences(
                    {"attributes": row["attributes"]}, {"attributes": each.attributes}
                )
                if field.removeprefix("attributes.") not in ends
            ],
        }
        for each in found
    ]


def join(db: Connection, actor: Actor, asset_id: int, version: int, other_id: int, other_version: int, why: str) -> int:
    """Put another line of the same kind to this one, which keeps its attributes; the other is retired. Returns the new version.

    Raises InvalidAsset where they are no two lines of a kind that meet, and as `editing.change`.
    """
    one, other = _line(db, asset_id, actor.locale), _line(db, other_id, actor.locale)
    for each in sorted({asset_id, other_id}):
        conflicts.must_stand(db, each, actor.locale)
    said = gettext(actor.locale)(_("must be a line of the same kind that ends where this one does"))
    apart = InvalidAsset("The two lines do not meet.", fields={"other": said})
    if one["kind"] != other["kind"] or asset_id == other_id:
        raise apart
    mine, theirs = (shapes.as_geojson(each["geom"])["coordinates"] for each in (one, other))
    ways = {
        (True, False): (mine[-1], theirs[0]),
        (True, True): (mine[-1], theirs[-1]),
        (False, False): (mine[0], theirs[-1]),
        (False, True): (mine[0], theirs[0]),
    }
    metres, (at_end, turned) = min((_metres(*ends), way) for way, ends in ways.items())
    if metres > REACH_M:
        raise apart
    added = theirs[::-1] if turned else theirs
    shape = mine + added[1:] if at_end else added[:-1] + mine
    side, far = (END if at_end else START), (START if turned == at_end else END)
    new: dict[str, Any] = dict.fromkeys(name for name in OF_THE_WHOLE if name in one["attributes"])
    same_source = one["source"] == other["source"]
    for name in ("ref", "invert"):
        if side[name] in one["attributes"] or (same_source and far[name] in other["attributes"]):
            new[side[name]] = other["attributes"].get(far[name]) if same_source or name == "invert" else None
    new |= line_numbers.joined(one["attributes"], other["attributes"], at_end=at_end, turned=turned)
    known = kinds().kinds[one["kind"]]
    new = {name: value for name, value in new.items() if known.attribute(name)}
    made = editing.change(db, actor, asset_id, version, {"geometry": _shape(shape), "attributes": new}, why)
    editing.remove(db, actor, other_id, other_version, why)
    return made


def _line(db: Connection, asset_id: int, locale: str) -> Mapping[str, Any]:
    row = db.execute(_LINE, {"id": asset_id}).mappings().first()
    if row is None:
        raise NotFound("There is no asset {asset}.", asset=asset_id)
    if shapely.from_wkb(row["geom"]).geom_type != "LineString" or kinds().get(row["kind"]) is None:
        said = gettext(locale)(_("must be a line of one piece"))
        raise InvalidAsset("Only a line of one piece can be cut or joined.", fields={"geometry": said})
    return {**row}


def _cut(line: list[list[float]], at: tuple[float, float], locale: str) -> tuple[Any, Any, float]:
    """Points of both parts, both with the cut, and the share of the length before it."""
    frame = plane_of(shapely.LineString([point[:2] for point in line]))
    flat = frame.to_metres(shapely.LineString([point[:2] for point in line]))
    place = frame.to_metres(shapely.Point(at))
    along = flat.project(place)
    ends = min(shapely.Point(flat.coords[end]).distance(place) for end in (0, -1))
    away = flat.distance(place)
    if away > REACH_M or ends < SHORTEST_M:
        words = _("lies {metres} m from the line") if away > REACH_M else _("lies at an end of the line")
        said = gettext(locale)(words).format(metres=f"{away:.1f}")
        raise InvalidAsset("The line cannot be cut there.", fields={"geometry": said})
    corners = np.asarray(flat.coords)
    passed = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])
    before = [point for point, far in zip(line, passed, strict=True) if far < along - SAME_M]
    after = [point for point, far in zip(line, passed, strict=True) if far > along + SAME_M]
    return [*before, list(at)], [list(at), *after], along / flat.length


def _level(attributes: Mapping[str, Any], share: float) -> float | None:
    up, down = attributes.get(START["invert"]), attributes.get(END["invert"])
    if not isinstance(up, int | float) or not isinstance(down, int | float):
        return None
    return round(up + (down - up) * share, 3)


def _shape(points: list[list[float]]) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": points}


def _metres(one: list[float], other: list[float]) -> float:
    pair = shapely.LineString([one[:2], other[:2]])
    return float(plane_of(pair).to_metres(pair).length)
