-- gis/locate.sql for all rows of the temporary table staged_point at once: the same rules, set-based. Tests hold the two together.
-- A point on a border belongs to the grid with the lower code. Components count within :reach_m metres, of the row's own class only.
select p.key, grid.id as grid_id, grid.code as grid_code, grid.inspector_id, coalesce(community.code, smallest.code) as area_code,
       component.id as asset_id, component.code as asset_code, component.unit_id as asset_unit_id, road.name as road_name
from (
    select key, class_code, geom, :reach_m / (111000.0 * greatest(cos(radians(st_y(geom))), 0.01)) as dx, :reach_m / 110000.0 as dy
    from staged_point
) p
left join lateral (
    select g.id, g.code, g.area_id, r.inspector_id
    from gis.unit_grid g left join gis.responsibility_grid r on r.id = g.responsibility_grid_id
    where st_covers(g.geom, p.geom) order by g.code limit 1
) grid on true
left join gis.area community on community.id = grid.area_id
left join lateral (
    select a.code from gis.area a where grid.id is null and st_covers(a.geom, p.geom)
    order by array_position(array['community', 'subdistrict', 'district', 'city'], a.level), a.code limit 1
) smallest on true
left join lateral (
    select a.id, a.code, a.unit_id from gis.asset a
    where p.class_code is not null and a.class_code = p.class_code and a.status <> 'removed'
      and a.geom && st_expand(p.geom, p.dx, p.dy) and st_dwithin(a.geom::geography, p.geom::geography, :reach_m)
    order by st_distance(a.geom::geography, p.geom::geography), a.id limit 1
) component on true
left join lateral (
    select a.name from gis.asset a
    where a.kind = 'road' and a.name <> '' and a.status <> 'removed' and a.geom && st_expand(p.geom, 2 * p.dx, 2 * p.dy)
      and st_dwithin(a.geom::geography, p.geom::geography, 2 * :reach_m)
    order by st_distance(a.geom::geography, p.geom::geography), a.id limit 1
) road on true
