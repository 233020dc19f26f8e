-- Rules beyond one reading and one threshold; their settings are those of config/profiles.toml.
alter table ingest.detection_rule add column kind text default 'threshold' not null;
alter table ingest.detection_rule add column settings jsonb default '{}' not null;
alter table ingest.detection_rule add constraint ck_detection_rule_kind_known
    check (kind in ('threshold', 'group', 'silence', 'headway'));

-- An alarm may concern many assets, and stand where none of them stands for ever.
alter table ingest.alarm add column members bigint[] default '{}' not null;
alter table ingest.alarm add column lon double precision;
alter table ingest.alarm add column lat double precision;

create table ingest.holding (
    asset_id bigint not null,
    rule_id bigint not null,
    device_id text not null,
    value double precision not null,
    since timestamp with time zone not null,
    seen_at timestamp with time zone not null,
    recorded_at timestamp with time zone default gis.now() not null,
    trace_id text,
    constraint pk_holding primary key (asset_id, rule_id),
    constraint fk_holding_rule_id foreign key (rule_id) references ingest.detection_rule (id)
);
comment on table ingest.holding is
    'What a rule says holds on an asset, since when and last seen when (device time); an alarm follows when it has held long enough.';

create table ingest.usual (
    asset_id bigint not null,
    metric text not null,
    hour smallint not null,
    mean double precision not null,
    learned_at timestamp with time zone not null,
    constraint pk_usual primary key (asset_id, metric, hour),
    constraint ck_usual_hour_of_week check (hour between 0 and 167)
);
comment on table ingest.usual is 'What an asset usually measures by hour of the week (0: Monday 0 to 1 h, local time).';

grant select, insert, update, delete on ingest.holding, ingest.usual to citycommand_app;
