insert into dispatch.routing_decision (case_id, unit_id, rule_id, reason, facts, considered, recorded_at, trace_id)
select case_id, unit_id, rule_id, reason, facts, considered, :now, trace_id from staged_report order by position
