-- Where two roads meet.
select st_x(x.geom) as lon, st_y(x.geom) as lat
from gis.crossing x
where x.road = :road and x.other = :other
  and ((select gis.hidden_now()) = '{}'
       or gis.seen_by_name('road', x.road, st_expand(x.geom, 0.0006)) + gis.seen_by_name('road', x.other, st_expand(x.geom, 0.0006)) is not null)
order by st_y(x.geom) desc, st_x(x.geom)
limit 4
