-- The unit grid that had a code at a moment, present or former.
select g.code, a.code as area_code, r.code as walk_code, st_asgeojson(g.geom) as geometry, g.recorded_at as since,
       cast(null as timestamptz) as until
from gis.unit_grid g
join gis.area a on a.id = g.area_id
left join gis.responsibility_grid r on r.id = g.responsibility_grid_id
where g.code = :code and g.recorded_at <= :moment
union all
select code, area_code, walk_code, st_asgeojson(geom), since, recorded_at
from gis.former_grid
where code = :code and since <= :moment and recorded_at > :moment
order by since desc limit 1
