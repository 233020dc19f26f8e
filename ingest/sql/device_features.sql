-- Assets that carry devices, each once, with its latest message and whether an alarm stands on it.
select a.id, a.kind, a.name, a.name_en, st_x(place.point) as lon, st_y(place.point) as lat,
       s.occurred_at, s.recorded_at, s."values", p.metrics, p.interval_s,
       exists (select from ingest.alarm l where l.asset_id = a.id and l.cleared_at is null) as alarm
from (select asset_id, min(profile_id) as profile_id
      from ingest.device
      where active and (cast(:asset_ids as bigint[]) is null or asset_id = any(:asset_ids))
      group by asset_id) d
join gis.asset a on a.id = d.asset_id
left join gis.asset_state s on s.asset_id = a.id
join ingest.profile p on p.id = coalesce(s.profile_id, d.profile_id)
cross join lateral (select st_pointonsurface(a.geom) as point) place
order by a.id
