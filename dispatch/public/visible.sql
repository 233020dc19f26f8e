-- Which cases `c` the public may see: of a service `s` in force on :day, the one they were sent under before another of their class;
-- not withheld, and once accepted where the service says so. Followed by further conditions.
left join lateral (
    select b.service_code from dispatch.submission b where b.case_id = c.id order by b.id limit 1
) first on true
cross join lateral (
    select p.id, p.code, p.kind, p.rounding_m from dispatch.public_service p
    where p.valid_from <= :day and (p.valid_to is null or p.valid_to > :day)
      and (p.class_code = c.class_code or (c.class_code is null and p.class_code is null and p.code = first.service_code))
    order by p.code = first.service_code desc nulls last, p.ordinal, p.code limit 1
) s
where s.kind <> 'blackbox' and (s.kind = 'realtime' or c.state <> 'reported')
  and not exists (select from dispatch.withheld_case w where w.case_id = c.id)
