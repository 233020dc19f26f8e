-- All places within :radius_m metres of a point, as one polygon of 128 corners.
select st_asbinary(st_buffer(st_setsrid(st_makepoint(:lon, :lat), 4326)::geography, :radius_m, 'quad_segs=32')::geometry) as shape
