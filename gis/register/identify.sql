-- What stands at a point or close to it: small things before long ones before areas, the nearest first.
with here as (
    select st_point(:lon, :lat, 4326) as p
)
select a.id, a.kind, a.name, coalesce(nullif(a.name_en, ''), a.name) as name_en, a.code, a.status,
       round(st_distance(a.geom::geography, here.p::geography)::numeric, 1)::double precision as metres
from gis.seen_asset a, here
where a.kind = any(:kinds) and a.status <> 'removed'
  and a.geom && st_expand(here.p, :within_m / (111320 * cos(radians(:lat))), :within_m / 110500)
  and st_dwithin(a.geom::geography, here.p::geography, :within_m)
order by st_dimension(a.geom), metres, a.id
limit 12
