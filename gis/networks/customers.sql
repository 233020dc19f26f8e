-- Customers of each main: buildings stand on the main that is nearest within 120 m. People are estimated from the floor area of
-- dwellings: 36.52 m² a person (Seventh National Population Census 2020, family households in cities; second-hand). Where a
-- city has no buildings on its map, both stay unknown.
with house as (
    select a.id, a.geom, coalesce(a.attributes ->> 'use', a.attributes ->> 'building', '') as use,
           st_area(a.geom::geography) * greatest(1, case when l.levels ~ '^[0-9]{1,3}$' then l.levels::integer else 1 end) as floor_m2
    from gis.asset a cross join lateral (select coalesce(a.attributes ->> 'levels', a.attributes ->> 'building:levels') as levels) l
    where a.kind = 'building' and a.status <> 'removed'
), served as (
    select near.edge, count(*) as customers,
           sum(case when house.use in ('commercial', 'retail', 'office', 'industry', 'industrial', 'warehouse', 'school', 'hospital',
                                       'church', 'public', 'government', 'garage', 'garages', 'roof') then 0 else floor_m2 / 36.52 end) as population
    from house cross join lateral (
        select e.edge, e.geom from gis.network_edge e
        where e.name = :name and e.version = :version and e.geom && st_expand(house.geom, 0.0016)
        order by e.geom <-> house.geom limit 1
    ) near
    where st_dwithin(near.geom::geography, house.geom::geography, 120)
    group by near.edge
), known as (
    select exists (select from house) as known
)
update gis.network_edge e
set customers = coalesce(s.customers, 0), population = coalesce(s.population, 0)
from known, gis.network_edge all_edges left join served s on s.edge = all_edges.edge
where known.known and e.name = :name and e.version = :version
  and all_edges.name = e.name and all_edges.version = e.version and all_edges.edge = e.edge
