-- Requests that came in open and have been closed there since: the guarded move, its row of history, its clock stopped. Cases that
-- people here have taken up (any state but reported) are theirs and stay.
with closed as (
    update dispatch.cases c
    set state = 'closed', version = c.version + 1, closed_at = k.closed_at, stage = null, stage_started_at = null,
        stage_warn_at = null, stage_due_at = null
    from staged_close k join dispatch.report r on r.source_system = :source_system and r.source_ref = k.source_ref
    where c.id = r.case_id and c.imported and c.state = 'reported'
    returning c.id, c.unit_id, c.closed_at, c.trace_id, k.closing_note
), told as (
    insert into dispatch.case_event (
        case_id, seq, move, from_state, to_state, unit_id, note, after, occurred_at, recorded_at, imported, trace_id)
    select id, (select max(e.seq) + 1 from dispatch.case_event e where e.case_id = closed.id), 'import_close', 'reported', 'closed',
           unit_id, closing_note, jsonb_build_object('closed_at', closed_at), closed_at, :now, true, trace_id
    from closed
), stopped as (
    update dispatch.clock k set stopped_at = greatest(closed.closed_at, k.started_at)
    from closed where k.case_id = closed.id and k.stopped_at is null
)
select count(*) from closed
