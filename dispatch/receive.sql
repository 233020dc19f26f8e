-- One new case with its first report, its history's first row, its first clock and the reason for its unit: one statement,
-- one round trip. Foreign keys among the rows are checked at its end.
with point as (
    select case when cast(:lon as double precision) is null then null
                else st_setsrid(st_makepoint(:lon, :lat), 4326) end as geom
), counter as (
    select nextval('dispatch.case_number') as n
), new_case as (
    insert into dispatch.cases (
        number, state, source, priority, emergency_claimed, title, class_code, condition_id, geom, location_quality, address, address_en, grid_id, grid_code,
        area_code, asset_id, unit_id, inspector_id, stage, stage_started_at, stage_warn_at, stage_due_at, due_at,
        occurred_at, recorded_at, imported, trace_id, centre_id, origin_centre_id)
    select :number_prefix || lpad(n::text, greatest(6, length(n::text)), '0'), 'reported', :source, :priority, cast(:emergency_claimed as boolean), :title,
           :class_code, :condition_id, point.geom, :location_quality, :address, :address_en, :grid_id, :grid_code, :area_code, :asset_id,
           :unit_id, :inspector_id, :stage, :stage_started_at, :stage_warn_at, :stage_due_at, :due_at,
           :occurred_at, :now, false, :trace_id, :centre_id, :centre_id
    from point, counter
    returning id, number
), new_report as (
    insert into dispatch.report (
        case_id, source, source_system, source_ref, account_id, reporter, description, class_code, condition_id, geom,
        raw_position, raw, address, duplicates, occurred_at, recorded_at, trace_id, urgency)
    select new_case.id, :source, :source_system, :source_ref, :account_id, cast(:reporter as jsonb), :description, :class_code,
           :condition_id, point.geom, cast(:raw_position as jsonb), cast(:raw as jsonb), :address, cast(:duplicates as jsonb), :occurred_at, :now,
           :trace_id, :urgency
    from new_case, point
    returning id
), new_event as (
    insert into dispatch.case_event (
        case_id, seq, move, from_state, to_state, account_id, post, unit_id, note, after, geom, raw_position, occurred_at,
        recorded_at, trace_id)
    select new_case.id, 1, 'report', 'none', 'reported', :account_id, :post, :unit_id, :description,
           jsonb_build_object('class_code', cast(:class_code as text), 'condition_id', cast(:condition_id as bigint)),
           point.geom, cast(:raw_position as jsonb), :occurred_at, :now, :trace_id
    from new_case, point
), new_clock as (
    insert into dispatch.clock (case_id, stage, limit_kind, limit_amount, unit_id, started_at, warn_at, due_at, centre_id, provisional,
                                calendar_edition_id)
    select id, :stage, :limit_kind, :limit_amount, :unit_id, :stage_started_at, :stage_warn_at, :stage_due_at, :centre_id,
           cast(:provisional as boolean), :calendar_edition_id from new_case
), new_decision as (
    insert into dispatch.routing_decision (case_id, unit_id, rule_id, reason, facts, considered, set_id, recorded_at, trace_id)
    select id, :unit_id, :rule_id, :reason, cast(:facts as jsonb), cast(:considered as jsonb), :set_id, :now, :trace_id from new_case
)
select new_case.id as case_id, new_case.number, new_report.id as report_id from new_case, new_report
