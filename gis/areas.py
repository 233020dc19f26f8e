"""Administrative areas and unit grids: loading those a source brings, and making a plain grid where it brings none (D3)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import shapely
from sqlalchemy import Connection, text

from config.errors import InvalidInput
from gis import lattice
from gis.area_plan import Planned
from gis.copying import copy_rows
from gis.importing.notes import Note

GRID_DIGITS = 3
"""Digits of a grid's number within its community, at least: the standard's own width of 2 is too narrow for wide ones."""

MOST_CELLS = 100_000
"""A city that would need more cells gets larger ones: sides doubled until they fit."""


@dataclass(frozen=True)
class AreaChanges:
    """What loading areas did."""

    added: int
    changed: int
    unchanged: int


@dataclass(frozen=True)
class GridsMade:
    """Unit grids made: how many, in how many communities, with which side in metres."""

    grids: int
    communities: int
    side_m: float


_FACTS = """jsonb_build_object('level', {0}.level, 'name', {0}.name, 'name_en', {0}.name_en, 'parent_id', {0}.parent_id,
    'population', {0}.population, 'source', {0}.source, 'raw_position', {0}.raw_position,
    'geom', encode(st_asewkb({0}.geom), 'hex'))"""
_UPSERT = text(f"""
    with old as (select {_FACTS.format("area")} as facts from gis.area where code = :code),
    written as (
        insert into gis.area (code, level, name, name_en, parent_id, population, geom, raw_position, source)
        values (:code, :level, :name, :name_en, (select id from gis.area where code = :parent_code), :population,
                st_geomfromwkb(:wkb, 4326), cast(:raw_position as jsonb), :source)
        on conflict (code) do update
        set level = excluded.level, name = excluded.name, name_en = excluded.name_en, parent_id = excluded.parent_id,
            population = excluded.population, geom = excluded.geom, source = excluded.source,
            raw_position = excluded.raw_position, recorded_at = gis.now()
        where (area.level, area.name, area.name_en, area.parent_id, area.population, area.source)
              is distinct from (excluded.level, excluded.name, excluded.name_en, excluded.parent_id, excluded.population, excluded.source)
           or area.raw_position is distinct from excluded.raw_position or not st_orderingequals(area.geom, excluded.geom)
        returning id, code, {_FACTS.format("area")} as facts, (xmax = 0) as added
    ), recorded as (
        insert into gis.area_history (area_id, code, change, before, after, why, import_run_id)
        select w.id, w.code, case when w.added then 'added' else 'changed' end,
               (select jsonb_object_agg(key, value) from jsonb_each(o.facts) where value is distinct from w.facts -> key),
               (select jsonb_object_agg(key, value) from jsonb_each(w.facts) where value is distinct from o.facts -> key),
               :why, cast(:run_id as bigint)
        from written w left join old o on true
    )
    select added from written
