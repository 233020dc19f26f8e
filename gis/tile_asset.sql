-- Layer 'asset' of one tile: things that stand somewhere, the many small ones from zoom 15 or 16.
with bounds as (
    select st_tileenvelope(:z, :x, :y) as tile,
           st_transform(st_tileenvelope(:z, :x, :y, margin => 64.0 / 4096), 4326) as reach,
           40075016.686 / (256 * 2 ^ :z) as pixel
), mvt as (
    select a.id, a.kind, a.class_code, a.code, a.name, coalesce(nullif(a.name_en, ''), a.name) as name_en, a.status,
           st_asmvtgeom(st_transform(st_pointonsurface(a.geom), 3857), bounds.tile, 4096, 64, true) as geom
    from bounds, gis.asset a
    where a.kind in ('street_lamp', 'lamp_cabinet', 'valve', 'hydrant', 'flow_meter', 'pressure_meter', 'water_plant', 'manhole',
                     'outfall', 'sewer_level_meter', 'rainwater_grate', 'litter_bin', 'traffic_sign', 'traffic_signal', 'bus_stop',
                     'place', 'camera', 'bridge', 'street_sign', 'metro_station', 'bus_station', 'car_park', 'service_point', 'public_facility')
      and a.status <> 'removed' and a.geom && bounds.reach
      and (:z >= 16 or a.kind not in ('manhole', 'rainwater_grate', 'litter_bin', 'traffic_sign', 'street_sign', 'valve', 'hydrant'))
      and (:z >= 15 or a.kind <> 'street_lamp')
)
select st_asmvt(mvt, 'asset', 4096, 'geom', 'id') from mvt where geom is not null
