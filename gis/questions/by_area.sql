-- How many things there are in each area of a level, or in each responsibility or unit grid, by kind; a thing on a border counts where a point on it lies, so that the
-- areas add up to the whole. Lengths are whole: what crosses a border is counted once.
with spot as (
    select a.kind, st_pointonsurface(a.geom) as geom, case when st_dimension(a.geom) = 1 then st_length(a.geom::geography) else 0 end as metres
    from gis.seen_asset a where a.status <> 'removed' and (:kind = '' or a.kind = :kind)
)
select ar.code, case when :en and ar.name_en <> '' then ar.name_en else ar.name end as area, s.kind as what, count(*) as number,
       sum(s.metres) as length_m
from spot s
cross join lateral (
    select code, name, name_en from gis.area where level = :level and st_covers(geom, s.geom)
    union all
    select g.code, g.code, '' from gis.unit_grid g where :level = 'grid' and st_covers(g.geom, s.geom)
    union all
    select r.code, r.code, '' from gis.unit_grid g join gis.responsibility_grid r on r.id = g.responsibility_grid_id
    where :level = 'walk' and st_covers(g.geom, s.geom)
    order by code limit 1
) ar
group by ar.code, area, s.kind
order by ar.code, number desc, what
