-- Active devices with the place of their asset and their latest message; several rows for an asset with several devices.
select a.id, a.kind, a.name, a.name_en, st_x(place.point) as lon, st_y(place.point) as lat,
       s.occurred_at, s.recorded_at, s."values", l.asset_id is not null as alarm, d.profile_id
from ingest.device d
join gis.asset a on a.id = d.asset_id
left join gis.asset_state s on s.asset_id = d.asset_id and s.device_id = d.id
left join (select distinct asset_id from ingest.alarm where cleared_at is null) l on l.asset_id = a.id
cross join lateral (select st_pointonsurface(a.geom) as point) place
where d.active and (cast(:asset_ids as bigint[]) is null or d.asset_id = any(:asset_ids))
order by a.id, s.occurred_at nulls first, d.id
