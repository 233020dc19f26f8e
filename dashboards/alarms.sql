-- Alarms that stand, newest first, with the asset each stands at and the place where it is seen; of a line also its course.
select a.id, r.code as rule, r.name, r.name_en, a.asset_id, s.kind, s.name as asset_name, s.name_en as asset_name_en,
       a.device_id, a.value, a.occurred_at, a.members,
       coalesce(a.lon, st_x(p.point)) as lon, coalesce(a.lat, st_y(p.point)) as lat,
       case when s.kind = 'bus_line' then st_asgeojson(st_simplify(s.geom, 0.00002), 6) end as course
from ingest.alarm a
join ingest.detection_rule r on r.id = a.rule_id
join gis.seen_asset s on s.id = a.asset_id
cross join lateral (select st_pointonsurface(s.geom) as point) p
where a.cleared_at is null
order by a.id desc
limit :most
