-- Ground for maps that are sent away as a file: water and main streets, simplified to about five metres (EPSG:4326).
select kind, st_asgeojson(st_simplifypreservetopology(geom, 0.00005), 5) as geojson
from gis.asset
where status <> 'removed'
  and (kind = 'water' or (kind = 'road' and attributes ->> 'class' in ('motorway', 'trunk', 'primary', 'secondary')))
