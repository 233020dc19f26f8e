-- Layer 'area' of one tile: administrative areas, communities only from zoom 12.
with bounds as (
    select st_tileenvelope(:z, :x, :y) as tile,
           st_transform(st_tileenvelope(:z, :x, :y, margin => 64.0 / 4096), 4326) as reach,
           40075016.686 / (256 * 2 ^ :z) as pixel
), mvt as (
    select a.id, a.level, a.code, a.name, coalesce(nullif(a.name_en, ''), a.name) as name_en,
           st_asmvtgeom(st_simplify(st_transform(a.geom, 3857), bounds.pixel / 2), bounds.tile, 4096, 64, true) as geom
    from bounds, gis.area a
    where a.geom && bounds.reach and (:z >= 11 or a.level in ('city', 'district')) and (:z >= 12 or a.level <> 'community')
)
select st_asmvt(mvt, 'area', 4096, 'geom', 'id') from mvt where geom is not null
