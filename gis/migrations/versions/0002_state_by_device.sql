-- Two devices on one asset each keep their latest message; the key still begins with the asset (see decision 13).
alter table gis.asset_state drop constraint pk_asset_state;
alter table gis.asset_state add constraint pk_asset_state primary key (asset_id, device_id);
comment on table gis.asset_state is
    'Latest message of each device of each asset, values in the order of its profile''s metrics. Narrow: updated all the time.';
