-- Where two roads come nearest to each other: metres between them, and the point of the first road there.
with a as (select st_collect(geom) as geom from gis.seen_asset where kind = 'road' and name = :road and status <> 'removed'),
     b as (select st_collect(geom) as geom from gis.seen_asset where kind = 'road' and name = :other and status <> 'removed'),
     tie as (select st_shortestline(a.geom, b.geom) as geom from a, b)
select st_length(geom::geography) as metres, st_x(st_startpoint(geom)) as lon, st_y(st_startpoint(geom)) as lat
from tie where geom is not null
