-- New unit grids go to the walk that had the ground under their middle in the edition they replace.
update gis.unit_grid g
set responsibility_grid_id = r.id
from gis.former_grid f
join gis.responsibility_grid r on r.code = f.walk_code
where f.edition_id = :edition and g.responsibility_grid_id is null
  and st_covers(f.geom, st_pointonsurface(g.geom))
