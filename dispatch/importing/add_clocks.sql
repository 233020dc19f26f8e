-- Cases still open run on their own time. What has long run out is marked as such at the moment it did, so that nobody is told now.
insert into dispatch.clock (
    case_id, stage, limit_kind, limit_amount, unit_id, started_at, warn_at, due_at, warned_at, breached_at)
select case_id, :stage, limit_kind, limit_amount, unit_id, occurred_at, stage_warn_at, stage_due_at,
       case when stage_warn_at <= :now then stage_warn_at end, case when stage_due_at <= :now then stage_due_at end
from staged_report where closed_at is null order by position
