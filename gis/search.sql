-- Assets, areas and streets by name or code; trigrams make it tolerant, whole beginnings come first.
with found as (
    select 'area' as kind, a.id, a.name, a.name_en, a.code, a.geom, a.level as detail
    from gis.area a where a.name ilike :any or a.name_en ilike :any or a.code like :start
    union all
    (select a.kind, a.id, a.name, a.name_en, a.code, a.geom, coalesce(a.code, a.kind)
     from gis.asset a where (a.name ilike :any or a.name_en ilike :any or a.code = :q) and a.status <> 'removed' limit 200)
)
select distinct on (rank, kind, name) kind, id, coalesce(nullif(case when :en then name_en end, ''), nullif(name, ''), code) as name, detail,
       st_x(st_pointonsurface(geom)) as lon, st_y(st_pointonsurface(geom)) as lat,
       case when code = :q then 0 when name ilike :start then 1 else 2 end as rank
from found
order by rank, kind, name, id
limit 20
