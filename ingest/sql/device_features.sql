-- Assets that carry active devices, each once, with its latest message and whether an alarm stands on it.
select a.id, a.kind, a.name, a.name_en, st_x(place.point) as lon, st_y(place.point) as lat,
       s.occurred_at, s.recorded_at, s."values", l.asset_id is not null as alarm,
       coalesce(s.profile_id, d.profile_id) as profile_id
from (select asset_id, min(profile_id) as profile_id
      from ingest.device
      where active and (cast(:asset_ids as bigint[]) is null or asset_id = any(:asset_ids))
      group by asset_id) d
join gis.asset a on a.id = d.asset_id
left join gis.asset_state s on s.asset_id = a.id
left join (select distinct asset_id from ingest.alarm where cleared_at is null) l on l.asset_id = a.id
cross join lateral (select st_pointonsurface(a.geom) as point) place
order by a.id
