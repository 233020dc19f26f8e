-- What may become an alarm: what holds under a rule that waits for time, and devices that the map shows as silent. Soonest first.
-- Not where an alarm stands already: its own, the one it defers to, or one at the cabinet (`at` of a group) behind which it is.
with watched as (
    select h.asset_id, h.rule_id, h.device_id, h.since, h.since + make_interval(secs => (r.settings ->> 'for_s')::float) as alarm_at
    from ingest.holding h join ingest.detection_rule r on r.id = h.rule_id
    where r.active and r.kind = 'threshold' and (r.settings ->> 'for_s')::float > 0
    union all
    select d.asset_id, r.id, d.id, s.recorded_at, s.recorded_at + make_interval(secs => r.threshold)
    from ingest.detection_rule r
    join ingest.profile p on p.id = r.profile_id
    join ingest.device d on d.profile_id = r.profile_id and d.active
    join gis.asset_state s on s.asset_id = d.asset_id and s.device_id = d.id
    where r.active and r.kind = 'silence' and s.recorded_at < :now - make_interval(secs => :intervals * p.interval_s)
      and s.recorded_at > :now - make_interval(secs => r.threshold + 5)  -- later the look has decided, or knows why not
)
select w.asset_id, r.code as rule, r.kind = 'silence' as silent, r.name, r.name_en, s.kind, s.name as asset_name,
       s.name_en as asset_name_en, w.device_id, w.since, w.alarm_at
from watched w
join ingest.detection_rule r on r.id = w.rule_id
join gis.seen_asset s on s.id = w.asset_id
where not exists (
    select from ingest.alarm a join ingest.detection_rule o on o.id = a.rule_id
    where a.cleared_at is null and a.asset_id = w.asset_id and o.code in (r.code, r.settings ->> 'unless'))
  and not exists (
    select from ingest.detection_rule g
    join gis.seen_asset c on c.source = s.source and c.source_ref = s.attributes ->> (g.settings ->> 'at')
    join ingest.alarm a on a.asset_id = c.id and a.cleared_at is null
    where g.kind = 'group' and g.settings ->> 'of' = r.code)
order by w.alarm_at, w.asset_id
