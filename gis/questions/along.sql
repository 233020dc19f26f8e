-- The things within :reach_m metres of a stretch of road, with how far along it they stand. The stretch runs on the pieces of one road,
-- near two points of it; what is nearer to the start than to the end comes first. Metres are straight from the start.
with stretch as (
    select st_linemerge(st_collect(a.geom)) as geom
    from gis.seen_asset a
    where a.kind = 'road' and a.name = :road and a.status <> 'removed'
      and a.geom && st_expand(st_makeenvelope(least(:west, :east), least(:south, :north), greatest(:west, :east), greatest(:south, :north), 4326), 0.0005)
), cut as (
    select st_intersection(geom, st_expand(st_makeenvelope(least(:west, :east), least(:south, :north), greatest(:west, :east),
                                                          greatest(:south, :north), 4326), 0.0003)) as geom
    from stretch
)
select a.id, a.kind, a.class_code, a.code, case when :en and a.name_en <> '' then a.name_en else a.name end as name, a.status,
       st_distance(spot::geography, st_setsrid(st_makepoint(:west, :south), 4326)::geography) as along_m, st_x(spot) as lon, st_y(spot) as lat
from cut c
join gis.seen_asset a on a.status <> 'removed' and a.geom && st_expand(c.geom, :reach_m / 70000.0)
 and st_dwithin(a.geom::geography, c.geom::geography, :reach_m)
cross join lateral st_closestpoint(a.geom, c.geom) spot
where (:kind = '' or a.kind = :kind) and not (a.kind = 'road' and a.name = :road)
order by along_m, a.id
limit :most
