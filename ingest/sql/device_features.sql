-- Active devices with the place of their asset and their latest message; several rows for an asset with several devices.
-- Assets without a device are there while an alarm stands at them (a cabinet, not a line: its vehicles carry its alarm).
with standing as (
    select a.asset_id, r.name, r.name_en
    from ingest.alarm a join ingest.detection_rule r on r.id = a.rule_id where a.cleared_at is null and r.kind <> 'headway'
    union all
    select m.asset_id, r.name, r.name_en
    from ingest.alarm a join ingest.detection_rule r on r.id = a.rule_id cross join unnest(a.members) m (asset_id)
    where a.cleared_at is null and r.kind = 'headway'
), alarm as (
    select asset_id, min(name) as name, min(name_en) as name_en from standing group by asset_id
)
select a.id, a.kind, a.name, a.name_en, st_x(place.point) as lon, st_y(place.point) as lat,
       s.occurred_at, s.recorded_at, s."values", l.name as alarm, l.name_en as alarm_en, d.profile_id, d.id as device_id
from ingest.device d
join gis.seen_asset a on a.id = d.asset_id
left join gis.asset_state s on s.asset_id = d.asset_id and s.device_id = d.id
left join alarm l on l.asset_id = a.id
cross join lateral (select case when geometrytype(a.geom) = 'POINT' then a.geom else st_pointonsurface(a.geom) end as point) place
where d.active and (cast(:asset_ids as bigint[]) is null or d.asset_id = any(:asset_ids))
union all
select a.id, a.kind, a.name, a.name_en, st_x(place.point), st_y(place.point),
       null, null, null, l.name, l.name_en, null, null
from alarm l
join gis.seen_asset a on a.id = l.asset_id
cross join lateral (select st_pointonsurface(a.geom) as point) place
where not exists (select from ingest.device d where d.asset_id = a.id and d.active)
  and (cast(:asset_ids as bigint[]) is null or a.id = any(:asset_ids))
order by id, occurred_at nulls first, device_id
