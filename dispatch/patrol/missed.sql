-- 漏报: cases filed from another source though an inspector was on shift on that ground when it happened. Without shifts nothing
-- can be missed, and nothing is: the caller shows the figure only where there are shifts.
select c.id as case_id, s.account_id, s.id as shift_id
from dispatch.seen_case c
join gis.unit_grid g on g.id = c.grid_id
join gis.responsibility_grid w on w.id = g.responsibility_grid_id
join dispatch.shift s on s.account_id = w.inspector_id and s.checked_in_at <= c.occurred_at
                     and c.occurred_at < coalesce(s.checked_out_at, s.ends_at)
where c.occurred_at >= :since and c.occurred_at < :until and c.source not in ('inspector', 'sensor')
  and exists (select from dispatch.case_event e where e.case_id = c.id and e.move = 'file')
order by c.id
