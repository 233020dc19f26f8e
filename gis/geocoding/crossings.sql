-- Where two roads meet.
select st_x(x.geom) as lon, st_y(x.geom) as lat
from gis.crossing x
where x.road = :road and x.other = :other
order by st_y(x.geom) desc, st_x(x.geom)
limit 4
