-- Everything a place is asked for at once: unit grid, areas upwards from its community, nearest component of a class, street.
-- A point on a border belongs to the grid with the lower code. A street counts within twice the reach. Distances are metres on the spheroid; the boxes that
-- choose candidates are in degrees, widened by the cosine of the latitude, and always contain the circle asked for.
with p as (
    select st_setsrid(st_makepoint(:lon, :lat), 4326) as geom,
           :reach_m / (111000.0 * greatest(cos(radians(:lat)), 0.01)) as dx,
           :reach_m / 110000.0 as dy
), grid as (
    select g.id, g.code, g.area_id, r.inspector_id
    from p join gis.unit_grid g on st_covers(g.geom, p.geom)
    left join gis.responsibility_grid r on r.id = g.responsibility_grid_id
    order by g.code limit 1
), smallest as (
    select area_id as id from grid
    union all
    (select a.id from p join gis.area a on st_covers(a.geom, p.geom)
     where not exists (select from grid)
     order by array_position(array['community', 'subdistrict', 'district', 'city'], a.level), a.code limit 1)
)
select grid.id as grid_id, grid.code as grid_code, grid.inspector_id,
       a0.id as area_id, a0.code as area_code,
       jsonb_path_query_array(jsonb_build_array(to_jsonb(a0) - 'geom', to_jsonb(a1) - 'geom', to_jsonb(a2) - 'geom', to_jsonb(a3) - 'geom'),
                              '$[*] ? (@ != null)') as areas,
       component.id as asset_id, component.code as asset_code, component.name as asset_name, component.kind as asset_kind,
       component.unit_id as asset_unit_id, component.owner as asset_owner, component.distance_m as asset_distance_m,
       road.name as road_name, road.name_en as road_name_en
from p
left join grid on true
left join smallest on true
left join lateral (select id, code, level, name, name_en, parent_id from gis.area where id = smallest.id) a0 on true
left join lateral (select id, code, level, name, name_en, parent_id from gis.area where id = a0.parent_id) a1 on true
left join lateral (select id, code, level, name, name_en, parent_id from gis.area where id = a1.parent_id) a2 on true
left join lateral (select id, code, level, name, name_en, parent_id from gis.area where id = a2.parent_id) a3 on true
left join lateral (
    select a.id, a.code, a.name, a.kind, a.unit_id, a.owner, st_distance(a.geom::geography, p.geom::geography) as distance_m
    from gis.asset a
    where cast(:class_code as text) is not null and a.class_code = cast(:class_code as text) and a.status <> 'removed'
      and a.geom && st_expand(p.geom, p.dx, p.dy)
      and st_dwithin(a.geom::geography, p.geom::geography, :reach_m)
    order by distance_m, a.id limit 1
) component on true
left join lateral (
    select a.name, a.name_en
    from gis.asset a
    where a.kind = 'road' and a.name <> '' and a.status <> 'removed' and a.geom && st_expand(p.geom, 2 * p.dx, 2 * p.dy)
      and st_dwithin(a.geom::geography, p.geom::geography, 2 * :reach_m)
    order by st_distance(a.geom::geography, p.geom::geography), a.id limit 1
) road on true
