"""Where roads of different names meet. Which roads, and what becomes of the places, is said in SQL; the meeting itself is GEOS here.

One tree over all roads at once answers in a third of the time that the database needs to ask its index road by road; for
the few roads of an edit both take no time.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from gis.copying import copy_rows
from gis.db import named_sql

CHUNK = 5_000
"""Roads fetched, and asked whom they meet, at once: as text, and as pairs of boxes, they take far more memory than as shapes."""


class Roads(NamedTuple):
    """Pieces of road (WGS 84): each one's name as its place in `names`, whether that name is to be made anew, its line."""

    names: list[str]
    name: NDArray[np.int64]
    anew: NDArray[np.bool_]
    shape: NDArray[Any]


class Meetings(NamedTuple):
    """Where two pieces touch, each pair once: the names of the two, and a point (hexadecimal WKB)."""

    road: list[str]
    other: list[str]
    place: list[str]


def roads_that_may_meet(db: Connection) -> Roads:
    """The roads named in the temporary table changed_name, and those of other names that may meet one of them."""
    names: dict[str, int] = {}
    name: list[int] = []
    anew: list[bool] = []
    shapes: list[NDArray[Any]] = [np.empty(0, dtype=object)]
    statement = named_sql("gis.naming", "roads_that_may_meet").execution_options(stream_results=True)
    for rows in db.execute(statement).partitions(CHUNK):
        name += [names.setdefault(row.name, len(names)) for row in rows]
        anew += [row.anew for row in rows]
        shapes.append(shapely.from_wkb([row.wkb for row in rows]))
    return Roads(list(names), np.array(name, dtype=np.int64), np.array(anew, dtype=bool), np.concatenate(shapes))


def meetings(roads: Roads) -> list[Meetings]:
    """Where pieces of different names touch, one of the two to be made anew. Pure; most of it leaves the interpreter to others."""
    tree = shapely.STRtree(roads.shape)
    asked = np.flatnonzero(roads.anew)
    return [_meetings(roads, tree, asked[first : first + CHUNK]) for first in range(0, len(asked), CHUNK)]


def _meetings(roads: Roads, tree: shapely.STRtree, asked: NDArray[np.int64]) -> Meetings:
    at, other = tree.query(roads.shape[asked])
    one = asked[at]
    mine, theirs = roads.name[one], roads.name[other]
    wanted = (mine < theirs) | ((mine > theirs) & ~roads.anew[other])
    one, other = one[wanted], other[wanted]
    touching = shapely.intersects(roads.shape[one], roads.shape[other])
    one, other = one[touching], other[touching]
    places = shapely.point_on_surface(shapely.intersection(roads.shape[one], roads.shape[other]))
    return Meetings(
        [roads.names[each] for each in roads.name[one].tolist()],
        [roads.names[each] for each in roads.name[other].tolist()],
        shapely.to_wkb(places, hex=True).tolist(),
    )


def keep_crossings(db: Connection, met: list[Meetings]) -> None:
    """Store the crossings: corners of one pair of roads that lie close together are one."""
    db.execute(text("drop table if exists pg_temp.met_road"))
    db.execute(text("create temporary table met_road (road text, other text, geom geometry) on commit drop"))
    copy_rows(db, "met_road", ("road", "other", "geom"), (row for part in met for row in zip(*part, strict=True)))
    db.execute(named_sql("gis.naming", "keep_crossings"))
