-- All places within :radius_m metres of a thing of the register, as one polygon.
select st_asbinary(st_buffer(geom::geography, :radius_m)::geometry) as shape from gis.seen_asset where id = :id and status <> 'removed'
