-- Layer 'building' of one tile: buildings.
with bounds as (
    select st_tileenvelope(:z, :x, :y) as tile,
           st_transform(st_tileenvelope(:z, :x, :y, margin => 64.0 / 4096), 4326) as reach,
           40075016.686 / (256 * 2 ^ :z) as pixel
), mvt as (
    select a.id,
           st_asmvtgeom(st_transform(a.geom, 3857), bounds.tile, 4096, 64, true) as geom
    from bounds, gis.asset a
    where a.kind = 'building' and a.status <> 'removed' and a.geom && bounds.reach
)
select st_asmvt(mvt, 'building', 4096, 'geom', 'id') from mvt where geom is not null
