-- The things within :reach_m metres of a stretch of road (lines that run from its first point), with how far along it they stand, in metres of
-- the road. What stands beside two lines counts once, at the nearer.
with way as (
    select st_geomfromwkb(shape, 4326) as geom from unnest(cast(:lines as bytea[])) shape
), beside as (
    select distinct on (a.id) a.id, a.kind, a.class_code, a.code, case when :en and a.name_en <> '' then a.name_en else a.name end as name,
           a.status, st_linelocatepoint(w.geom, spot) * st_length(w.geom::geography) as along_m, st_x(spot) as lon, st_y(spot) as lat
    from way w
    join gis.seen_asset a on a.status <> 'removed' and a.geom && st_expand(w.geom, :reach_m / 70000.0)
     and st_dwithin(a.geom::geography, w.geom::geography, :reach_m)
    cross join lateral st_closestpoint(a.geom, w.geom) spot
    where (:kind = '' or a.kind = :kind) and not (a.kind = 'road' and a.name = :road)
    order by a.id, st_distance(a.geom, w.geom)
)
select * from beside order by along_m, id limit :most
