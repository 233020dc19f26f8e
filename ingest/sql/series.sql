-- One metric of one asset over time. Which place it has among the values, the profile of each reading says.
select r.occurred_at, r.device_id, r."values"[m.position] as value
from ingest.reading r
join (select p.id, e.position
      from ingest.profile p cross join jsonb_array_elements(p.metrics) with ordinality as e (metric, position)
      where e.metric ->> 'name' = :metric) m on m.id = r.profile_id
where r.asset_id = :asset_id and r.occurred_at >= :first and r.occurred_at < :last
  and r."values"[m.position] is not null
order by r.occurred_at, r.device_id
limit :most
