-- For each staged report the ones before it that may be the same thing: same class, within the radius and the window, still
-- open when it came. It is the live door's rule (dispatch/duplicates.sql), seen from that day.
update staged_report s set duplicates = near.ids
from (
    select s.position, jsonb_agg(c.case_id order by c.distance_m, c.case_id) as ids
    from staged_report s
    cross join lateral (
        select o.case_id, st_distance(o.geom::geography, s.geom::geography) as distance_m
        from staged_report o
        where o.class_code = s.class_code and o.position <> s.position
          and o.geom && st_expand(s.geom, :radius_m / (111000.0 * greatest(cos(radians(st_y(s.geom))), 0.01)), :radius_m / 110000.0)
          and st_dwithin(o.geom::geography, s.geom::geography, :radius_m)
          and o.occurred_at between s.occurred_at - make_interval(secs => :window_s) and s.occurred_at
          and (o.occurred_at < s.occurred_at or o.position < s.position)
          and (o.closed_at is null or o.closed_at > s.occurred_at)
        order by distance_m, o.case_id limit 5
    ) c
    group by s.position
) near
where near.position = s.position