""")
"""Writes an area and its history: what differs, before and after; of a new one all that it is."""


def load(
    db: Connection, source: str, areas: Iterable[Planned], run_id: int | None = None, why: str = ""
) -> AreaChanges:
    """Add and change areas, parents before children. Their source is kept as `source`:reference.

    Raises InvalidInput for an area without ground, or under a parent that is not there.
    """
    added = changed = unchanged = 0
    for area in areas:
        _check(db, area)
        row = db.execute(
            _UPSERT,
            {
                "code": area.code,
                "level": area.level,
                "name": area.name,
                "name_en": area.name_en,
                "parent_code": area.parent_code,
                "population": area.population,
                "wkb": area.shape.wkb,
                "raw_position": area.raw_position,
                "source": f"{source}:{area.ref}",
                "run_id": run_id,
                "why": why or f"areas of {source}",
            },
        ).first()
        added += row is not None and row.added
        changed += row is not None and not row.added
        unchanged += row is None
    return AreaChanges(added, changed, unchanged)


def codes(db: Connection, source: str) -> dict[str, str]:
    """Reference → code of the areas that `source` brought before; they keep their codes."""
    rows = db.execute(
        text(
            "select substr(source, length(:source) + 2) as ref, code from gis.area where starts_with(source, :source || ':')"
        ),
        {"source": source},
    )
    return {row.ref: row.code for row in rows}


def make_grids(db: Connection, work_srid: int, side_m: float = lattice.CELL_M) -> GridsMade:
    """Cut every community that has no unit grid by a regular lattice; code = community code + number.

    Communities with grids of their own, drawn or made before, are left alone.
    """
    rows = db.execute(
        text("""
            select id, code, st_asbinary(geom) as wkb, st_area(geom::geography) as area_m2 from gis.area a
            where level = 'community' and not exists (select from gis.unit_grid g where g.area_id = a.id) order by code
        """)
    ).all()
    while sum(row.area_m2 for row in rows) / side_m**2 > MOST_CELLS:
        side_m *= 2
    made = [(row.id, row.code, lattice.cells(shapely.from_wkb(bytes(row.wkb)), work_srid, side_m)) for row in rows]
    digits = max([GRID_DIGITS, *(len(str(len(cells))) for _, _, cells in made)])
    shapes = shapely.set_srid([cell.shape for _, _, cells in made for cell in cells], 4326)
    names = [
        (f"{code}{number:0{digits}}", area_id) for area_id, code, cells in made for number in range(1, len(cells) + 1)
    ]
    wkb = shapely.to_wkb(shapes, hex=True, include_srid=True)
    lines = [(*name, shape) for name, shape in zip(names, wkb, strict=True)]
    copy_rows(db, "gis.unit_grid", ("code", "area_id", "geom"), lines)
    return GridsMade(len(lines), len(rows), side_m)


def notes(changes: AreaChanges, grids: GridsMade) -> list[str]:
    """What a steward should know after loading areas and making grids."""
    found: list[str] = []
    if grids.grids:
        found.append(
            Note(
                "{grids} unit grids of {side:g} × {side:g} m were made by a regular lattice in {communities} communities.",
                grids=grids.grids,
                side=grids.side_m,
                communities=grids.communities,
            )
        )
    if changes.changed:
        found.append(
            Note(
                "{count} areas changed; unit grids made for their former borders were left as they are.",
                count=changes.changed,
            )
        )
    return found


def share_out(db: Connection, inspectors: Sequence[int]) -> int:
    """Give unit grids that nobody walks to inspectors (account ids), community by community in turn; returns how many walks.

    One responsibility grid is made for each community; its code is the community's.
    """
    if not inspectors:
        return 0
    communities = db.execute(
        text("""
            select distinct a.id, a.code, a.name from gis.area a join gis.unit_grid g on g.area_id = a.id
            where g.responsibility_grid_id is null order by a.code
        """)
    ).all()
    for number, community in enumerate(communities):
        values = {"code": community.code, "name": community.name, "area": community.id}
        db.execute(_GIVE_WALK, values | {"inspector": inspectors[number % len(inspectors)]})
    return len(communities)


_GIVE_WALK = text("""
    with walk as (
        insert into gis.responsibility_grid (code, name, inspector_id) values (:code, :name, :inspector)
        on conflict (code) do update set name = excluded.name returning id
    )
    update gis.unit_grid set responsibility_grid_id = (select id from walk)
    where area_id = :area and responsibility_grid_id is null
""")


def _check(db: Connection, area: Planned) -> None:
    if area.shape.is_empty:
        raise InvalidInput(
            "The area {name} ({ref}) encloses nothing.",
            "Correct its boundary at its source.",
            name=area.name,
            ref=area.ref,
        )
    if area.parent_code is None:
        return
    if not db.execute(
        text("select exists (select from gis.area where code = :code)"), {"code": area.parent_code}
    ).scalar():
        raise InvalidInput(
            "The area {code} names a parent {parent} that is not there.", code=area.code, parent=area.parent_code
        )
