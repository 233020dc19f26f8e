"""Responsibility grids by hand: whose unit grids they are, one group's ground given to another, an inspector assigned."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import shapely
from sqlalchemy import Connection, text

from config.errors import InvalidInput, NotFound
from gis import events
from gis.actors import Actor

MOST = 5000
"""Unit grids of one answer: a sub-district has some hundreds."""

_GRIDS = text("""
    select g.code, r.code as walk, st_asgeojson(g.geom, 7) as geometry
    from gis.unit_grid g left join gis.responsibility_grid r on r.id = g.responsibility_grid_id
    where starts_with(g.code, :area) order by g.code limit :most
""")
_WALKS = text("""
    select r.code, r.name, r.inspector_id, case when :en and i.name_en <> '' then i.name_en else i.name end as inspector,
           count(g.id) as grids
    from gis.responsibility_grid r left join gis.unit_grid g on g.responsibility_grid_id = r.id
    left join gis.account i on i.id = r.inspector_id
    where starts_with(r.code, :area) group by r.id, i.id order by r.code
""")
_INSPECTORS = text("""
    select a.id, case when :en and a.name_en <> '' then a.name_en else a.name end as name,
           (select count(*) from gis.responsibility_grid r where r.inspector_id = a.id) as walks
    from gis.account a where a.active and exists (select from gis.post_assignment p where p.account_id = a.id and p.post = 'inspector')
    order by 2
""")
_CHOSEN = text("""
    select g.id, g.code, a.code as community, a.name as community_name, r.code as walk
    from gis.unit_grid g join gis.area a on a.id = g.area_id left join gis.responsibility_grid r on r.id = g.responsibility_grid_id
    where g.code = any(:codes) for update of g
""")


def areas(db: Connection) -> list[dict[str, Any]]:
    """Sub-districts that have unit grids: [{code, name, name_en}]."""
    found = """
        select a.code, a.name, a.name_en from gis.area a
        where a.level = 'subdistrict' and exists (select from gis.area c join gis.unit_grid g on g.area_id = c.id where c.parent_id = a.id)
        order by a.code
    """
    return [dict(row._mapping) for row in db.execute(text(found))]


def overview(db: Connection, area: str, locale: str) -> dict[str, Any]:
    """Unit grids of an area (code) as GeoJSON with their group, the groups with inspector and size, and all inspectors."""
    rows = db.execute(_GRIDS, {"area": area, "most": MOST})
    features = [
        {
            "type": "Feature",
            "geometry": json.loads(row.geometry),
            "properties": {"code": row.code, "walk": row.walk or ""},
        }
        for row in rows
    ]
    en = locale == "en"
    return {
        "grids": {"type": "FeatureCollection", "features": features},
        "walks": [dict(row._mapping) for row in db.execute(_WALKS, {"area": area, "en": en})],
        "inspectors": [dict(row._mapping) for row in db.execute(_INSPECTORS, {"en": en})],
    }


def hand_over(db: Connection, actor: Actor, codes: Sequence[str], walk: str | None) -> dict[str, Any]:
    """Give unit grids to a group of their community, or to a new one; groups without ground go.

    Returns the group's code and in how many pieces its ground lies. Raises InvalidInput where they are not of one community with the
    group, NotFound for a code that is not there.
    """
    rows = db.execute(_CHOSEN, {"codes": list(codes)}).all()
    missing = sorted(set(codes) - {row.code for row in rows})
    if missing or not rows:
        raise NotFound("There is no unit grid '{grid}'.", grid=missing[0] if missing else "")
    community = {row.community for row in rows}
    if len(community) > 1 or (walk is not None and not walk.startswith(min(community))):
        raise InvalidInput(
            "A responsibility grid lies in one community.", "Choose unit grids and a group of the same community."
        )
    given = walk or _new(db, rows[0].community, rows[0].community_name)
    walk_id = db.execute(text("select id from gis.responsibility_grid where code = :code"), {"code": given}).scalar()
    if walk_id is None:
        raise NotFound("There is no responsibility grid '{walk}'.", walk=given)
    moved = {"ids": [row.id for row in rows], "walk": walk_id}
    db.execute(text("update gis.unit_grid set responsibility_grid_id = :walk where id = any(:ids)"), moved)
    db.execute(
        text("""
            delete from gis.responsibility_grid r where r.code = any(:walks)
              and not exists (select from gis.unit_grid g where g.responsibility_grid_id = r.id)
        """),
        {"walks": [row.walk for row in rows if row.walk and row.walk != given]},
    )
    _say(db, actor, "walk.changed", given, {"grids": sorted(codes), "from": sorted({row.walk or "" for row in rows})})
    return {"walk": given, "pieces": _pieces(db, int(walk_id))}


def assign(db: Connection, actor: Actor, walk: str, inspector_id: int | None) -> None:
    """Who walks a group; None: nobody. Raises NotFound for a group that is not there, InvalidInput for who is no inspector."""
    known = {row.id for row in db.execute(_INSPECTORS, {"en": False})}
    if inspector_id is not None and inspector_id not in known:
        raise InvalidInput("Only an inspector can be assigned.", "Choose a person of the list.")
    row = db.execute(
        text("update gis.responsibility_grid set inspector_id = :inspector where code = :code returning id"),
        {"inspector": inspector_id, "code": walk},
    ).first()
    if row is None:
        raise NotFound("There is no responsibility grid '{walk}'.", walk=walk)
    _say(db, actor, "walk.assigned", walk, {"inspector_id": inspector_id})


def _new(db: Connection, community: str, name: str) -> str:
    """A new group of a community with the next number."""
    last = text("select max(substr(code, :at)) from gis.responsibility_grid where code ~ ('^' || :stem || '[0-9]{2}$')")
    found = db.execute(last, {"stem": f"{community}R", "at": len(community) + 2}).scalar()
    number = int(found or 0) + 1
    code = f"{community}R{number:02d}"
    made = text("insert into gis.responsibility_grid (code, name) values (:code, :name)")
    db.execute(made, {"code": code, "name": f"{name}第{number}责任网格"})
    return code


def _pieces(db: Connection, walk_id: int) -> int:
    found = db.execute(
        text(
            "select st_asbinary(st_unaryunion(st_collect(geom))) from gis.unit_grid where responsibility_grid_id = :id"
        ),
        {"id": walk_id},
    ).scalar_one()
    return len(getattr(shapely.from_wkb(bytes(found)), "geoms", (1,)))


def _say(db: Connection, actor: Actor, kind: str, walk: str, facts: dict[str, Any]) -> None:
    events.append(db, kind, f"walk {walk}", facts | {"account_id": actor.account_id}, trace_id=events.new_trace())
