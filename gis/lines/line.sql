-- A line of public transport that the reader may see, as pieces in their order.
select a.id, a.kind, a.source, a.source_ref, a.name, a.name_en, a.attributes,
       (select array_agg(st_asbinary(st_force2d(p.geom)) order by p.path) from st_dump(a.geom) p where st_dimension(p.geom) = 1) as pieces
from gis.seen_asset a where a.id = :id and a.status <> 'removed'
