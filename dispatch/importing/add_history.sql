-- Two rows at most: reported there, closed there. What lay between is not known here and is not made up.
insert into dispatch.case_event (
    case_id, seq, move, from_state, to_state, unit_id, note, after, geom, raw_position, occurred_at, recorded_at, imported, trace_id)
select case_id, 1, 'report', 'none', 'reported', unit_id, opening_note,
       jsonb_build_object('class_code', class_code, 'condition_id', condition_id), geom, raw_position, occurred_at, :now, true, trace_id
from staged_report
union all
select case_id, 2, 'import_close', 'reported', 'closed', unit_id, closing_note,
       jsonb_build_object('closed_at', closed_at), null, null, closed_at, :now, true, trace_id
from staged_report where closed_at is not null
order by 1, 2
