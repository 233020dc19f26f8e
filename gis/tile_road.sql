-- Layer 'road' of one tile: streets; small ones only where they can be seen.
with bounds as (
    select st_tileenvelope(:z, :x, :y) as tile,
           st_transform(st_tileenvelope(:z, :x, :y, margin => 64.0 / 4096), 4326) as reach,
           40075016.686 / (256 * 2 ^ :z) as pixel
), mvt as (
    select a.id, a.attributes ->> 'class' as class, a.name, coalesce(nullif(a.name_en, ''), a.name) as name_en,
           coalesce(a.attributes ->> 'bridge', 'no') not in ('no', 'false') as bridge,
           st_asmvtgeom(st_simplify(st_transform(a.geom, 3857), bounds.pixel / 2), bounds.tile, 4096, 64, true) as geom
    from bounds, gis.asset a
    where a.kind = 'road' and a.status <> 'removed' and a.geom && bounds.reach
      and (:z >= 13 or a.attributes ->> 'class' in ('motorway', 'trunk', 'primary', 'secondary', 'expressway', 'arterial')
           or (:z >= 12 and a.attributes ->> 'class' in ('tertiary', 'collector'))
           or (:z >= 11 and a.attributes ->> 'class' is null and a.name <> ''))  -- a source without classes: named streets stand out
)
select st_asmvt(mvt, 'road', 4096, 'geom', 'id') from mvt where geom is not null
