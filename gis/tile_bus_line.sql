-- Layer 'bus_line' of one tile: bus lines, each direction for itself, over one another where they share a street.
with bounds as (
    select st_tileenvelope(:z, :x, :y) as tile,
           st_transform(st_tileenvelope(:z, :x, :y, margin => 64.0 / 4096), 4326) as reach,
           40075016.686 / (256 * 2 ^ :z) as pixel
), mvt as (
    select a.id, a.kind, coalesce(a.attributes ->> 'number', a.attributes ->> 'ref', a.name) as number, a.name,
           coalesce(nullif(a.name_en, ''), a.name) as name_en,
           st_asmvtgeom(st_simplify(st_transform(a.geom, 3857), bounds.pixel / 2), bounds.tile, 4096, 64, true) as geom
    from bounds, gis.asset a
    where a.kind in ('bus_line', 'transit_line') and a.status <> 'removed' and a.geom && bounds.reach
)
select st_asmvt(mvt, 'bus_line', 4096, 'geom', 'id') from mvt where geom is not null
