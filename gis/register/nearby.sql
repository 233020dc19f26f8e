-- What a drawing may hold on to inside a box: point assets and lines of the kinds asked for, small things first.
select a.id, a.kind, coalesce(nullif(a.name, ''), a.code, '') as name, cast(st_asgeojson(a.geom, 9) as jsonb) as geometry
from gis.asset a
where a.kind = any(:kinds) and a.status <> 'removed' and a.geom && st_makeenvelope(:west, :south, :east, :north, 4326)
order by st_dimension(a.geom), a.id
limit :most
