insert into dispatch.report (
    case_id, source, source_system, source_ref, description, class_code, condition_id, geom, raw_position, address, duplicates, raw,
    occurred_at, recorded_at, trace_id)
select case_id, source, :source_system, source_ref, description, class_code, condition_id, geom, raw_position, address,
       coalesce(duplicates, '[]'), raw, occurred_at, :now, trace_id
from staged_report order by position
