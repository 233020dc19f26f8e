-- The things that a shape meets, of one kind or of all. What it meets in part counts.
select a.id, a.kind, a.class_code, a.code, case when :en and a.name_en <> '' then a.name_en else a.name end as name, a.status,
       st_x(spot) as lon, st_y(spot) as lat
from (select st_geomfromwkb(:shape, 4326) as geom) s
join gis.seen_asset a on a.status <> 'removed' and a.geom && s.geom and st_intersects(a.geom, s.geom)
cross join lateral st_pointonsurface(st_intersection(a.geom, s.geom)) spot
where :kind = '' or a.kind = :kind
order by a.kind, a.id
limit :most
