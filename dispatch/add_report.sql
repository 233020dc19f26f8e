-- One more report on a case that stands already.
insert into dispatch.report (
    case_id, source, source_system, source_ref, account_id, reporter, description, class_code, condition_id, geom, raw_position, raw,
    address, duplicates, occurred_at, recorded_at, trace_id, urgency)
values (
    :case_id, :source, :source_system, :source_ref, :account_id, cast(:reporter as jsonb), :description, :class_code, :condition_id,
    case when cast(:lon as double precision) is null then null else st_setsrid(st_makepoint(:lon, :lat), 4326) end,
    cast(:raw_position as jsonb), cast(:raw as jsonb), :address, cast(:duplicates as jsonb), :occurred_at, :now, :trace_id, :urgency)
returning id
