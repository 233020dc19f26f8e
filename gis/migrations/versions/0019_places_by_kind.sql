-- Long lines are cut and simplified for every tile they cross: unpacked on disk they need not be unpacked each time.
alter table gis.asset alter column geom set storage external;

drop index gis.ix_asset_kind_geom;
drop index gis.ix_asset_class_code_geom;
create index ix_asset_geom on gis.asset using gist (geom);
create index ix_asset_road on gis.asset using gist (geom) where kind in ('road');
create index ix_asset_building on gis.asset using gist (geom) where kind in ('building');
create index ix_asset_ground on gis.asset using gist (geom) where kind in ('water', 'green');
create index ix_asset_pipe on gis.asset using gist (geom) where kind in ('water_main', 'sewer');
create index ix_asset_bus_line on gis.asset using gist (geom) where kind in ('bus_line', 'transit_line');
create index ix_asset_landmark on gis.asset using gist (geom) where kind in ('lamp_cabinet', 'flow_meter', 'pressure_meter', 'water_plant', 'outfall', 'sewer_level_meter', 'traffic_signal', 'bus_stop', 'place', 'camera', 'bridge', 'metro_station', 'bus_station', 'car_park', 'service_point', 'public_facility');
create index ix_asset_lamp on gis.asset using gist (geom) where kind in ('street_lamp');
create index ix_asset_kind on gis.asset (kind);
