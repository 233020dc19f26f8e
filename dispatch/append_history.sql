-- The next row of a case's history. Rows are numbered without gaps; the case row is locked by the guarded update before.
insert into dispatch.case_event (
    case_id, seq, move, from_state, to_state, account_id, post, unit_id, note, before, after, geom, raw_position, distance_m,
    occurred_at, recorded_at, trace_id)
select :case_id, coalesce(max(seq), 0) + 1, :move, :source, :target, :account_id, :post, :unit_id, :note,
       cast(:before as jsonb), cast(:after as jsonb),
       case when cast(:lon as double precision) is null then null else st_setsrid(st_makepoint(:lon, :lat), 4326) end,
       cast(:raw_position as jsonb), :distance_m, :occurred_at, :now, :trace_id
from dispatch.case_event where case_id = :case_id
