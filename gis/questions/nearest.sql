-- The nearest things to a point, of one kind or class or of all, within :reach_m metres.
with p as (
    select st_setsrid(st_makepoint(:lon, :lat), 4326) as geom, :reach_m / (111000.0 * greatest(cos(radians(:lat)), 0.01)) as reach
)
select a.id, a.kind, a.class_code, a.code, case when :en and a.name_en <> '' then a.name_en else a.name end as name, a.status,
       st_distance(a.geom::geography, p.geom::geography) as distance_m, st_x(spot) as lon, st_y(spot) as lat
from p
join gis.seen_asset a on a.status <> 'removed' and a.geom && st_expand(p.geom, p.reach) and st_dwithin(a.geom::geography, p.geom::geography, :reach_m)
cross join lateral st_closestpoint(a.geom, p.geom) spot
where (:kind = '' or a.kind = :kind) and (:class_code = '' or a.class_code = :class_code)
order by distance_m, a.id
limit :most
