-- Open cases near in space and time, whatever their class, with what likeness is told from: the first report's words, photos' hashes.
select c.id as case_id, c.number, c.title, c.state, c.class_code, c.asset_id, c.occurred_at, st_x(c.geom) as lon, st_y(c.geom) as lat,
       st_distance(c.geom::geography, st_setsrid(st_makepoint(:lon, :lat), 4326)::geography) as distance_m,
       (select r.description from dispatch.report r where r.case_id = c.id order by r.id limit 1) as words,
       array(select p.perceptual_hash from dispatch.evidence e join dispatch.evidence_reading p on p.evidence_id = e.id
             where e.case_id in (select dispatch.merged_with(c.id)) and p.perceptual_hash is not null) as photos,
       (select count(*) from dispatch.report r where r.case_id in (select dispatch.merged_with(c.id))) as reports
from dispatch.seen_case c
where c.closed_at is null
  and c.location_quality = 'exact'
  and (cast(:id as bigint) is null or c.id <> cast(:id as bigint))
  and c.geom && st_expand(st_setsrid(st_makepoint(:lon, :lat), 4326),
                          :radius_m / (111000.0 * greatest(cos(radians(:lat)), 0.01)), :radius_m / 110000.0)
  and st_dwithin(c.geom::geography, st_setsrid(st_makepoint(:lon, :lat), 4326)::geography, :radius_m)
  and c.occurred_at between :moment - make_interval(secs => :window_s) and :moment + make_interval(secs => :window_s)
order by distance_m, c.id
limit 60
