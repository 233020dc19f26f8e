-- Open cases that may be the same thing: same class (or unknown), near in space and time, nearest first.
select c.id as case_id, c.number, c.title, c.state,
       st_distance(c.geom::geography, st_setsrid(st_makepoint(:lon, :lat), 4326)::geography) as distance_m
from dispatch.seen_case c
where c.closed_at is null
  and c.location_quality = 'exact'
  and c.geom && st_expand(st_setsrid(st_makepoint(:lon, :lat), 4326),
                          :radius_m / (111000.0 * greatest(cos(radians(:lat)), 0.01)), :radius_m / 110000.0)
  and st_dwithin(c.geom::geography, st_setsrid(st_makepoint(:lon, :lat), 4326)::geography, :radius_m)
  and c.occurred_at between :occurred_at - make_interval(secs => :window_s) and :occurred_at + make_interval(secs => :window_s)
  and (cast(:class_code as text) is null or c.class_code is null or c.class_code = cast(:class_code as text))
order by distance_m, c.id
limit 5
