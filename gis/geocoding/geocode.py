"""From an address to points, each with how exact it is and how it was found (S7, C4)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import shapely
from sqlalchemy import Connection
from sqlalchemy import text as sql

from gis.db import named_sql
from gis.geocoding import numbers, pairs
from gis.geocoding.describe import describe
from gis.geocoding.numbers import Numbers
from gis.geocoding.parsing import Address, parse, readings
from gis.geocoding.plane import moved
from gis.naming.folding import fold, is_chinese
from gis.search import by_name

ROADS = 4
"""So many roads that the name may mean are tried."""

PRECISIONS = ("door", "range", "between", "beyond", "crossing", "road", "place", "offset", "point")
"""How exact a point is: at the door, by the numbers of its side, between two doors, at the last door known, where two roads meet,
somewhere on the road, at a named place, so far from one of these, coordinates as typed."""

Hit = dict[str, Any]

_EXTENT = sql("select value from gis.setting where name = 'extent'")


def geocode(db: Connection, text: str, locale: str, limit: int = 5) -> list[Hit]:
    """Points that an address may mean, the best first; empty for what is no more than a name (gis/search.py finds those).

    A hit has kind `address`, name, detail (areas), WGS 84 point, precision (one of PRECISIONS) and the local names of its roads.
    """
    if not parse(text).structured or _is_name(db, text, parse(text)):
        return []
    return next((hits[:limit] for read in readings(text) if (hits := _found(db, read, locale))), [])


def typed_points(db: Connection, text: str, locale: str) -> list[Hit]:
    """The points that a pair of coordinates means (WGS 84), each with its place in words as detail; precision `point`."""
    extent = db.execute(_EXTENT).scalar()
    return [
        {"kind": "address", "id": None, "name": f"{lat:.6f}, {lon:.6f}", "detail": describe(db, lon, lat, locale).text,
         "lon": lon, "lat": lat, "precision": "point", "how": "exact", "found_by": text, "roads": []}
        for lon, lat in pairs.points(text, tuple(extent) if extent else None)
    ]  # fmt: skip


def roads_apart(db: Connection, text: str, locale: str) -> list[Hit]:
    """For a crossing of two roads that do not meet: the place of the first that is nearest to the second, `apart_m` from it.

    Precision `apart`: no address, and so no answer of `geocode`. Only roads whose names are written right are said not to meet.
    """
    read = parse(text)
    if not read.other:
        return []
    pairs_of_roads = [
        (road, other)
        for road in _named(db, read, locale, kind="road")
        for other in _named(db, read, locale, read.other, "road")
        if road["how"] == other["how"] == "exact" and road["local_name"] != other["local_name"]
    ]
    names = {(road["local_name"], other["local_name"]): (road, other) for road, other in reversed(pairs_of_roads)}
    found = []
    for (name, other_name), (road, other) in names.items():
        row = db.execute(named_sql("gis.geocoding", "apart"), {"road": name, "other": other_name}).first()
        if row is not None:
            place = {"lon": row.lon, "lat": row.lat, "roads": [name, other_name], "apart_m": round(row.metres)}
            found.append(_hit(road, f"{road['name']} × {other['name']}", "apart", **place))
    return sorted(found, key=lambda hit: hit["apart_m"])[:1]


def _is_name(db: Connection, text: str, read: Address) -> bool:
    """Whether the whole is the name of something, however much it looks like an address: Acesso 21, 四号路口."""
    best = by_name(db, text, "zh", 1)
    return bool(best and best[0]["how"] == "exact" and not read.near)


def _found(db: Connection, read: Address, locale: str) -> list[Hit]:
    if read.metres:
        return [_offset(hit, read) for hit in _found(db, replace(read, metres=0.0, direction=""), locale)]
    if read.other:
        return _crossings(db, read, locale)
    if read.number is not None:
        return _numbered(db, read, locale)
    return [
        _hit(each, each["name"], "road" if each["kind"] == "road" else "place") for each in _named(db, read, locale)
    ]


def _named(db: Connection, read: Address, locale: str, name: str = "", kind: str = "") -> list[Hit]:
    """What the name may mean, in the areas named where some of it lies there; only what is called so exactly, where something is."""
    hits = [hit for hit in by_name(db, name or read.name, locale, 30) if not kind or hit["kind"] == kind]
    wanted = {fold(area) for area in read.areas}
    inside = [hit for hit in hits if wanted & {fold(area) for area in hit["areas"]}]
    chosen = inside or hits
    exact = [hit for hit in chosen if hit["how"] == "exact"]
    return (exact or chosen)[:ROADS]


def _numbered(db: Connection, read: Address, locale: str) -> list[Hit]:
    placed: list[Hit] = []
    unplaced: list[Hit] = []
    for road in _named(db, read, locale, kind="road"):
        known = _known(db, road)
        found = numbers.place(read.number or 0, known)
        if found is None:
            unplaced.append(_hit(road, road["name"], "road", number=read.number_text))
            continue
        lon, lat = found.point
        name = _with_number(road["name"], read.number_text)
        placed.append(_hit(road, name, found.precision, lon=lon, lat=lat, number=read.number_text))
    return placed + unplaced


def _known(db: Connection, road: Hit) -> list[Numbers]:
    west, south, east, north = road["extent"]
    values = {"street": road["local_name"], "west": west, "south": south, "east": east, "north": north}
    rows = db.execute(named_sql("gis.geocoding", "numbers_of_street"), values)
    return [Numbers(row.low, row.high, row.side, shapely.from_wkb(bytes(row.geom))) for row in rows]


def _crossings(db: Connection, read: Address, locale: str) -> list[Hit]:
    found: list[Hit] = []
    seen: set[tuple[str, str]] = set()
    others = _named(db, read, locale, read.other, "road")
    for road in _named(db, read, locale, kind="road"):
        for other in others:
            pair = (road["local_name"], other["local_name"])
            if pair in seen:
                continue
            seen.add(pair)
            rows = db.execute(named_sql("gis.geocoding", "crossings"), {"road": pair[0], "other": pair[1]})
            name = f"{road['name']} × {other['name']}"
            found += [_hit(road, name, "crossing", lon=row.lon, lat=row.lat, roads=list(pair)) for row in rows]
    return found


def _offset(hit: Hit, read: Address) -> Hit:
    lon, lat = moved((hit["lon"], hit["lat"]), read.direction, read.metres)
    arrow = {"n": "↑", "ne": "↗", "e": "→", "se": "↘", "s": "↓", "sw": "↙", "w": "←", "nw": "↖"}[read.direction]
    name = f"{hit['name']} {arrow} {read.metres:g} m"
    return hit | {"name": name, "lon": lon, "lat": lat, "precision": "offset"}


def _with_number(road: str, number: str) -> str:
    return f"{road}{number}号" if is_chinese(road) else f"{road} {number}"


def _hit(found: Hit, name: str, precision: str, **values: Any) -> Hit:
    base = {key: found[key] for key in ("id", "detail", "lon", "lat", "found_by", "how")}
    roads = [found["local_name"]] if found["kind"] == "road" else []
    return base | {"kind": "address", "name": name, "precision": precision, "roads": roads} | values
