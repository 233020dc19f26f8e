-- Things by their code, whole or begun, by the reference that their source gave them, and components whose plain name carries their number.
with recursive source as (
    (select min(source) as name from gis.asset)
    union all
    select (select min(a.source) from gis.asset a where a.source > s.name) from source s where s.name is not null
)
(select 'area' as kind, a.id, a.name, a.name_en, a.code, st_x(p) as lon, st_y(p) as lat
 from gis.area a, st_pointonsurface(a.geom) p where a.code >= :code and a.code < :code || '~' order by a.code limit 8)
union all
-- a division of the official list whose borders nobody has brought is shown within the smallest area around it
(select 'area', a.id, d.name, '', d.code, st_x(p), st_y(p)
 from (select code, name from gis.division d
       where code >= :code and code < :code || '~' and left(code, 4) in (select code from gis.area where level = 'city')
         and not exists (select from gis.area where code = d.code) order by code limit 8) d
 cross join lateral (select id, geom from gis.area where code in (left(d.code, 9), left(d.code, 6), left(d.code, 4))
                     order by length(code) desc limit 1) a, st_pointonsurface(a.geom) p order by d.code)
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
union all
(select a.kind, a.id, a.name, a.name_en, cast(:code as text), st_x(p), st_y(p)
 from source s join gis.seen_asset a on a.source = s.name and a.source_ref in (:code, upper(:code)), st_pointonsurface(a.geom) p
 where a.code is distinct from :code and a.status <> 'removed' order by a.id limit 8)
