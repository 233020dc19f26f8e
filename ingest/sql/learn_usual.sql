-- The mean of the hour from :first to before :last, for every metric that a rule compares with its usual value. An hour of
-- which less than half is there, or in which an alarm stood or threatened, teaches nothing; the same hour counts once.
insert into ingest.usual as u (asset_id, metric, hour, mean, learned_at)
select r.asset_id, w.metric, :hour, avg(r."values"[w.position]), :last
from (select distinct d.profile_id, d.metric, m.position, p.interval_s
      from ingest.detection_rule d
      join ingest.profile p on p.id = d.profile_id
      cross join jsonb_array_elements(p.metrics) with ordinality as m (metric, position)
      where d.active and d.settings ->> 'over' = 'usual' and m.metric ->> 'name' = d.metric) w
join ingest.reading r on r.profile_id = w.profile_id and r.occurred_at >= :first and r.occurred_at < :last
where r."values"[w.position] is not null
  and not exists (select from ingest.alarm a where a.asset_id = r.asset_id and a.occurred_at < :last
                  and (a.cleared_at is null or a.cleared_at > :first))
  and not exists (select from ingest.holding h where h.asset_id = r.asset_id)
group by r.asset_id, w.metric, w.interval_s
having count(*) >= 1800 / w.interval_s
order by r.asset_id, w.metric
on conflict (asset_id, metric, hour) do update
set mean = u.mean + :weight * (excluded.mean - u.mean), learned_at = excluded.learned_at
where u.learned_at < excluded.learned_at
