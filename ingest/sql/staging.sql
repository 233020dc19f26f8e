-- One batch of valid readings on its way in; empty again after each commit.
create temp table if not exists reading_staging (
    asset_id bigint not null,
    occurred_at timestamptz not null,
    device_id text not null,
    profile_id smallint not null,
    "values" double precision[] not null,
    trace_id text
) on commit delete rows
