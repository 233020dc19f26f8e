-- The stops that a line names, by the references of its source; a platform or station drawn as an area counts at a point inside.
select a.id, a.source_ref, a.name, a.name_en, st_x(p.point) as lon, st_y(p.point) as lat
from gis.seen_asset a cross join lateral (select st_pointonsurface(a.geom) as point) p
where a.source = :source and a.source_ref = any(:refs) and a.status <> 'removed'
