-- Past reports with every decision made. What the database gives (ids, traces) is given as rows arrive: an index made after an
-- update in the same transaction would not be used by it.
create temporary table staged_report (
    position bigint generated always as identity,
    case_id bigint default nextval(pg_get_serial_sequence('dispatch.cases', 'id')),
    trace_id text default replace(gen_random_uuid()::text, '-', ''),
    duplicates jsonb,
    source_ref text, source text, class_code text, condition_id bigint, title text, description text, address text,
    geom geometry(point, 4326), raw_position jsonb, location_quality text, grid_id bigint, grid_code text,
    area_code text, asset_id bigint, inspector_id bigint, unit_id bigint, rule_id bigint, reason text, facts jsonb, considered jsonb,
    occurred_at timestamptz, closed_at timestamptz, due_at timestamptz, opening_note text, closing_note text, limit_kind text,
    limit_amount double precision, stage_warn_at timestamptz, stage_due_at timestamptz, raw jsonb
) on commit drop
