create table gis.network_model (
    source text not null,
    kind text not null,
    system text not null,
    rest jsonb not null,
    recorded_at timestamp with time zone default gis.now() not null,
    constraint pk_network_model primary key (source),
    constraint ck_network_model_kind_known check (kind in ('epanet', 'swmm'))
);
comment on table gis.network_model is
    'Hydraulic models that were imported: all of their files that is not an asset, section by section.';

grant select, insert, update, delete on gis.network_model to citycommand_app;
