-- The unit grids of some communities as they are, into the record of former ones, before an edition replaces them.
-- Those made in this very transaction never held.
insert into gis.former_grid (unit_grid_id, code, area_code, walk_code, geom, since, recorded_at, edition_id)
select g.id, g.code, a.code, r.code, g.geom, g.recorded_at, cast(:moment as timestamptz), :edition
from gis.unit_grid g
join gis.area a on a.id = g.area_id
left join gis.responsibility_grid r on r.id = g.responsibility_grid_id
where a.code = any(:codes) and g.xmin <> pg_current_xact_id()::xid
