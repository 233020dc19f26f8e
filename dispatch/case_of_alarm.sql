-- The open case of sensors that an alarm belongs to: one that an alarm of the same class has opened on the same asset,
-- otherwise the nearest within :near_m metres. Without a class nothing says that two near each other are of one kind. A case that an alarm opened keeps its place, so that what is gathered does not creep across the city.
with place as (
    select case when cast(:lon as double precision) is null then null
                else st_setsrid(st_makepoint(:lon, :lat), 4326)::geography end as point
)
select c.id
from dispatch.cases c cross join place
where c.source = 'sensor' and c.closed_at is null
  and exists (select from dispatch.report r where r.case_id = c.id and r.source_system = 'alarm'
              and r.class_code is not distinct from cast(:class_code as text))
  and (c.asset_id = :asset
       or (:near_m > 0 and cast(:class_code as text) is not null and c.geom is not null and st_dwithin(c.geom::geography, place.point, :near_m)))
order by c.asset_id is distinct from :asset, st_distance(c.geom::geography, place.point), c.id
limit 1
