-- Things by their code, whole or begun, and components whose plain name carries their number.
(select 'area' as kind, a.id, a.name, a.name_en, a.code, st_x(p) as lon, st_y(p) as lat
 from gis.area a, st_pointonsurface(a.geom) p where a.code >= :code and a.code < :code || '~' order by a.code limit 8)
union all
(select 'unit_grid', g.id, g.code, g.code, g.code, st_x(p), st_y(p)
 from gis.unit_grid g, st_pointonsurface(g.geom) p where g.code >= :code and g.code < :code || '~' order by g.code limit 8)
union all
(select a.kind, a.id, a.name, a.name_en, a.code, st_x(p), st_y(p)
 from gis.seen_asset a, st_pointonsurface(a.geom) p
 where a.code >= :code and a.code < :code || '~' and a.status <> 'removed' order by a.code limit 12)
union all
(select a.kind, a.id, a.name, a.name_en, coalesce(a.code, ''), st_x(p), st_y(p)
 from gis.seen_asset a, st_pointonsurface(a.geom) p
 where a.name ilike :any and a.name ~ '[0-9]{4,}$' and a.status <> 'removed' and a.code is distinct from :code order by a.name limit 8)
