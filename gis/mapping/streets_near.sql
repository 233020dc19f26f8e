-- Of points (WGS 84 degrees) in groups: the share that lies in the city, null where no city has borders; and metres to the nearest
-- street, the median of each group, infinite where half of them have none within 500 m or so.
with point as (
    select g as number, st_setsrid(st_makepoint(x, y), 4326) as geom
    from unnest(cast(:groups as integer[]), cast(:lons as double precision[]), cast(:lats as double precision[])) as p (g, x, y)
),
near as (
    select p.number, (
        select min(st_distance(a.geom::geography, p.geom::geography)) from gis.asset a
        where a.kind = 'road' and a.status <> 'removed' and a.geom && st_expand(p.geom, 0.005)
    ) as metres, exists (select from gis.area c where c.level = 'city' and st_covers(c.geom, p.geom)) as inside
    from point p
)
select number, case when exists (select from gis.area where level = 'city') then avg(inside::integer)::double precision end as inside,
       percentile_disc(0.5) within group (order by coalesce(metres, 'infinity')) as metres from near group by number
